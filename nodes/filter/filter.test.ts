import { describe, expect, test } from 'vitest';
import { loadParser } from '../../engine/expression/expression.ts';
import { runFragment } from '../../tests/support/fragment.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { definition } from './definition.ts';

await loadParser();

const SCHEMA: Schema = {
  fields: [
    { name: 'a', type: 'integer', nullable: true },
    { name: 'b', type: 'integer', nullable: true },
  ],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: false,
};

async function run(condition: string, rows: readonly Record<string, unknown>[], edges: readonly string[] = []) {
  return runFragment({
    sources: { in: { schema: SCHEMA, event_time: '', lateness_us: 0 } },
    nodes: [
      { id: 'split', kind: 'filter', settings: { condition } },
      { id: 'seen', kind: 'chart', settings: { as: 'table', y: ['a'] } },
    ],
    edges: ['in.out -> split.in', 'split.match -> seen.in', ...edges],
    inputs: { in: [rows] },
  });
}

describe('filter', () => {
  test('[K1] true goes to match; false and NULL count as filtered although rest is not wired', async () => {
    const { rows, ledgers } = await run('a > b', [
      { a: 2, b: 1 },
      { a: 1, b: 2 },
      { a: null, b: 1 },
    ]);
    expect(rows['split.match']!.map((row) => row['a'])).toEqual([2]);
    expect(ledgers['split']).toMatchObject({ in: 3, used: 1, filtered: 2 });
  });

  test('[X3] a row on which the condition cannot be computed is a dead letter, not a miss', async () => {
    const { rows, ledgers, dead } = await run('a / b > 0', [
      { a: 4, b: 2 },
      { a: 4, b: 0 },
      { a: -4, b: 2 },
    ]);
    expect(rows['split.match']).toHaveLength(1);
    expect(dead.map(({ node, code, offset }) => [node, code, offset])).toEqual([['split', 'division_by_zero', 1]]);
    expect(ledgers['split']).toMatchObject({ in: 3, used: 1, filtered: 1, dead: 1 });
  });

  test('a condition that is none is a problem at its place', () => {
    const problems = (condition: string) =>
      definition.infer({ condition }, [SCHEMA]).problems.map(({ code, field, position }) => [code, field, position]);
    expect(problems('a + b')).toEqual([['type_mismatch', 'condition', 0]]);
    expect(problems('a > c')).toEqual([['unknown_column', 'condition', 4]]);
    expect(problems('a >')).toEqual([['expression_syntax', 'condition', 3]]);
  });
});
