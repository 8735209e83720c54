import { expect, test } from 'vitest';
import type { NodeMeter } from '../../../engine/model/run-event.ts';
import { feed } from './live-feed.ts';
import { rateOf } from './readings.ts';

const meter = (rows: number): NodeMeter => ({
  ledger: { in: rows, used: rows, filtered: 0, late: 0, dead: 0, held: 0 },
  out: [rows],
  watermark: undefined,
  busyMs: 0,
  batchP99Ms: 1,
  stateBytes: 0,
});

test('what a run catches up with in its first minute is no rate of a slow stream', () => {
  feed.ring.clear();
  // 9,000 rows had been waiting and are read in 5 s, then one comes every 20 s
  for (let second = 0; second < 300; second++)
    feed.ring.push(second * 1000, { a: meter(Math.min(9000, second * 1800) + Math.floor(second / 20)) });
  expect(rateOf('a', 'out0')).toBeCloseTo(0.05, 2);
});

test('within the first minute a slow stream shows what the last half minute brought', () => {
  feed.ring.clear();
  for (let second = 0; second < 50; second++) feed.ring.push(second * 1000, { a: meter(Math.min(9000, second * 1800)) });
  expect(rateOf('a', 'out0')).toBe(0);
});

test('a source that has caught up shows the rate of its stream, not the mean with what had been waiting', () => {
  feed.ring.clear();
  // 9,000 rows in 3 s, then 11 a second; fifteen seconds later
  for (let second = 0; second <= 18; second++)
    feed.ring.push(second * 1000, { a: meter(Math.min(9000, second * 3000) + 11 * Math.max(0, second - 3)) });
  expect(rateOf('a', 'in')).toBe(11);
});

test('a window that sends 60 rows every ten seconds has a steady rate', () => {
  feed.ring.clear();
  const shown = new Set<number>();
  for (let second = 0; second < 120; second++) {
    feed.ring.push(second * 1000, { a: meter(60 * Math.floor(second / 10)) });
    if (second > 60) shown.add(rateOf('a', 'out0'));
  }
  expect([...shown]).toEqual([6]);
});
