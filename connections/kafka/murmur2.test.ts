import { expect, test } from 'vitest';
import { murmur2, partitionOfKey } from './murmur2.ts';

// Vectors of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
const vectors: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

test.each(vectors)('murmur2 of "%s" is what Kafka computes', (text, hash) => {
  expect(murmur2(new TextEncoder().encode(text))).toBe(hash);
});

test('a negative hash gives a partition in range, as Kafka masks the sign bit', () => {
  expect(partitionOfKey(new TextEncoder().encode('21'), 3)).toBe((-973932308 & 0x7fffffff) % 3);
});
