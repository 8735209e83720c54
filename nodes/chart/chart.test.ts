import { describe, expect, test } from 'vitest';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { runOperator, type RunOptions } from '../../tests/conformance/support/operator-run.ts';
import { definition } from './definition.ts';
import { operator } from './operator.ts';

const SCHEMA: Schema = {
  fields: [
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'key', type: 'text', nullable: false },
    { name: 'n', type: 'integer', nullable: true },
  ],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: true,
};
const UPDATES: Schema = { ...SCHEMA, mode: { kind: 'updates', key: ['key'], groupKey: ['key'] } };

function shown(schema: Schema, rows: readonly Record<string, unknown>[], points: number, options: RunOptions = {}) {
  const settings = definition.settings.parse({ y: ['n'], points });
  const { inspected, pieces } = runOperator(
    definition as unknown as AnyDefinition,
    operator,
    settings,
    [{ schema, partitions: [rows] }],
    options,
  );
  expect(pieces.size).toBe(0);
  const [{ state }] = inspected as [{ state: { seen: number; rows: { time: string; values: Record<string, unknown> }[] } }];
  return state;
}

const row = (second: number, key: string, n: number | null) => ({ at: `2026-01-01T00:00:0${second}Z`, key, n });

describe('chart', () => {
  test('[K8] the newest rows, whatever the batches', () => {
    const rows = [1, 2, 3, 4, 5].map((n) => row(n, 'a', n));
    for (const batchSize of [1, 2, 100]) {
      const { seen, rows: last } = shown(SCHEMA, rows, 3, { batchSize });
      expect([seen, last.map(({ time, values }) => [time, values['n']])]).toEqual([
        5,
        [3, 4, 5].map((n) => [`2026-01-01T00:00:0${n}Z`, n]),
      ]);
    }
  });

  test('[K8] of updates the newest version of each row', () => {
    const rows = [row(1, 'a', 1), row(1, 'b', 1), row(2, 'a', 2), row(3, 'c', null)];
    const state = shown(UPDATES, rows, 500);
    expect(state.rows.map(({ values }) => [values['key'], values['n']])).toEqual([
      ['b', 1],
      ['a', 2],
      ['c', null],
    ]);
    expect(shown(UPDATES, rows, 2).rows).toHaveLength(2);
  });

  test('[K8] after a restart it is empty', () => {
    expect(shown(SCHEMA, [row(1, 'a', 1), row(2, 'a', 2)], 3, { batchSize: 1, barrierEvery: 2, restore: true }).rows).toEqual([]);
  });

  test('problems', () => {
    const problems = (settings: object) =>
      definition.infer(definition.settings.parse(settings), [SCHEMA]).problems.map(({ code, field }) => [code, field]);
    expect(problems({ y: ['key'] })).toEqual([['wrong_type', 'y.0']]);
    expect(problems({ as: 'table', x: 'k' })).toEqual([['unknown_field', 'x']]);
    expect(problems({ as: 'table' })).toEqual([]);
  });

  test('without columns for Y every number is drawn, and where there is none that is said', () => {
    const settings = definition.settings.parse({ series: 'key' });
    expect(definition.view!(settings, [SCHEMA])).toEqual({ as: 'line', y: ['n'], series: 'key' });
    expect(definition.infer(settings, [SCHEMA]).problems).toEqual([]);
    const words: Schema = { ...SCHEMA, fields: SCHEMA.fields.slice(0, 2) };
    expect(definition.infer(settings, [words]).problems).toMatchObject([{ code: 'missing_setting', field: 'y' }]);
  });
});
