import { expect, test } from 'vitest';
import { rowFilter } from './row-filter.ts';

const row = { stream_id: 'night_radio', sentiment: -0.25, bits: null };
const columns = Object.keys(row);
const passes = (text: string) => rowFilter(text, columns).test(row);

test('comparisons, joined by and, and words in any column', () => {
  expect(
    ['sentiment < 0', "stream_id = 'night_radio' and sentiment >= -0.25", 'bits = null', 'night radio', 'stream_id ~ NIGHT'].map(
      passes,
    ),
  ).toEqual([true, true, true, true, true]);
  expect(['sentiment > 0', 'stream_id <> night_radio', 'bits > 1', 'night chess'].map(passes)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('a column that is not there is said, and nothing is hidden', () => {
  expect(rowFilter('mood < 0', columns)).toMatchObject({ wrong: 'There is no column mood.' });
  expect(passes('mood < 0')).toBe(true);
});
