import { describe, expect, test } from 'vitest';
import { loadParser } from '../../engine/expression/expression.ts';
import { SECOND_US } from '../conformance/support/random-rows.ts';
import { runOperator } from '../conformance/support/operator-run.ts';
import type { JsonRow } from '../conformance/support/row-batch.ts';
import { rememberedWindow } from './remembered.ts';
import { columns, randomPartitions, schema, settingsOf, windows } from './window-cases.ts';
import { referenceRows } from './window-reference.ts';

await loadParser();

const RUNS = 85;
const KEYS = [[], ['channel'], ['channel', 'device']] as const;

/** Sums of score have values that cancel: their bits depend on the order, which is the other suite's matter. */
const { sum_score, avg_score, pop, people, min_person, first_live, ...exact } = columns;
void [sum_score, avg_score, pop, people, min_person, first_live];
const compared = { ...exact, pop_amount: 'stddev_pop(amount)' };

/** Means and deviations to 1e-12 relative; everything else as it is. */
function rounded(rows: readonly JsonRow[]): JsonRow[] {
  const close = (value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(12)) : value);
  return rows.map((row) => ({
    ...row,
    avg_amount: close(row['avg_amount']),
    samp: close(row['samp']),
    pop_amount: close(row['pop_amount']),
  }));
}

describe.each(['tumbling', 'hopping', 'hopping over parts', 'session'])('[W1] [W2] [W3] [T3] %s', (name) => {
  test.each(KEYS.map((by) => [by.join(', '), by] as const))(
    'as a naive reference computes it, late rows included (by %s)',
    (_, by) => {
      const window = windows[name]!;
      const own = rememberedWindow(settingsOf(window, by, compared));
      let late = 0;
      for (let seed = 1; seed <= RUNS; seed++) {
        const partitions = randomPartitions(seed * 7919 + by.length);
        const latenessUs = [0, 4, 15][seed % 3]! * SECOND_US;
        const { rows, ledger } = runOperator(own.definition, own.module, own.settings, [{ schema, partitions }], {
          latenessUs,
          batchSize: [1, 6, 1000][seed % 3]!,
        });
        const reference = referenceRows(window, by, partitions, latenessUs);
        expect([seed, rounded(rows['out']!)]).toEqual([seed, rounded(reference.out)]);
        expect([seed, ledger.late, rows['late']!.length]).toEqual([seed, reference.late, reference.late]);
        late += reference.late;
      }
      expect(late).toBeGreaterThan(RUNS);
    },
  );
});
