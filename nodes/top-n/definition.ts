import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { keyProblems } from '../kit/field-problems.ts';
import { field } from '../kit/settings.ts';

export interface TopNSettings {
  n: number;
  by: string[];
  order: { field: string; direction: 'asc' | 'desc' }[];
}

const settingsSchema: z.ZodType<TopNSettings> = z.strictObject({
  n: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .meta(field({ title: 'Rows', help: 'How many go on of each group and window.', unit: 'rows', widget: 'number' })),
  by: z
    .array(z.string())
    .max(16)
    .default([])
    .meta(field({ title: 'Per', help: 'Groups within a window; none: the whole window is one group.', widget: 'fields' })),
  order: z
    .array(
      z.strictObject({
        field: z.string().meta(field({ title: 'Column', widget: 'field' })),
        direction: z
          .enum(['asc', 'desc'])
          .default('desc')
          .meta(field({ title: 'Direction', widget: 'choice' })),
      }),
    )
    .max(16)
    .default([])
    .meta(
      field({
        title: 'Order',
        help: 'First this column, then the next. NULL is greater than everything, as in PostgreSQL.',
        widget: 'list',
      }),
    ),
});

export const definition = defineNode<TopNSettings>({
  kind: 'top-n',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Top N',
  summary: 'first rows per group',
  help: [
    'Of each window (and group) the first n rows by an ordering go on, in that order, once the watermark has passed the window; the others count as filtered.',
    'Equal rows are ordered by the bytes of the key columns. NULL is greater than everything: last in ascending, first in descending order, as in PostgreSQL.',
  ].join('\n'),
  icon: 'list-ordered',
  settings: settingsSchema,
  ports: () => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs: [{ name: 'out', title: 'out', role: 'main' }],
  }),
  infer(settings, [input]) {
    const problems: LocalProblem[] = [];
    if (settings.order.length === 0) {
      problems.push({
        code: 'missing_setting',
        severity: 'error',
        message: 'No column says which rows come first.',
        field: 'order',
        mend: 'Take the column to order by.',
      });
    }
    if (input === undefined) return { outputs: undefined, problems };
    if (input.window === undefined) {
      problems.push({
        code: 'needs_window',
        severity: 'error',
        message: 'Top N takes the first rows of each window, and this input has no windows of fixed size.',
        mend: 'Put a tumbling or hopping window before it.',
      });
    }
    problems.push(...keyProblems(settings.by, input, 'by'));
    const ordered = keyProblems(
      settings.order.map((own) => own.field),
      input,
      'order',
    );
    problems.push(...ordered.map((problem) => ({ ...problem, field: `${problem.field}.field` })));
    return problems.length > 0 ? { outputs: undefined, problems } : { outputs: [input], problems };
  },
  reads: (settings, [input]) => [
    Object.fromEntries(
      [...settings.by, ...settings.order.map((own) => own.field), ...tieColumns(input!)].map((name) => [name, 'dictionary']),
    ),
  ],
  passes: true,
  stateKeys: [],
  holdsRows: () => true,
  guarantee: 'Waiting rows survive a crash; each window is decided once.',
  view: (settings) => ({
    as: 'bar',
    y: settings.order.slice(0, 1).map((own) => own.field),
    ...(settings.by[0] === undefined ? {} : { series: settings.by[0] }),
  }),
  migrations: [],
  caption: (settings) => `${settings.n} by ${settings.order.map((own) => `${own.field} ${own.direction}`).join(', ') || '…'}`,
  examples: [
    {
      title: 'The two busiest streams of a minute',
      settings: { n: 2, by: [], order: [{ field: 'chats', direction: 'desc' }] },
      inputs: [{ schema: chatSchema(), rows: [chats('art', 5), chats('demo', 9), chats('music', 5)] }],
      outputs: { out: [chats('demo', 9), chats('art', 5)] },
    },
  ],
});

/** Columns by which equal rows are told apart: those of the input's first key. */
export function tieColumns(input: Schema): readonly string[] {
  return input.keys[0] ?? [];
}

function chatSchema(): Schema {
  return {
    fields: [
      { name: 'stream_id', type: 'text', nullable: false },
      { name: 'window_start', type: 'timestamp', nullable: false },
      { name: 'window_end', type: 'timestamp', nullable: false },
      { name: 'chats', type: 'integer', nullable: true },
    ],
    mode: APPEND,
    keys: [['stream_id', 'window_start', 'window_end']],
    window: { sizeUs: 60_000_000, hopUs: 60_000_000 },
    timed: true,
  };
}

function chats(stream_id: string, count: number): Record<string, unknown> {
  return { stream_id, window_start: '2026-01-01T00:00:00Z', window_end: '2026-01-01T00:01:00Z', chats: count };
}
