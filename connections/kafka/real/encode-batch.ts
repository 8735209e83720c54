import { crc32c } from '@platformatic/kafka';
import type { LogRecord } from '../event-log.ts';

/** Who writes a batch; undefined where nobody's retries have to be told from new records. */
export interface BatchProducer {
  readonly id: bigint;
  readonly epoch: number;
  /** number of the first record among this producer's records of the partition */
  readonly firstSequence: number;
}

const HEAD = 61;
/** Everything behind the checksum is under it. */
const CHECKED_FROM = 21;
const TRANSACTIONAL = 1 << 4;

const encoder = new TextEncoder();

/** One record batch, version 2, uncompressed. All records belong to one partition. */
export function encodeBatch(records: readonly LogRecord[], producer: BatchProducer | undefined): Buffer {
  const headers = records.map((record) =>
    Object.entries(record.headers ?? {}).map(([name, value]) => [encoder.encode(name), encoder.encode(value)] as const),
  );
  const firstMs = Math.floor(records[0]!.timestampUs / 1000);
  let maxMs = firstMs;
  let room = HEAD;
  records.forEach((record, i) => {
    maxMs = Math.max(maxMs, Math.floor(record.timestampUs / 1000));
    // at most: length 5, attributes 1, time 10, offset 5, key length 5, value length 5, header count 5
    room += 36 + (record.key?.length ?? 0) + (record.value?.length ?? 0);
    for (const [name, value] of headers[i]!) room += 10 + name.length + value.length;
  });
  const batch = Buffer.allocUnsafe(room);
  let at = HEAD;
  records.forEach((record, i) => {
    const timeDelta = Math.floor(record.timestampUs / 1000) - firstMs;
    let length =
      1 + sizeOf(timeDelta) + sizeOf(i) + sizeOfBytes(record.key) + sizeOfBytes(record.value) + sizeOf(headers[i]!.length);
    for (const [name, value] of headers[i]!) length += sizeOfBytes(name) + sizeOfBytes(value);
    at = putNumber(batch, at, length);
    batch[at++] = 0;
    at = putNumber(batch, at, timeDelta);
    at = putNumber(batch, at, i);
    at = putBytes(batch, at, record.key);
    at = putBytes(batch, at, record.value);
    at = putNumber(batch, at, headers[i]!.length);
    for (const [name, value] of headers[i]!) at = putBytes(batch, putBytes(batch, at, name), value);
  });
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(at - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(producer === undefined ? 0 : TRANSACTIONAL, 21);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(firstMs), 27);
  batch.writeBigInt64BE(BigInt(maxMs), 35);
  batch.writeBigInt64BE(producer?.id ?? -1n, 43);
  batch.writeInt16BE(producer?.epoch ?? -1, 51);
  batch.writeInt32BE(producer?.firstSequence ?? -1, 53);
  batch.writeInt32BE(records.length, 57);
  const whole = batch.subarray(0, at);
  batch.writeUInt32BE(crc32c(whole.subarray(CHECKED_FROM)) >>> 0, 17);
  return whole;
}

/** Bytes of a zigzag variable-length number; exact for safe integers. */
function sizeOf(value: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  let size = 1;
  for (; rest >= 128; size++) rest = Math.floor(rest / 128);
  return size;
}

function sizeOfBytes(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 1 : sizeOf(bytes.length) + bytes.length;
}

function putNumber(into: Buffer, at: number, value: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  let to = at;
  for (; rest >= 128; rest = Math.floor(rest / 128)) into[to++] = (rest % 128) | 0x80;
  into[to++] = rest;
  return to;
}

function putBytes(into: Buffer, at: number, bytes: Uint8Array | undefined): number {
  if (bytes === undefined) return putNumber(into, at, -1);
  const to = putNumber(into, at, bytes.length);
  into.set(bytes, to);
  return to + bytes.length;
}
