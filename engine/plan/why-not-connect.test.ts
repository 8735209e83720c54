import { expect, test } from 'vitest';
import { small, smallCatalog } from '../../tests/support/small-catalog.ts';
import { compilePipeline } from './compile-pipeline.ts';
import { whyNotConnect } from './why-not-connect.ts';

const document = small(
  {
    a: ['tap', { topic: 't' }, 2],
    b: ['sieve', { keep: 'nothing of the kind' }],
    per: ['count', { by: 'stream' }],
    out: ['table'],
    new_table: ['table'],
  },
  'a.out -> per.in',
  'b.match -> out.in',
);
const compiled = compilePipeline(document, smallCatalog);

function why(from: string, to: string): string | undefined {
  return whyNotConnect(document, compiled, smallCatalog, { from, to })?.code;
}

test('an edge that may not be drawn says why, before it is drawn', () => {
  expect(why('b.rest', 'b.in')).toBe('cycle');
  expect(why('a.out', 'per.in')).toBe('duplicate_edge');
  expect(why('a.out', 'out.in')).toBe('input_taken');
  expect(why('per.updates', 'b.in')).toBe('needs_final_rows');
  expect(why('out.out', 'b.in')).toBe('unknown_port');
});

test('what settings can mend is told after drawing', () => {
  expect(why('a.out', 'b.in')).toBeUndefined();
  expect(why('per.updates', 'new_table.in')).toBeUndefined();
});
