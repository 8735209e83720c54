import { describe, expect, test } from 'vitest';
import { allRows, Batch, BooleanColumn, ListColumn, NumberColumn, TextColumn, type Column } from '../../../engine/model/batch.ts';
import { Dictionary } from '../../../engine/model/dictionary.ts';
import type { Type } from '../../../engine/model/type.ts';
import type { AggregateState } from '../../../engine/stream/aggregate.ts';
import { PieceReader, PieceWriter } from '../byte-io.ts';
import { jsonAt } from '../values.ts';
import { aggregateFunctions } from './functions.ts';

function stateOf(
  name: string,
  argument: Type | undefined,
  options: readonly number[] = [],
  distinct = false,
): () => AggregateState {
  const create = aggregateFunctions.find((entry) => entry.name === name)!.state({ argument, distinct, options });
  return () => {
    const state = create();
    state.reserve(256);
    return state;
  };
}

function batch(length: number, init: { times?: readonly number[]; partition?: number } = {}): Batch {
  return new Batch({
    origin: { source: 0, partition: init.partition ?? 0 },
    columns: [],
    length,
    rows: allRows(length),
    count: length,
    times: Float64Array.from(init.times ?? allRows(length).slice(0, length)),
    offsets: Float64Array.from({ length }, (_, i) => i),
    watermarks: new Float64Array(length),
    minTime: 0,
    lastWatermark: -Infinity,
    raw: undefined,
  });
}

function numbers(values: readonly (number | null)[]): NumberColumn {
  return new NumberColumn(
    Float64Array.from(values, (own) => own ?? 0),
    Uint8Array.from(values, (own) => (own === null ? 1 : 0)),
  );
}

function texts(values: readonly (string | null)[], dictionary = new Dictionary()): TextColumn {
  return new TextColumn(
    Int32Array.from(values, (own) => (own === null ? -1 : dictionary.internText(own))),
    dictionary,
  );
}

function lists(values: readonly (readonly string[] | null)[]): ListColumn {
  const dictionary = new Dictionary();
  const offsets = new Int32Array(values.length + 1);
  const ids: number[] = [];
  values.forEach((own, i) => {
    for (const text of own ?? []) ids.push(dictionary.internText(text));
    offsets[i + 1] = ids.length;
  });
  return new ListColumn(
    offsets,
    Int32Array.from(ids),
    dictionary,
    Uint8Array.from(values, (own) => (own === null ? 1 : 0)),
  );
}

function booleans(values: readonly (boolean | null)[]): BooleanColumn {
  return new BooleanColumn(
    Uint8Array.from(values, (own) => (own === true ? 1 : 0)),
    Uint8Array.from(values, (own) => (own === null ? 1 : 0)),
  );
}

/** All rows into slot 3. */
function take(
  state: AggregateState,
  column: Column | undefined,
  length: number,
  init: Parameters<typeof batch>[1] = {},
): AggregateState {
  state.accumulate(new Int32Array(length).fill(3), allRows(length), length, column, batch(length, init));
  return state;
}

const slot = Int32Array.of(3);

function value(state: AggregateState, type: Type): unknown {
  return jsonAt(state.finalise(slot, 1), 0, type);
}

/** Through bytes into a state of its own, and combined from there into a third. */
function moved(create: () => AggregateState, state: AggregateState): AggregateState {
  const writer = new PieceWriter().begin();
  state.write(slot, 1, writer);
  const read = create();
  const reader = new PieceReader(writer.take());
  read.read(slot, 1, reader);
  expect(reader.done).toBe(true);
  const combined = create();
  combined.combine(slot, read, slot, 1);
  return combined;
}

const cases: readonly [
  call: string,
  name: string,
  argument: Type | undefined,
  column: Column | undefined,
  length: number,
  result: Type,
  wanted: unknown,
  empty: unknown,
  options?: readonly number[],
  distinct?: boolean,
][] = [
  ['count(*)', 'count', undefined, undefined, 4, 'integer', 4, 0],
  ['count(x)', 'count', 'float', numbers([1, null, 0]), 3, 'integer', 2, 0],
  ['count(text)', 'count', 'text', texts(['a', null, '']), 3, 'integer', 2, 0],
  ['count(DISTINCT text)', 'count', 'text', texts(['a', 'b', null, 'a', '']), 5, 'integer', 3, 0, [], true],
  ['count(DISTINCT number), −0 is 0', 'count', 'float', numbers([0, -0, 1.5, null, 1.5]), 5, 'integer', 2, 0, [], true],
  [
    'sum of integers, exact beyond 2^53 on the way',
    'sum',
    'integer',
    numbers([9007199254740991, 9007199254740991, -9007199254740991, 3, -9007199254740990]),
    5,
    'integer',
    4,
    null,
  ],
  ['sum of decimals', 'sum', 'decimal(2)', numbers([1999, 1, null]), 3, 'decimal(2)', 20, null],
  ['sum of floats that cancel', 'sum', 'float', numbers([1e16, 1, -1e16]), 3, 'float', 1, null],
  ['avg of decimals is a float', 'avg', 'decimal(2)', numbers([100, 201]), 2, 'float', 1.505, null],
  ['avg', 'avg', 'integer', numbers([1, null, 2]), 3, 'float', 1.5, null],
  ['min', 'min', 'integer', numbers([3, null, -2, 5]), 4, 'integer', -2, null],
  ['max of text by bytes', 'max', 'text', texts(['z', 'ä', null, 'Z']), 4, 'text', 'ä', null],
  ['min of text by bytes', 'min', 'text', texts(['z', 'a', 'Z']), 3, 'text', 'Z', null],
  [
    'stddev_pop far from zero',
    'stddev_pop',
    'float',
    numbers([1e9 + 1, 1e9 + 2, 1e9 + 3, null]),
    4,
    'float',
    Math.sqrt(2 / 3),
    null,
  ],
  ['stddev_samp', 'stddev_samp', 'decimal(1)', numbers([10, 30]), 2, 'float', Math.SQRT2, null],
  ['stddev_samp of one value is NULL', 'stddev_samp', 'integer', numbers([10]), 1, 'float', null, null],
  ['bool_and', 'bool_and', 'boolean', booleans([true, null, false]), 3, 'boolean', false, null],
  ['bool_or', 'bool_or', 'boolean', booleans([false, null]), 2, 'boolean', false, null],
  [
    'array_agg keeps NULLs and the first n',
    'array_agg',
    'text',
    texts(['b', null, 'a', 'c']),
    4,
    'text[]',
    ['b', null, 'a'],
    null,
    [3],
  ],
  ['first skips NULL', 'first', 'text', texts([null, 'x', 'y']), 3, 'text', 'x', null],
  ['last of a list', 'last', 'text[]', lists([['a', 'b'], [], null]), 3, 'text[]', [], null],
  ['last of a boolean', 'last', 'boolean', booleans([true, false, null]), 3, 'boolean', false, null],
  [
    'top flattens, ties by bytes',
    'top',
    'text[]',
    lists([['b', 'a'], null, ['c', 'b'], ['a']]),
    4,
    'text[]',
    ['a', 'b'],
    null,
    [2],
  ],
  [
    'top_counts',
    'top_counts',
    'text',
    texts(['x', 'y', null, 'y']),
    4,
    'json',
    [
      { name: 'y', count: 2 },
      { name: 'x', count: 1 },
    ],
    null,
    [5],
  ],
];

describe('[W2]', () => {
  test.each(cases)('%s', (_, name, argument, column, length, result, wanted, empty, options = [], distinct = false) => {
    const create = stateOf(name, argument, options, distinct);
    expect(value(create(), result)).toEqual(empty);
    const state = take(create(), column, length);
    expect(value(state, result)).toEqual(wanted);
    expect(value(moved(create, state), result)).toEqual(wanted);
    state.clear(slot, 1);
    expect(value(state, result)).toEqual(empty);
  });

  test('first and last order by event time, then partition, then offset, and not by arrival', () => {
    const last = stateOf('last', 'integer')();
    take(last, numbers([1, 2]), 2, { times: [50, 50], partition: 1 });
    take(last, numbers([3, 4]), 2, { times: [50, 49], partition: 0 });
    expect(value(last, 'integer')).toBe(2);
    const first = stateOf('first', 'integer')();
    take(first, numbers([1, 2]), 2, { times: [50, 50], partition: 1 });
    take(first, numbers([3, 4]), 2, { times: [50, 50], partition: 0 });
    expect(value(first, 'integer')).toBe(3);
  });

  test('counts of distinct values and top are exact from a few values to many, across dictionaries', () => {
    const distinct = stateOf('count', 'text', [], true);
    const top = stateOf('top_counts', 'text', [1]);
    const [a, b, c, d] = [distinct(), distinct(), top(), top()];
    for (let part = 0; part < 6; part++) {
      const names = Array.from({ length: 4000 }, (_, i) => `user ${(i * 7 + part * 1000) % 9000}`);
      for (const state of [part < 3 ? a : b, part < 3 ? c : d]) {
        take(state, texts([...names, 'often', 'often'], new Dictionary()), names.length + 2);
      }
    }
    const all = new Set(
      Array.from({ length: 6 }, (_, part) => Array.from({ length: 4000 }, (__, i) => (i * 7 + part * 1000) % 9000)).flat(),
    );
    a.combine(slot, b, slot, 1);
    expect(value(a, 'integer')).toBe(all.size + 1);
    c.combine(slot, d, slot, 1);
    expect(value(c, 'json')).toEqual([{ name: 'often', count: 12 }]);
  });
});
