import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { runOperator, type RunOptions } from '../../tests/conformance/support/operator-run.ts';
import {
  at,
  decided,
  inOrder,
  SECOND_US,
  ways,
  waysToOptions,
  type PlacedRow,
} from '../../tests/conformance/support/random-rows.ts';
import type { JsonRow } from '../../tests/conformance/support/row-batch.ts';
import { definition, type TopNSettings } from './definition.ts';
import { operator } from './operator.ts';

const SCHEMA: Schema = {
  fields: [
    { name: 'group', type: 'text', nullable: true },
    { name: 'name', type: 'text', nullable: false },
    { name: 'window_start', type: 'timestamp', nullable: false },
    { name: 'window_end', type: 'timestamp', nullable: false },
    { name: 'n', type: 'integer', nullable: true },
  ],
  mode: APPEND,
  keys: [['group', 'name', 'window_start', 'window_end']],
  window: { sizeUs: 10 * SECOND_US, hopUs: 10 * SECOND_US },
  timed: true,
};

function run(partitions: readonly (readonly JsonRow[])[], settings: Partial<TopNSettings>, options: RunOptions = {}) {
  const parsed = definition.settings.parse({ order: [{ field: 'n', direction: 'desc' }], ...settings });
  return runOperator(definition as unknown as AnyDefinition, operator, parsed, [{ schema: SCHEMA, partitions }], options);
}

/** Keys as PostgreSQL orders them, by repeated selection of the least. */
function naive(rows: readonly PlacedRow[], n: number, by: boolean, descending: boolean): JsonRow[] {
  const nullLast = (a: unknown, b: unknown): number =>
    a === b
      ? 0
      : a === null
        ? 1
        : b === null
          ? -1
          : typeof a === 'string'
            ? Buffer.compare(Buffer.from(a), Buffer.from(b as string))
            : (a as number) - (b as number);
  const out: JsonRow[] = [];
  for (const time of [...new Set(rows.map((row) => row.time))].toSorted((a, b) => a - b)) {
    const window = rows.filter((row) => row.time === time);
    const groups = [...new Set(window.map((row) => (by ? (row.values['group'] as string | null) : null)))].toSorted(nullLast);
    for (const group of groups) {
      const order = (a: PlacedRow, b: PlacedRow): number =>
        (descending ? -1 : 1) * nullLast(a.values['n'], b.values['n']) ||
        nullLast(a.values['group'], b.values['group']) ||
        nullLast(a.values['name'], b.values['name']) ||
        inOrder(a, b);
      out.push(
        ...window
          .filter((row) => !by || row.values['group'] === group)
          .toSorted(order)
          .slice(0, n)
          .map((row) => row.values),
      );
    }
  }
  return out;
}

const row = fc
  .record({
    window: fc.integer({ min: 0, max: 3 }),
    group: fc.constantFrom('a', 'b', 'é', null),
    name: fc.constantFrom('x', 'y', '\uffee', '\u{1f600}'),
    n: fc.option(fc.integer({ min: -2, max: 2 })),
  })
  .map(({ window, group, name, n }) => ({ group, name, window_start: at(window * 10), window_end: at(window * 10 + 10), n }));

describe('top n', () => {
  test('[K7] the naive reference, whatever the batches, epochs, restores and interleaving', () => {
    const arbitrary = fc.record({
      partitions: fc.array(fc.array(row, { maxLength: 20 }), { minLength: 1, maxLength: 2 }),
      n: fc.integer({ min: 1, max: 4 }),
      by: fc.boolean(),
      descending: fc.boolean(),
      way: ways,
    });
    fc.assert(
      fc.property(arbitrary, ({ partitions, n, by, descending, way }) => {
        const latenessUs = 15 * SECOND_US;
        const settings: Partial<TopNSettings> = {
          n,
          by: by ? ['group'] : [],
          order: [{ field: 'n', direction: descending ? 'desc' : 'asc' }],
        };
        const result = run(partitions, settings, { latenessUs, ...waysToOptions(way) });
        const { onTime, late } = decided(SCHEMA, partitions, 0, latenessUs);
        const expected = naive(onTime, n, by, descending);
        expect(result.rows['out']).toEqual(expected);
        expect(result.ledger).toMatchObject({
          late: late.length,
          used: expected.length,
          filtered: onTime.length - expected.length,
          held: 0,
        });
      }),
      { numRuns: 1000 },
    );
  });

  test('problems', () => {
    const infer = (settings: object, schema = SCHEMA) =>
      definition.infer(definition.settings.parse(settings), [schema]).problems.map(({ code, field }) => [code, field]);
    expect(infer({})).toEqual([['missing_setting', 'order']]);
    expect(infer({ order: [{ field: 'm', direction: 'asc' }] })).toEqual([['unknown_field', 'order.0.field']]);
    expect(infer({ order: [{ field: 'n', direction: 'asc' }] }, { ...SCHEMA, window: undefined })).toEqual([
      ['needs_window', undefined],
    ]);
  });
});
