import { expect, test } from 'vitest';
import { curveOf, distanceTo, STEPS } from './curve.ts';

test('points stand at equal distances from end to end', () => {
  const curve = curveOf(0, 0, 400, 120);
  expect([curve.points[0], curve.points[1], curve.points.at(-2), curve.points.at(-1)]).toEqual([0, 0, 400, 120]);
  const gaps = Array.from({ length: STEPS }, (_, i) =>
    Math.hypot(curve.points[i * 2 + 2]! - curve.points[i * 2]!, curve.points[i * 2 + 3]! - curve.points[i * 2 + 1]!),
  );
  expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(1.05);
});

test('a point on the curve is near, one beside it is not', () => {
  const curve = curveOf(0, 0, 200, 0);
  expect(distanceTo(curve, 100, 1)).toBeLessThan(10);
  expect(distanceTo(curve, 100, 40)).toBeGreaterThan(1500);
});
