import { expect, test } from 'vitest';
import { rank } from './rank.ts';

test('a name comes before its middle, its middle before what is said about it', () => {
  const finds = ['Undo', 'Undo all', 'Cannot undo', 'Foundone', 'Chat per minute'].map((name) =>
    rank(name, 'undo', ['{"undo":1}']),
  );
  expect(finds).toEqual([1, 0.9, 0.8, 0.6, 0.3]);
});

test('letters that are scattered over a long text are no find', () => {
  expect(rank('Chat per minute', 'save', ['{"size":"1m","avg":"every"}'])).toBe(0);
  expect(rank('Start from the earliest rows', 'start rows')).toBe(0.8);
  expect(rank('anything', '')).toBe(1);
});
