import {
  allRows,
  Batch,
  BooleanColumn,
  BytesColumn,
  ListColumn,
  NumberColumn,
  TextColumn,
  type Column,
  type PhysicalField,
} from '../model/batch.ts';
import { Dictionary, encodeUtf8 } from '../model/dictionary.ts';
import type { Value } from './typed.ts';

/** Columns and batches from literal values, for tests. `escaped`: texts as bodies of JSON strings. */
export function columnOf(field: PhysicalField, values: readonly Value[], escaped = false): Column {
  const nulls = values.some((value) => value === null) ? Uint8Array.from(values, (value) => (value === null ? 1 : 0)) : undefined;
  switch (field.as) {
    case 'number':
      return new NumberColumn(
        Float64Array.from(values, (value) => (value === null ? 77 : (value as number))),
        nulls,
      );
    case 'boolean':
      return new BooleanColumn(
        Uint8Array.from(values, (value) => (value === true ? 1 : 0)),
        nulls,
      );
    case 'dictionary': {
      const dictionary = new Dictionary();
      return new TextColumn(
        Int32Array.from(values, (value) => (value === null ? -1 : dictionary.internText(value as string))),
        dictionary,
      );
    }
    case 'bytes':
      return bytesColumn(field, values, escaped);
    case 'list': {
      const dictionary = new Dictionary();
      const offsets = [0];
      const ids: number[] = [];
      for (const value of values) {
        for (const item of (value ?? []) as readonly (string | null)[]) ids.push(item === null ? -1 : dictionary.internText(item));
        offsets.push(ids.length);
      }
      return new ListColumn(Int32Array.from(offsets), Int32Array.from(ids), dictionary, nulls);
    }
  }
}

function bytesColumn(field: PhysicalField, values: readonly Value[], escaped: boolean): BytesColumn {
  const form = field.type === 'json' ? 'json' : escaped ? 'json-string' : 'utf8';
  const start: number[] = [];
  const end: number[] = [];
  const all: number[] = [];
  for (const value of values) {
    const text = value === null ? '' : form === 'json-string' ? JSON.stringify(value).slice(1, -1) : (value as string);
    start.push(value === null ? -1 : all.length);
    all.push(...encodeUtf8(text));
    end.push(all.length);
  }
  return new BytesColumn(Int32Array.from(start), Int32Array.from(end), Uint8Array.from(all), form);
}

export function batchOf(columns: readonly Column[], length: number, rows: Int32Array = allRows(length), count = length): Batch {
  return new Batch({
    origin: { source: 0, partition: 0 },
    columns,
    length,
    rows,
    count,
    times: new Float64Array(length),
    offsets: new Float64Array(length),
    watermarks: new Float64Array(length),
    minTime: 0,
    lastWatermark: 0,
    raw: undefined,
  });
}
