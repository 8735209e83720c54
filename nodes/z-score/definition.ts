import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, fieldOf, type Field, type Schema } from '../../engine/model/schema.ts';
import { isNumeric } from '../../engine/model/type.ts';
import { duplicateColumn, keyProblems, needsEventTime, unknownField, wrongType } from '../kit/field-problems.ts';
import { columnPrefix, duration, field } from '../kit/settings.ts';

export interface ZScoreSettings {
  field: string;
  by: string[];
  threshold: number;
  baseline: number;
  min_samples: number;
  direction: 'two-sided' | 'high' | 'low';
  min_stddev: string;
  thin: boolean;
  report: 'every' | 'onset';
  exclude_anomalies: boolean;
  prefix: string;
  forget_after: string;
}

const settingsSchema: z.ZodType<ZScoreSettings> = z.strictObject({
  field: z.string().meta(field({ title: 'Value', help: 'The number that is judged.', widget: 'field' })),
  by: z
    .array(z.string())
    .max(16)
    .default([])
    .meta(
      field({
        title: 'Per',
        help: 'Each combination of these columns has a baseline of its own; none: one baseline.',
        widget: 'fields',
      }),
    ),
  threshold: z
    .number()
    .positive()
    .max(1_000)
    .default(3)
    .meta(
      field({
        title: 'Threshold',
        help: 'An anomaly is more than this many standard deviations away.',
        unit: 'σ',
        widget: 'number',
      }),
    ),
  baseline: z
    .int()
    .min(2)
    .max(10_000)
    .default(30)
    .meta(field({ title: 'Baseline', help: 'How many earlier rows the value is compared with.', unit: 'rows', widget: 'number' })),
  min_samples: z
    .int()
    .min(2)
    .max(10_000)
    .default(10)
    .meta(field({ title: 'At least', help: 'z is NULL while the baseline has fewer rows.', unit: 'rows', widget: 'number' })),
  direction: z
    .enum(['two-sided', 'high', 'low'])
    .default('two-sided')
    .meta(field({ title: 'Direction', help: 'Report rises and falls, only rises, or only falls.', widget: 'choice' })),
  min_stddev: z
    .string()
    .regex(/^([0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)?$/, 'write a positive number, or nothing')
    .refine((text) => text === '' || (Number(text) > 0 && Number.isFinite(Number(text))), 'write a positive number, or nothing')
    .default('')
    .meta(
      field({
        title: 'Least spread',
        help: 'The standard deviation is taken as at least this. Empty: 1 % of the mean’s size, at least 1e-9.',
        widget: 'text',
        advanced: true,
      }),
    ),
  thin: z
    .boolean()
    .default(true)
    .meta(
      field({
        title: 'Thin overlapping windows',
        help: 'After hopping windows the baseline takes every k-th row, so that no two of its windows share events.',
        widget: 'switch',
        advanced: true,
      }),
    ),
  report: z
    .enum(['every', 'onset'])
    .default('every')
    .meta(field({ title: 'Report', help: 'Port anomalies: every anomalous row, or only the first of a run.', widget: 'choice' })),
  exclude_anomalies: z
    .boolean()
    .default(false)
    .meta(
      field({
        title: 'Keep anomalies out',
        help: 'Anomalous rows do not enter later baselines.',
        widget: 'switch',
        advanced: true,
      }),
    ),
  prefix: columnPrefix().meta(
    field({
      title: 'Prefix',
      help: 'Put before the names of the added columns; keeps two z-scores apart.',
      widget: 'text',
      advanced: true,
    }),
  ),
  forget_after: duration()
    .default('7d')
    .meta(
      field({
        title: 'Forget after',
        help: 'A key that has had no row for so long (event time) starts anew, and its memory is freed.',
        widget: 'duration',
        advanced: true,
      }),
    ),
});

export const definition = defineNode<ZScoreSettings>({
  kind: 'z-score',
  version: 1,
  family: 'detect',
  role: 'operator',
  title: 'Z-score',
  summary: 'spikes over baseline',
  help: [
    'Compares each value with the rows of the same key before it: z = (value − mean) ÷ standard deviation of the baseline (population).',
    'The row itself is never in its own baseline, and z is NULL until the baseline has enough rows. Rows are judged in event-time order.',
    'After hopping windows the baseline takes every k-th row (k = size ÷ hop, rounded up), and a key’s first k − 1 windows stay out because they are partial.',
    'Adds z_score, baseline_mean, baseline_stddev, threshold and is_anomaly; the port anomalies carries the anomalous rows.',
  ].join('\n'),
  icon: 'chart-no-axes-column',
  settings: settingsSchema,
  ports: () => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs: [
      { name: 'out', title: 'out', role: 'main' },
      { name: 'anomalies', title: 'anomalies', role: 'side' },
    ],
  }),
  infer(settings, [input]) {
    const problems: LocalProblem[] = [];
    if (settings.min_samples > settings.baseline) {
      problems.push({
        code: 'wrong_setting',
        severity: 'error',
        message: `The baseline has at most ${settings.baseline} rows, so it never reaches ${settings.min_samples}.`,
        field: 'min_samples',
        mend: 'Lower "at least", or raise the baseline.',
      });
    }
    if (input === undefined) return { outputs: undefined, problems };
    const value = fieldOf(input, settings.field);
    if (value === undefined) problems.push(unknownField(settings.field, input, 'field'));
    else if (!isNumeric(value.type))
      problems.push(wrongType(value, 'a number', 'field', 'Take an integer, float or decimal column.'));
    problems.push(...keyProblems(settings.by, input, 'by'));
    if (!input.timed) problems.push(needsEventTime('Z-score'));
    const added = addedFields(settings);
    const taken = added.find((column) => fieldOf(input, column.name) !== undefined);
    if (taken !== undefined) problems.push(duplicateColumn(taken.name, 'prefix'));
    if (problems.length > 0) return { outputs: undefined, problems };
    if (input.window !== undefined && !isOrdered(settings, input)) problems.push(severalRowsAWindow(settings, input));
    const output: Schema = { ...input, fields: [...input.fields, ...added] };
    return { outputs: [output, output], problems };
  },
  reads: (settings) => [
    { ...Object.fromEntries(settings.by.map((name) => [name, 'dictionary' as const])), [settings.field]: 'any' },
  ],
  passes: true,
  stateKeys: ['field', 'by', 'thin'],
  holdsRows: (settings, [input]) => input !== undefined && !isOrdered(settings, input),
  guarantee: 'Baselines survive a crash; every row is judged once, against the same baseline.',
  view: (settings) => ({ as: 'line', y: [settings.field, `${settings.prefix}z_score`], series: settings.by[0] }),
  migrations: [],
  caption: (settings) => `${settings.field} · z > ${settings.threshold}`,
  examples: [
    {
      title: 'Ten quiet values, then a spike',
      settings: settingsSchema.parse({ field: 'rate', min_samples: 4, baseline: 4 }),
      inputs: [{ schema: rateSchema(), rows: [10, 12, 10, 12, 30, 11].map((rate, i) => rateRow(i, rate)) }],
      outputs: {
        out: [
          ...[10, 12, 10, 12].map((rate, i) => judged(i, rate, null, null, null)),
          judged(4, 30, 19, 11, 1),
          judged(5, 11, -5 / Math.sqrt(66), 16, Math.sqrt(66)),
        ],
        anomalies: [judged(4, 30, 19, 11, 1)],
      },
    },
  ],
});

/** The columns made here, in order. */
export function addedFields(settings: ZScoreSettings): readonly Field[] {
  return [
    { name: `${settings.prefix}z_score`, type: 'float', nullable: true },
    { name: `${settings.prefix}baseline_mean`, type: 'float', nullable: true },
    { name: `${settings.prefix}baseline_stddev`, type: 'float', nullable: true },
    { name: `${settings.prefix}threshold`, type: 'float', nullable: false },
    { name: `${settings.prefix}is_anomaly`, type: 'boolean', nullable: false },
  ];
}

/**
 * Rows of a key already come in event-time order: final windows leave by window end, and each key has one row a window.
 * Then nothing has to be held.
 */
export function isOrdered(settings: ZScoreSettings, input: Schema): boolean {
  if (input.window === undefined) return false;
  const known = [...settings.by, 'window_start', 'window_end'];
  return input.keys.some((key) => key.every((column) => known.includes(column)));
}

function severalRowsAWindow(settings: ZScoreSettings, input: Schema): LocalProblem {
  const missing = (input.keys[0] ?? []).filter((name) => !['window_start', 'window_end', ...settings.by].includes(name));
  return {
    code: 'several_rows_a_window',
    severity: 'warning',
    message: 'Several rows of one window share a baseline, so its windows may overlap.',
    field: 'by',
    mend:
      missing.length > 0 ? `Judge per ${missing.join(', ')} too.` : 'Judge per the columns that tell the rows of a window apart.',
  };
}

function rateSchema(): Schema {
  return {
    fields: [
      { name: 'at', type: 'timestamp', nullable: false },
      { name: 'rate', type: 'integer', nullable: true },
    ],
    mode: APPEND,
    keys: [],
    window: undefined,
    timed: true,
  };
}

function rateRow(i: number, rate: number): { at: string; rate: number } {
  return { at: `2026-01-01T00:0${i}:00Z`, rate };
}

function judged(
  i: number,
  rate: number,
  score: number | null,
  mean: number | null,
  stddev: number | null,
): Record<string, unknown> {
  return {
    ...rateRow(i, rate),
    z_score: score,
    baseline_mean: mean,
    baseline_stddev: stddev,
    threshold: 3,
    is_anomaly: score !== null && Math.abs(score) > 3,
  };
}
