import { expect, test } from 'vitest';
import { createDocumentStore } from './document-store.ts';
import { connect, copyParts, paste, readSnippet, removeParts, renameNode } from './edits.ts';
import type { PipelineDocument } from './pipeline-draft.ts';

const start: PipelineDocument = {
  telemetra: 1,
  id: '5b0f3a52-1d1e-4c0e-9a55-7d5c2f1a9e01',
  name: 'start',
  description: '',
  nodes: [
    { id: 'b', kind: 'k', name: 'B', settings: { z: 1, a: { list: [1, 2] } } },
    { id: 'a', kind: 'k', name: 'A', settings: {} },
    { id: 'c', kind: 'k', name: '', settings: { x: null } },
  ],
  edges: [
    { from: 'b.out', to: 'c.in' },
    { from: 'a.out', to: 'b.in' },
  ],
  layout: { nodes: { b: { x: 8, y: 0 }, a: { x: 0, y: 0 } }, groups: [], comments: [] },
};

test('typing within the coalescing time is one step', () => {
  let clock = 0;
  const store = createDocumentStore(() => clock);
  store.load(start);
  for (const name of ['N', 'Na', 'Nam', 'Name']) {
    clock += 200;
    store.edit('Rename', renameNode('a', name), 'name:a');
  }
  expect(store.getState().done).toHaveLength(1);
  store.undo();
  expect(store.getState().document.nodes[0]!.name).toBe('A');
});

test('an input takes one edge, and a removed node heals its wire', () => {
  const store = createDocumentStore(() => 0);
  store.load(start);
  store.edit('Connect', connect('a.out', 'c.in'));
  expect(store.getState().document.edges.map((edge) => `${edge.from} ${edge.to}`)).toEqual(['a.out b.in', 'a.out c.in']);
  store.undo();
  store.edit('Delete', removeParts(new Set(['b']), [], true));
  expect(store.getState().document.edges).toEqual([{ from: 'a.out', to: 'c.in' }]);
});

test('a snippet survives the clipboard with new ids, foreign text is none', () => {
  const snippet = readSnippet(JSON.stringify(copyParts(start, new Set(['a', 'b']), false)))!;
  const { edit, ids } = paste(start, snippet, { x: 24, y: 24 });
  expect(ids).toEqual(['b_2', 'a_2']);
  expect(edit(start).edges).toContainEqual({ from: 'a_2.out', to: 'b_2.in' });
  expect(['', '[]', 'null', '{"telemetra":1}'].map(readSnippet)).toEqual([undefined, undefined, undefined, undefined]);
});

test('a snippet of a stranger is taken as far as it makes sense', () => {
  const strange = {
    telemetra: 'snippet/1',
    nodes: [
      { id: 'x', kind: 'k', name: 7, settings: { z: 1 }, secret: 'dropped' },
      { id: 'x', kind: 'other', name: 'a second x' },
      { id: 3, kind: 'k' },
    ],
    edges: [
      { from: 'x.out', to: 'nobody.in' },
      { from: 1, to: 2 },
    ],
    places: { x: { x: 'left', y: 0 } },
  };
  const { edit, ids } = paste(start, readSnippet(JSON.stringify(strange))!, { x: 40, y: 40 });
  expect(ids).toEqual(['x']);
  const after = edit(start);
  expect(after.nodes.at(-1)).toEqual({ id: 'x', kind: 'k', name: '', settings: { z: 1 } });
  expect(after.edges).toEqual(start.edges);
  expect(after.layout.nodes['x']).toEqual({ x: 40, y: 40 });
});

test('an edge that stands twice in a file is one wire', () => {
  const store = createDocumentStore(() => 0);
  store.load({ ...start, edges: [...start.edges, start.edges[0]!] });
  expect(store.getState().document.edges).toHaveLength(start.edges.length);
});
