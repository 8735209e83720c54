import { describe, expect, test } from 'vitest';
import { loadParser } from '../../engine/expression/expression.ts';
import { SECOND_US, seeded } from '../conformance/support/random-rows.ts';
import { runOperator, type RunOptions, type RunResult } from '../conformance/support/operator-run.ts';
import type { JsonRow } from '../conformance/support/row-batch.ts';
import { rememberedWindow } from './remembered.ts';
import { poisonClearedSlots } from './poisoned-slots.ts';
import { keySets, randomPartitions, schema, settingsOf, windows } from './window-cases.ts';

await loadParser();
poisonClearedSlots();

const TRIALS = 2;

type Window = ReturnType<typeof rememberedWindow>;

function run(window: Window, partitions: readonly JsonRow[][], latenessUs: number, options: RunOptions): RunResult {
  return runOperator(window.definition, window.module, window.settings, [{ schema, partitions }], { latenessUs, ...options });
}

/** The last row of each key that an updates port sent. */
function lastByKey(rows: readonly JsonRow[], key: readonly string[]): Record<string, JsonRow> {
  const last: Record<string, JsonRow> = {};
  for (const row of rows) last[JSON.stringify(key.map((name) => row[name]))] = row;
  return last;
}

function ways(seed: number): Record<string, RunOptions> {
  const pick = (): (() => number) => seeded(seed);
  return {
    'row by row': { batchSize: 1 },
    'batches of 7': { batchSize: 7, textAs: 'dictionary' },
    interleaved: { batchSize: 3, pick: pick() },
    'interleaved with gaps in batches': { batchSize: 5, pick: pick(), spread: true },
    'new dictionaries': { batchSize: 2, pick: pick(), rotateEvery: 3 },
    'a dictionary for every batch': { batchSize: 4, pick: pick(), rotateEvery: 1 },
    'restored at every barrier': { batchSize: 7, pick: pick(), barrierEvery: 1, restore: true, rotateEvery: 2 },
    'restored now and then': { batchSize: 2, pick: pick(), barrierEvery: 5, restore: true },
    'epochs only': { batchSize: 2, pick: pick(), barrierEvery: 2 },
  };
}

describe.each(Object.entries(windows))('%s', (name, window) => {
  test.each(keySets.map((by, i) => [i, by] as const))(
    '[D1] [D2] the same rows, bit for bit, however they are read (key set %i)',
    (i, by) => {
      const own = rememberedWindow(settingsOf(window, by));
      const { mode } = own.definition.infer(own.settings as never, [schema]).outputs!.at(window.kind === 'running' ? 0 : 1)!;
      if (mode.kind !== 'updates') throw new Error('the updates port sends updates');
      for (let trial = 0; trial < TRIALS; trial++) {
        const seed = trial * 977 + i * 31 + name.length;
        const partitions = randomPartitions(seed);
        const latenessUs = [0, 5, 20][trial % 3]! * SECOND_US;
        const straight = run(own, partitions, latenessUs, {});
        for (const [way, options] of Object.entries(ways(seed + 1))) {
          const other = run(own, partitions, latenessUs, options);
          const place = `${way}, seed ${seed}`;
          expect([place, other.rows['out']]).toEqual([place, straight.rows['out']]);
          expect([place, other.times['out']]).toEqual([place, straight.times['out']]);
          expect([place, other.ledger]).toEqual([place, straight.ledger]);
          expect([place, lastByKey(other.rows['updates']!, mode.key)]).toEqual([
            place,
            lastByKey(straight.rows['updates']!, mode.key),
          ]);
        }
        if (window.kind !== 'running' && window.kind !== 'session') {
          // every window's last interim row is its final one
          expect(lastByKey(straight.rows['updates']!, mode.key)).toEqual(lastByKey(straight.rows['out']!, mode.key));
        }
      }
    },
  );
});
