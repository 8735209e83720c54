import { expect, test } from 'vitest';
import type { NodeMeter } from '../../../engine/model/run-event.ts';
import { MetricRing, RING } from './metric-ring.ts';

const meter = (rows: number): NodeMeter => ({
  ledger: { in: rows, used: rows, filtered: 0, late: 0, dead: 0, held: 0 },
  out: [rows],
  watermark: undefined,
  busyMs: 0,
  batchP99Ms: 1,
  stateBytes: 0,
});

test('rates come from two samples, a counter that fell gives none', () => {
  const ring = new MetricRing();
  for (let second = 0; second < 20; second++) ring.push(second * 1000, { a: meter(second * 50) });
  expect(ring.rate('a', 'out0', 0, 10_000)).toBe(50);
  expect(ring.rate('b', 'out0', 0, 10_000)).toBeNaN();
  ring.push(20_000, { a: meter(3) });
  expect(ring.rate('a', 'out0', 0, 10_000)).toBeNaN();
});

test('the ring forgets what is older than 15 minutes and never shows a stale value', () => {
  const ring = new MetricRing();
  for (let second = 0; second < RING + 10; second++) ring.push(second, second < 5 ? { a: meter(second) } : { b: meter(second) });
  expect(ring.count).toBe(RING);
  expect(ring.timeAt(RING - 1)).toBe(10);
  expect(ring.valueAt('a', 'in', RING - 1)).toBeNaN();
  expect(ring.valueAt('b', 'in', 0)).toBe(RING + 9);
});
