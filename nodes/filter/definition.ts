import { z } from 'zod';
import { defineNode } from '../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { acceptedExpression, expressionAt, readsOf } from '../kit/expression-setting.ts';
import { field } from '../kit/settings.ts';

export interface FilterSettings {
  condition: string;
}

const settingsSchema: z.ZodType<FilterSettings> = z.strictObject({
  condition: z
    .string()
    .max(4096)
    .meta(
      field({ title: 'Condition', help: 'Rows for which this is true leave by match, all others by rest.', widget: 'expression' }),
    ),
});

export const definition = defineNode<FilterSettings>({
  kind: 'filter',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Filter',
  summary: 'match or rest',
  help: [
    'Sends the rows for which the condition is true to match and all others to rest; a condition that is NULL is not true.',
    "Rows that go to rest count as filtered, whether or not rest is wired. The condition is a PostgreSQL expression: `amount > 100 AND currency = 'USD'`.",
    'A row on which it cannot be computed (a division by zero) becomes a dead letter.',
  ].join('\n'),
  icon: 'filter',
  settings: settingsSchema,
  ports: () => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs: [
      { name: 'match', title: 'match', role: 'main' },
      { name: 'rest', title: 'rest', role: 'falls-out' },
    ],
  }),
  infer(settings, [input]) {
    if (input === undefined) return { outputs: undefined, problems: [] };
    const { problem } = expressionAt(settings.condition, input, 'condition', 'boolean');
    return problem === undefined ? { outputs: [input, input], problems: [] } : { outputs: undefined, problems: [problem] };
  },
  reads: (settings, [input]) => [readsOf([acceptedExpression(settings.condition, input!, 'boolean')])],
  passes: true,
  stateKeys: [],
  guarantee: 'Keeps nothing: the same row always goes the same way.',
  migrations: [],
  caption: (settings) => settings.condition,
  examples: [
    {
      title: 'NULL is not true',
      settings: { condition: 'amount > 100' },
      inputs: [{ schema: amountSchema(), rows: [{ amount: 250 }, { amount: 100 }, { amount: null }] }],
      outputs: { match: [{ amount: 250 }], rest: [{ amount: 100 }, { amount: null }] },
    },
  ],
});

function amountSchema(): Schema {
  return { fields: [{ name: 'amount', type: 'integer', nullable: true }], mode: APPEND, keys: [], window: undefined, timed: false };
}
