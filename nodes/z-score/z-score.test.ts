import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { runOperator, type RunOptions } from '../../tests/conformance/support/operator-run.ts';
import { at, decided, SECOND_US, ways, waysToOptions } from '../../tests/conformance/support/random-rows.ts';
import type { JsonRow } from '../../tests/conformance/support/row-batch.ts';
import { definition } from './definition.ts';
import { operator } from './operator.ts';

const RAW: Schema = {
  fields: [
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'key', type: 'text', nullable: true },
    { name: 'x', type: 'float', nullable: true },
    { name: 'note', type: 'text', nullable: true },
  ],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: true,
};

/** Hopping windows of 60 s every 10 s by key. */
const WINDOWED: Schema = {
  fields: [
    { name: 'key', type: 'text', nullable: false },
    { name: 'window_start', type: 'timestamp', nullable: false },
    { name: 'window_end', type: 'timestamp', nullable: false },
    { name: 'x', type: 'float', nullable: true },
  ],
  mode: APPEND,
  keys: [['key', 'window_start', 'window_end']],
  window: { sizeUs: 60 * SECOND_US, hopUs: 10 * SECOND_US },
  timed: true,
};

function run(
  schema: Schema,
  partitions: readonly (readonly JsonRow[])[],
  settings: Record<string, unknown>,
  options: RunOptions = {},
) {
  const parsed = definition.settings.parse({ field: 'x', ...settings });
  return runOperator(definition as unknown as AnyDefinition, operator, parsed, [{ schema, partitions }], options);
}

/** Z1–Z5 once more, row by row from the whole past of the key. */
function naive(
  rows: readonly JsonRow[],
  options: { k: number; baseline: number; min: number; threshold: number; exclude: boolean },
) {
  const past = new Map<string, { x: number | null; anomaly: boolean }[]>();
  return rows.map((row) => {
    const key = String(row['key']);
    const before = past.get(key) ?? [];
    past.set(key, before);
    const sample: number[] = [];
    for (let n = before.length - options.k; n >= options.k - 1 && sample.length < options.baseline; n -= options.k) {
      const { x, anomaly } = before[n]!;
      if (x !== null && !(options.exclude && anomaly)) sample.unshift(x);
    }
    const x = row['x'] as number | null;
    let [z, mean, stddev]: [number | null, number | null, number | null] = [null, null, null];
    if (sample.length >= options.min) {
      mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
      const center = mean;
      stddev = Math.sqrt(sample.reduce((sum, value) => sum + (value - center) * (value - center), 0) / sample.length);
      if (x !== null) z = (x - mean) / Math.max(stddev, 0.01 * Math.abs(mean), 1e-9);
    }
    const anomaly = z !== null && Math.abs(z) > options.threshold;
    before.push({ x, anomaly });
    return { ...row, z_score: z, baseline_mean: mean, baseline_stddev: stddev, threshold: options.threshold, is_anomaly: anomaly };
  });
}

const value = fc.option(
  fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 })),
  {
    freq: 8,
  },
);
const rawRow = fc
  .record({
    second: fc.integer({ min: 0, max: 40 }),
    key: fc.constantFrom('a', 'b', '', null),
    x: value,
    note: fc.constantFrom('n', 'ü', null),
  })
  .map(({ second, key, x, note }) => ({ at: at(second), key, x: Object.is(x, -0) ? 0 : x, note }));

describe('z-score', () => {
  test('[Z1] rows in event-time order, the current one excluded: the naive reference, whatever the batches, epochs and restores', () => {
    const arbitrary = fc.record({
      partitions: fc.array(fc.array(rawRow, { maxLength: 25 }), { minLength: 1, maxLength: 3 }),
      exclude: fc.boolean(),
      baseline: fc.integer({ min: 2, max: 6 }),
      way: ways,
    });
    fc.assert(
      fc.property(arbitrary, ({ partitions, exclude, baseline, way }) => {
        const latenessUs = 15 * SECOND_US;
        const settings = { by: ['key'], baseline, min_samples: 2, threshold: 1.5, exclude_anomalies: exclude };
        const result = run(RAW, partitions, settings, { latenessUs, ...waysToOptions(way) });
        const { onTime, late } = decided(RAW, partitions, 0, latenessUs);
        const rows = onTime.map((row) => row.values);
        const expected = naive(rows, { k: 1, baseline, min: 2, threshold: 1.5, exclude });
        expect(result.rows['out']).toEqual(expected);
        expect(result.rows['anomalies']).toEqual(expected.filter((row) => row.is_anomaly));
        expect(result.ledger).toMatchObject({ in: onTime.length + late.length, late: late.length, held: 0, filtered: 0, dead: 0 });
        expect([...result.pieces.keys()].filter((key) => key.includes('rows/'))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('[Z2] after hopping windows: every k-th row, the first k − 1 windows of a key stay out', () => {
    const arbitrary = fc.record({
      xs: fc.array(fc.record({ a: value, b: value, hasB: fc.boolean() }), { maxLength: 60 }),
      thin: fc.boolean(),
      way: ways,
    });
    fc.assert(
      fc.property(arbitrary, ({ xs, thin, way }) => {
        const rows = xs.flatMap(({ a, b, hasB }, i) =>
          [['a', a] as const, ...(hasB ? [['b', b] as const] : [])].map(([key, x]) => ({
            key,
            window_start: at(i * 10 - 50),
            window_end: at(i * 10 + 10),
            x: Object.is(x, -0) ? 0 : x,
          })),
        );
        const settings = { by: ['key'], baseline: 4, min_samples: 2, threshold: 1.5, thin };
        const expected = naive(rows, { k: thin ? 6 : 1, baseline: 4, min: 2, threshold: 1.5, exclude: false });
        const ordered = run(WINDOWED, [rows], settings, waysToOptions(way));
        expect(ordered.rows['out']).toEqual(expected);
        const held = run({ ...WINDOWED, keys: [] }, [rows], settings, waysToOptions(way));
        expect(held.rows['out']).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('[Z1] NULL until min_samples; eleven equal rows and a spike', () => {
    const rows = [...Array.from({ length: 10 }, () => 5), 5, 6].map((x, i) => ({ at: at(i), key: 'a', x, note: null }));
    const zs = run(RAW, [rows], { by: ['key'] }).rows['out']!.map((row) => row['z_score']);
    expect(zs).toEqual([...Array.from({ length: 10 }, () => null), 0, 20]);
  });

  test('[Z3] the spread is at least min_stddev', () => {
    const rows = [1, 1, 2].map((x, i) => ({ at: at(i), key: 'a', x, note: null }));
    const z = (min_stddev: string) => run(RAW, [rows], { min_samples: 2, min_stddev }).rows['out']!.at(-1)!['z_score'];
    expect([z(''), z('0.5'), z('1e-3')]).toEqual([100, 2, 1000]);
  });

  test('[Z4] direction and onset', () => {
    const rows = [0, 1, 0, 1, 9, 9.5, -50, -40, 0.5].map((x, i) => ({ at: at(i), key: 'a', x, note: null }));
    const anomalies = (settings: Record<string, unknown>) =>
      run(RAW, [rows], { min_samples: 4, baseline: 4, exclude_anomalies: true, ...settings }).rows['anomalies']!.map(
        (row) => row['x'],
      );
    expect(anomalies({})).toEqual([9, 9.5, -50, -40]);
    expect(anomalies({ direction: 'high' })).toEqual([9, 9.5]);
    expect(anomalies({ direction: 'low' })).toEqual([-50, -40]);
    expect(anomalies({ report: 'onset' })).toEqual([9]);
  });

  test('[Z4] the columns carry a prefix, so that two scores of one row stand beside each other', () => {
    const rows = [1, 3, 2].map((x, i) => ({ at: at(i), key: 'a', x, note: null }));
    expect(run(RAW, [rows], { min_samples: 2, prefix: 'chat_' }).rows['out']!.at(-1)).toEqual({
      ...rows[2],
      chat_z_score: 0,
      chat_baseline_mean: 2,
      chat_baseline_stddev: 1,
      chat_threshold: 3,
      chat_is_anomaly: false,
    });
  });

  test('[Z5] an anomaly enters the later baselines, unless it is told to stay out', () => {
    const rows = [0, 2, 0, 2, 50, 1].map((x, i) => ({ at: at(i), key: 'a', x, note: null }));
    const last = (exclude_anomalies: boolean) =>
      run(RAW, [rows], { min_samples: 4, baseline: 4, exclude_anomalies }).rows['out']!.at(-1)!;
    expect(last(false)).toMatchObject({ baseline_mean: (2 + 0 + 2 + 50) / 4 });
    expect(last(true)).toMatchObject({ baseline_mean: 1, baseline_stddev: 1, z_score: 0 });
  });

  test('[Z6] sums that cancel, huge and tiny numbers stay exact or become a dead letter', () => {
    const huge = [1e308, -1e308, 1e308, -1e308, 0, 1].map((x, i) => ({ at: at(i), key: 'a', x, note: null }));
    const result = run(RAW, [huge], { min_samples: 2, baseline: 4 });
    expect(result.dead).toEqual([]);
    expect(result.rows['out']!.map((row) => row['z_score'])).toEqual([
      null,
      null,
      expect.closeTo(1),
      expect.closeTo(-4 / Math.sqrt(8)),
      0,
      expect.closeTo(0.30151134457776363, 12),
    ]);
    const jump = [0, 0, 1e300, 5].map((x, i) => ({ at: at(i), key: 'a', x, note: null }));
    const dead = run(RAW, [jump], { min_samples: 2, baseline: 4 });
    expect(dead.dead.map(({ code }) => code)).toEqual(['float_out_of_range']);
    expect(dead.ledger).toMatchObject({ in: 4, used: 3, dead: 1 });
    const offset = [1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 2].map((x, i) => ({ at: at(i), key: 'a', x, note: null }));
    expect(run(RAW, [offset], { min_samples: 3, min_stddev: '0.1' }).rows['out']!.at(-1)).toMatchObject({
      baseline_stddev: Math.sqrt(2 / 3),
      z_score: 0,
    });
  });

  test('[Z2] a key that was silent for longer than forget_after starts anew, and its memory goes', () => {
    const row = (second: number, key: string) => ({ at: at(second), key, x: second % 7, note: null });
    const rows = [...Array.from({ length: 12 }, (_, i) => row(i, 'a')), row(100, 'b'), row(101, 'a'), row(300, 'b')];
    const settings = { by: ['key'], min_samples: 2, forget_after: '60s' };
    const result = run(RAW, [rows], settings, { batchSize: 1, barrierEvery: 1, open: true });
    expect(result.rows['out']!.filter((out) => out['key'] === 'a').map((out) => out['z_score'] === null)).toEqual([
      true,
      true,
      ...Array.from({ length: 10 }, () => false),
      true,
    ]);
    expect((result.inspected as { state: { keys: number } }[])[0]!.state.keys).toBe(0);
    expect([...result.pieces.keys()].filter((key) => key.includes('keys/'))).toEqual([]);
  });

  test('problems name the setting', () => {
    const infer = (settings: Record<string, unknown>, schema = RAW) =>
      definition
        .infer(definition.settings.parse({ field: 'x', ...settings }), [schema])
        .problems.map(({ code, field }) => [code, field]);
    expect(infer({ field: 'note' })).toEqual([['wrong_type', 'field']]);
    expect(infer({ by: ['key', 'kye'] })).toEqual([['unknown_field', 'by.1']]);
    expect(infer({ min_samples: 40 })).toEqual([['wrong_setting', 'min_samples']]);
    expect(infer({}, { ...RAW, timed: false })).toEqual([['needs_event_time', undefined]]);
    expect(infer({}, { ...RAW, fields: [...RAW.fields, { name: 'z_score', type: 'float', nullable: true }] })).toEqual([
      ['duplicate_column', 'prefix'],
    ]);
    expect(infer({}, WINDOWED)).toEqual([['several_rows_a_window', 'by']]);
  });
});
