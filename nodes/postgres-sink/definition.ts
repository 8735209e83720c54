import { z } from 'zod';
import { defineNode, type LocalProblem, type Reads } from '../../engine/model/definition.ts';
import { fieldOf, type Field, type Schema } from '../../engine/model/schema.ts';
import { duplicateColumn, keyProblems, unknownField, wrongType } from '../kit/field-problems.ts';
import { keyedSinkReads, newestFullProblems, updatesSetting } from '../kit/keyed-sink.ts';
import { columnName, connectionName, field } from '../kit/settings.ts';

const TABLE = /^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/;

const settingsSchema = z.strictObject({
  connection: connectionName()
    .default('postgres')
    .meta(field({ title: 'Connection', help: 'Name of the PostgreSQL connection.', widget: 'connection', service: 'postgres' })),
  table: z
    .string()
    .regex(TABLE, 'write table or schema.table with letters, digits and _')
    .meta(
      field({ title: 'Table', help: 'Where rows are written: `table` or `schema.table`.', widget: 'table', service: 'postgres' }),
    ),
  mode: z
    .enum(['upsert', 'insert'])
    .default('upsert')
    .meta(field({ title: 'Mode', help: 'upsert: one row per key, the newest. insert: every row is added.', widget: 'choice' })),
  key: z
    .array(columnName())
    .max(32)
    .default([])
    .meta(
      field({
        title: 'Key',
        help: 'Columns that name a row; the table needs them as primary key or unique index.',
        widget: 'fields',
      }),
    ),
  columns: z
    .array(columnName())
    .max(500)
    .default([])
    .meta(
      field({ title: 'Columns', help: 'Columns to write, in this order; empty: every column that arrives.', widget: 'fields' }),
    ),
  create: z
    .boolean()
    .default(true)
    .meta(field({ title: 'Create table', help: 'Makes the table, with its key, when it does not exist.', widget: 'switch' })),
  updates: updatesSetting,
  newer_only: z
    .string()
    .default('')
    .meta(
      field({
        title: 'Newer only',
        help: 'Timestamp column: a row replaces one with the same key only if this is not older.',
        widget: 'field',
        advanced: true,
      }),
    ),
});

export type PostgresSinkSettings = z.infer<typeof settingsSchema>;

const IN: Schema = {
  fields: [
    { name: 'stream_id', type: 'text', nullable: false },
    { name: 'viewers', type: 'integer', nullable: true },
  ],
  mode: { kind: 'append' },
  keys: [],
  window: undefined,
  timed: false,
};

export const definition = defineNode<PostgresSinkSettings>({
  kind: 'postgres-sink',
  version: 1,
  family: 'sink',
  role: 'sink',
  title: 'Postgres',
  summary: 'upsert or append',
  help: [
    'Writes every row into a PostgreSQL table, exactly once: the rows of an epoch and the mark that they are written share one transaction.',
    'With mode *upsert* the newest row per key stays; with *insert* every row is added.',
    'The table and its key are created when absent. In a table that exists, each column must take the values without loss:',
    'text → text, varchar, uuid · integer → bigint, integer, smallint, numeric, double precision · float → double precision, numeric ·',
    'decimal → numeric with at least as many places · boolean → boolean · timestamp → timestamptz, timestamp (as UTC) · text[] → text[], varchar[] · json → jsonb, json.',
    'Further columns of the table must allow NULL or have a default. A row that does not fit (a number out of range, a violated constraint) becomes a dead letter; the other rows are written.',
  ].join(' '),
  icon: 'database',
  settings: settingsSchema,
  ports: () => ({ inputs: [{ name: 'in', title: 'rows', role: 'main' }], outputs: [] }),
  infer: (chosen, [input]) => ({ outputs: [], problems: problemsOf(chosen, input) }),
  reads: (chosen, [input]) => [readsOf(chosen, input)],
  passes: false,
  stateKeys: ['updates', 'key'],
  guarantee:
    'Exactly once: rows and fence share a transaction. Without the right to keep a fence table, a repeated epoch rewrites the same rows (upsert) or repeats them (insert).',
  view: () => ({ as: 'table' }),
  migrations: [],
  examples: [
    {
      title: 'The newest row per key',
      settings: {
        connection: 'postgres',
        table: 'viewers',
        mode: 'upsert',
        key: ['stream_id'],
        columns: [],
        create: true,
        updates: 'every',
        newer_only: '',
      },
      inputs: [
        {
          schema: IN,
          rows: [
            { stream_id: 'a', viewers: 10 },
            { stream_id: 'a', viewers: 12 },
          ],
        },
      ],
      outputs: {},
    },
  ],
  caption: (chosen) =>
    chosen.mode === 'upsert' && chosen.key.length > 0 ? `${chosen.table} by ${chosen.key.join(', ')}` : chosen.table,
  connection: (chosen) => ({ service: 'postgres', name: chosen.connection }),
  sinkKey: (chosen) => (chosen.mode === 'upsert' ? chosen.key : []),
  saysWhichStays: (chosen) => chosen.newer_only !== '',
  newestFull: (chosen) => chosen.updates === 'newest_full',
  accepts: ['append', 'updates'],
});

/** The columns that are written, in the order of the table to be made. */
export function writtenFields(chosen: PostgresSinkSettings, input: Schema): readonly Field[] {
  if (chosen.columns.length === 0) return input.fields;
  return chosen.columns.flatMap((name) => fieldOf(input, name) ?? []);
}

function readsOf(chosen: PostgresSinkSettings, input: Schema | undefined): Reads {
  if (input === undefined) return {};
  const written = writtenFields(chosen, input).map(({ name }) => name);
  return keyedSinkReads(written, chosen.mode === 'upsert' ? chosen.key : [], chosen.updates, input);
}

function problemsOf(chosen: PostgresSinkSettings, input: Schema | undefined): LocalProblem[] {
  const problems: LocalProblem[] = [];
  const error = (code: string, at: string, message: string, mend: string): void => {
    problems.push({ code, severity: 'error', field: at, message, mend });
  };
  if (chosen.mode === 'upsert' && chosen.key.length === 0) {
    error('sink_without_key', 'key', 'Mode upsert needs to know which columns name a row.', 'Choose key columns, or mode insert.');
  }
  if (chosen.mode === 'insert' && chosen.newer_only !== '') {
    error(
      'newer_only_without_key',
      'newer_only',
      'Mode insert replaces no row, so there is nothing newer or older.',
      'Clear "newer only", or choose mode upsert.',
    );
  }
  if (input === undefined) return problems;
  if (input.fields.length === 0) {
    error(
      'sink_without_columns',
      'table',
      'The rows that arrive have no columns, so there is nothing to write.',
      'Declare columns in the source, or derive some.',
    );
  }
  problems.push(...keyProblems(chosen.key, input, 'key'));
  chosen.columns.forEach((name, i) => {
    if (fieldOf(input, name) === undefined) problems.push(unknownField(name, input, `columns.${i}`));
    else if (chosen.columns.indexOf(name) < i) problems.push(duplicateColumn(name, `columns.${i}`));
  });
  for (const name of chosen.columns.length === 0 ? [] : [...chosen.key, chosen.newer_only]) {
    if (name === '' || chosen.columns.includes(name)) continue;
    error(
      'key_not_written',
      'columns',
      `The column ${name} decides which row is replaced, but is not among the columns to write.`,
      `Add ${name} to the columns.`,
    );
  }
  if (chosen.newer_only !== '') {
    const column = fieldOf(input, chosen.newer_only);
    if (column === undefined) problems.push(unknownField(chosen.newer_only, input, 'newer_only'));
    else if (column.type !== 'timestamp')
      problems.push(wrongType(column, 'a timestamp', 'newer_only', 'Choose a timestamp column.'));
  }
  problems.push(...newestFullProblems(chosen.updates, input));
  return problems;
}
