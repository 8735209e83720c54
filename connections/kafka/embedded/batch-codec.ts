import { PADDING_BYTES, type LogRecord, type LogSlice, type Bounds } from '../event-log.ts';

/**
 * One stored batch. Head 16 bytes: magic 'TB', version 1, flags (1 keys, 2 headers), count u32, body bytes u32, 0 u32.
 * Then timestamps f64 ms × count, lengths i32 × count of values, keys, headers (as flagged; −1 = null),
 * then the bytes of all keys, all headers (one JSON object a message), all values. Little-endian, as typed arrays are here.
 */
const HEAD = 16;
const KEYS = 1;
const HEADERS = 2;
const MAGIC = 0x4254;

const encoder = new TextEncoder();

export function encodeBatch(records: readonly LogRecord[]): Uint8Array {
  const count = records.length;
  const headers = records.map((record) =>
    record.headers === undefined ? undefined : encoder.encode(JSON.stringify(record.headers)),
  );
  let flags = 0;
  let body = 0;
  for (let i = 0; i < count; i++) {
    const record = records[i]!;
    if (record.key !== undefined) {
      flags |= KEYS;
      body += record.key.length;
    }
    if (headers[i] !== undefined) {
      flags |= HEADERS;
      body += headers[i]!.length;
    }
    body += record.value?.length ?? 0;
  }
  const sections = 1 + (flags & KEYS ? 1 : 0) + (flags & HEADERS ? 1 : 0);
  const bytes = new Uint8Array(HEAD + count * (8 + 4 * sections) + body);
  const head = new DataView(bytes.buffer);
  head.setUint16(0, MAGIC, true);
  head.setUint8(2, 1);
  head.setUint8(3, flags);
  head.setUint32(4, count, true);
  head.setUint32(8, body, true);
  const times = new Float64Array(bytes.buffer, HEAD, count);
  for (let i = 0; i < count; i++) times[i] = Math.floor(records[i]!.timestampUs / 1000);
  let lengthsAt = HEAD + count * 8;
  let at = HEAD + count * (8 + 4 * sections);
  const values: readonly (Uint8Array | undefined)[] = records.map((record) => record.value);
  const write = (parts: readonly (Uint8Array | undefined)[], first: number): number => {
    const lengths = new Int32Array(bytes.buffer, lengthsAt, count);
    lengthsAt += count * 4;
    let to = first;
    for (let i = 0; i < count; i++) {
      const part = parts[i];
      lengths[i] = part === undefined ? -1 : part.length;
      if (part === undefined) continue;
      bytes.set(part, to);
      to += part.length;
    }
    return to;
  };
  // lengths stand in the order values, keys, headers; bytes in the order keys, headers, values
  const valuesLength = values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
  write(values, at + body - valuesLength);
  if (flags & KEYS)
    at = write(
      records.map((record) => record.key),
      at,
    );
  if (flags & HEADERS) write(headers, at);
  return bytes;
}

export interface StoredBatch {
  readonly base: number;
  readonly bytes: Uint8Array;
}

interface Opened {
  readonly base: number;
  readonly count: number;
  /** first row wanted */
  readonly skip: number;
  readonly flags: number;
  readonly body: number;
  readonly bytes: Uint8Array;
}

/** Several stored batches, in order, as one slice; rows before `from` are left out. */
export function decodeBatches(partition: number, from: number, stored: readonly StoredBatch[], bounds: Bounds): LogSlice {
  const opened: Opened[] = [];
  let count = 0;
  let size = 0;
  let flags = 0;
  let next = from;
  for (const { base, bytes } of stored) {
    const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD);
    if (head.getUint16(0, true) !== MAGIC || head.getUint8(2) !== 1)
      throw new Error(`bug: batch at ${base} is not in the known form`);
    const rows = head.getUint32(4, true);
    const body = head.getUint32(8, true);
    const skip = Math.max(0, from - base);
    flags |= head.getUint8(3);
    opened.push({ base, count: rows, skip, flags: head.getUint8(3), body, bytes });
    count += rows - skip;
    size += body;
    next = base + rows;
  }
  const bytes = new Uint8Array(size + PADDING_BYTES);
  const ranges = (): { bytes: Uint8Array; start: Int32Array; end: Int32Array } => ({
    bytes,
    start: new Int32Array(count),
    end: new Int32Array(count),
  });
  const values = ranges();
  const keys = flags & KEYS ? ranges() : undefined;
  const headers = flags & HEADERS ? ranges() : undefined;
  const offsets = new Float64Array(count);
  const timestamps = new Float64Array(count);
  let row = 0;
  let at = 0;
  for (const batch of opened) {
    const { buffer, byteOffset } = aligned(batch.bytes);
    const times = new Float64Array(buffer, byteOffset + HEAD, batch.count);
    const sections = 1 + (batch.flags & KEYS ? 1 : 0) + (batch.flags & HEADERS ? 1 : 0);
    const lengths = new Int32Array(buffer, byteOffset + HEAD + batch.count * 8, batch.count * sections);
    const bodyAt = HEAD + batch.count * (8 + 4 * sections);
    bytes.set(batch.bytes.subarray(bodyAt, bodyAt + batch.body), at);
    for (let i = batch.skip, to = row; i < batch.count; i++, to++) {
      offsets[to] = batch.base + i;
      timestamps[to] = times[i]! * 1000;
    }
    let first = at;
    if (batch.flags & KEYS) first = place(lengths, batch.count, batch, keys!, row, first);
    else if (keys !== undefined) keys.start.fill(-1, row, row + batch.count - batch.skip);
    if (batch.flags & HEADERS) first = place(lengths, batch.count * (sections - 1), batch, headers!, row, first);
    else if (headers !== undefined) headers.start.fill(-1, row, row + batch.count - batch.skip);
    place(lengths, 0, batch, values, row, first);
    row += batch.count - batch.skip;
    at += batch.body;
  }
  return { kind: 'messages', partition, from, count, ...values, offsets, timestamps, keys, headers, next, bounds };
}

/** Lengths → ranges from `first` on, for the wanted rows; gives the end of the section's bytes. */
function place(
  lengths: Int32Array,
  section: number,
  batch: Opened,
  into: { start: Int32Array; end: Int32Array },
  row: number,
  first: number,
): number {
  let at = first;
  for (let i = 0; i < batch.skip; i++) at += Math.max(0, lengths[section + i]!);
  for (let i = batch.skip, to = row; i < batch.count; i++, to++) {
    const length = lengths[section + i]!;
    if (length < 0) {
      into.start[to] = -1;
      into.end[to] = -1;
    } else {
      into.start[to] = at;
      at += length;
      into.end[to] = at;
    }
  }
  return at;
}

function aligned(bytes: Uint8Array): { buffer: ArrayBufferLike; byteOffset: number } {
  return bytes.byteOffset % 8 === 0 ? bytes : { buffer: bytes.slice().buffer, byteOffset: 0 };
}
