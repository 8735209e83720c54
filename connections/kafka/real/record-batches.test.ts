import { createRecordsBatch, type MessageRecord } from '@platformatic/kafka';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogRecord, LogSlice } from '../event-log.ts';
import { encodeBatch } from './encode-batch.ts';
import { readRecords, type AbortedTransaction } from './record-batches.ts';

const t0 = 1_700_000_000_000;
const bounds = { start: 0, end: 1_000_000 };

/** A stored batch: base offset and attributes as a broker sets them. */
function placed(batch: Buffer, base: number, change: { attributes?: number; producer?: number } = {}): Buffer {
  const copy = Buffer.from(batch);
  copy.writeBigInt64BE(BigInt(base), 0);
  if (change.attributes !== undefined) copy.writeInt16BE(copy.readInt16BE(21) | change.attributes, 21);
  if (change.producer !== undefined) copy.writeBigInt64BE(BigInt(change.producer), 43);
  return copy;
}

function read(from: number, batches: readonly Buffer[], aborted: readonly AbortedTransaction[] = [], behind = 0): LogSlice {
  const size = batches.reduce((sum, batch) => sum + batch.length, 0);
  const slice = readRecords(0, from, Buffer.concat([...batches, Buffer.alloc(behind)]), size, aborted, bounds);
  for (const ranges of [slice, slice.keys, slice.headers]) {
    if (ranges !== undefined) expect(ranges.bytes.length - Math.max(0, ...ranges.end)).toBeGreaterThanOrEqual(8);
  }
  return slice;
}

function rows(slice: LogSlice): unknown[] {
  const text = (ranges: { bytes: Uint8Array; start: Int32Array; end: Int32Array } | undefined, row: number): string | null =>
    ranges === undefined || ranges.start[row]! < 0
      ? null
      : Buffer.from(ranges.bytes.subarray(ranges.start[row], ranges.end[row])).toString();
  return Array.from({ length: slice.count }, (_, row) => [
    slice.offsets[row],
    slice.timestamps[row]! / 1000,
    text(slice.keys, row),
    text(slice, row),
    text(slice.headers, row),
  ]);
}

function some(...values: readonly string[]): LogRecord[] {
  return values.map((value, i) => ({ partition: 0, key: undefined, value: Buffer.from(value), timestampUs: (t0 + i) * 1000 }));
}

const values = (slice: LogSlice): unknown[] => rows(slice).map((row) => (row as unknown[])[3]);

test('what is encoded is read back: any keys, values, headers, times and sizes', () => {
  const bytes = fc.option(fc.string({ maxLength: 200 }), { nil: null });
  const one = fc.record({
    key: bytes,
    value: bytes,
    headers: fc.option(
      fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.string({ maxLength: 70 }), { minKeys: 1, maxKeys: 3 }),
      { nil: null },
    ),
    ms: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  });
  fc.assert(
    fc.property(
      fc.array(one, { minLength: 1, maxLength: 150 }),
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.boolean(),
      (records, base, padded) => {
        const batch = encodeBatch(
          records.map(({ key, value, headers, ms }) => ({
            partition: 0,
            key: key === null ? undefined : Buffer.from(key),
            value: value === null ? undefined : Buffer.from(value),
            headers: headers ?? undefined,
            timestampUs: ms * 1000,
          })),
          undefined,
        );
        const slice = read(base, [placed(batch, base)], [], padded ? 8 : 0);
        expect(rows(slice).map((row) => (row as unknown[]).slice(0, 4))).toEqual(
          records.map(({ key, value, ms }, i) => [base + i, ms, utf8(key), utf8(value)]),
        );
        expect(rows(slice).map((row) => JSON.parse(((row as unknown[])[4] as string | null) ?? 'null') as unknown)).toEqual(
          records.map(
            ({ headers }) =>
              headers && Object.fromEntries(Object.entries(headers).map(([name, value]) => [utf8(name), utf8(value)])),
          ),
        );
        expect(slice.next).toBe(base + records.length);
      },
    ),
    { numRuns: 300 },
  );
});

/** lone surrogates do not survive UTF-8 */
function utf8(text: string | null): string | null {
  return text === null ? null : Buffer.from(text).toString();
}

test('another client writes the same bytes', () => {
  const messages: MessageRecord[] = [
    {
      topic: 't',
      partition: 0,
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      timestamp: BigInt(t0),
      headers: new Map([[Buffer.from('h'), Buffer.from('1')]]),
    },
    { topic: 't', partition: 0, value: Buffer.from('w'.repeat(300)), timestamp: BigInt(t0 + 999) },
  ];
  const mine = encodeBatch(
    [
      { partition: 0, key: Buffer.from('k'), value: Buffer.from('v'), timestampUs: t0 * 1000, headers: { h: '1' } },
      { partition: 0, key: undefined, value: Buffer.from('w'.repeat(300)), timestampUs: (t0 + 999) * 1000 + 7 },
    ],
    { id: 7n, epoch: 3, firstSequence: 0 },
  );
  const theirs = createRecordsBatch(messages, { transactionalId: 'x', producerId: 7n, producerEpoch: 3, partitionLeaderEpoch: -1 });
  expect(mine.equals(theirs.buffer)).toBe(true);
});

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
  '%s: compressed batches beside plain ones, from the middle of a batch',
  (compression) => {
    const messages = Array.from({ length: 50 }, (_, i): MessageRecord => ({
      topic: 't',
      partition: 0,
      key: Buffer.from(`k${i}`),
      value: Buffer.from(`value ${i} `.repeat(20)),
      timestamp: BigInt(t0 + i),
    }));
    const compressed = placed(createRecordsBatch(messages, { compression }).buffer, 10);
    const slice = read(15, [compressed, placed(encodeBatch(some('plain'), undefined), 60)]);
    expect(slice.count).toBe(46);
    expect(rows(slice)[0]).toEqual([15, t0 + 5, 'k5', 'value 5 '.repeat(20), null]);
    expect(rows(slice).at(-1)).toEqual([60, t0, null, 'plain', null]);
    expect(slice.next).toBe(61);
  },
);

const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;

test('control batches and aborted transactions are skipped, committed ones between them are not', () => {
  const of = (base: number, producer: number, ...texts: string[]): Buffer =>
    placed(encodeBatch(some(...texts), { id: BigInt(producer), epoch: 0, firstSequence: 0 }), base);
  const marker = (base: number, producer: number): Buffer =>
    placed(encodeBatch(some('marker'), undefined), base, { attributes: TRANSACTIONAL | CONTROL, producer });
  const batches = [
    of(0, 1, 'a0', 'a1'),
    of(2, 2, 'b2'),
    placed(encodeBatch(some('plain'), undefined), 3),
    marker(4, 1),
    of(5, 1, 'later a5'),
    marker(6, 2),
    of(7, 1, 'a7'),
    marker(8, 1),
  ];
  const aborted = [
    { producerId: 1n, firstOffset: 0n },
    { producerId: 1n, firstOffset: 7n },
  ];
  expect(values(read(0, batches, aborted))).toEqual(['b2', 'plain', 'later a5']);
  expect(values(read(0, batches))).toEqual(['a0', 'a1', 'b2', 'plain', 'later a5', 'a7']);
  expect(read(0, batches, aborted).next).toBe(9);
  expect(read(7, batches.slice(6), aborted.slice(1)).count).toBe(0);
});

test('a batch that is cut off is left for the next fetch', () => {
  const first = placed(encodeBatch(some('a', 'b'), undefined), 0);
  const second = placed(encodeBatch(some('c'.repeat(500)), undefined), 2);
  const slice = read(0, [first, second.subarray(0, second.length - 1)]);
  expect(values(slice)).toEqual(['a', 'b']);
  expect(slice.next).toBe(2);
});

test("where the broker's time counts, every message has it", () => {
  const slice = read(0, [placed(encodeBatch(some('a', 'b', 'c'), undefined), 0, { attributes: 1 << 3 })]);
  expect([...slice.timestamps]).toEqual(Array.from({ length: 3 }, () => (t0 + 2) * 1000));
});

test('a message format that is too old is refused by name', () => {
  const old = placed(encodeBatch(some('a'), undefined), 5);
  old[16] = 1;
  expect(() => read(5, [old])).toThrow(expect.objectContaining({ kind: 'fatal', code: 'kafka_old_messages' }));
});

test('damaged batches are refused, not read beyond their end', () => {
  const records = placed(encodeBatch(some('a'.repeat(50), 'b'.repeat(50)), undefined), 7);
  const longer = Buffer.from(records);
  longer[61] = 0xfe;
  longer[62] = 0x7f;
  const zipped = placed(
    createRecordsBatch([{ topic: 't', value: Buffer.from('x'.repeat(500)) }], { compression: 'gzip' }).buffer,
    7,
  );
  zipped.fill(0xff, 65);
  for (const damaged of [longer, zipped]) {
    expect(() => read(7, [damaged])).toThrow(expect.objectContaining({ kind: 'fatal', code: 'kafka_corrupt' }));
  }
});
