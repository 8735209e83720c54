import { describe, expect, test } from 'vitest';
import { allRows, Batch, BooleanColumn, BytesColumn, ListColumn, NumberColumn, TextColumn } from '../../engine/model/batch.ts';
import type { Column, Layout } from '../../engine/model/batch.ts';
import { decodeUtf8, Dictionary, encodeUtf8 } from '../../engine/model/dictionary.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { parseTimestamp } from '../../engine/model/timestamp.ts';
import type { Out, Outbox, SinkOperator, SnapshotOut } from '../../engine/stream/operator.ts';
import { outboxEncoder, type OutboxOptions } from './outbox.ts';
import { jsonTextAt } from './values.ts';

const S = 1_000_000;

function lines(outbox: Outbox | undefined): string[] {
  if (outbox === undefined) return [];
  const rows = decodeUtf8(outbox.bytes, 0, outbox.bytes.length).split('\n').slice(0, -1);
  expect(rows.length).toBe(outbox.rows);
  return rows;
}

function batch(
  columns: readonly Column[],
  times: readonly number[],
  init: { partition?: number; firstOffset?: number } = {},
): Batch {
  const length = times.length;
  return new Batch({
    origin: { source: 0, partition: init.partition ?? 0 },
    columns,
    length,
    rows: allRows(length),
    count: length,
    times: Float64Array.from(times),
    offsets: Float64Array.from(times, (_, i) => (init.firstOffset ?? 0) + i),
    watermarks: new Float64Array(length),
    minTime: 0,
    lastWatermark: 0,
    raw: undefined,
  });
}

function recorder(): { out: Out; dead: string[] } {
  const dead: string[] = [];
  const ignore = (): void => {};
  return {
    dead,
    out: {
      emit: ignore,
      filtered: ignore,
      late: ignore,
      held: ignore,
      dead: (_b, row, code) => dead.push(`${row} ${code}`),
    },
  };
}

function schema(layout: Layout, mode: Schema['mode'] = APPEND, sizeUs?: number): Schema {
  return { fields: layout, mode, keys: [], window: sizeUs === undefined ? undefined : { sizeUs, hopUs: 10 * S }, timed: true };
}

function text(values: readonly (string | null)[]): TextColumn {
  const dictionary = new Dictionary();
  return new TextColumn(
    Int32Array.from(values, (value) => (value === null ? -1 : dictionary.internText(value))),
    dictionary,
  );
}

function numbers(values: readonly number[], nulls?: readonly number[]): NumberColumn {
  return new NumberColumn(Float64Array.from(values), nulls === undefined ? undefined : Uint8Array.from(nulls));
}

const KV: Layout = [
  { name: 'k', type: 'text', nullable: true, as: 'dictionary' },
  { name: 'v', type: 'integer', nullable: false, as: 'number' },
];

function encoder(layout: Layout, options: OutboxOptions, mode?: Schema['mode'], sizeUs?: number): SinkOperator {
  return outboxEncoder({ schema: schema(layout, mode, sizeUs), layout }, options).create({
    partition: 0,
    source: 0,
    node: 1,
    connected: () => false,
    wired: () => false,
  });
}

describe('rows as JSON lines', () => {
  test('every type is written exactly, byte for byte as jsonTextAt writes it', () => {
    const raw = encodeUtf8('a\\u0041\\n{"x":\n1.50}plain "quoted"');
    const layout: Layout = [
      { name: 'f', type: 'float', nullable: true, as: 'number' },
      { name: 'i', type: 'integer', nullable: false, as: 'number' },
      { name: 'd', type: 'decimal(2)', nullable: false, as: 'number' },
      { name: 't', type: 'timestamp', nullable: false, as: 'number' },
      { name: 'b', type: 'boolean', nullable: false, as: 'boolean' },
      { name: 's', type: 'text', nullable: false, as: 'dictionary' },
      { name: 'e', type: 'text', nullable: false, as: 'bytes' },
      { name: 'u', type: 'text', nullable: false, as: 'bytes' },
      { name: 'l', type: 'text[]', nullable: false, as: 'list' },
    ];
    const dictionary = new Dictionary();
    const ids = ['é"\\\u0001\t', '🙂'].map((value) => dictionary.internText(value));
    const columns: Column[] = [
      numbers([0.1, -0, 1e21, 5e-324, 2 ** 53], [0, 0, 0, 0, 1]),
      numbers([0, -7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 999_999_999]),
      numbers([1999, -5, 0, 100, Number.MAX_SAFE_INTEGER]),
      numbers([0, parseTimestamp('2026-09-07T07:17:12.25Z')!, -1, parseTimestamp('1700-01-01T00:00:00.000001Z')!, 86_399_999_999]),
      new BooleanColumn(Uint8Array.from([1, 0, 1, 0, 1]), undefined),
      new TextColumn(Int32Array.from([ids[0]!, ids[1]!, ids[0]!, -1, ids[1]!]), dictionary),
      new BytesColumn(Int32Array.from([0, 0, 0, -1, 0]), Int32Array.from([9, 9, 0, 0, 1]), raw, 'json-string'),
      new BytesColumn(Int32Array.from([20, 20, 20, -1, 20]), Int32Array.from([33, 33, 20, 0, 21]), raw, 'utf8'),
      new ListColumn(
        Int32Array.from([0, 2, 2, 3, 3, 4]),
        Int32Array.from([ids[0]!, -1, ids[1]!, ids[1]!]),
        dictionary,
        Uint8Array.from([0, 0, 0, 1, 0]),
      ),
    ];
    const sink = encoder(layout, {});
    sink.onBatch(0, batch(columns, [1, 2, 3, 4, 5]), recorder().out);
    const expected = [0, 1, 2, 3, 4].map(
      (row) => `{${layout.map((field, i) => `"${field.name}":${jsonTextAt(columns[i]!, row, field.type)}`).join(',')}}`,
    );
    expect(lines(sink.takeOutbox())).toEqual(expected);
    expect(sink.takeOutbox()).toBeUndefined();
  });

  test('a line break inside a raw json value does not break the line', () => {
    const raw = encodeUtf8('{"x":\r\n1.50}');
    const sink = encoder([{ name: 'j', type: 'json', nullable: true, as: 'bytes' }], {});
    const column = new BytesColumn(Int32Array.from([0, -1]), Int32Array.from([raw.length, 0]), raw, 'json');
    sink.onBatch(0, batch([column], [1, 2]), recorder().out);
    expect(lines(sink.takeOutbox())).toEqual(['{"j":{"x":  1.50}}', '{"j":null}']);
  });

  test('only chosen columns, in the chosen order', () => {
    const sink = encoder(KV, { columns: ['v'] });
    sink.onBatch(0, batch([text(['a']), numbers([1])], [1]), recorder().out);
    expect(lines(sink.takeOutbox())).toEqual(['{"v":1}']);
  });
});

describe('keyed', () => {
  test('[K9] one row per key and epoch: the greatest by event time, partition, offset, whatever the order of arrival', () => {
    const early = batch([text(['a', 'b', 'a']), numbers([1, 2, 3])], [10, 10, 9], { partition: 1 });
    const late = batch([text(['a', 'b']), numbers([4, 5])], [10, 11], { partition: 0 });
    for (const order of [
      [early, late],
      [late, early],
    ]) {
      const sink = encoder(KV, { key: ['k'] });
      for (const one of order) sink.onBatch(0, one, recorder().out);
      expect(lines(sink.takeOutbox()).toSorted()).toEqual(['{"k":"a","v":1}', '{"k":"b","v":5}']);
    }
  });

  test('[K9] a NULL in the key is a dead letter', () => {
    const { out, dead } = recorder();
    const sink = encoder(KV, { key: ['k'] });
    sink.onBatch(0, batch([text([null, 'a']), numbers([1, 2])], [1, 2]), out);
    expect(dead).toEqual(['0 null_key']);
    expect(lines(sink.takeOutbox())).toEqual(['{"k":"a","v":2}']);
  });

  test('[K9] a key rewritten a hundred thousand times in one epoch holds little memory', () => {
    const sink = encoder(KV, { key: ['k'] });
    const keys = text(Array.from({ length: 1000 }, (_, i) => `key-${i % 3}`));
    for (let round = 0; round < 100; round++) {
      const rows = batch(
        [keys, numbers(Array.from({ length: 1000 }, (_, i) => i))],
        Array.from({ length: 1000 }, (_, i) => round * 1000 + i),
      );
      sink.onBatch(0, rows, recorder().out);
    }
    expect(sink.bytes()).toBeLessThan(3 << 20);
    expect(lines(sink.takeOutbox())).toEqual(['{"k":"key-0","v":999}', '{"k":"key-1","v":997}', '{"k":"key-2","v":998}']);
  });

  test('[K9] composed keys do not run into each other', () => {
    const layout: Layout = [
      { name: 'a', type: 'text', nullable: false, as: 'dictionary' },
      { name: 'b', type: 'text', nullable: false, as: 'dictionary' },
    ];
    const sink = encoder(layout, { key: ['a', 'b'] });
    sink.onBatch(0, batch([text(['x1', 'x']), text(['y', '1y'])], [1, 2]), recorder().out);
    expect(lines(sink.takeOutbox()).length).toBe(2);
  });
});

describe('newest full window', () => {
  const layout: Layout = [
    { name: 'k', type: 'text', nullable: true, as: 'dictionary' },
    { name: 'window_end', type: 'timestamp', nullable: false, as: 'number' },
    { name: 'n', type: 'integer', nullable: false, as: 'number' },
  ];
  const mode: Schema['mode'] = { kind: 'updates', key: ['k', 'window_start', 'window_end'], groupKey: ['k'] };
  const make = (): SinkOperator => encoder(layout, { columns: ['k', 'n'], key: ['k'], newestFull: true }, mode, 60 * S);
  const feed = (sink: SinkOperator, ...rows: readonly (readonly [key: string, endSeconds: number, n: number])[]): void => {
    const columns = [text(rows.map(([key]) => key)), numbers(rows.map(([, end]) => end * S)), numbers(rows.map(([, , n]) => n))];
    sink.onBatch(
      0,
      batch(
        columns,
        rows.map(([, end]) => end * S - 1),
      ),
      recorder().out,
    );
  };

  test('[W4] the greatest window_end that is not after the newest event time', () => {
    const sink = make();
    feed(sink, ['a', 60, 1], ['a', 70, 1], ['a', 80, 1]);
    expect(lines(sink.takeOutbox())).toEqual([]);
    feed(sink, ['a', 90, 3], ['a', 130, 4], ['a', 70, 5]);
    expect(lines(sink.takeOutbox())).toEqual(['{"k":"a","n":5}']);
  });

  test('[W4] another key moves the newest event time, and an older window never comes back', () => {
    const sink = make();
    feed(sink, ['a', 60, 1], ['a', 70, 2]);
    feed(sink, ['b', 130, 9]);
    expect(lines(sink.takeOutbox())).toEqual(['{"k":"a","n":2}']);
    feed(sink, ['a', 60, 7]);
    expect(lines(sink.takeOutbox())).toEqual([]);
    feed(sink, ['a', 70, 8]);
    expect(lines(sink.takeOutbox())).toEqual(['{"k":"a","n":8}']);
  });

  test('[K9] a window that waits takes its version of the latest epoch, whatever its offset', () => {
    const sink = make();
    feed(sink, ['a', 70, 1], ['a', 70, 2], ['a', 70, 3]);
    expect(lines(sink.takeOutbox())).toEqual([]);
    feed(sink, ['a', 70, 4]);
    feed(sink, ['b', 130, 0]);
    expect(lines(sink.takeOutbox())).toEqual(['{"k":"a","n":4}']);
  });

  test('[W4] snapshot and restore change nothing, and state goes when its windows are closed', () => {
    const straight = make();
    const stored = new Map<string, Uint8Array>();
    const into: SnapshotOut = { put: (key, bytes) => stored.set(key, bytes.slice()), delete: (key) => stored.delete(key) };
    let restarted = make();
    const seen: [string[], string[]] = [[], []];
    const epochs: readonly (readonly (readonly [string, number, number])[])[] = [
      [
        ['a', 60, 1],
        ['b', 70, 2],
      ],
      [
        ['a', 120, 3],
        ['b', 120, 4],
      ],
      [['a', 130, 5]],
      [
        ['a', 180, 6],
        ['b', 70, 7],
      ],
    ];
    for (const rows of epochs) {
      feed(straight, ...rows);
      seen[0].push(...lines(straight.takeOutbox()).toSorted());
      straight.snapshot({ put: () => {}, delete: () => {} });
      feed(restarted, ...rows);
      seen[1].push(...lines(restarted.takeOutbox()).toSorted());
      restarted.snapshot(into);
      restarted = make();
      for (const [key, bytes] of stored) restarted.restore(key, bytes);
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[0]).toEqual(['{"k":"a","n":1}', '{"k":"b","n":2}', '{"k":"a","n":3}', '{"k":"b","n":4}']);
    // the end of the input closes windows, but the newest event time stays what it was
    restarted.onWatermark(Number.POSITIVE_INFINITY, recorder().out);
    expect(lines(restarted.takeOutbox())).toEqual([]);
    feed(restarted, ['a', 240, 9]);
    expect(lines(restarted.takeOutbox())).toEqual(['{"k":"a","n":6}']);
    restarted.snapshot(into);
    expect([...stored.keys()].toSorted()).toEqual(['ka', 'newest']);
  });
});
