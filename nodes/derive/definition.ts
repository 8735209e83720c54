import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, fieldOf, type Schema } from '../../engine/model/schema.ts';
import { acceptedExpression, expressionAt } from '../kit/expression-setting.ts';
import { duplicateColumn, unknownField } from '../kit/field-problems.ts';
import { columnName, field } from '../kit/settings.ts';
import { outputColumns } from './core/output-columns.ts';

export interface DeriveSettings {
  columns: { name: string; expression: string }[];
  drop: string[];
  rename: { from: string; to: string }[];
  /** names of the output columns, in order; empty: all that are not dropped */
  keep: string[];
}

const settingsSchema: z.ZodType<DeriveSettings> = z.strictObject({
  columns: z
    .array(
      z.strictObject({
        name: columnName(),
        expression: z
          .string()
          .max(4096)
          .meta(field({ title: 'Expression', widget: 'expression' })),
      }),
    )
    .max(200)
    .default([])
    .meta(field({ title: 'Columns', help: 'Added, or put in the place of the column of that name.', widget: 'list' })),
  drop: z
    .array(z.string())
    .max(1000)
    .default([])
    .meta(field({ title: 'Drop', help: 'Columns that go no further.', widget: 'fields' })),
  rename: z
    .array(z.strictObject({ from: z.string().meta(field({ title: 'From', widget: 'field' })), to: columnName() }))
    .max(1000)
    .default([])
    .meta(field({ title: 'Rename', help: 'Columns that go on under another name.', widget: 'list', advanced: true })),
  keep: z
    .array(columnName())
    .max(1000)
    .default([])
    .meta(
      field({
        title: 'Keep only',
        help: 'Names of the columns that go on, in this order. Empty: all of them.',
        widget: 'fields',
        advanced: true,
      }),
    ),
});

export const definition = defineNode<DeriveSettings>({
  kind: 'derive',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Derive',
  summary: 'compute fields',
  help: [
    'Adds columns computed by PostgreSQL expressions, or replaces columns of the same name; drops and renames others.',
    'Every expression sees the row as it came in, so the order of the columns does not matter: `coalesce(channel, stream_id)`, `amount * 100`.',
    'A row on which an expression cannot be computed becomes a dead letter.',
  ].join('\n'),
  icon: 'square-function',
  settings: settingsSchema,
  ports: () => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs: [{ name: 'out', title: 'out', role: 'main' }],
  }),
  infer(settings, [input]) {
    if (input === undefined) return { outputs: undefined, problems: [] };
    const problems = columnProblems(settings, input);
    const typed = settings.columns.map(({ expression }, i) => {
      const found = expressionAt(expression, input, `columns.${i}.expression`);
      if (found.problem !== undefined) problems.push(found.problem);
      return found.typed;
    });
    if (problems.length > 0) return { outputs: undefined, problems };
    const columns = outputColumns(settings, input.fields);
    const fields = columns.map(({ name, from }) => {
      if (from.kind === 'input') return { ...input.fields[from.index]!, name };
      const { type, nullable } = typed[from.index]!;
      return { name, type, nullable };
    });
    /** new name of a column that goes on unchanged; undefined: it ends here */
    const renamed = (name: string): string | undefined =>
      columns.find(({ from }) => from.kind === 'input' && input.fields[from.index]!.name === name)?.name;
    const survives = (names: readonly string[]): boolean => names.every((name) => renamed(name) !== undefined);
    const keys = input.keys.filter(survives).map((key) => key.map((name) => renamed(name)!));
    if (input.mode.kind === 'append') return { outputs: [{ ...input, fields, keys }], problems };
    const { key, groupKey } = input.mode;
    const lost = key.filter((name) => renamed(name) === undefined);
    if (lost.length > 0) {
      return {
        outputs: undefined,
        problems: [
          {
            code: 'needs_final_rows',
            severity: 'error',
            message: `The rows of this edge replace each other by ${key.join(', ')}; ${lost.join(', ')} would not go on unchanged.`,
            mend: `Keep ${lost.join(', ')}, or take the port of final rows.`,
          },
        ],
      };
    }
    const mode = {
      kind: 'updates' as const,
      key: key.map((name) => renamed(name)!),
      groupKey: groupKey.map((name) => renamed(name)!),
    };
    return { outputs: [{ ...input, fields, keys, mode }], problems };
  },
  reads(settings, [input]) {
    const reads: Record<string, 'dictionary' | 'any'> = {};
    for (const { expression } of settings.columns) {
      const typed = acceptedExpression(expression, input!);
      for (const [name, how] of Object.entries(typed.columns)) {
        // a text result may be a key further on: computed once for each distinct text where its inputs are ids
        if (reads[name] !== 'dictionary') reads[name] = typed.type === 'text' ? 'dictionary' : how;
      }
    }
    for (const { from } of settings.rename) reads[from] ??= 'any';
    return [reads];
  },
  passes: true,
  stateKeys: [],
  guarantee: 'Keeps nothing: the same row always gives the same row.',
  accepts: ['append', 'updates'],
  migrations: [],
  caption: (settings) =>
    [
      ...settings.columns.map(({ name }) => name),
      ...settings.rename.map(({ from, to }) => `${from} → ${to}`),
      ...settings.drop.map((name) => `− ${name}`),
    ]
      .slice(0, 3)
      .join(', ') || (settings.keep.length > 0 ? `keeps ${settings.keep.length} columns` : 'nothing yet'),
  examples: [
    {
      title: 'Every expression sees the row as it came in',
      settings: {
        columns: [
          { name: 'amount', expression: 'amount * 2' },
          { name: 'before', expression: 'amount' },
        ],
        drop: ['note'],
        rename: [{ from: 'currency', to: 'unit' }],
        keep: [],
      },
      inputs: [{ schema: paymentSchema(), rows: [{ amount: 3, currency: 'EUR', note: 'x' }] }],
      outputs: { out: [{ amount: 6, unit: 'EUR', before: 3 }] },
    },
  ],
});

/** Names: what is dropped or renamed exists and is named once, and no two columns come out under one name. */
function columnProblems(settings: DeriveSettings, input: Schema): LocalProblem[] {
  const problems: LocalProblem[] = [];
  const taken = new Set<string>();
  const use = (name: string, path: string): void => {
    if (fieldOf(input, name) === undefined) problems.push(unknownField(name, input, path));
    else if (taken.has(name)) {
      problems.push({
        code: 'duplicate_column',
        severity: 'error',
        message: `Column "${name}" is dropped or renamed twice.`,
        field: path,
        mend: 'Keep one of the two.',
      });
    }
    taken.add(name);
  };
  settings.drop.forEach((name, i) => use(name, `drop.${i}`));
  settings.rename.forEach(({ from }, i) => use(from, `rename.${i}.from`));
  const names = new Set(settings.columns.map(({ name }) => name));
  settings.columns.forEach(({ name }, i) => {
    if (settings.columns.findIndex((other) => other.name === name) < i) problems.push(duplicateColumn(name, `columns.${i}.name`));
  });
  settings.rename.forEach(({ to }, i) => {
    const kept = fieldOf(input, to) !== undefined && !taken.has(to);
    if (kept || names.has(to) || settings.rename.findIndex((other) => other.to === to) < i)
      problems.push(duplicateColumn(to, `rename.${i}.to`));
  });
  const made = new Set(outputColumns({ ...settings, keep: [] }, input.fields).map(({ name }) => name));
  settings.keep.forEach((name, i) => {
    if (!made.has(name)) problems.push(unknownField(name, input, `keep.${i}`));
    if (settings.keep.indexOf(name) < i) problems.push(duplicateColumn(name, `keep.${i}`));
  });
  return problems;
}

function paymentSchema(): Schema {
  return {
    fields: [
      { name: 'amount', type: 'integer', nullable: false },
      { name: 'currency', type: 'text', nullable: false },
      { name: 'note', type: 'text', nullable: true },
    ],
    mode: APPEND,
    keys: [],
    window: undefined,
    timed: false,
  };
}
