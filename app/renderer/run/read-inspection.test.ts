import { expect, test } from 'vitest';
import { waitingOf, wholeOf, windowsOf } from './read-inspection.ts';

test('the combining instance is taken, a strange answer draws nothing', () => {
  const answer = [
    { lane: 'chat/0', state: { keys: 3 } },
    { lane: '', state: { waiting: 2, windows: [{ startUs: 1, endUs: 2 }, { startUs: 'a', endUs: 2 }, null] } },
  ];
  expect(windowsOf(wholeOf(answer))).toEqual([{ start: 1, end: 2 }]);
  expect(waitingOf(wholeOf(answer))).toBe(2);
  expect([
    wholeOf(null),
    wholeOf('x'),
    wholeOf([]),
    wholeOf([
      { lane: 'a/0', state: {} },
      { lane: 'a/1', state: {} },
    ]),
  ]).toEqual([undefined, undefined, undefined, undefined]);
  expect([windowsOf({ windows: 7 } as never), waitingOf({ waiting: { rows: 3 } } as never)]).toEqual([[], 0]);
});
