import {
  Batch,
  BooleanColumn,
  BytesColumn,
  ListColumn,
  NumberColumn,
  TextColumn,
  type Column,
  type Layout,
  type Origin,
  type PhysicalField,
} from '../../../engine/model/batch.ts';
import { encodeUtf8, type Dictionary } from '../../../engine/model/dictionary.ts';
import type { Schema } from '../../../engine/model/schema.ts';
import { parseTimestamp } from '../../../engine/model/timestamp.ts';
import { scaleOf } from '../../../engine/model/type.ts';
import { jsonAt } from '../../../nodes/kit/values.ts';

export type JsonRow = Readonly<Record<string, unknown>>;

/** One row of an input: JSON values by column, its event time in µs and its place in its partition. */
export interface InputRow {
  readonly time: number;
  readonly offset: number;
  /** own partition's watermark right after it, µs */
  readonly watermark: number;
  readonly values: JsonRow;
}

/** Event time of a JSON row: one µs before `window_end`, else its first timestamp; 0 on an untimed edge. */
export function eventTimeOf(schema: Schema, row: JsonRow): number {
  if (!schema.timed) return 0;
  const end = row['window_end'];
  if (typeof end === 'string') return parseTimestamp(end)! - 1;
  const column = schema.fields.find((field) => field.type === 'timestamp' && typeof row[field.name] === 'string');
  return column === undefined ? 0 : parseTimestamp(row[column.name] as string)!;
}

/** Rows of one partition with the watermark after each (T1). */
export function partitionRows(schema: Schema, rows: readonly JsonRow[], latenessUs: number): InputRow[] {
  let newest = -Infinity;
  return rows.map((values, offset) => {
    const time = eventTimeOf(schema, values);
    newest = Math.max(newest, time);
    return { time, offset, watermark: newest - latenessUs, values };
  });
}

/** A batch of these rows, as a source makes it. `spread` leaves unselected rows of rubbish between them. */
export function batchOf(layout: Layout, rows: readonly InputRow[], origin: Origin, dictionary: Dictionary, spread = false): Batch {
  const step = spread ? 2 : 1;
  const length = rows.length * step;
  const at = rows.map((_, i) => i * step);
  const times = new Float64Array(length).fill(-1);
  const offsets = new Float64Array(length).fill(-1);
  const watermarks = new Float64Array(length);
  rows.forEach((row, i) => {
    for (let j = 0; j < step; j++) watermarks[at[i]! + j] = row.watermark;
    for (let j = 0; j < step; j++) times[at[i]! + j] = row.time;
    offsets[at[i]!] = row.offset;
  });
  return new Batch({
    origin,
    columns: layout.map((field) =>
      columnOf(
        field,
        Array.from({ length }, (_, i) => (i % step === 0 ? rows[i / step]!.values[field.name] : null)),
        dictionary,
      ),
    ),
    length,
    rows: Int32Array.from(at),
    count: rows.length,
    times,
    offsets,
    watermarks,
    minTime: rows.reduce((least, row) => Math.min(least, row.time), Infinity),
    lastWatermark: rows.at(-1)?.watermark ?? -Infinity,
    raw: undefined,
  });
}

function columnOf(field: PhysicalField, values: readonly unknown[], dictionary: Dictionary): Column {
  const nulls = values.some((value) => value === null || value === undefined)
    ? Uint8Array.from(values, (value) => (value === null || value === undefined ? 1 : 0))
    : undefined;
  const textId = (value: unknown): number => (typeof value === 'string' ? dictionary.internText(value) : -1);
  switch (field.as) {
    case 'boolean':
      return new BooleanColumn(
        Uint8Array.from(values, (value) => (value === true ? 1 : 0)),
        nulls,
      );
    case 'dictionary':
      return new TextColumn(Int32Array.from(values, textId), dictionary);
    case 'list': {
      const offsets = new Int32Array(values.length + 1);
      const ids: number[] = [];
      values.forEach((list, i) => {
        for (const element of Array.isArray(list) ? (list as unknown[]) : []) ids.push(textId(element));
        offsets[i + 1] = ids.length;
      });
      return new ListColumn(offsets, Int32Array.from(ids), dictionary, nulls);
    }
    case 'bytes':
      return bytesOf(field, values);
    case 'number': {
      const scale = 10 ** scaleOf(field.type);
      return new NumberColumn(
        Float64Array.from(values, (value) => {
          if (value === null || value === undefined) return 0;
          if (field.type === 'timestamp') return parseTimestamp(value as string)!;
          return scale === 1 ? (value as number) : Math.round((value as number) * scale);
        }),
        nulls,
      );
    }
  }
}

/** text as the body of a JSON string, json as it is written; 8 bytes of padding behind the last. */
function bytesOf(field: PhysicalField, values: readonly unknown[]): BytesColumn {
  const parts: Uint8Array[] = [];
  const start = new Int32Array(values.length).fill(-1);
  const end = new Int32Array(values.length).fill(-1);
  let length = 0;
  values.forEach((value, i) => {
    if (value === null || value === undefined) return;
    const text = JSON.stringify(value);
    const part = encodeUtf8(field.type === 'json' ? text : text.slice(1, -1));
    start[i] = length;
    parts.push(part);
    length += part.length;
    end[i] = length;
  });
  const bytes = new Uint8Array(length + 8);
  parts.reduce((position, part) => {
    bytes.set(part, position);
    return position + part.length;
  }, 0);
  return new BytesColumn(start, end, bytes, field.type === 'json' ? 'json' : 'json-string');
}

/** Rubbish over every array of a batch that is over: an operator that kept one is found out. */
export function poison(batch: Batch): void {
  batch.times.fill(Number.NaN);
  batch.offsets.fill(Number.NaN);
  batch.watermarks.fill(Number.NaN);
  for (const column of batch.columns) {
    if (column.kind === 'number') column.values.fill(Number.NaN);
    else if (column.kind === 'boolean') column.values.fill(7);
    else if (column.kind === 'bytes') column.bytes.fill(0xff);
    else column.ids.fill(0x7fffffff);
  }
}

/** The selected rows as JSON data. */
export function jsonRows(batch: Batch, layout: Layout): Record<string, unknown>[] {
  return Array.from({ length: batch.count }, (_, i) =>
    Object.fromEntries(layout.map((field, c) => [field.name, jsonAt(batch.columns[c]!, batch.rows[i]!, field.type)])),
  );
}
