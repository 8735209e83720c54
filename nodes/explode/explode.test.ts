import { describe, expect, test } from 'vitest';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { runOperator } from '../../tests/conformance/support/operator-run.ts';
import { definition } from './definition.ts';
import { operator } from './operator.ts';

const SCHEMA: Schema = {
  fields: [
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'list', type: 'text[]', nullable: true },
    { name: 'other', type: 'text[]', nullable: true },
    { name: 'text', type: 'text', nullable: true },
    { name: 'raw', type: 'json', nullable: true },
    { name: 'ok', type: 'boolean', nullable: true },
  ],
  mode: APPEND,
  keys: [['text']],
  window: undefined,
  timed: true,
};

function run(rows: readonly Record<string, unknown>[], settings: object) {
  const parsed = definition.settings.parse({ field: 'list', ...settings });
  return runOperator(definition as unknown as AnyDefinition, operator, parsed, [{ schema: SCHEMA, partitions: [rows] }], {
    spread: true,
  });
}

describe('explode', () => {
  test('[K3] one row for each element, all other columns and the event time as they were', () => {
    const rest = { at: '2026-01-01T00:00:01Z', other: ['x', null], text: 'ü"', raw: { a: [1] }, ok: false };
    const blank = { at: '2026-01-01T00:00:02Z', other: null, text: null, raw: null, ok: null };
    const rows = [
      { ...rest, list: ['a', null, 'a'] },
      { ...blank, list: ['b'] },
      { ...blank, list: [] },
      { ...rest, list: null },
    ];
    const result = run(rows, { as: 'one' });
    const { at, ...others } = rest;
    expect(result.rows['out']).toEqual([
      { at, one: 'a', ...others },
      { at, one: null, ...others },
      { at, one: 'a', ...others },
      { at: blank.at, one: 'b', other: null, text: null, raw: null, ok: null },
    ]);
    expect(new Set(result.times['out']).size).toBe(2);
    expect(result.ledger).toMatchObject({ in: 4, used: 2, filtered: 2 });
    expect(run(rows, { keep_empty: true }).ledger).toMatchObject({ in: 4, used: 4, filtered: 0 });
  });

  test('a list longer than a batch', () => {
    const list = Array.from({ length: 10_000 }, (_, i) => `e${i}`);
    const { rows } = run([{ at: '2026-01-01T00:00:01Z', list, other: ['x'], text: null, raw: null, ok: null }], {});
    expect(rows['out']!.map((row) => row['list'])).toEqual(list);
  });

  test('problems and keys', () => {
    const infer = (settings: object) => definition.infer(definition.settings.parse({ field: 'list', ...settings }), [SCHEMA]);
    expect(infer({}).outputs![0]!.keys).toEqual([]);
    expect(infer({ field: 'text' }).problems.map(({ code, field }) => [code, field])).toEqual([['wrong_type', 'field']]);
    expect(infer({ as: 'text' }).problems.map(({ code, field }) => [code, field])).toEqual([['duplicate_column', 'as']]);
  });
});
