import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { durationUs } from '../../engine/model/duration.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { keyProblems, needsEventTime } from '../kit/field-problems.ts';
import { duration, field } from '../kit/settings.ts';

export interface DedupeSettings {
  by: string[];
  horizon: string;
}

const settingsSchema: z.ZodType<DedupeSettings> = z.strictObject({
  by: z
    .array(z.string())
    .max(16)
    .default([])
    .meta(
      field({
        title: 'Same when equal',
        help: 'Rows that agree in all of these columns are the same; NULL equals NULL.',
        widget: 'fields',
      }),
    ),
  horizon: duration()
    .default('1h')
    .meta(field({ title: 'Horizon', help: 'How long after a row its repeats are taken out, in event time.', widget: 'duration' })),
});

export const definition = defineNode<DedupeSettings>({
  kind: 'dedupe',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Dedupe',
  summary: 'first row per key',
  help: [
    'Of the rows that are equal in the chosen columns the earliest goes on, and its repeats within the horizon do not (fate filtered). A row after the horizon counts as new.',
    'Rows wait until the watermark has passed them, so it does not matter in which order they arrive. Rows behind the watermark go to late.',
  ].join('\n'),
  icon: 'copy-minus',
  settings: settingsSchema,
  ports: () => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs: [
      { name: 'out', title: 'out', role: 'main' },
      { name: 'late', title: 'late', role: 'falls-out' },
    ],
  }),
  infer(settings, [input]) {
    const problems: LocalProblem[] = [];
    if (settings.by.length === 0) {
      problems.push({
        code: 'missing_setting',
        severity: 'error',
        message: 'No column says which rows are the same.',
        field: 'by',
        mend: 'Take the columns that identify a row, such as its id.',
      });
    }
    if (durationUs(settings.horizon) === 0) {
      problems.push({
        code: 'wrong_setting',
        severity: 'error',
        message: 'A horizon of no length takes no repeat out.',
        field: 'horizon',
        mend: 'Give it a length, such as 1h.',
      });
    }
    if (input === undefined) return { outputs: undefined, problems };
    problems.push(...keyProblems(settings.by, input, 'by'));
    if (!input.timed) problems.push(needsEventTime('Dedupe'));
    if (problems.length > 0) return { outputs: undefined, problems };
    return {
      outputs: [
        { ...input, keys: [...input.keys, settings.by] },
        { ...input, keys: [], window: undefined },
      ],
      problems,
    };
  },
  reads: (settings) => [Object.fromEntries(settings.by.map((name) => [name, 'dictionary']))],
  passes: true,
  stateKeys: ['by'],
  holdsRows: () => true,
  guarantee: 'What was seen within the horizon survives a crash; no row is let through twice.',
  migrations: [],
  caption: (settings) => `${settings.by.join(', ')} · ${settings.horizon}`,
  examples: [
    {
      title: 'The earliest wins, whatever the order of arrival',
      settings: { by: ['id'], horizon: '1m' },
      inputs: [
        {
          schema: eventSchema(),
          rows: [
            { at: '2026-01-01T00:00:00Z', id: 'a', n: 1 },
            { at: '2026-01-01T00:00:30Z', id: 'a', n: 2 },
            { at: '2026-01-01T00:00:40Z', id: 'b', n: 3 },
            { at: '2026-01-01T00:01:00Z', id: 'a', n: 4 },
          ],
        },
      ],
      outputs: {
        out: [
          { at: '2026-01-01T00:00:00Z', id: 'a', n: 1 },
          { at: '2026-01-01T00:00:40Z', id: 'b', n: 3 },
          { at: '2026-01-01T00:01:00Z', id: 'a', n: 4 },
        ],
      },
    },
  ],
});

function eventSchema(): Schema {
  return {
    fields: [
      { name: 'at', type: 'timestamp', nullable: false },
      { name: 'id', type: 'text', nullable: true },
      { name: 'n', type: 'integer', nullable: false },
    ],
    mode: APPEND,
    keys: [],
    window: undefined,
    timed: true,
  };
}
