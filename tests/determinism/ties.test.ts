import { expect, test } from 'vitest';
import { seeded } from '../conformance/support/random-rows.ts';
import { runFragment, type Fragment } from '../support/fragment.ts';
import { SOURCE } from '../stream/loop.ts';

const SCHEMA = { ...SOURCE.schema, fields: [...SOURCE.schema.fields, { name: 'n', type: 'integer' as const, nullable: false }] };
const source = { ...SOURCE, schema: SCHEMA };
const row = (n: number): Readonly<Record<string, unknown>> => ({ k: 'a', t: '2026-01-01T00:00:00Z', n });

/** Nine rows of one key and one time: what is kept of them is decided by the ties alone. */
const fragment: Fragment = {
  // the plan's order is that of the names, and so are the numbers of the origins
  sources: { one: source, two: source },
  nodes: [
    { id: 'all', kind: 'union', settings: { inputs: 2 } },
    {
      id: 'minute',
      kind: 'window',
      settings: {
        by: ['k'],
        columns: [
          { name: 'first', expression: 'first(n)' },
          { name: 'last', expression: 'last(n)' },
        ],
      },
    },
    { id: 'once', kind: 'dedupe', settings: { by: ['k'], horizon: '1m' } },
    { id: 'ranked', kind: 'z-score', settings: { field: 'n', by: ['k'], min_samples: 2 } },
    { id: 'table', kind: 'postgres-sink', settings: { table: 't', key: ['k'] } },
    { id: 'kept', kind: 'file-sink', settings: { path: 'kept.jsonl' } },
    { id: 'windows', kind: 'file-sink', settings: { path: 'windows.jsonl' } },
    { id: 'scores', kind: 'file-sink', settings: { path: 'scores.jsonl' } },
  ],
  edges: [
    'one.out -> all.in1',
    'two.out -> all.in2',
    'all.out -> minute.in',
    'all.out -> once.in',
    'all.out -> ranked.in',
    'all.out -> table.in',
    'minute.out -> windows.in',
    'once.out -> kept.in',
    'ranked.out -> scores.in',
  ],
  inputs: {
    one: [
      [row(1), row(2)],
      [row(3), row(4)],
    ],
    two: [
      [row(5), row(6), row(7)],
      [row(8), row(9)],
    ],
  },
};

test.each(Array.from({ length: 12 }, (_, seed) => [seed + 1]))(
  '[D3] equal times are ordered by source, partition and offset, whatever arrives first (schedule %i)',
  async (seed) => {
    const random = seeded(seed * 7919);
    const { rows } = await runFragment(fragment, { chunk: 1, choose: (open) => Math.floor(random() * open) });
    expect(rows['minute.out']).toMatchObject([{ first: 1, last: 9 }]);
    expect(rows['once.out']).toMatchObject([{ n: 1 }]);
    expect(rows['ranked.out']!.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rows['table']).toMatchObject([{ n: 9 }]);
  },
);
