import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, fieldOf, type Field, type Schema } from '../../engine/model/schema.ts';
import { duplicateColumn, unknownField, wrongType } from '../kit/field-problems.ts';
import { field } from '../kit/settings.ts';

export interface ExplodeSettings {
  field: string;
  as: string;
  keep_empty: boolean;
}

const settingsSchema: z.ZodType<ExplodeSettings> = z.strictObject({
  field: z.string().meta(field({ title: 'List', help: 'The text[] column whose elements become rows.', widget: 'field' })),
  as: z
    .string()
    .regex(/^([A-Za-z_][A-Za-z0-9_]{0,62})?$/, 'a column name has letters, digits and _, 63 at most, and no digit first')
    .default('')
    .meta(
      field({
        title: 'Element column',
        help: 'The column of the element, in the list’s place. Empty: named like the list.',
        widget: 'text',
      }),
    ),
  keep_empty: z
    .boolean()
    .default(false)
    .meta(field({ title: 'Keep empty', help: 'An empty or NULL list gives one row with NULL instead of none.', widget: 'switch' })),
});

export const definition = defineNode<ExplodeSettings>({
  kind: 'explode',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Explode',
  summary: 'one row per element',
  help: [
    'Makes one row of each element of a list; the element takes the list’s place, all other columns and the event time stay as they were.',
    'An empty or NULL list gives no row and counts as filtered, or one row with NULL when keep empty is on.',
  ].join('\n'),
  icon: 'split',
  settings: settingsSchema,
  ports: () => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs: [{ name: 'out', title: 'out', role: 'main' }],
  }),
  infer(settings, [input]) {
    if (input === undefined) return { outputs: undefined, problems: [] };
    const problems: LocalProblem[] = [];
    const list = fieldOf(input, settings.field);
    if (list === undefined) problems.push(unknownField(settings.field, input, 'field'));
    else if (list.type !== 'text[]') problems.push(wrongType(list, 'a list', 'field', 'Take a text[] column.'));
    if (settings.as !== '' && settings.as !== settings.field && fieldOf(input, settings.as) !== undefined)
      problems.push(duplicateColumn(settings.as, 'as'));
    if (problems.length > 0) return { outputs: undefined, problems };
    return { outputs: [{ ...input, fields: explodedFields(settings, input.fields, elementOf), keys: [] }], problems };
  },
  reads: (settings) => [{ [settings.field]: 'any' }],
  passes: true,
  stateKeys: [],
  guarantee: 'Keeps nothing: the same row always gives the same rows.',
  migrations: [],
  caption: (settings) => (settings.as === '' ? settings.field : `${settings.field} → ${settings.as}`),
  examples: [
    {
      title: 'No element, no row',
      settings: { field: 'emotes', as: '', keep_empty: false },
      inputs: [
        {
          schema: emoteSchema(),
          rows: [
            { id: 1, emotes: ['Kappa', 'LUL'] },
            { id: 2, emotes: [] },
            { id: 3, emotes: null },
          ],
        },
      ],
      outputs: {
        out: [
          { id: 1, emotes: 'Kappa' },
          { id: 1, emotes: 'LUL' },
        ],
      },
    },
    {
      title: 'An empty list is kept as NULL',
      settings: { field: 'emotes', as: 'emote', keep_empty: true },
      inputs: [
        {
          schema: emoteSchema(),
          rows: [
            { id: 1, emotes: ['Kappa'] },
            { id: 2, emotes: [] },
          ],
        },
      ],
      outputs: {
        out: [
          { id: 1, emote: 'Kappa' },
          { id: 2, emote: null },
        ],
      },
    },
  ],
});

function elementOf(name: string): Field {
  return { name, type: 'text', nullable: true };
}

/** Columns of the output: the element stands in the list's place, so that no list is repeated for each of its elements. */
export function explodedFields<F extends Field>(
  settings: ExplodeSettings,
  fields: readonly F[],
  element: (name: string) => F,
): F[] {
  return fields.map((own) => (own.name === settings.field ? element(settings.as === '' ? own.name : settings.as) : own));
}

function emoteSchema(): Schema {
  return {
    fields: [
      { name: 'id', type: 'integer', nullable: false },
      { name: 'emotes', type: 'text[]', nullable: true },
    ],
    mode: APPEND,
    keys: [],
    window: undefined,
    timed: false,
  };
}
