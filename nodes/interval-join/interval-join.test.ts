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
import { definition } from './definition.ts';
import { operator } from './operator.ts';

function side(time: string, value: string): Schema {
  return {
    fields: [
      { name: time, type: 'timestamp', nullable: false },
      { name: 'key', type: 'text', nullable: true },
      { name: value, type: 'integer', nullable: false },
    ],
    mode: APPEND,
    keys: [],
    window: undefined,
    timed: true,
  };
}

const LEFT = side('at', 'n');
const RIGHT = side('later', 'm');

function run(
  left: readonly (readonly JsonRow[])[],
  right: readonly (readonly JsonRow[])[],
  settings: object,
  options: RunOptions = {},
) {
  const parsed = definition.settings.parse({ on: ['key'], ...settings });
  const inputs = [
    { schema: LEFT, partitions: left },
    { schema: RIGHT, partitions: right },
  ];
  return runOperator(definition as unknown as AnyDefinition, operator, parsed, inputs, options);
}

/** J2 and J4 once more: nested loops over the rows that are on time. */
function naive(left: readonly PlacedRow[], right: readonly PlacedRow[], before: number, after: number, keepLeft: boolean) {
  const fits = (a: PlacedRow, b: PlacedRow): boolean =>
    a.values['key'] !== null && a.values['key'] === b.values['key'] && b.time >= a.time - before && b.time <= a.time + after;
  const key = (row: PlacedRow): string => (row.values['key'] === null ? 'z' : `a${row.values['key'] as string}`);
  const joined = (a: PlacedRow | undefined, b: PlacedRow | undefined): JsonRow => ({
    at: a?.values['at'] ?? null,
    key: (a ?? b)!.values['key'],
    n: a?.values['n'] ?? null,
    later: b?.values['later'] ?? null,
    m: b?.values['m'] ?? null,
  });
  const out: JsonRow[] = [];
  const fallenLeft: JsonRow[] = [];
  const order = (a: PlacedRow, b: PlacedRow): number =>
    a.time - b.time || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) || inOrder(a, b);
  for (const a of left.toSorted(order)) {
    const partners = right.filter((b) => fits(a, b)).toSorted(inOrder);
    out.push(...partners.map((b) => joined(a, b)));
    if (partners.length === 0) (keepLeft ? out : fallenLeft).push(joined(a, undefined));
  }
  const fallenRight = right.filter((b) => !left.some((a) => fits(a, b))).map((b) => joined(undefined, b));
  return { out, fallenLeft, fallenRight };
}

const row = fc.record({
  second: fc.integer({ min: 0, max: 40 }),
  key: fc.constantFrom('a', 'b', null),
  value: fc.integer({ min: 0, max: 99 }),
});
const partitions = fc.array(fc.array(row, { maxLength: 14 }), { minLength: 1, maxLength: 2 });
const rowsOf = (time: string, value: string) => (rows: readonly { second: number; key: string | null; value: number }[]) =>
  rows.map((own) => ({ [time]: at(own.second), key: own.key, [value]: own.value }));
const text = (rows: readonly JsonRow[]): string[] => rows.map((own) => JSON.stringify(own)).sort();

describe('interval join', () => {
  test('[J2] [J4] nested loops, whatever the batches, epochs, restores and interleaving', () => {
    const arbitrary = fc.record({
      a: partitions,
      b: partitions,
      type: fc.constantFrom('inner' as const, 'left' as const),
      before: fc.constantFrom(0, 3),
      after: fc.constantFrom(0, 1, 5),
      way: ways,
    });
    fc.assert(
      fc.property(arbitrary, ({ a, b, type, before, after, way }) => {
        const [left, right] = [a.map(rowsOf('at', 'n')), b.map(rowsOf('later', 'm'))];
        const latenessUs = 15 * SECOND_US;
        const result = run(left, right, { type, before: `${before}s`, after: `${after}s` }, { latenessUs, ...waysToOptions(way) });
        const [l, r] = [decided(LEFT, left, 0, latenessUs), decided(RIGHT, right, 1, latenessUs)];
        const expected = naive(l.onTime, r.onTime, before * SECOND_US, after * SECOND_US, type === 'left');
        expect(result.rows['out']).toEqual(expected.out);
        expect(text(result.rows['unmatched']!)).toEqual(text([...expected.fallenLeft, ...expected.fallenRight]));
        const filtered = expected.fallenLeft.length + expected.fallenRight.length;
        expect(result.ledger).toMatchObject({ late: l.late.length + r.late.length, filtered, held: 0, dead: 0 });
        expect([...result.pieces.keys()].filter((key) => key.includes('rows/'))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('[J2] what is sent is never behind the watermark the node has sent: its event time is left + after', () => {
    const left = [0, 5].map((second) => ({ at: at(second), key: 'a', n: second }));
    const right = [3, 60].map((second) => ({ later: at(second), key: 'a', m: second }));
    const { rows, times } = run([left], [right], { after: '10s' });
    expect(rows['out']!.map((own) => [own['n'], own['m']])).toEqual([[0, 3]]);
    expect(times['out']!.map((time) => (time - times['out']![0]!) / SECOND_US)).toEqual([0]);
    expect(rows['unmatched']!.map((own) => [own['n'], own['m']])).toEqual([
      [5, null],
      [null, 60],
    ]);
  });

  test('[J2] state goes when the watermark has passed the bound', () => {
    const many = Array.from({ length: 1000 }, (_, i) => i);
    const left = many.map((second) => ({ at: at(second), key: `k${second % 3}`, n: second }));
    const right = many.map((second) => ({ later: at(second), key: 'none', m: second }));
    const { inspected, pieces } = run(
      [left],
      [right],
      { before: '2s', after: '3s' },
      { batchSize: 10, barrierEvery: 5, open: true },
    );
    expect((inspected as { state: object }[])[0]!.state).toEqual({ left: 9, right: 6 });
    expect([...pieces.keys()].filter((key) => key.includes('rows/')).length).toBe(2);
  });

  test('problems', () => {
    const infer = (settings: object, right = RIGHT) =>
      definition
        .infer(definition.settings.parse({ on: ['key'], ...settings }), [LEFT, right])
        .problems.map(({ code, field }) => [code, field]);
    expect(infer({})).toEqual([]);
    expect(infer({}, { ...RIGHT, timed: false })).toEqual([['needs_event_time', undefined]]);
    expect(infer({ on: [] })).toEqual([['duplicate_column', 'right_prefix']]);
  });
});
