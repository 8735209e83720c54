import type { Batch, Layout } from '../../engine/model/batch.ts';
import { encodeUtf8 } from '../../engine/model/dictionary.ts';
import type { TapRow } from '../../engine/model/run-event.ts';
import type { RawBatch } from '../../engine/stream/connector.ts';
import { DEAD_LETTER_BYTES, type DeadLetter } from '../../engine/stream/dead-letter.ts';
import { jsonAt, jsonTextAt } from '../../nodes/kit/values.ts';

/** The row as a JSON object, column by column. */
export function rowText(batch: Batch, layout: Layout, row: number): string {
  return `{${layout.map((field, i) => `${JSON.stringify(field.name)}:${jsonTextAt(batch.columns[i]!, row, field.type)}`).join(',')}}`;
}

export function letterOfRaw(
  raw: RawBatch,
  row: number,
  about: Pick<DeadLetter, 'node' | 'code' | 'sentence' | 'source' | 'partition' | 'eventTime' | 'at'>,
): DeadLetter {
  const from = raw.start[row]!;
  const length = raw.end[row]! - from;
  return {
    ...about,
    offset: raw.offsets[row]!,
    raw: raw.bytes.slice(from, from + Math.min(length, DEAD_LETTER_BYTES)),
    rawLength: length,
  };
}

/** A row of an operator: its raw message where it still has one, else the row itself as JSON. */
export function letterOfRow(
  batch: Batch,
  layout: Layout | undefined,
  row: number,
  about: Pick<DeadLetter, 'node' | 'code' | 'sentence' | 'source' | 'at'>,
): DeadLetter {
  const place = { partition: batch.origin.partition, offset: batch.offsets[row]!, eventTime: batch.times[row] };
  if (batch.raw !== undefined) {
    const from = batch.raw.start[row]!;
    const length = batch.raw.end[row]! - from;
    return { ...about, ...place, raw: batch.raw.bytes.slice(from, from + Math.min(length, DEAD_LETTER_BYTES)), rawLength: length };
  }
  const text = encodeUtf8(layout === undefined ? '{}' : rowText(batch, layout, row));
  return { ...about, ...place, raw: text.slice(0, DEAD_LETTER_BYTES), rawLength: text.length };
}

/** A row that the sink itself refused: its encoded line is the raw row. */
export function letterOfSink(
  node: string,
  { epoch, bytes }: { readonly epoch: number; readonly bytes: Uint8Array },
  { row, code, sentence }: { readonly row: number; readonly code: string; readonly sentence: string },
  at: number,
): DeadLetter {
  const raw = Buffer.from(Buffer.from(bytes).toString('utf8').split('\n')[row] ?? '');
  return {
    node,
    code,
    sentence,
    source: node,
    partition: 0,
    offset: epoch,
    eventTime: undefined,
    at,
    raw: raw.subarray(0, DEAD_LETTER_BYTES),
    rawLength: raw.length,
  };
}

/** A row for a tap: the columns that exist, and behind a source every further field of the raw message. */
export function tapRow(batch: Batch, layout: Layout, row: number, source: string, rawIsJson: boolean): TapRow {
  const values: Record<string, unknown> = {};
  if (rawIsJson && batch.raw !== undefined) {
    const text = new TextDecoder().decode(batch.raw.bytes.subarray(batch.raw.start[row]!, batch.raw.end[row]!));
    Object.assign(values, JSON.parse(text) as Record<string, unknown>);
  }
  layout.forEach((field, i) => {
    values[field.name] = jsonAt(batch.columns[i]!, row, field.type);
  });
  return { time: batch.times[row]!, source, partition: batch.origin.partition, offset: batch.offsets[row]!, values };
}
