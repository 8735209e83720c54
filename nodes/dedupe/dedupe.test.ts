import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { runOperator, type RunOptions } from '../../tests/conformance/support/operator-run.ts';
import { at, decided, SECOND_US, ways, waysToOptions, type PlacedRow } from '../../tests/conformance/support/random-rows.ts';
import type { JsonRow } from '../../tests/conformance/support/row-batch.ts';
import { definition } from './definition.ts';
import { operator } from './operator.ts';

const SCHEMA: Schema = {
  fields: [
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'id', type: 'text', nullable: true },
    { name: 'code', type: 'float', nullable: true },
    { name: 'note', type: 'json', nullable: true },
  ],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: true,
};

function run(partitions: readonly (readonly JsonRow[])[], settings: object, options: RunOptions = {}) {
  const parsed = definition.settings.parse({ by: ['id', 'code'], horizon: '10s', ...settings });
  return runOperator(definition as unknown as AnyDefinition, operator, parsed, [{ schema: SCHEMA, partitions }], options);
}

/** K6 once more: a row goes on unless one with equal columns did within the horizon before it. */
function naive(rows: readonly PlacedRow[], horizonUs: number): JsonRow[] {
  const kept: PlacedRow[] = [];
  for (const row of rows) {
    const same = (other: PlacedRow): boolean =>
      other.values['id'] === row.values['id'] && other.values['code'] === row.values['code'];
    if (!kept.some((other) => same(other) && row.time < other.time + horizonUs)) kept.push(row);
  }
  return kept.map((row) => row.values);
}

const row = fc
  .record({
    second: fc.integer({ min: 0, max: 60 }),
    id: fc.constantFrom('a', 'b', '', null),
    code: fc.constantFrom(0, 1, null),
    note: fc.constantFrom(null, { deep: ['ü'] }, 7),
  })
  .map(({ second, ...rest }) => ({ at: at(second), ...rest }));

describe('dedupe', () => {
  test('[K6] the naive reference, whatever the batches, epochs, restores and interleaving', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 25 }), { minLength: 1, maxLength: 3 }), ways, (partitions, way) => {
        const latenessUs = 25 * SECOND_US;
        const result = run(partitions, {}, { latenessUs, ...waysToOptions(way) });
        const { onTime, late } = decided(SCHEMA, partitions, 0, latenessUs);
        const expected = naive(onTime, 10 * SECOND_US);
        expect(result.rows['out']).toEqual(expected);
        expect(result.ledger).toMatchObject({
          late: late.length,
          filtered: onTime.length - expected.length,
          used: expected.length,
          held: 0,
        });
        expect([...result.pieces.keys()].filter((key) => key.includes('/'))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('[K6] −0 and 0 are the same, NULL and empty text are not; the horizon is half-open', () => {
    const rows = [
      { at: at(0), id: '', code: 0, note: null },
      { at: at(1), id: '', code: -0, note: null },
      { at: at(2), id: null, code: 0, note: null },
      { at: at(9.999999), id: '', code: 0, note: null },
      { at: at(10), id: '', code: 0, note: null },
    ];
    expect(run([rows], {}).rows['out']).toEqual([rows[0], rows[2], rows[4]]);
  });

  test('[K6] a late row goes to late as it is', () => {
    const rows = [
      { at: at(60), id: 'a', code: null, note: null },
      { at: at(0), id: 'b', code: 1, note: { a: 1 } },
    ];
    expect(run([rows], {}).rows['late']).toEqual([rows[1]]);
  });

  test('[W5] keys are forgotten with their horizon', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({ at: at(i), id: `k${i}`, code: null, note: null }));
    const { inspected, pieces } = run([rows], {}, { batchSize: 100, barrierEvery: 3, open: true });
    expect((inspected as { state: { keys: number } }[])[0]!.state.keys).toBe(9);
    expect([...pieces.keys()].filter((key) => key.includes('keys/')).length).toBe(1);
  });

  test('problems', () => {
    const infer = (settings: object) =>
      definition.infer(definition.settings.parse(settings), [SCHEMA]).problems.map(({ code, field }) => [code, field]);
    expect(infer({})).toEqual([['missing_setting', 'by']]);
    expect(infer({ by: ['note'] })).toEqual([['wrong_type', 'by.0']]);
    expect(infer({ by: ['id'], horizon: '0s' })).toEqual([['wrong_setting', 'horizon']]);
  });
});
