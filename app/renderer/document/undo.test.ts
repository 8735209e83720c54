import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { writePipeline } from '../../../engine/plan/write-pipeline.ts';
import { createDocumentStore } from './document-store.ts';
import * as edits from './edits.ts';
import type { Edit } from './edits.ts';
import { freeId, type PipelineDocument, type Place } from './pipeline-draft.ts';

/** Whatever is done to a pipeline, in whatever order: undo to the beginning gives the same file byte for byte, redo to the end too. */

const start: PipelineDocument = {
  telemetra: 1,
  id: '5b0f3a52-1d1e-4c0e-9a55-7d5c2f1a9e01',
  name: 'start',
  description: 'as it was',
  nodes: [
    { id: 'b', kind: 'k', name: 'B', settings: { z: 1, a: { list: [1, 2] } } },
    { id: 'a', kind: 'k', version: 2, name: 'A', settings: {} },
    { id: 'c', kind: 'k', name: '', settings: { x: null, columns: [{ name: 'n', expression: 'count(*)' }] } },
    { id: 'd', kind: 'l', name: 'no place', settings: {} },
  ],
  edges: [
    { from: 'b.out', to: 'c.in' },
    { from: 'a.out', to: 'b.in' },
    { from: 'b.rest', to: 'd.in' },
  ],
  layout: {
    nodes: { b: { x: 8, y: 0 }, a: { x: 0, y: 0 }, c: { x: 16.5, y: -8 } },
    groups: [{ id: 'g', title: 'both', x: 0, y: 0, width: 120, height: 80 }],
    comments: [{ id: 'm', text: 'why\nso?', x: 0, y: 0, width: 200, height: 72 }],
  },
};

/** what a step may choose by: numbers, a text, and a whole document */
interface Chance {
  readonly one: number;
  readonly other: number;
  readonly text: string;
  readonly document: PipelineDocument;
}

const pick = <T>(list: readonly T[], index: number): T | undefined => (list.length === 0 ? undefined : list[index % list.length]);

class Draw {
  readonly document: PipelineDocument;
  readonly chance: Chance;

  constructor(document: PipelineDocument, chance: Chance) {
    this.document = document;
    this.chance = chance;
  }

  /** an id that is there, mostly */
  get node(): string {
    return pick(this.document.nodes, this.chance.one)?.id ?? 'a';
  }

  get second(): string {
    return pick(this.document.nodes, this.chance.other)?.id ?? 'nobody';
  }

  get fresh() {
    const id = freeId(this.chance.text, new Set(this.document.nodes.map((entry) => entry.id)));
    return { id, kind: 'k', name: this.chance.text, settings: { from: this.chance.text } };
  }

  get place(): Place {
    return { x: this.chance.one, y: -this.chance.other };
  }

  get edge() {
    return pick(this.document.edges, this.chance.other) ?? { from: 'a.out', to: 'b.in' };
  }

  get value(): unknown {
    const { one, other, text } = this.chance;
    return pick([text, one, undefined, null, [text], { t: text, deep: [one] }, true], other);
  }
}

/** One maker for every edit that there is. What the canvas makes of several (a wire moved, tidied) stands below. */
const makers: Readonly<Record<string, (draw: Draw) => Edit>> = {
  addNode: ({ fresh, place }) => edits.addNode(fresh, place),
  changeNode: ({ node, chance }) =>
    edits.changeNode(node, (old) => ({ ...old, version: 1 + (chance.one % 3), kind: `k${chance.other}` })),
  renameNode: ({ node, chance }) => edits.renameNode(node, chance.text),
  setSetting: ({ node, chance, value }) =>
    edits.setSetting(node, pick(['z', 'a.list.1', 'deep.er', 'x', 'columns.0.expression', 'columns'], chance.one)!, value),
  connect: ({ node, second, chance }) => edits.connect(`${node}.${chance.one % 2 === 0 ? 'out' : 'rest'}`, `${second}.in`),
  disconnect: ({ document, chance }) => edits.disconnect(document.edges.slice(chance.other % 3, 1 + (chance.one % 3))),
  removeParts: ({ node, second, edge, chance }) =>
    edits.removeParts(new Set([node, second, pick(['g', 'm', 'n', 'h'], chance.other)!]), [edge], chance.one % 2 === 0),
  insertOnEdge: ({ edge, fresh, place }) => edits.insertOnEdge(edge, fresh, 'in', 'match', place),
  moveParts: ({ node, second, place, chance }) =>
    edits.moveParts({ [node]: place, [second]: { x: chance.other, y: chance.one }, g: { x: 1, y: 1 }, m: place, nobody: place }),
  putGroup: ({ chance: { one, other, text } }) =>
    edits.putGroup({ id: pick(['g', 'h'], one)!, title: text, x: one, y: other, width: 10 + one, height: 10 }),
  putComment: ({ chance: { one, other, text } }) =>
    edits.putComment({ id: pick(['m', 'n'], one)!, text, x: one, y: other, width: 10, height: 10 + other }),
  describe: ({ chance: { one, text } }) => edits.describe(text || 'unnamed', one % 2 === 0 ? text : undefined),
  paste: ({ document, node, second, chance, place }) =>
    edits.paste(document, edits.copyParts(document, new Set([node, second]), chance.other % 2 === 0), place).edit,
};

/** What is no edit of its own: several as one step, the clipboard's text, and whole documents (their file taken, a revision taken back). */
const compound: Readonly<Record<string, (draw: Draw) => Edit>> = {
  'move a wire':
    ({ edge, second }) =>
    (before) =>
      edits.connect(edge.from, `${second}.in`)(edits.disconnect([edge])(before)),
  'add and wire':
    ({ fresh, place, node }) =>
    (before) =>
      edits.connect(`${node}.out`, `${fresh.id}.in`)(edits.addNode(fresh, place)(before)),
  tidy: ({ document, chance }) =>
    edits.moveParts(Object.fromEntries(document.nodes.map((node, index) => [node.id, { x: index * chance.one, y: index * 8 }]))),
  duplicate: ({ document, node }) =>
    edits.paste(document, edits.copyParts(document, new Set([node]), false), { x: 32, y: 32 }).edit,
  'paste text': ({ document, chance, place }) => {
    const text = JSON.stringify(edits.copyParts(chance.document, new Set(chance.document.nodes.map((node) => node.id)), false));
    return edits.paste(document, edits.readSnippet(text)!, place).edit;
  },
  'another version':
    ({ chance }) =>
    () => ({ ...chance.document, id: start.id }),
};

const all = { ...makers, ...compound };

const id = fc.stringMatching(/^[a-e][a-e0-9_]{0,2}$/);
const coordinate = fc.oneof(fc.integer({ min: -999, max: 999 }), fc.double({ min: -99, max: 99, noNaN: true }));
const end = fc.tuple(id, fc.constantFrom('out', 'in', 'rest')).map(([node, port]) => `${node}.${port}`);
const side = fc.record({
  id,
  x: coordinate,
  y: coordinate,
  width: fc.integer({ min: 1, max: 400 }),
  height: fc.integer({ min: 1, max: 400 }),
});
const unique = <T extends { readonly id: string }>(part: fc.Arbitrary<T>, maxLength: number) =>
  fc.uniqueArray(part, { selector: (entry) => entry.id, maxLength });

const document: fc.Arbitrary<PipelineDocument> = fc
  .record({
    name: fc.string({ minLength: 1, maxLength: 6 }),
    description: fc.string({ maxLength: 6 }),
    nodes: unique(
      fc.record({
        id,
        kind: fc.constantFrom('k', 'l'),
        name: fc.string({ maxLength: 4 }),
        settings: fc.dictionary(id, fc.jsonValue()),
      }),
      6,
    ),
    edges: fc.array(fc.record({ from: end, to: end }), { maxLength: 6 }),
    places: fc.dictionary(id, fc.record({ x: coordinate, y: coordinate })),
    groups: unique(
      fc.tuple(side, fc.string({ maxLength: 4 })).map(([box, title]) => ({ ...box, title })),
      3,
    ),
    comments: unique(
      fc.tuple(side, fc.string({ maxLength: 4 })).map(([box, text]) => ({ ...box, text })),
      3,
    ),
  })
  .map(({ places, groups, comments, ...rest }) => ({
    telemetra: 1,
    id: start.id,
    ...rest,
    layout: { nodes: places, groups, comments },
  }));

const step = fc.record({
  which: fc.constantFrom(...Object.keys(all)),
  chance: fc.record({ one: fc.nat(50), other: fc.nat(50), text: fc.string({ maxLength: 8 }), document }),
  mark: fc.constantFrom(undefined, undefined, 'typing', 'nudge'),
  wait: fc.constantFrom(0, 400, 5000),
  /** steps back and forth again before the next edit; one back stays sometimes, so that the edit drops what could be redone */
  back: fc.nat(3),
  stay: fc.boolean(),
});

const RUNS = 400;

test('every edit there is takes part', () => {
  const tools = ['GRID', 'copyParts', 'readSnippet', 'snap'];
  expect([...Object.keys(makers), ...tools].toSorted()).toEqual(Object.keys(edits).toSorted());
});

test('any sequence of edits, undone to the beginning and redone to the end: the same file, byte for byte', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constant(start), document), fc.array(step, { maxLength: 30 }), (first, steps) => {
      let clock = 0;
      const store = createDocumentStore(() => clock);
      const bytes = () => writePipeline(store.getState().document);
      store.load(first);
      const atFirst = bytes();
      for (const { which, chance, mark, wait, back, stay } of steps) {
        clock += wait;
        store.edit(which, all[which]!(new Draw(store.getState().document, chance)), mark);
        const here = bytes();
        let went = 0;
        while (went < back && store.undo() !== undefined) went++;
        for (let forth = 0; forth < went; forth++) store.redo();
        expect(bytes()).toBe(here);
        if (stay) store.undo();
      }
      const atLast = bytes();
      const passed: string[] = [atLast];
      while (store.undo() !== undefined) passed.push(bytes());
      expect(bytes()).toBe(atFirst);
      expect(store.undo()).toBeUndefined();
      // each step of the way back is met again on the way forth
      const again: string[] = [atFirst];
      for (let undone = 1; undone < passed.length; undone++) {
        store.redo();
        again.push(bytes());
      }
      expect(again.toReversed()).toEqual(passed);
      // what could be redone before the walk back comes after what was done
      while (store.redo() !== undefined);
      while (store.undo() !== undefined);
      expect(bytes()).toBe(atFirst);
    }),
    { numRuns: RUNS },
  );
});
