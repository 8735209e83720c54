import { expect, test } from 'vitest';
import { formatBehind, formatBytes, formatLag, formatShort, plural, rateText, timeText } from './figures.ts';

test('figures as the design writes them', () => {
  expect([3412, 18.62, 4, 16 / 3600, 0].map(rateText)).toEqual(['3,412/s', '18.6/s', '4.0/s', '16/h', '0/s']);
  expect([1400, 129_000, 10_930_000].map(formatLag)).toEqual(['1.4 s', '2:09', '3:02:10']);
  expect(formatBehind(122_000)).toBe('−2:02');
  expect([31.4 * 1024 * 1024, 22 * 1024].map(formatBytes)).toEqual(['31.4 MiB', '22 KiB']);
  expect([2_690_000, 9_999].map(formatShort)).toEqual(['2.69 M', '9,999']);
  expect([1, 1883].map((count) => plural(count, 'row'))).toEqual(['1 row', '1,883 rows']);
});

test('a timestamp names its day only when that is another one', () => {
  const at = new Date(2026, 10, 26, 8, 29, 10);
  expect(timeText(at.toISOString(), at)).toBe('08:29:10');
  expect(timeText(new Date(2026, 10, 25, 8, 29, 10, 250).toISOString(), at)).toBe('2026-11-25 08:29:10.250');
  expect(timeText('not a time', at)).toBe('not a time');
});
