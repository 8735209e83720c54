import { z } from 'zod';
import { defineNode } from '../../engine/model/definition.ts';
import { field } from '../kit/settings.ts';

const settingsSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .meta(
      field({
        title: 'File',
        help: 'Where rows are written, one JSON object a line; relative to the pipeline file.',
        widget: 'path',
      }),
    ),
});

export type FileSinkSettings = z.infer<typeof settingsSchema>;

export const definition = defineNode<FileSinkSettings>({
  kind: 'file-sink',
  version: 1,
  family: 'sink',
  role: 'sink',
  title: 'File',
  summary: 'JSON lines',
  help: [
    'Writes every row as one line of JSON with the column names as keys; times are RFC 3339 in UTC, decimals keep all their digits.',
    'The length that was written completely is kept beside the file, in `<file>.telemetra`; a start after a crash cuts the file to it, so every row is there once.',
    'A file that has content and was not written by this pipeline is never touched, unless the run is started with --fresh.',
  ].join(' '),
  icon: 'file-output',
  settings: settingsSchema,
  ports: () => ({ inputs: [{ name: 'in', title: 'rows', role: 'main' }], outputs: [] }),
  infer: () => ({ outputs: [], problems: [] }),
  reads: (_chosen, [input]) => [Object.fromEntries((input?.fields ?? []).map(({ name }) => [name, 'any']))],
  passes: false,
  stateKeys: [],
  guarantee: 'Exactly once: the file is cut to the length of the last complete epoch before anything is added.',
  view: () => ({ as: 'table' }),
  migrations: [],
  examples: [
    {
      title: 'One line a row',
      settings: { path: 'rows.jsonl' },
      inputs: [
        {
          schema: {
            fields: [{ name: 'viewers', type: 'integer', nullable: false }],
            mode: { kind: 'append' },
            keys: [],
            window: undefined,
            timed: false,
          },
          rows: [{ viewers: 1 }, { viewers: 2 }],
        },
      ],
      outputs: {},
    },
  ],
  caption: (chosen) => chosen.path,
  sinkKey: () => [],
  accepts: ['append'],
  standsIn: 'writing',
  standInSettings: (file): FileSinkSettings => ({ path: file }),
});
