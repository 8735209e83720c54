import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, fieldOf, type Field, type Schema } from '../../engine/model/schema.ts';
import { acceptedExpression, expressionAt, readsOf } from '../kit/expression-setting.ts';
import { duplicateColumn } from '../kit/field-problems.ts';
import { field } from '../kit/settings.ts';

export interface ValidateSettings {
  conditions: { name: string; expression: string }[];
}

/** On port invalid: the name of the first condition that does not hold. */
export const FAILED_CONDITION: Field = { name: 'failed_condition', type: 'text', nullable: false };

const settingsSchema: z.ZodType<ValidateSettings> = z.strictObject({
  conditions: z
    .array(
      z.strictObject({
        name: z
          .string()
          .min(1)
          .max(120)
          .meta(field({ title: 'Name', help: 'Says what is wrong when it does not hold.', widget: 'text' })),
        expression: z
          .string()
          .max(4096)
          .meta(field({ title: 'Condition', widget: 'expression' })),
      }),
    )
    .max(100)
    .default([])
    .meta(field({ title: 'Conditions', help: 'Each must be true; NULL is not true.', widget: 'list' })),
});

export const definition = defineNode<ValidateSettings>({
  kind: 'validate',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Validate',
  summary: 'named conditions',
  help: [
    'Every condition must be true for a row to go on. A row that breaks one (NULL breaks it too) leaves by invalid with the name of the first it breaks in failed_condition.',
    'While invalid is not wired, such rows are kept as dead letters with code condition_failed, where they can be seen, edited and replayed.',
  ].join('\n'),
  icon: 'shield-check',
  settings: settingsSchema,
  ports: () => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs: [
      { name: 'out', title: 'out', role: 'main' },
      { name: 'invalid', title: 'invalid', role: 'falls-out' },
    ],
  }),
  infer(settings, [input]) {
    const problems: LocalProblem[] = [];
    settings.conditions.forEach(({ name, expression }, i) => {
      if (settings.conditions.findIndex((other) => other.name === name) < i) {
        problems.push({
          code: 'duplicate_name',
          severity: 'error',
          message: `Two conditions are called "${name}".`,
          field: `conditions.${i}.name`,
          mend: 'Give each condition a name of its own.',
        });
      }
      const problem =
        input === undefined ? undefined : expressionAt(expression, input, `conditions.${i}.expression`, 'boolean').problem;
      if (problem !== undefined) problems.push(problem);
    });
    if (input === undefined) return { outputs: undefined, problems };
    if (fieldOf(input, FAILED_CONDITION.name) !== undefined)
      problems.push({
        ...duplicateColumn(FAILED_CONDITION.name, 'conditions'),
        mend: 'Rename the column of the input in a derive before.',
      });
    if (problems.length > 0) return { outputs: undefined, problems };
    return { outputs: [input, { ...input, fields: [...input.fields, FAILED_CONDITION] }], problems };
  },
  reads: (settings, [input]) => [
    readsOf(settings.conditions.map(({ expression }) => acceptedExpression(expression, input!, 'boolean'))),
  ],
  passes: true,
  stateKeys: [],
  guarantee: 'Keeps nothing: the same row is always judged alike.',
  migrations: [],
  caption: (settings) =>
    settings.conditions
      .map(({ name }) => name)
      .slice(0, 2)
      .join(', ') || 'no conditions',
  examples: [
    {
      title: 'The first broken condition is named',
      settings: {
        conditions: [
          { name: 'amount is positive', expression: 'amount > 0' },
          { name: 'currency is known', expression: "currency IN ('EUR', 'USD')" },
        ],
      },
      inputs: [
        {
          schema: paymentSchema(),
          rows: [
            { amount: 5, currency: 'EUR' },
            { amount: -1, currency: 'XXX' },
            { amount: 1, currency: null },
          ],
        },
      ],
      outputs: {
        out: [{ amount: 5, currency: 'EUR' }],
        invalid: [
          { amount: -1, currency: 'XXX', failed_condition: 'amount is positive' },
          { amount: 1, currency: null, failed_condition: 'currency is known' },
        ],
      },
    },
  ],
});

function paymentSchema(): Schema {
  return {
    fields: [
      { name: 'amount', type: 'integer', nullable: true },
      { name: 'currency', type: 'text', nullable: true },
    ],
    mode: APPEND,
    keys: [],
    window: undefined,
    timed: false,
  };
}
