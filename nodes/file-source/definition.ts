import { z } from 'zod';
import { inferSourceSchema } from '../../engine/decode/infer-source-schema.ts';
import { defineNode } from '../../engine/model/definition.ts';
import { decodeFields, decodeSpecOf } from '../kit/decode-settings.ts';
import { field } from '../kit/settings.ts';

const settingsSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .meta(
      field({
        title: 'File',
        help: 'One JSON object a line, plain or compressed by gzip; relative to the pipeline file.',
        widget: 'path',
      }),
    ),
  ...decodeFields,
  ceiling: z
    .boolean()
    .default(false)
    .meta(
      field({
        title: 'Refuse future times',
        help: 'Make rows that are more than 5 minutes ahead of the clock dead letters, as live sources do.',
        widget: 'switch',
        advanced: true,
      }),
    ),
});

export type Settings = z.infer<typeof settingsSchema>;

export const definition = defineNode<Settings>({
  kind: 'file-source',
  version: 1,
  family: 'source',
  role: 'source',
  title: 'File source',
  summary: 'JSON lines, bounded',
  help: [
    'Reads a file line by line, plain or gzip (told by its first bytes), and ends at its end, which closes every window.',
    'The offset of a row is its line number, counted from 0 with empty lines; a run that was stopped goes on at the line where it was.',
  ].join(' '),
  icon: 'file-input',
  settings: settingsSchema,
  ports: () => ({ inputs: [], outputs: [{ name: 'out', title: 'rows', role: 'main' }] }),
  infer(chosen) {
    const { schema, problems } = inferSourceSchema(decodeSpecOf(chosen, chosen.ceiling));
    return { outputs: schema && [schema], problems };
  },
  reads: () => [],
  passes: false,
  stateKeys: ['path'],
  guarantee: 'Every line is read exactly once: the place in the file and the results are stored in one transaction.',
  view: () => ({ as: 'table' }),
  migrations: [],
  examples: [],
  caption: (chosen) => chosen.path,
  decode: (chosen) => [decodeSpecOf(chosen, chosen.ceiling)],
  standsIn: 'reading',
  standInSettings: (file) => ({ path: file }),
});
