import { z } from 'zod';
import type { LocalProblem, Reads } from '../../engine/model/definition.ts';
import type { Schema } from '../../engine/model/schema.ts';
import { field } from './settings.ts';

/** [W4] What a keyed sink keeps of an updates port: every window, or for each key the newest that is full. */
export const updatesSetting = z
  .enum(['every', 'newest_full'])
  .default('every')
  .meta(
    field({
      title: 'Updates',
      help: 'From an updates port: write every window, or per key only the newest window that is full.',
      widget: 'choice',
      advanced: true,
    }),
  );

type Updates = z.infer<typeof updatesSetting>;

export function newestFullProblems(updates: Updates, input: Schema): LocalProblem[] {
  if (updates === 'every' || (input.mode.kind === 'updates' && input.window !== undefined)) return [];
  return [
    {
      code: 'newest_full_needs_windows',
      severity: 'error',
      field: 'updates',
      message: 'The newest full window can only be kept of updates of windows of a fixed size.',
      mend: 'Wire the port updates of a tumbling or hopping window, or choose "every".',
    },
  ];
}

/** Keys by id, the other columns as they come; for the newest full window its bounds, though they are not written. */
export function keyedSinkReads(written: readonly string[], keys: readonly string[], updates: Updates, input: Schema): Reads {
  const reads = Object.fromEntries(written.map((name) => [name, keys.includes(name) ? 'dictionary' : 'any'] as const));
  if (updates === 'newest_full' && input.mode.kind === 'updates') for (const name of input.mode.key) reads[name] ??= 'any';
  return reads;
}
