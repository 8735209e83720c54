import { describe, expect, test } from 'vitest';
import type { Schema } from '../../engine/model/schema.ts';
import { definition, type PostgresSinkSettings } from './definition.ts';
import { insertSql } from './insert-sql.ts';
import { createTableSql, takes } from './table.ts';

const schema: Schema = {
  fields: [
    { name: 'k', type: 'text', nullable: false },
    { name: 'v', type: 'decimal(2)', nullable: true },
    { name: 'at', type: 'timestamp', nullable: true },
    { name: 'j', type: 'json', nullable: true },
  ],
  mode: { kind: 'append' },
  keys: [],
  window: undefined,
  timed: true,
};

const parse = (change: object): PostgresSinkSettings => definition.settings.parse({ table: 'public.t', key: ['k'], ...change });

describe('settings', () => {
  test.each([
    [{}, []],
    [{ key: [] }, ['sink_without_key key']],
    [{ mode: 'insert', key: [], newer_only: 'at' }, ['newer_only_without_key newer_only']],
    [{ key: ['nope'] }, ['unknown_field key.0']],
    [{ key: ['k', 'k'] }, ['duplicate_column key.1']],
    [{ key: ['j'] }, ['wrong_type key.0']],
    [{ newer_only: 'v' }, ['wrong_type newer_only']],
    [{ columns: ['v'] }, ['key_not_written columns']],
    [{ columns: ['k', 'x', 'k'] }, ['unknown_field columns.1', 'duplicate_column columns.2']],
    [{ updates: 'newest_full' }, ['newest_full_needs_windows updates']],
  ])('%j', (change, expected) => {
    const { problems } = definition.infer(parse(change), [schema]);
    expect(problems.map((problem) => `${problem.code} ${problem.field}`)).toEqual(expected);
  });

  test.each(['', 'a b', 't; DROP TABLE x', 'a.b.c', '"t"', '1t'])('the table name %j is refused', (table) => {
    expect(definition.settings.safeParse({ table }).success).toBe(false);
  });

  test('the caption names table and key', () => {
    expect(definition.caption(parse({}))).toBe('public.t by k');
  });
});

test('the table that is made, and the statement that fills it', () => {
  expect(createTableSql(parse({}), schema.fields)).toBe(
    'CREATE TABLE "public"."t" ("k" text NOT NULL, "v" numeric, "at" timestamptz, "j" jsonb, PRIMARY KEY ("k"))',
  );
  const columns = [
    { name: 'k', type: 'text' },
    { name: 'at', type: 'timestamp with time zone' },
  ];
  expect(insertSql(parse({ newer_only: 'at' }), columns)).toBe(
    'INSERT INTO "public"."t" AS kept ("k", "at") SELECT "k", "at" FROM json_to_recordset($1::json) AS rows("k" text, "at" timestamp with time zone)' +
      ' ON CONFLICT ("k") DO UPDATE SET "at" = EXCLUDED."at" WHERE kept."at" IS NULL OR EXCLUDED."at" >= kept."at"',
  );
  expect(insertSql(parse({}), columns.slice(0, 1))).toMatch(/ON CONFLICT \("k"\) DO NOTHING$/);
});

test.each([
  ['text', ['text', 'character varying', 'character varying(10)', 'uuid'], ['character(3)', 'integer', 'jsonb']],
  ['integer', ['bigint', 'integer', 'smallint', 'double precision', 'numeric', 'numeric(10,0)'], ['text', 'real']],
  ['float', ['double precision', 'numeric'], ['real', 'bigint', 'numeric(10,2)']],
  ['decimal(2)', ['numeric', 'numeric(10,2)', 'numeric(10,3)'], ['numeric(10,1)', 'double precision', 'bigint']],
  ['boolean', ['boolean'], ['integer']],
  [
    'timestamp',
    ['timestamp with time zone', 'timestamp without time zone', 'timestamp(6) with time zone'],
    ['timestamp(3) with time zone', 'date'],
  ],
  ['text[]', ['text[]', 'character varying[]'], ['text', 'jsonb']],
  ['json', ['jsonb', 'json'], ['text']],
] as const)('[V1] a column of %s goes without loss into %j, not into %j', (type, fits, not) => {
  expect(fits.filter((target) => !takes(target, { type }))).toEqual([]);
  expect(not.filter((target) => takes(target, { type }))).toEqual([]);
});
