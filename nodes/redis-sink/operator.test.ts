import { describe, expect, test } from 'vitest';
import { allRows, Batch, NumberColumn, TextColumn, type Layout } from '../../engine/model/batch.ts';
import { decodeUtf8, Dictionary } from '../../engine/model/dictionary.ts';
import { APPEND } from '../../engine/model/schema.ts';
import type { Out, Outbox, SinkOperator } from '../../engine/stream/operator.ts';
import { definition } from './definition.ts';
import { encoder } from './operator.ts';

const S = 1_000_000;
const LAYOUT: Layout = [
  { name: 's', type: 'text', nullable: true, as: 'dictionary' },
  { name: 'n', type: 'integer', nullable: false, as: 'number' },
];

function make(keys: readonly unknown[], ttl = '60s'): SinkOperator {
  const schema = { fields: LAYOUT, mode: APPEND, keys: [], window: undefined, timed: true };
  const settings = definition.settings.parse({ keys, ttl });
  expect(definition.infer(settings, [schema]).problems).toEqual([]);
  return encoder
    .prepare(settings, [{ schema, layout: LAYOUT }])
    .create({ partition: 0, source: 0, node: 1, connected: () => false, wired: () => false });
}

function feed(sink: SinkOperator, ...rows: readonly (readonly [s: string | null, n: number, seconds: number])[]): string[] {
  const dead: string[] = [];
  const out: Out = {
    emit() {},
    filtered() {},
    late() {},
    held() {},
    dead: (_batch, row, code) => dead.push(`${row} ${code}`),
  };
  const dictionary = new Dictionary();
  const times = Float64Array.from(rows, ([, , seconds]) => seconds * S);
  sink.onBatch(
    0,
    new Batch({
      origin: { source: 0, partition: 0 },
      columns: [
        new TextColumn(
          Int32Array.from(rows, ([s]) => (s === null ? -1 : dictionary.internText(s))),
          dictionary,
        ),
        new NumberColumn(
          Float64Array.from(rows, ([, n]) => n),
          undefined,
        ),
      ],
      length: rows.length,
      rows: allRows(rows.length),
      count: rows.length,
      times,
      offsets: Float64Array.from(rows, (_, i) => i),
      watermarks: times,
      minTime: 0,
      lastWatermark: 0,
      raw: undefined,
    }),
    out,
  );
  return dead;
}

const numbers = (outbox: Outbox | undefined): string => {
  const text = outbox === undefined ? '' : decodeUtf8(outbox.bytes, 0, outbox.bytes.length);
  return text
    .trim()
    .replace(/\{"s":"([^"]*)","n":(\d+)\}/g, '$1$2')
    .replaceAll('\n', ' ');
};

/** snapshot into `stored`, then a new operator from it */
function restart(sink: SinkOperator, stored: Map<string, Uint8Array>, again: () => SinkOperator): SinkOperator {
  sink.snapshot({ put: (key, bytes) => stored.set(key, bytes.slice()), delete: (key) => stored.delete(key) });
  const next = again();
  for (const [key, bytes] of stored) next.restore(key, bytes);
  return next;
}

describe('values', () => {
  const again = (): SinkOperator => make([{ template: 'x:{s}', type: 'string', value: 'n' }]);

  test('[E5] the view is every last value within the time to live, also after a restart', () => {
    const stored = new Map<string, Uint8Array>();
    let sink = again();
    feed(sink, ['a', 1, 10], ['b', 2, 20], ['a', 3, 30]);
    expect(numbers(sink.takeOutbox())).toBe('a3 b2');
    sink = restart(sink, stored, again);
    feed(sink, ['c', 4, 85]);
    expect(numbers(sink.takeOutbox())).toBe('c4');
    expect(numbers(sink.rewrite!())).toBe('a3 c4');
    sink = restart(sink, stored, again);
    expect([...stored.keys()].toSorted()).toEqual(['view a', 'view c']);
    expect(numbers(sink.rewrite!())).toBe('a3 c4');
  });

  test('an empty key is a dead letter, a NULL in it too', () => {
    const sink = make([{ template: '{s}', type: 'json' }]);
    expect(feed(sink, ['', 1, 1], [null, 2, 2], ['a', 3, 3])).toEqual(['0 empty_key', '1 null_key']);
    expect(numbers(sink.takeOutbox())).toBe('a3');
  });
});

describe('lists', () => {
  const again = (): SinkOperator => make([{ template: 'x:{s}', type: 'list', length: 3 }], '');

  test('[E5] a list leaves whole, newest first by event time, whatever the order of arrival and the epochs', () => {
    const stored = new Map<string, Uint8Array>();
    let sink = again();
    feed(sink, ['a', 2, 20], ['a', 1, 10], ['b', 9, 5]);
    expect(numbers(sink.takeOutbox())).toBe('a2 a1 b9');
    sink = restart(sink, stored, again);
    feed(sink, ['a', 4, 40], ['a', 3, 30], ['a', 0, 5]);
    expect(numbers(sink.takeOutbox())).toBe('a4 a3 a2');
    expect(sink.takeOutbox()).toBeUndefined();
    sink = restart(sink, stored, again);
    expect(numbers(sink.rewrite!())).toBe('a4 a3 a2 b9');
  });
});

describe('settings', () => {
  const schema = { fields: LAYOUT, mode: APPEND, keys: [], window: undefined, timed: true };
  test.each([
    [[{ template: 'x:{s', type: 'json' }], 'key_template keys.0.template'],
    [[{ template: 'x:{t}', type: 'json' }], 'unknown_field keys.0.template'],
    [[{ template: 'x:{s}', type: 'string', value: 'm' }], 'unknown_field keys.0.value'],
    [[{ template: 'x:{s}', type: 'hash', columns: ['m'] }], 'unknown_field keys.0.columns.0'],
    [[{ template: 'x:{s}' }, { template: 'y:{n}' }], 'keys_differ keys.1.template'],
    [[{ template: 'x:{s}' }, { template: 'y:{s}', type: 'list' }], 'list_beside_others keys'],
  ])('%j', (keys, expected) => {
    const { problems } = definition.infer(definition.settings.parse({ keys }), [schema]);
    expect(problems.map((problem) => `${problem.code} ${problem.field}`)).toEqual([expected]);
  });

  test('braces in a key', () => {
    const sink = make([{ template: '{{{s}}}', type: 'json' }]);
    expect(feed(sink, ['', 1, 1])).toEqual([]);
  });
});
