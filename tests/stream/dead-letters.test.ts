import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { letterOfRow } from '../../app/headless/dead-letters.ts';
import { DeadLetterRing } from '../../engine/host/dead-letter-ring.ts';
import { allRows, Batch, NumberColumn, TextColumn, type Layout } from '../../engine/model/batch.ts';
import { Dictionary } from '../../engine/model/dictionary.ts';
import type { DeadLetter } from '../../engine/stream/dead-letter.ts';
import { MemoryStore } from '../../engine/stream/memory-store.ts';
import { FakeReader, FakeSink } from './fakes.ts';
import { COPY, loopOf } from './loop.ts';
import { START_MS, VirtualHost } from './virtual-host.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('[V2] a dead letter says what, where and when, and holds the first 16 KiB of the message', async () => {
  const host = new VirtualHost();
  const store = new MemoryStore();
  const long = `{"k":"${'é'.repeat(10_000)}`;
  const kept = Buffer.from(long).subarray(0, 16_384);
  const ahead = '{"k":"a","t":"2026-01-01T00:06:00Z"}';
  const log = [['{"k":"a","t":"2026-01-01T00:00:00Z"}', long, ahead]];
  const readers = { in: new FakeReader(host, log, { bounded: true }) };
  const sinks = { out: new FakeSink() };
  const { run } = await loopOf({ fragment: COPY, host, store, readers, sinks, bounded: true, ceiling: true });
  await run.execute();
  const place = { node: 'in', source: 'in', partition: 0, at: START_MS };
  expect(store.dead.map((letter) => ({ ...letter, raw: sha256(letter.raw) }))).toEqual([
    {
      ...place,
      code: 'invalid_json',
      sentence: 'not valid JSON at byte 20006, the message ends: a string is not closed',
      offset: 1,
      eventTime: undefined,
      raw: sha256(kept),
      rawLength: 20_006,
    },
    {
      ...place,
      code: 'future_timestamp',
      sentence: expect.stringContaining('2026-01-01T00:06:00Z') as string,
      offset: 2,
      eventTime: (START_MS + 360_000) * 1000,
      raw: sha256(Buffer.from(ahead)),
      rawLength: ahead.length,
    },
  ]);
});

test('[V2] behind a combination it holds the row as JSON', () => {
  const layout: Layout = [
    { name: 'k', type: 'text', nullable: true, as: 'dictionary' },
    { name: 'window_end', type: 'timestamp', nullable: false, as: 'number' },
  ];
  const dictionary = new Dictionary();
  const batch = new Batch({
    origin: { source: 3, partition: 0 },
    columns: [
      new TextColumn(Int32Array.of(dictionary.internText('a"b')), dictionary),
      new NumberColumn(Float64Array.of((START_MS + 60_000) * 1000), undefined),
    ],
    length: 1,
    rows: allRows(1),
    count: 1,
    times: Float64Array.of((START_MS + 60_000) * 1000 - 1),
    offsets: Float64Array.of(17),
    watermarks: new Float64Array(1),
    minTime: 0,
    lastWatermark: 0,
    raw: undefined,
  });
  const letter = letterOfRow(batch, layout, 0, { node: 'out', code: 'c', sentence: 'S.', source: 'minute', at: 5 });
  const text = '{"k":"a\\"b","window_end":"2026-01-01T00:01:00Z"}';
  expect({ ...letter, raw: Buffer.from(letter.raw).toString() }).toEqual({
    node: 'out',
    code: 'c',
    sentence: 'S.',
    source: 'minute',
    partition: 0,
    offset: 17,
    eventTime: (START_MS + 60_000) * 1000 - 1,
    at: 5,
    raw: text,
    rawLength: text.length,
  });
});

describe('the ring', () => {
  const letter = (offset: number, raw: Uint8Array): DeadLetter => ({
    node: 'in',
    code: 'c',
    sentence: 'S.',
    source: 'in',
    partition: 0,
    offset,
    eventTime: undefined,
    at: 0,
    raw,
    rawLength: raw.length,
  });

  test.each([
    ['100,000 letters', 100_003, 8, 3],
    ['256 MiB', 17, 16 * 1024 * 1024, 1],
  ] as const)('[V2] beyond %s the oldest leave, and are counted', (_title, count, size, dropped) => {
    const database = new DatabaseSync(':memory:');
    const ring = new DeadLetterRing(database);
    const raw = new Uint8Array(size);
    database.exec('BEGIN');
    ring.add(Array.from({ length: count }, (_, offset) => letter(offset, raw)));
    database.exec('COMMIT');
    const kept = count - dropped;
    expect(ring.totals()).toEqual({ count: kept, bytes: kept * size, dropped });
    expect(ring.byCode()).toEqual([{ node: 'in', code: 'c', count: kept }]);
    expect(ring.list({ limit: 1 }).map(({ offset }) => offset)).toEqual([count - 1]);
    expect([ring.get(dropped), ring.get(dropped + 1)?.offset]).toEqual([undefined, dropped]);
    database.close();
  });
});
