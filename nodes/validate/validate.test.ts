import { describe, expect, test } from 'vitest';
import { loadParser } from '../../engine/expression/expression.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { allRows, Batch, NumberColumn } from '../../engine/model/batch.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import type { Out } from '../../engine/stream/operator.ts';
import { runOperator } from '../../tests/conformance/support/operator-run.ts';
import { definition } from './definition.ts';
import { operator } from './operator.ts';

await loadParser();

const SCHEMA: Schema = {
  fields: [{ name: 'n', type: 'integer', nullable: true }],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: false,
};
const CONDITIONS = [
  { name: 'positive', expression: 'n > 0' },
  { name: 'divides 12', expression: '12 % (n - 5) = 0' },
];

describe('validate', () => {
  test('[K5] the first broken condition is named; NULL breaks; one that cannot be computed is a dead letter of its own', () => {
    const rows = [1, -1, null, 5, 12].map((n) => ({ n }));
    const settings = definition.settings.parse({ conditions: CONDITIONS });
    const result = runOperator(definition as unknown as AnyDefinition, operator, settings, [
      { schema: SCHEMA, partitions: [rows] },
    ]);
    expect(result.rows['out']).toEqual([{ n: 1 }]);
    expect(result.rows['invalid']).toEqual([
      { n: -1, failed_condition: 'positive' },
      { n: null, failed_condition: 'positive' },
      { n: 12, failed_condition: 'divides 12' },
    ]);
    expect(result.dead.map(({ code }) => code)).toEqual(['division_by_zero']);
    expect(result.ledger).toMatchObject({ in: 5, used: 1, filtered: 3, dead: 1 });
  });

  test('[K5] while invalid is not wired, such rows are dead letters', () => {
    const layout = [{ ...SCHEMA.fields[0]!, as: 'number' as const }];
    const prepared = operator.prepare({ conditions: CONDITIONS }, [{ schema: SCHEMA, layout }]);
    const instance = prepared.create({ partition: 0, source: 0, node: 1, connected: () => false, wired: () => false });
    const dead: [row: number, code: string, sentence: string][] = [];
    const emitted: number[] = [];
    const out: Out = {
      emit: (port, batch) => emitted.push(port, batch.count),
      filtered: (count) => expect(count).toBe(0),
      late: () => undefined,
      dead: (_batch, row, code, sentence) => dead.push([row, code, sentence]),
      held: () => undefined,
    };
    instance.onBatch(
      0,
      new Batch({
        origin: { source: 0, partition: 0 },
        columns: [new NumberColumn(Float64Array.of(1, -1), undefined)],
        length: 2,
        rows: allRows(2),
        count: 2,
        times: new Float64Array(2),
        offsets: Float64Array.of(0, 1),
        watermarks: new Float64Array(2),
        minTime: 0,
        lastWatermark: 0,
        raw: undefined,
      }),
      out,
    );
    expect(dead).toEqual([[1, 'condition_failed', 'The condition "positive" does not hold. The row was not used.']]);
    expect(emitted).toEqual([0, 1]);
  });

  test('problems name the condition', () => {
    const problems = (conditions: { name: string; expression: string }[]) =>
      definition.infer({ conditions }, [SCHEMA]).problems.map(({ code, field }) => [code, field]);
    expect(problems([{ name: 'a', expression: 'm > 0' }])).toEqual([['unknown_column', 'conditions.0.expression']]);
    expect(problems([CONDITIONS[0]!, CONDITIONS[0]!])).toEqual([['duplicate_name', 'conditions.1.name']]);
  });
});
