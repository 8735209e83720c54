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
import { definition, type WindowJoinSettings } from './definition.ts';
import { operator } from './operator.ts';

function side(own: Schema['fields']): Schema {
  return {
    fields: [
      { name: 'key', type: 'text', nullable: true },
      { name: 'window_start', type: 'timestamp', nullable: false },
      { name: 'window_end', type: 'timestamp', nullable: false },
      ...own,
    ],
    mode: APPEND,
    keys: [],
    window: { sizeUs: 10 * SECOND_US, hopUs: 10 * SECOND_US },
    timed: true,
  };
}

const LEFT = side([
  { name: 'n', type: 'integer', nullable: true },
  { name: 'same', type: 'text', nullable: false },
]);
const RIGHT = side([
  { name: 'm', type: 'float', nullable: true },
  { name: 'same', type: 'text', nullable: false },
]);

function run(
  left: readonly (readonly JsonRow[])[],
  right: readonly (readonly JsonRow[])[],
  settings: object,
  options: RunOptions = {},
) {
  const parsed = definition.settings.parse({ on: ['key'], right_prefix: 'r_', ...settings });
  const inputs = [
    { schema: LEFT, partitions: left },
    { schema: RIGHT, partitions: right },
  ];
  return runOperator(definition as unknown as AnyDefinition, operator, parsed, inputs, options);
}

const bytes = (key: unknown): string => (key === null ? 'z' : `a${Buffer.from(key as string).toString('hex')}`);
const byBytes = (a: unknown, b: unknown): number => (bytes(a) < bytes(b) ? -1 : bytes(a) > bytes(b) ? 1 : 0);

/** J1 and J4 once more: nested loops over the rows that are on time. */
function naive(left: readonly PlacedRow[], right: readonly PlacedRow[], type: WindowJoinSettings['type']) {
  const out: { time: number; key: unknown; left: PlacedRow | undefined; right: PlacedRow | undefined; row: JsonRow }[] = [];
  const unmatched: typeof out = [];
  const joined = (a: PlacedRow | undefined, b: PlacedRow | undefined): (typeof out)[number] => {
    const own = (a ?? b)!.values;
    return {
      time: (a ?? b)!.time,
      key: own['key'],
      left: a,
      right: b,
      row: {
        key: own['key'],
        window_start: own['window_start'],
        window_end: own['window_end'],
        n: a?.values['n'] ?? null,
        same: a?.values['same'] ?? null,
        m: b?.values['m'] ?? null,
        r_same: b?.values['same'] ?? null,
      },
    };
  };
  const fits = (a: PlacedRow, b: PlacedRow): boolean =>
    a.values['key'] !== null && a.values['key'] === b.values['key'] && a.time === b.time;
  for (const a of left) {
    const partners = right.filter((b) => fits(a, b));
    for (const b of partners) out.push(joined(a, b));
    if (partners.length === 0) (type === 'left' || type === 'full' ? out : unmatched).push(joined(a, undefined));
  }
  for (const b of right) {
    if (!left.some((a) => fits(a, b))) (type === 'right' || type === 'full' ? out : unmatched).push(joined(undefined, b));
  }
  const order = (a: (typeof out)[number], b: (typeof out)[number]): number => {
    if (a.time !== b.time) return a.time - b.time;
    if (a.key !== b.key) return byBytes(a.key, b.key);
    if (a.left === undefined || b.left === undefined)
      return a.left === b.left ? inOrder(a.right!, b.right!) : a.left === undefined ? 1 : -1;
    return inOrder(a.left, b.left) || inOrder(a.right!, b.right!);
  };
  return { out: out.toSorted(order).map(({ row }) => row), unmatched: unmatched.toSorted(order).map(({ row }) => row) };
}

const row = fc.record({
  window: fc.integer({ min: 0, max: 5 }),
  key: fc.constantFrom('a', 'b', '\uffee', '\u{1f600}', '', null),
  value: fc.option(fc.integer({ min: -9, max: 9 })),
  same: fc.constantFrom('x', 'y'),
});
const partitions = fc.array(fc.array(row, { maxLength: 14 }), { minLength: 1, maxLength: 2 });
const windowed = (value: string) => (rows: readonly { window: number; key: string | null; value: number | null; same: string }[]) =>
  rows.map(({ window, key, value: n, same }) => ({
    key,
    window_start: at(window * 10),
    window_end: at(window * 10 + 10),
    [value]: n,
    same,
  }));

describe('window join', () => {
  test('[J1] [J4] nested loops, whatever the batches, epochs, restores and interleaving', () => {
    fc.assert(
      fc.property(
        partitions,
        partitions,
        fc.constantFrom('inner' as const, 'left' as const, 'right' as const, 'full' as const),
        ways,
        (a, b, type, way) => {
          const [left, right] = [a.map(windowed('n')), b.map(windowed('m'))];
          const latenessUs = 20 * SECOND_US;
          const result = run(left, right, { type }, { latenessUs, ...waysToOptions(way) });
          const [l, r] = [decided(LEFT, left, 0, latenessUs), decided(RIGHT, right, 1, latenessUs)];
          const expected = naive(l.onTime, r.onTime, type);
          expect(result.rows['out']).toEqual(expected.out);
          expect(result.rows['unmatched']).toEqual(expected.unmatched);
          expect(result.rows['late']).toHaveLength(l.late.length + r.late.length);
          const fallen = expected.unmatched.length;
          expect(result.ledger).toMatchObject({ late: l.late.length + r.late.length, filtered: fallen, held: 0, dead: 0 });
          expect([...result.pieces.keys()].filter((key) => key.includes('rows/'))).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('[J4] a late row keeps its side, its key and its window', () => {
    const early = { key: 'a', window_start: at(0), window_end: at(10), m: 1.5, same: 'x' };
    const later = { ...early, window_start: at(100), window_end: at(110) };
    const { rows } = run([[]], [[later, early]], {});
    expect(rows['late']).toEqual([{ key: 'a', window_start: at(0), window_end: at(10), n: null, same: null, m: 1.5, r_same: 'x' }]);
  });

  test('rows wait for the slower side, and the wait is held', () => {
    const left = [0, 10, 20].map((second) => ({
      key: 'a',
      window_start: at(second),
      window_end: at(second + 10),
      n: second,
      same: 'x',
    }));
    const right = [0].map((second) => ({ key: 'a', window_start: at(second), window_end: at(second + 10), m: second, same: 'x' }));
    const { ledger, rows } = run([left], [right], {}, { open: true });
    expect(rows['out']).toEqual([]);
    expect(ledger).toMatchObject({ in: 4, held: 4, used: 0 });
  });

  test('[J1] problems: no window, other windows, missing and differing keys, hidden columns', () => {
    const infer = (settings: object, left: Schema = LEFT, right: Schema = RIGHT) =>
      definition
        .infer(definition.settings.parse({ on: ['key'], right_prefix: 'r_', ...settings }), [left, right])
        .problems.map(({ code, field }) => [code, field]);
    expect(infer({})).toEqual([]);
    expect(infer({}, { ...LEFT, window: undefined })).toEqual([['needs_window', undefined]]);
    expect(infer({}, { ...LEFT, window: { sizeUs: 10 * SECOND_US, hopUs: SECOND_US } })).toEqual([['windows_differ', undefined]]);
    expect(infer({ on: ['kee'] })).toEqual([['unknown_field', 'on.0']]);
    expect(infer({ right_prefix: '' })).toEqual([['duplicate_column', 'right_prefix']]);
    const numbers: Schema = {
      ...RIGHT,
      fields: RIGHT.fields.map((own) => (own.name === 'key' ? { ...own, type: 'integer' } : own)),
    };
    expect(infer({}, LEFT, numbers)).toEqual([['wrong_type', 'on.0']]);
  });

  test('[K9] keys of the output: one row a window on both sides, or on the right of an inner or left join', () => {
    const keys = (left: readonly (readonly string[])[], right: readonly (readonly string[])[], type: string) =>
      definition.infer(definition.settings.parse({ type, on: ['key'], right_prefix: 'r_' }), [
        { ...LEFT, keys: left },
        { ...RIGHT, keys: right },
      ]).outputs![0]!.keys;
    const single = [['key', 'window_start', 'window_end']];
    expect(keys(single, single, 'full')).toEqual(single);
    expect(keys([['n']], single, 'left')).toEqual([['n']]);
    expect(keys([['n']], single, 'full')).toEqual([]);
    expect(keys(single, [['m']], 'inner')).toEqual([]);
  });
});
