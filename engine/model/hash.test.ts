import { expect, test } from 'vitest';
import { canonicalText, hashText, hashValue } from './hash.ts';

test('hashText is MurmurHash3 x86 128', () => {
  expect(hashText('')).toBe('00000000000000000000000000000000');
  expect(hashText("I will not buy this tobacconist's, it is scratched.")).toBe('9b5b7ba2ef3f7866889adeaf00f3f98e');
});

test('hashText tells texts of every length apart', () => {
  const seen = new Set<string>();
  for (let length = 0; length < 100; length++) {
    seen.add(hashText('a'.repeat(length)));
    seen.add(hashText(`b${'a'.repeat(length)}`));
  }
  expect(seen.size).toBe(200);
});

test('hashValue does not depend on the order of keys, but on the order of lists', () => {
  expect(hashValue({ a: 1, b: { c: [1, 2], d: undefined } })).toBe(hashValue({ b: { c: [1, 2] }, a: 1 }));
  expect(hashValue([1, 2])).not.toBe(hashValue([2, 1]));
  expect(canonicalText({ b: null, a: 'x', c: [undefined] })).toBe('{"a":"x","b":null,"c":[null]}');
});
