import { z } from 'zod';
import { defineNode, type LocalProblem, type Reads } from '../../engine/model/definition.ts';
import { fieldOf, type Schema } from '../../engine/model/schema.ts';
import { duplicateColumn, keyProblems, unknownField } from '../kit/field-problems.ts';
import { keyedSinkReads, newestFullProblems, updatesSetting } from '../kit/keyed-sink.ts';
import { columnName, connectionName, duration, field } from '../kit/settings.ts';
import { columnsOfTemplate, parseKeyTemplate } from './core/key-template.ts';

const keySettings = z.strictObject({
  template: z
    .string()
    .min(1)
    .max(512)
    .meta(
      field({ title: 'Key', help: 'Name of the key; {column} is replaced by the value, {{ and }} are braces.', widget: 'text' }),
    ),
  type: z
    .enum(['json', 'string', 'hash', 'list'])
    .default('json')
    .meta(
      field({
        title: 'Type',
        help: 'json: the row as one string. string: one column. hash: a field per column. list: the last rows.',
        widget: 'choice',
      }),
    ),
  value: z
    .string()
    .default('')
    .meta(field({ title: 'Value', help: 'The column that a string holds.', widget: 'field' })),
  columns: z
    .array(columnName())
    .max(500)
    .default([])
    .meta(field({ title: 'Columns', help: 'Columns of json, hash and list; empty: every column that arrives.', widget: 'fields' })),
  length: z
    .int()
    .min(1)
    .max(1_000)
    .default(50)
    .meta(field({ title: 'Length', help: 'How many rows a list keeps, newest first.', widget: 'number' })),
});

const settingsSchema = z.strictObject({
  connection: connectionName()
    .default('redis')
    .meta(field({ title: 'Connection', help: 'Name of the Redis connection.', widget: 'connection', service: 'redis' })),
  keys: z
    .array(keySettings)
    .min(1)
    .max(16)
    .meta(
      field({
        title: 'Keys',
        help: 'What each row is written to; all of them name the same columns in their keys.',
        widget: 'list',
      }),
    ),
  ttl: z
    .union([z.literal(''), duration()])
    .default('60s')
    .meta(
      field({
        title: 'Expires after',
        help: 'A key that is not written for so long disappears; empty: never.',
        widget: 'duration',
      }),
    ),
  updates: updatesSetting,
});

export type RedisSinkSettings = z.infer<typeof settingsSchema>;

/** The columns that name a key; undefined: a template does not parse. */
export function keyColumns(chosen: RedisSinkSettings): readonly string[] | undefined {
  const template = parseKeyTemplate(chosen.keys[0]?.template ?? '');
  return template === undefined ? undefined : columnsOfTemplate(template);
}

export function isList(chosen: RedisSinkSettings): boolean {
  return chosen.keys.some((key) => key.type === 'list');
}

/** Columns that the rows of the outbox carry: those of the keys, and those of any value. */
export function writtenColumns(chosen: RedisSinkSettings, input: Schema): readonly string[] {
  const named = new Set(keyColumns(chosen));
  for (const key of chosen.keys) {
    if (key.type === 'string') named.add(key.value);
    else for (const name of key.columns.length > 0 ? key.columns : input.fields.map((column) => column.name)) named.add(name);
  }
  return input.fields.map((column) => column.name).filter((name) => named.has(name));
}

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

export const definition = defineNode<RedisSinkSettings>({
  kind: 'redis-sink',
  version: 1,
  family: 'sink',
  role: 'sink',
  title: 'Redis',
  summary: 'keys, hashes, lists',
  help: [
    'Keeps the newest row for each key in Redis: as JSON, as a plain string of one column, as a hash, or as a list of the last rows (newest first).',
    'One node can write several keys from the same row: `metrics:{stream_id}` and `viewers:{stream_id}`.',
    'Values are absolute, never counted up, and each write carries the mark of its run: a run that was replaced writes nothing, an epoch that is sent twice changes nothing.',
    'When Redis has lost its data the keys that have not expired are written again from the state of this node.',
    'NULL in a string removes the key; NULL columns are left out of a hash.',
    'A row whose key column is NULL, or whose key is empty, becomes a dead letter.',
    'Needs Redis 7. When Redis is full nothing is written and rows wait.',
  ].join(' '),
  icon: 'zap',
  settings: settingsSchema,
  ports: () => ({ inputs: [{ name: 'in', title: 'rows', role: 'main' }], outputs: [] }),
  infer: (chosen, [input]) => ({ outputs: [], problems: problemsOf(chosen, input) }),
  reads: (chosen, [input]) => [readsOf(chosen, input)],
  passes: false,
  stateKeys: ['keys', 'updates'],
  guarantee: 'Effectively once: absolute values under a fence; when Redis loses its data, what has not expired is written again.',
  view: () => ({ as: 'table' }),
  migrations: [],
  examples: [
    {
      title: 'Newest viewers per stream',
      settings: {
        connection: 'redis',
        keys: [{ template: 'viewers:{stream_id}', type: 'string', value: 'viewers', columns: [], length: 50 }],
        ttl: '60s',
        updates: 'every',
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
  caption: (chosen) => chosen.keys.map((key) => key.template).join(', '),
  connection: (chosen) => ({ service: 'redis', name: chosen.connection }),
  sinkKey: (chosen) => (isList(chosen) ? [] : (keyColumns(chosen) ?? [])),
  newestFull: (chosen) => chosen.updates === 'newest_full',
  accepts: ['append', 'updates'],
});

function readsOf(chosen: RedisSinkSettings, input: Schema | undefined): Reads {
  if (input === undefined) return {};
  return keyedSinkReads(writtenColumns(chosen, input), keyColumns(chosen) ?? [], chosen.updates, input);
}

function problemsOf(chosen: RedisSinkSettings, input: Schema | undefined): LocalProblem[] {
  const problems: LocalProblem[] = [];
  const error = (code: string, at: string, message: string, mend: string): void => {
    problems.push({ code, severity: 'error', field: at, message, mend });
  };
  const lists = chosen.keys.filter((key) => key.type === 'list').length;
  if (lists > 0 && chosen.keys.length > 1) {
    error(
      'list_beside_others',
      'keys',
      'A list keeps many rows per key, the other types keep one: they cannot share a node.',
      'Use one Redis node per list.',
    );
  }
  if (lists > 0 && chosen.updates === 'newest_full') {
    error(
      'list_of_newest',
      'updates',
      'A list keeps many rows per key, "newest full" keeps one.',
      'Choose type json, string or hash, or updates "every".',
    );
  }
  const columns = keyColumns(chosen);
  chosen.keys.forEach((key, i) => {
    const template = parseKeyTemplate(key.template);
    const at = `keys.${i}.template`;
    if (template === undefined) {
      error(
        'key_template',
        at,
        `The key "${key.template}" has a brace that names no column.`,
        'Write {column}; {{ and }} stand for the braces themselves.',
      );
      return;
    }
    const own = columnsOfTemplate(template);
    if (input !== undefined) problems.push(...keyProblems(own, input, at).map((problem) => ({ ...problem, field: at })));
    if (columns !== undefined && own.toSorted().join() !== columns.toSorted().join()) {
      error(
        'keys_differ',
        at,
        `This key names ${list(own)}, the first one ${list(columns)}.`,
        'Let all keys of the node name the same columns, or use two nodes.',
      );
    }
    if (key.type === 'string' && input !== undefined && fieldOf(input, key.value) === undefined) {
      problems.push(unknownField(key.value, input, `keys.${i}.value`));
    }
    if (input === undefined || key.type === 'string') return;
    key.columns.forEach((name, n) => {
      if (fieldOf(input, name) === undefined) problems.push(unknownField(name, input, `keys.${i}.columns.${n}`));
      else if (key.columns.indexOf(name) < n) problems.push(duplicateColumn(name, `keys.${i}.columns.${n}`));
    });
  });
  if (input !== undefined) problems.push(...newestFullProblems(chosen.updates, input));
  return problems;
}

function list(columns: readonly string[]): string {
  return columns.length === 0 ? 'no column' : columns.join(', ');
}
