import { describe, expect, test } from 'vitest';
import { loadParser } from '../../engine/expression/expression.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { runFragment } from '../../tests/support/fragment.ts';
import { definition } from './definition.ts';

await loadParser();

const SCHEMA: Schema = {
  fields: [
    { name: 'channel', type: 'text', nullable: true },
    { name: 'stream_id', type: 'text', nullable: true },
    { name: 'amount', type: 'decimal(2)', nullable: true },
    { name: 'n', type: 'integer', nullable: true },
  ],
  mode: APPEND,
  keys: [['stream_id', 'n']],
  window: undefined,
  timed: false,
};

async function run(settings: Record<string, unknown>, rows: readonly Record<string, unknown>[]) {
  return runFragment({
    sources: { in: { schema: SCHEMA, event_time: '', lateness_us: 0 } },
    nodes: [
      { id: 'made', kind: 'derive', settings },
      { id: 'seen', kind: 'chart', settings: { as: 'table' } },
    ],
    edges: ['in.out -> made.in', 'made.out -> seen.in'],
    inputs: { in: [rows] },
  });
}

function infer(settings: Record<string, unknown>, schema = SCHEMA) {
  return definition.infer(definition.settings.parse(settings), [schema]);
}

describe('derive', () => {
  test('[K2] expressions see the row as it came in; replaced in place, new ones behind', async () => {
    const settings = {
      columns: [
        { name: 'stream_id', expression: 'coalesce(channel, stream_id)' },
        { name: 'was', expression: 'stream_id' },
        { name: 'cents', expression: 'amount * 100' },
      ],
      drop: ['channel'],
      rename: [{ from: 'n', to: 'count' }],
    };
    const { rows } = await run(settings, [
      { channel: 'art', stream_id: 's1', amount: 1.25, n: 3 },
      { channel: null, stream_id: 's2', amount: null, n: null },
    ]);
    expect(rows['made.out']).toEqual([
      { stream_id: 'art', amount: 1.25, count: 3, was: 's1', cents: 125 },
      { stream_id: 's2', amount: null, count: null, was: 's2', cents: null },
    ]);
  });

  test('[X3] a row that fails in one of several expressions is one dead letter', async () => {
    const settings = {
      columns: [
        { name: 'x', expression: '1 / n' },
        { name: 'y', expression: '10 / (n - 1)' },
      ],
    };
    const rows = [0, 1, 2].map((n) => ({ channel: null, stream_id: null, amount: null, n }));
    const { rows: out, dead, ledgers } = await run(settings, rows);
    expect(out['made.out']!.map((row) => [row['x'], row['y']])).toEqual([[0, 10]]);
    expect(dead.map(({ code, offset }) => [code, offset])).toEqual([
      ['division_by_zero', 0],
      ['division_by_zero', 1],
    ]);
    expect(ledgers['made']).toMatchObject({ in: 3, used: 1, dead: 2 });
  });

  test('[K9] keys go on under their new names, and end with a column that is dropped or replaced', () => {
    const keys = (settings: Record<string, unknown>) => infer(settings).outputs![0]!.keys;
    expect(keys({ rename: [{ from: 'n', to: 'count' }] })).toEqual([['stream_id', 'count']]);
    expect(keys({ drop: ['n'] })).toEqual([]);
    expect(keys({ columns: [{ name: 'n', expression: 'n + 1' }] })).toEqual([]);
    expect(keys({ columns: [{ name: 'm', expression: 'n + 1' }] })).toEqual([['stream_id', 'n']]);
  });

  test('[W4] an edge of updates keeps its key, under other names if need be', () => {
    const updates: Schema = { ...SCHEMA, mode: { kind: 'updates', key: ['stream_id', 'n'], groupKey: ['stream_id'] } };
    expect(infer({ rename: [{ from: 'stream_id', to: 'id' }] }, updates).outputs![0]!.mode).toEqual({
      kind: 'updates',
      key: ['id', 'n'],
      groupKey: ['id'],
    });
    expect(infer({ columns: [{ name: 'n', expression: '1' }] }, updates).problems.map(({ code }) => code)).toEqual([
      'needs_final_rows',
    ]);
  });

  test('problems name their place', () => {
    const problems = (settings: Record<string, unknown>) => infer(settings).problems.map(({ code, field }) => [code, field]);
    expect(problems({ drop: ['chanel'] })).toEqual([['unknown_field', 'drop.0']]);
    expect(problems({ rename: [{ from: 'n', to: 'amount' }] })).toEqual([['duplicate_column', 'rename.0.to']]);
    expect(problems({ drop: ['amount'], rename: [{ from: 'n', to: 'amount' }] })).toEqual([]);
    expect(problems({ columns: [{ name: 'x', expression: 'm + 1' }] })).toEqual([['unknown_column', 'columns.0.expression']]);
    expect(
      problems({
        columns: [
          { name: 'x', expression: '1' },
          { name: 'x', expression: '2' },
        ],
      }),
    ).toEqual([['duplicate_column', 'columns.1.name']]);
  });
});
