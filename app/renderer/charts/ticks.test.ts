import { expect, test } from 'vitest';
import { clockTicks, numberTicks, spanTicks } from './ticks.ts';

test('numbers are round and reach over the greatest', () => {
  expect(numberTicks(285)).toEqual([0, 100, 200, 300]);
  expect(numberTicks(6100)).toEqual([0, 2500, 5000, 7500]);
  expect(numberTicks(0.9)).toEqual([0, 0.5, 1]);
  expect(numberTicks(300)).toEqual([0, 100, 200, 300]);
  expect(numberTicks(0)).toEqual([0, 1]);
});

test('spans of time go in whole seconds, minutes or hours', () => {
  expect(spanTicks(121_000, 123_500)).toEqual([121_000, 122_000, 123_000, 124_000]);
  expect(spanTicks(120_000, 365_000)).toEqual([120_000, 240_000, 360_000, 480_000]);
  expect(spanTicks(5000, 5000)).toEqual([5000, 6000]);
});

test('clock ticks lie within', () => {
  expect(clockTicks(61_000, 241_000, 4)).toEqual([120_000, 180_000, 240_000]);
  expect(clockTicks(0, 10 * 86_400_000, 4)).toEqual([0, 3, 6, 9].map((days) => days * 86_400_000));
});
