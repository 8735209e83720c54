import { expect, test } from 'vitest';
import { layWindows } from './lay-windows.ts';

test('hopping windows lie in size ÷ hop courses, tumbling ones in one', () => {
  const hopping = Array.from({ length: 12 }, (_, index) => ({ start: index * 10, end: index * 10 + 60 }));
  expect(new Set(layWindows(hopping).map((brick) => brick.course)).size).toBe(6);
  const tumbling = Array.from({ length: 5 }, (_, index) => ({ start: index * 60, end: index * 60 + 60 }));
  expect(layWindows([...tumbling, ...tumbling]).map((brick) => brick.course)).toEqual([0, 0, 0, 0, 0]);
});
