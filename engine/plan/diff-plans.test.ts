import { expect, test } from 'vitest';
import { small, smallCatalog } from '../../tests/support/small-catalog.ts';
import type { PipelineDocument } from '../model/pipeline.ts';
import { compilePipeline } from './compile-pipeline.ts';
import { diffDocuments } from './diff-documents.ts';
import { diffPlans, diffText } from './diff-plans.ts';

type Nodes = Parameters<typeof small>[0];

const NODES: Nodes = {
  a: ['tap', { topic: 'chat' }, 2],
  keep: ['sieve', { keep: 'message' }],
  per: ['count', { by: 'stream' }],
  out: ['table', { key: ['stream', 'window_start', 'window_end'] }],
};
const EDGES = ['a.out -> keep.in', 'keep.match -> per.in', 'per.out -> out.in'];

function apply(nodes: Nodes, edges: readonly string[] = EDGES): string {
  const plan = (document: PipelineDocument) => compilePipeline(document, smallCatalog).plan!;
  const diff = diffPlans(plan(small(NODES, ...EDGES)), plan(small(nodes, ...edges)), smallCatalog);
  return `${diff.change}${diff.refused ? ', refused' : ''}\n${diffText(diff)}`;
}

test('the same pipeline: nothing to do', () => {
  expect(apply(NODES)).toBe('nothing\nNothing to do.\n');
});

test('[E8] a setting that state does not depend on is a hot edit', () => {
  expect(apply({ ...NODES, keep: ['sieve', { keep: 'stream' }], per: ['count', { by: 'stream', note: 'x' }] }))
    .toMatchInlineSnapshot(`
    "setting
    keep: setting keep; state none. This node keeps nothing between rows.
    per: setting note; state kept. Nothing that its state depends on changes.
    "
  `);
});

test('[E8] a change that would lose state is refused, with the reason and the choices', () => {
  expect(apply({ ...NODES, per: ['count', { by: 'stream', every: 10 }] })).toMatchInlineSnapshot(`
    "setting, refused
    per: setting every; state refused. With another every, its stored state means something else. Choices: start this node fresh · reprocess from the beginning · go back.
    "
  `);
  expect(apply({ ...NODES, a: ['tap', { topic: 'other' }, 2] })).toMatchInlineSnapshot(`
    "setting, refused
    a: setting topic; state refused. With another topic, its positions in the input mean something else. Choices: start this node fresh · reprocess from the beginning · go back.
    "
  `);
  expect(apply({ ...NODES, out: ['table', { key: [] }] })).toMatchInlineSnapshot(`
    "setting, refused
    out: setting key; state refused. With another key, its rows on the way and what it knows of its table mean something else. Choices: start this node fresh · reprocess from the beginning · go back.
    "
  `);
  expect(
    apply({ ...NODES, per: ['sieve', {}], out: ['table', {}] }, [
      'a.out -> keep.in',
      'keep.match -> per.in',
      'per.match -> out.in',
    ]),
  ).toMatchInlineSnapshot(`
    "rewire, refused
    out: rewire key; state refused. With another key, its rows on the way and what it knows of its table mean something else. Choices: start this node fresh · reprocess from the beginning · go back.
    per: rewire; state refused. It becomes another kind of node; its stored state cannot be used. Choices: start this node fresh · reprocess from the beginning · go back.
    "
  `);
});

test('[E8] a rewired graph keeps the state of nodes whose id and relevant settings stay', () => {
  const { keep: _, ...rest } = NODES;
  expect(apply({ ...rest, live: ['table', {}] }, ['a.out -> per.in', 'per.out -> out.in', 'per.late -> live.in']))
    .toMatchInlineSnapshot(`
    "rewire
    keep: removed; state none. It kept nothing.
    live: added; state fresh. It is new and sees rows from now on.
    per: rewire; state kept. Nothing that its state depends on changes.
    "
  `);
  expect(apply({ a: NODES['a']!, keep: NODES['keep']!, out: ['table', {}] }, ['a.out -> keep.in', 'keep.match -> out.in']))
    .toMatchInlineSnapshot(`
    "rewire, refused
    out: rewire key; state refused. With another key, its rows on the way and what it knows of its table mean something else. Choices: start this node fresh · reprocess from the beginning · go back.
    per: removed; state refused. Without the node, its stored state would be dropped. Choices: start this node fresh · reprocess from the beginning · go back.
    "
  `);
});

test('two files are compared line by line', () => {
  const old = small(NODES, ...EDGES);
  const next = small(
    { ...NODES, keep: ['sieve', { keep: 'stream', sieve: { size: 2 } }], more: ['cut'] },
    ...EDGES.slice(1),
    'a.out -> more.in',
  );
  expect(diffDocuments(old, old)).toEqual([]);
  expect(diffDocuments(old, { ...next, name: 'new name', layout: { ...next.layout, nodes: { a: { x: 1, y: 1 } } } }).join('\n'))
    .toMatchInlineSnapshot(`
    "~ name: "small" → "new name"
    ~ node keep setting keep: "message" → "stream"
    ~ node keep setting sieve: not set → {"size":2}
    + node more (cut)
    - edge a.out -> keep.in
    + edge a.out -> more.in
    ~ layout: positions only, the logic is the same"
  `);
});
