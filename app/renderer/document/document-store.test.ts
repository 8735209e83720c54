import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDocumentStore } from './document-store.ts';
import {
  addNode,
  connect,
  copyParts,
  describe as rename,
  disconnect,
  moveParts,
  paste,
  putComment,
  putGroup,
  readSnippet,
  removeParts,
  renameNode,
  setSetting,
  type Edit,
} from './edits.ts';
import { freeId, type PipelineDocument } from './pipeline-draft.ts';

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

const pick = <T>(list: readonly T[], index: number): T | undefined => (list.length === 0 ? undefined : list[index % list.length]);

/** One of every kind of edit, on parts chosen by numbers. */
function editOf(document: PipelineDocument, which: number, one: number, other: number, text: string): Edit {
  const node = pick(document.nodes, one)?.id ?? 'a';
  const second = pick(document.nodes, other)?.id ?? 'a';
  switch (which % 11) {
    case 0:
      return addNode(
        { id: freeId(text, new Set(document.nodes.map((entry) => entry.id))), kind: 'k', name: text, settings: {} },
        { x: one, y: other },
      );
    case 1:
      return removeParts(new Set([node, second]), [], one % 2 === 0);
    case 2:
      return connect(`${node}.out`, `${second}.in`);
    case 3:
      return disconnect(document.edges.slice(0, 1 + (one % 3)));
    case 4:
      return setSetting(
        node,
        pick(['z', 'a.list.1', 'deep.er', 'x'], one)!,
        pick([text, one, undefined, [text], { t: text }], other),
      );
    case 5:
      return renameNode(node, text);
    case 6:
      return moveParts({ [node]: { x: one, y: other }, [second]: { x: other, y: one }, g: { x: 1, y: 1 } });
    case 7:
      return putGroup({ id: pick(['g', 'h'], one)!, title: text, x: one, y: other, width: 10, height: 10 });
    case 8:
      return putComment({ id: pick(['m', 'n'], one)!, text, x: one, y: other, width: 10, height: 10 });
    case 9:
      return paste(document, copyParts(document, new Set([node, second]), other % 2 === 0), { x: 16, y: 16 }).edit;
    default:
      return rename(text || 'unnamed', text);
  }
}

const step = fc.tuple(
  fc.nat(10),
  fc.nat(50),
  fc.nat(50),
  fc.string({ maxLength: 8 }),
  fc.constantFrom(undefined, 'typing'),
  fc.nat(2000),
);

test('undo to the beginning gives the same file, byte for byte, and redo to the end the same again', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let clock = 0;
      const store = createDocumentStore(() => clock);
      store.load(start);
      const first = JSON.stringify(store.getState().document);
      for (const [which, one, other, text, mark, wait] of steps) {
        clock += wait;
        store.edit('step', editOf(store.getState().document, which, one, other, text), mark);
      }
      const last = JSON.stringify(store.getState().document);
      while (store.undo() !== undefined);
      expect(JSON.stringify(store.getState().document)).toBe(first);
      while (store.redo() !== undefined);
      expect(JSON.stringify(store.getState().document)).toBe(last);
    }),
    { numRuns: 300 },
  );
});

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
