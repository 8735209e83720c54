import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { formatDuration } from '../../engine/model/duration.ts';
import { APPEND, type Field, type Schema } from '../../engine/model/schema.ts';
import { equalColumns, joinPorts, rightPrefix } from '../kit/join-settings.ts';
import { BOUNDS, joinedColumns, joinedFields, joinProblems, joinReads } from '../kit/joined-columns.ts';
import { field } from '../kit/settings.ts';

export interface WindowJoinSettings {
  type: 'inner' | 'left' | 'right' | 'full';
  on: string[];
  right_prefix: string;
}

const settingsSchema: z.ZodType<WindowJoinSettings> = z.strictObject({
  type: z
    .enum(['inner', 'left', 'right', 'full'])
    .default('inner')
    .meta(
      field({
        title: 'Rows kept',
        help: 'inner: pairs only. left, right, full: also rows of that side without a partner, with NULLs.',
        widget: 'choice',
      }),
    ),
  on: equalColumns('Columns that must be equal on both sides, besides the window. NULL equals nothing.'),
  right_prefix: rightPrefix,
});

export const definition = defineNode<WindowJoinSettings>({
  kind: 'window-join',
  version: 1,
  family: 'join',
  role: 'operator',
  title: 'Window join',
  summary: 'same key, window',
  help: [
    'Joins the rows of two windowed edges whose windows and columns are equal, as soon as the watermarks of both sides have passed the end of the window.',
    'Key columns and window bounds appear once. Rows without a partner go to out with NULLs where the join keeps them, else to unmatched (fate filtered).',
    'Rows behind their watermark go to late.',
  ].join('\n'),
  icon: 'combine',
  settings: settingsSchema,
  ports: () => joinPorts,
  infer(settings, [left, right]) {
    if (left === undefined || right === undefined) return { outputs: undefined, problems: [] };
    const problems = [...windowProblems(left, right), ...joinProblems(left, right, settings, true)];
    if (problems.length > 0) return { outputs: undefined, problems };
    const columns = joinedColumns(left, right, settings, true);
    const keeps = {
      left: settings.type === 'left' || settings.type === 'full',
      right: settings.type === 'right' || settings.type === 'full',
    };
    const fields = joinedFields(columns, left, right, { left: keeps.right, right: keeps.left });
    const fallen: readonly Field[] = joinedFields(columns, left, right, { left: true, right: true });
    const base = { mode: APPEND, window: left.window, timed: true };
    return {
      outputs: [
        { ...base, fields, keys: joinedKeys(settings, left, right, fields) },
        { ...base, fields: fallen, keys: [] },
        { ...base, fields: fallen, keys: [], window: undefined },
      ],
      problems,
    };
  },
  reads: (settings, [left, right]) => joinReads(left!, right!, settings, true),
  passes: true,
  stateKeys: [],
  holdsRows: () => true,
  guarantee: 'Waiting rows survive a crash; every pair is sent once.',
  migrations: [],
  caption: (settings) => `${settings.type} · ${settings.on.join(', ') || 'window'}`,
  examples: [
    {
      title: 'Chat with viewers, kept without them',
      settings: { type: 'left', on: ['stream_id'], right_prefix: '' },
      inputs: [
        { schema: sideSchema('chats'), rows: [sideRow('art', 'chats', 7), sideRow('demo', 'chats', 2)] },
        { schema: sideSchema('viewers'), rows: [sideRow('art', 'viewers', 120), sideRow('music', 'viewers', 9)] },
      ],
      outputs: {
        out: [
          { ...sideRow('art', 'chats', 7), viewers: 120 },
          { ...sideRow('demo', 'chats', 2), viewers: null },
        ],
        unmatched: [{ ...sideRow('music', 'chats', null), viewers: 9 }],
      },
    },
  ],
});

function windowProblems(left: Schema, right: Schema): LocalProblem[] {
  const unwindowed = [left, right].flatMap((side, i) => (side.window === undefined ? [['left', 'right'][i]!] : []));
  if (unwindowed.length > 0) {
    return [
      {
        code: 'needs_window',
        severity: 'error',
        message: `The ${unwindowed.join(' and the ')} input has no windows of fixed size.`,
        mend: 'Put a tumbling or hopping window before it, or use an interval join.',
      },
    ];
  }
  const [a, b] = [left.window!, right.window!];
  if (a.sizeUs === b.sizeUs && a.hopUs === b.hopUs) return [];
  const text = (window: typeof a): string => `${formatDuration(window.sizeUs)} every ${formatDuration(window.hopUs)}`;
  return [
    {
      code: 'windows_differ',
      severity: 'error',
      message: `The left windows are ${text(a)}, the right ones ${text(b)}.`,
      mend: 'Give both windows the same size and hop.',
    },
  ];
}

/** A side with one row for each key and window leaves the other side's keys unique. */
function joinedKeys(
  settings: WindowJoinSettings,
  left: Schema,
  right: Schema,
  fields: readonly Field[],
): readonly (readonly string[])[] {
  const shared = [...settings.on, ...BOUNDS];
  const single = (side: Schema): boolean => side.keys.some((key) => key.every((name) => shared.includes(name)));
  const present = (key: readonly string[]): boolean => key.every((name) => fields.some((own) => own.name === name));
  if (single(left) && single(right)) return [shared].filter(present);
  if (single(right) && (settings.type === 'inner' || settings.type === 'left')) return left.keys;
  return [];
}

function sideSchema(value: string): Schema {
  return {
    fields: [
      { name: 'stream_id', type: 'text', nullable: false },
      { name: 'window_start', type: 'timestamp', nullable: false },
      { name: 'window_end', type: 'timestamp', nullable: false },
      { name: value, type: 'integer', nullable: false },
    ],
    mode: APPEND,
    keys: [['stream_id', 'window_start', 'window_end']],
    window: { sizeUs: 60_000_000, hopUs: 60_000_000 },
    timed: true,
  };
}

function sideRow(stream_id: string, name: string, value: number | null): Record<string, unknown> {
  return { stream_id, window_start: '2026-01-01T00:00:00Z', window_end: '2026-01-01T00:01:00Z', [name]: value };
}
