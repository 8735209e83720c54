import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, fieldOf, type Schema } from '../../engine/model/schema.ts';
import { isNumeric } from '../../engine/model/type.ts';
import { unknownField, wrongType } from '../kit/field-problems.ts';
import { field } from '../kit/settings.ts';

export interface ChartSettings {
  as: 'line' | 'bar' | 'table' | 'words' | 'timeline';
  x: string;
  y: string[];
  series: string;
  points: number;
}

const MOST_COLUMNS = 8;

const settingsSchema: z.ZodType<ChartSettings> = z.strictObject({
  as: z
    .enum(['line', 'bar', 'table', 'words', 'timeline'])
    .default('line')
    .meta(field({ title: 'Shown as', help: 'Lines, bars, a table, words by weight, or marks on a time line.', widget: 'choice' })),
  x: z
    .string()
    .default('')
    .meta(field({ title: 'X', help: 'The column along the axis (words: the word). Empty: event time.', widget: 'field' })),
  y: z
    .array(z.string())
    .max(MOST_COLUMNS)
    .default([])
    .meta(
      field({
        title: 'Y',
        help: 'The numbers that are drawn, or the columns of a table. None chosen: all of them.',
        widget: 'fields',
      }),
    ),
  series: z
    .string()
    .default('')
    .meta(field({ title: 'Series', help: 'One line or colour for each value of this column.', widget: 'field' })),
  points: z
    .int()
    .min(1)
    .max(5_000)
    .default(500)
    .meta(field({ title: 'Rows kept', help: 'The newest rows that are shown.', unit: 'rows', widget: 'number' })),
});

export const definition = defineNode<ChartSettings>({
  kind: 'chart',
  version: 1,
  family: 'sink',
  role: 'operator',
  title: 'Chart',
  summary: 'look, keep nothing',
  help: [
    'Shows the newest rows in the app and writes nothing. On an edge of updates the newest version of each row is shown.',
    'The rows live in memory only: after a restart the chart starts empty.',
  ].join('\n'),
  icon: 'chart-line',
  settings: settingsSchema,
  ports: () => ({ inputs: [{ name: 'in', title: 'in', role: 'main' }], outputs: [] }),
  infer(settings, [input]) {
    if (input === undefined) return { outputs: undefined, problems: [] };
    const problems: LocalProblem[] = [];
    for (const name of ['x', 'series'] as const) {
      if (settings[name] !== '' && fieldOf(input, settings[name]) === undefined)
        problems.push(unknownField(settings[name], input, name));
    }
    settings.y.forEach((name, i) => {
      const found = fieldOf(input, name);
      if (found === undefined) problems.push(unknownField(name, input, `y.${i}`));
      else if (settings.as !== 'table' && settings.as !== 'timeline' && !isNumeric(found.type)) {
        problems.push(wrongType(found, 'a number', `y.${i}`, 'Take a column of numbers.'));
      }
    });
    if (drawsNumbers(settings) && drawnColumns(settings, input).length === 0) {
      problems.push({
        code: 'missing_setting',
        severity: 'error',
        message: 'No column of numbers comes in, so there is nothing to draw.',
        field: 'y',
        mend: 'Show a table, or count rows in a window first.',
      });
    }
    return problems.length > 0 ? { outputs: undefined, problems } : { outputs: [], problems };
  },
  reads: (settings, [input]) => [
    Object.fromEntries([
      ...shownColumns(settings, input!).map((name) => [name, 'any' as const]),
      ...(input!.mode.kind === 'updates' ? input!.mode.key : []).map((name) => [name, 'any' as const]),
    ]),
  ],
  passes: false,
  stateKeys: [],
  guarantee: 'Display only: writes nothing and starts empty after a restart.',
  accepts: ['append', 'updates'],
  view: (settings, [input]) => ({
    as: settings.as,
    ...(settings.x === '' ? {} : { x: settings.x }),
    y: input === undefined ? settings.y : drawnColumns(settings, input),
    ...(settings.series === '' ? {} : { series: settings.series }),
  }),
  migrations: [],
  caption: (settings) =>
    `${settings.as} · ${settings.y.slice(0, 2).join(', ') || (drawsNumbers(settings) ? 'all numbers' : 'all columns')}`,
  examples: [
    {
      title: 'Rows come in, none go out',
      settings: { as: 'table', x: '', y: [], series: '', points: 500 },
      inputs: [{ schema: valueSchema(), rows: [{ value: 1 }, { value: null }] }],
      outputs: {},
    },
  ],
});

function drawsNumbers(settings: ChartSettings): boolean {
  return settings.as === 'line' || settings.as === 'bar';
}

/** The columns of Y; where none is named, lines and bars draw every number but those that they stand at, one line a column. */
function drawnColumns(settings: ChartSettings, input: Schema): readonly string[] {
  if (settings.y.length > 0 || !drawsNumbers(settings)) return settings.y;
  return input.fields
    .filter(({ name, type }) => isNumeric(type) && name !== settings.x && name !== settings.series)
    .slice(0, MOST_COLUMNS)
    .map(({ name }) => name);
}

/** What the chart needs of its input; every column of it where a table names none. */
function shownColumns(settings: ChartSettings, input: Schema): readonly string[] {
  if (settings.as === 'table' && settings.y.length === 0) return input.fields.map(({ name }) => name);
  return [settings.x, ...drawnColumns(settings, input), settings.series].filter((name) => name !== '');
}

function valueSchema(): Schema {
  return { fields: [{ name: 'value', type: 'float', nullable: true }], mode: APPEND, keys: [], window: undefined, timed: false };
}
