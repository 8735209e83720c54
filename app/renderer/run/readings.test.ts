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
