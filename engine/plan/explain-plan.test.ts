import { expect, test } from 'vitest';
import { small, smallCatalog } from '../../tests/support/small-catalog.ts';
import { compilePipeline } from './compile-pipeline.ts';
import { explainPlan } from './explain-plan.ts';

test('a plan is explained in words: edges, stages, state, guarantees', () => {
  const { plan } = compilePipeline(
    small(
      {
        a: ['tap', { topic: 'chat' }, 2],
        keep: ['sieve', { keep: 'message' }],
        per: ['count', { by: 'stream', every: 10 }],
        out: ['table', { key: ['stream', 'window_start', 'window_end'] }],
        live: ['table', { key: ['stream'], updates: 'newest_full' }],
      },
      'a.out -> keep.in',
      'keep.match -> per.in',
      'per.out -> out.in',
      'per.updates -> live.in',
    ),
    smallCatalog,
  );
  expect(explainPlan(plan!, smallCatalog)).toMatchInlineSnapshot(`
    "small: 5 nodes, plan 0d6a0b0c46e7

    Rows on each edge
      a.out → keep.in: each row is final
        stream text not null, message text not null, amount decimal(2), tags text[], extra json, ok boolean
      keep.match → per.in: each row is final
        stream text not null, message text not null, amount decimal(2), tags text[], extra json, ok boolean
      per.updates → live.in: a row replaces the earlier one of the same stream, window_start, window_end
        stream text not null, window_start timestamp not null, window_end timestamp not null, count integer not null
      per.out → out.in: each row is final; unique by (stream, window_start, window_end)
        stream text not null, window_start timestamp not null, window_end timestamp not null, count integer not null

    Stage 1, once for each partition of a source
      a: Tap, chat
        reads stream (compared), message (passed on)
      keep: Sieve, message

    Stage 2, all partitions together
      per: Count, 10 s
      live: Table, stream
      out: Table, stream, window_start, window_end

    State that survives a stop
      a: positions in the input, kept while topic stays as set (6146124bd8d6)
      per: groups, windows and held rows, kept while by, every stay as set (06ddf3c5b039)
      live: rows not yet delivered, kept while key stays as set (adf6ca99b6be)
      out: rows not yet delivered, kept while key stays as set (1b2f57fc2187)

    Guarantees
      a: Read again from the stored position.
      per: none
      live: Each row once.
      out: Each row once.
    "
  `);
});
