import * as fc from 'fast-check';
import { durationUs } from '../../../engine/model/duration.ts';
import type { Field, Schema } from '../../../engine/model/schema.ts';
import { formatTimestamp, MAX_TIMESTAMP_US, MIN_TIMESTAMP_US } from '../../../engine/model/timestamp.ts';
import { scaleOf } from '../../../engine/model/type.ts';
import { at, START_US } from './random-rows.ts';
import type { JsonRow } from './row-batch.ts';

const TEXTS = [
  '',
  'a',
  'b',
  'USD',
  'love',
  "it isn't bad",
  'İ',
  'ß',
  'e\u0301',
  '\u0301',
  '🏳️‍🌈',
  '\u202egnol',
  '"\\/\b\n\t',
  '日本',
  'ﬀ',
  '\ufeff',
  '\u{10ffff}',
  '\u0001',
];

/** Any value that a source may deliver for this column, small ones that collide more often than monsters. */
export function hostileValue(field: Field): fc.Arbitrary<unknown> {
  const value = hostileNonNull(field);
  return field.nullable ? fc.option(value, { freq: 6 }) : value;
}

function hostileNonNull(field: Field): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'text':
      return fc.constantFrom(...TEXTS);
    case 'text[]':
      return fc.array(fc.option(fc.constantFrom(...TEXTS), { freq: 8 }), { maxLength: 4 });
    case 'integer':
      return fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: -3, max: 3 }) },
        { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e9) },
      );
    case 'float':
      return fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(0, 1, -1, 0.1, 2.5, 100) },
        { weight: 1, arbitrary: fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 1e-300, 2 ** 53) },
      );
    case 'boolean':
      return fc.boolean();
    case 'timestamp':
      return fc.oneof(
        { weight: 60, arbitrary: fc.integer({ min: 0, max: 90 }).map((second) => at(second)) },
        { weight: 1, arbitrary: fc.constantFrom(MIN_TIMESTAMP_US, MAX_TIMESTAMP_US).map(formatTimestamp) },
      );
    case 'json':
      return fc.constantFrom({}, [], 'text', 0, { a: { b: [null, 1e300, '\u2028'] } }, true);
    default: {
      const scale = 10 ** scaleOf(field.type);
      return fc.integer({ min: -500, max: 500 }).map((scaled) => scaled / scale);
    }
  }
}

/** Rows of an input by partition. A windowed input comes as a window sends it: by window end, its keys unique, in one partition. */
export function hostilePartitions(schema: Schema): fc.Arbitrary<readonly (readonly JsonRow[])[]> {
  const row = fc.record(Object.fromEntries(schema.fields.map((field) => [field.name, hostileValue(field)])));
  if (schema.fields.every(({ name }) => name !== 'window_end'))
    return fc.array(fc.array(row, { maxLength: 12 }), { minLength: 1, maxLength: 3 });
  const { sizeUs, hopUs } = schema.window ?? { sizeUs: durationUs('60s'), hopUs: durationUs('60s') };
  const windowed = fc.record({ row, hop: fc.integer({ min: 0, max: 8 }) }).map(({ row: values, hop }) => ({
    ...values,
    window_start: formatTimestamp(START_US + hop * hopUs),
    window_end: formatTimestamp(START_US + hop * hopUs + sizeUs),
  }));
  return fc.array(windowed, { maxLength: 24 }).map((rows) => {
    const seen = new Set<string>();
    const unique = rows.filter((own: Readonly<Record<string, unknown>>) => {
      if (schema.keys.length === 0) return true;
      return schema.keys.every((key) => {
        const text = JSON.stringify([key, key.map((name) => own[name])]);
        if (seen.has(text)) return false;
        seen.add(text);
        return true;
      });
    });
    return [unique.toSorted((a, b) => (a.window_end < b.window_end ? -1 : a.window_end > b.window_end ? 1 : 0))];
  });
}
