import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../engine/expression/expression.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { formatTimestamp } from '../../engine/model/timestamp.ts';
import type { OperatorModule } from '../../engine/stream/operator.ts';
import { at } from '../../tests/conformance/support/random-rows.ts';
import { runOperator, type RunOptions, type RunResult } from '../../tests/conformance/support/operator-run.ts';
import type { JsonRow } from '../../tests/conformance/support/row-batch.ts';
import { definition } from './definition.ts';
import { operator } from './operator.ts';

beforeAll(loadParser);

const schema: Schema = {
  fields: [
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'name', type: 'text', nullable: true },
    { name: 'n', type: 'integer', nullable: true },
  ],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: true,
};

function row(second: number, name: string | null, n: number | null = 1): JsonRow {
  return { at: at(second), name, n };
}

function run(
  settings: Readonly<Record<string, unknown>>,
  partitions: readonly (readonly JsonRow[])[],
  options: RunOptions = {},
): RunResult {
  const parsed = definition.settings.parse(settings);
  return runOperator(
    definition as unknown as AnyDefinition,
    operator as unknown as OperatorModule<never>,
    parsed,
    [{ schema, partitions }],
    options,
  );
}

function problems(settings: Readonly<Record<string, unknown>>, input: Schema | undefined = schema): string[] {
  return definition
    .infer(definition.settings.parse(settings), [input])
    .problems.map(({ code, field }) => `${code} ${field ?? ''}`.trim());
}

const sum = [{ name: 'total', expression: 'sum(n)' }];

describe('window', () => {
  test('[X4] a sum beyond ±(2^53 − 1) is a dead letter of its group; other groups leave', () => {
    const { rows, dead } = run({ by: ['name'], columns: sum }, [
      [row(1, 'a', Number.MAX_SAFE_INTEGER), row(2, 'a'), row(3, 'b', 2)],
    ]);
    expect(dead.map(({ code }) => code)).toEqual(['integer_out_of_range']);
    expect(rows['out']!.map(({ name, total }) => [name, total])).toEqual([['b', 2]]);
  });

  test('[X3] a row whose argument cannot be computed leaves no trace; FILTER is asked first', () => {
    const columns = [
      { name: 'rows', expression: 'count(*)' },
      { name: 'part', expression: 'sum(6 / n) FILTER (WHERE name IS NOT NULL)' },
    ];
    const { rows, dead, ledger } = run({ columns }, [[row(1, 'a', 2), row(2, null, 0), row(3, 'a', 0)]]);
    expect(dead.map(({ code }) => code)).toEqual(['division_by_zero']);
    expect(rows['out']).toMatchObject([{ rows: 2, part: 3 }]);
    expect(ledger).toMatchObject({ in: 3, used: 2, dead: 1 });
  });

  test('[W3] rows leave by window end, then key bytes, NULL last', () => {
    const { rows } = run({ by: ['name'], columns: sum }, [[row(70, 'b')], [row(1, null), row(2, 'b'), row(3, 'Z'), row(4, 'ä')]], {
      latenessUs: 2e8,
    });
    expect(rows['out']!.map(({ name, window_end }) => [window_end, name])).toEqual([
      [at(60), 'Z'],
      [at(60), 'b'],
      [at(60), 'ä'],
      [at(60), null],
      [at(120), 'b'],
    ]);
  });

  test('[W4] updates bring only what was touched since the last epoch, and the final row', () => {
    const settings = { window: { kind: 'tumbling', size: '10s' }, by: ['name'], columns: sum };
    const many = Array.from({ length: 300 }, (_, i) => row(1, `k${i}`));
    const { rows } = run(settings, [[...many, row(2, 'k7'), row(15, 'k0')]], { batchSize: 300, barrierEvery: 1, open: true });
    const updates = rows['updates']!.map(({ name, total, window_end }) => [name, total, window_end]);
    expect(updates.slice(0, 300).every(([, total]) => total === 1)).toBe(true);
    // the second batch closes the first window: all its rows are final, then the new window's one
    expect(updates.slice(300)).toHaveLength(301);
    expect(updates.slice(300).find(([name]) => name === 'k7')).toEqual(['k7', 2, at(10)]);
    expect(updates.at(-1)).toEqual(['k0', 1, at(20)]);
  });

  test('[W5] too many keys end the run, or are collected under __other__', () => {
    const keys = [row(1, 'a'), row(2, 'b'), row(3, 'c', 5), row(4, 'a'), row(5, 'd', 7)];
    const limits = { keys: 2, bytes: 536_870_912 };
    expect(() => run({ by: ['name'], columns: sum, limits: { ...limits, policy: 'fail' } }, [keys], { open: true })).toThrow(
      /more than its limit of 2/,
    );
    const { rows } = run({ by: ['name'], columns: sum, limits: { ...limits, policy: 'other' } }, [keys]);
    expect(rows['out']!.map(({ name, total }) => [name, total])).toEqual([
      ['__other__', 12],
      ['a', 2],
      ['b', 1],
    ]);
  });

  test('[W5] keys and slots are given back with the last window that needs them', () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => row(i / 100, `key ${i}`));
    const { stateBytes, pieces } = run({ window: { kind: 'tumbling', size: '10s' }, by: ['name'], columns: sum }, [rows], {
      batchSize: 1000,
    });
    expect(stateBytes).toBeLessThan(8 * 1024 * 1024);
    expect([...pieces.keys()].map((key) => key.split('|')[1])).toEqual(['progress']);
  });

  test('[T3] [W1] a row behind its watermark does not reach back into a session that has ended: it begins a new one', () => {
    const rows = [row(0, 'a'), row(16, 'b'), row(9, 'a'), row(5, 'a')];
    const { rows: out, ledger } = run({ window: { kind: 'session', gap: '10s' }, by: ['name'], columns: sum }, [rows]);
    expect(out['out']!.map(({ name, window_start, window_end, total }) => [name, window_start, window_end, total])).toEqual([
      ['a', at(0), at(10), 1],
      ['a', at(9), at(19), 1],
      ['b', at(16), at(26), 1],
    ]);
    expect(ledger.late).toBe(1);
  });

  test('[T5] windows are aligned to the epoch and half-open; a row carries the microsecond before the end', () => {
    // 2026-01-01T00:00:00Z is 1,767,225,600 s, which is 8 more than a multiple of 11
    const rows = [row(2.999999, 'a', 1), row(3, 'a', 10), row(13.999999, 'a', 100), row(14, 'a', 1000)];
    const window = { kind: 'tumbling', size: '11s' };
    const result = run({ window, columns: sum }, [rows]);
    expect(result.rows['out']).toEqual([
      { window_start: at(-8), window_end: at(3), total: 1 },
      { window_start: at(3), window_end: at(14), total: 110 },
      { window_start: at(14), window_end: at(25), total: 1000 },
    ]);
    expect(result.times['out']!.map((time) => formatTimestamp(time))).toEqual([at(2.999999), at(13.999999), at(24.999999)]);
    const inferred = (settings: object): unknown =>
      definition.infer(definition.settings.parse(settings), [schema]).outputs!.map((output) => output.window);
    const [tumbling, hopping] = [
      { sizeUs: 11e6, hopUs: 11e6 },
      { sizeUs: 60e6, hopUs: 10e6 },
    ];
    expect(inferred({ window })).toEqual([tumbling, tumbling, undefined]);
    expect(inferred({ window: { kind: 'hopping', size: '1m', every: '10s' } })).toEqual([hopping, hopping, undefined]);
    expect(inferred({ window: { kind: 'session', gap: '1m' } })).toEqual([undefined, undefined, undefined]);
  });

  test('[W1] running: no window, one row per key that replaces the one before, until the key has been silent for its time', () => {
    const settings = { window: { kind: 'running', ttl: '10s' }, by: ['name'], columns: sum };
    const rows = [row(1, 'a', 1), row(2, 'b', 20), row(10.999999, 'a', 2), row(12, 'a', 3), row(22, 'b', 30), row(23, 'a', 4)];
    const result = run(settings, [rows], { batchSize: 1, barrierEvery: 1 });
    expect(Object.keys(result.rows)).toEqual(['updates']);
    // b had its last row at 2 s and is forgotten at 12 s, a at 22 s
    expect(result.rows['updates']).toEqual([
      { name: 'a', total: 1 },
      { name: 'b', total: 20 },
      { name: 'a', total: 3 },
      { name: 'a', total: 6 },
      { name: 'b', total: 30 },
      { name: 'a', total: 4 },
    ]);
    const [output] = definition.infer(definition.settings.parse(settings), [schema]).outputs!;
    expect(output).toMatchObject({ mode: { kind: 'updates', key: ['name'] }, window: undefined });
  });

  test('[W6] a group gets rows for windows without any, so many as set, up to the newest window of any group', () => {
    const settings = { window: { kind: 'tumbling', size: '10s' }, by: ['name'], columns: sum, fill_gaps: 2 };
    const rows = [row(1, 'a'), row(35, 'b'), row(42, 'b'), row(75, 'a')];
    const expected = [
      [10, 'a', 1],
      [20, 'a', null],
      [30, 'a', null],
      [40, 'b', 1],
      [50, 'b', 1],
      [60, 'b', null],
      [70, 'b', null],
      [80, 'a', 1],
    ].map(([end, name, total]) => [at(end as number), name, total]);
    for (const options of [{}, { batchSize: 1 }, { batchSize: 1, barrierEvery: 1, restore: true }]) {
      const { rows: out } = run(settings, [rows], options);
      expect(out['out']!.map(({ name, window_end, total }) => [window_end, name, total])).toEqual(expected);
    }
    expect(run({ ...settings, fill_gaps: 0 }, [rows]).rows['out']).toHaveLength(4);
    expect(definition.settings.safeParse({ fill_gaps: 1_441 }).success).toBe(false);
  });

  test.each([
    ['tumbling', { kind: 'tumbling', size: '1m' }],
    ['session', { kind: 'session', gap: '5s' }],
  ])('[W2] final rows whose array was cut are counted (%s)', (_kind, window) => {
    const columns = [{ name: 'names', expression: 'array_agg(name, 2)' }];
    const rows = [row(1, 'a'), row(2, 'b'), row(3, 'c'), row(70, 'd'), row(71, 'e')];
    const { inspected, rows: sent } = run({ window, columns }, [rows]);
    expect(sent['out']!.map(({ names }) => names)).toEqual([
      ['a', 'b'],
      ['d', 'e'],
    ]);
    const state = (result: unknown) => (result as readonly { state: object }[])[0]!.state;
    expect(state(inspected)).toMatchObject({ cutArrays: 1 });
    expect(state(run({ window, columns: sum }, [rows]).inspected)).not.toHaveProperty('cutArrays');
  });

  test('inspect shows open windows, oldest first', () => {
    const { inspected } = run(
      { window: { kind: 'tumbling', size: '10s' }, by: ['name'], columns: sum },
      [[row(1, 'a'), row(2, 'b'), row(15, 'a')]],
      {
        open: true,
        latenessUs: 60e6,
      },
    );
    const [final] = inspected as { state: { open: number; windows: unknown[] } }[];
    expect(final!.state).toMatchObject({ open: 2, keys: 2 });
    expect(final!.state.windows).toMatchObject([
      { keys: 2, rows: 2, fraction: 1 },
      { keys: 1, rows: 1, fraction: 0.5 },
    ]);
  });

  test('says what is wrong with its settings', () => {
    expect(problems({ window: { kind: 'hopping', size: '10s', every: '1m' } })).toEqual(['wrong_setting window.every']);
    expect(problems({ window: { kind: 'hopping', size: '7d', every: '7s' } })).toEqual(['wrong_setting window.every']);
    expect(problems({ window: { kind: 'tumbling', size: '0s' } })).toEqual(['wrong_setting window.size']);
    expect(problems({ window: { kind: 'running', ttl: '' } })).toEqual(['unbounded_state window.ttl']);
    expect(problems({ window: { kind: 'session', gap: '1m' }, fill_gaps: 3 })).toEqual(['wrong_setting fill_gaps']);
    expect(problems({}, { ...schema, timed: false })).toEqual(['needs_event_time']);
    expect(problems({ by: ['nme', 'name', 'name'], columns: [{ name: 'name', expression: 'count(*)' }] })).toEqual([
      'unknown_field by.0',
      'duplicate_column by.2',
      'duplicate_column columns.0.name',
    ]);
    expect(problems({ columns: [{ name: 'x', expression: 'sum(name)' }] })).toEqual(['type_mismatch columns.0.expression']);
  });

  test('captions', () => {
    const caption = (window: unknown): string => definition.caption(definition.settings.parse({ window }));
    expect(caption({ kind: 'hopping', size: '1m', every: '10s' })).toBe('1 min every 10 s');
    expect(caption({ kind: 'session', gap: '1m 30s' })).toBe('session, 1 min 30 s gap');
    expect(caption({ kind: 'running', ttl: '' })).toBe('running');
  });
});
