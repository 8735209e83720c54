import type { PipelineDocument, PipelineEdge, PipelineNode } from '../../../engine/model/pipeline.ts';

export type { PipelineDocument, PipelineEdge, PipelineNode };
export type Layout = PipelineDocument['layout'];
export type Group = Layout['groups'][number];
export type Comment = Layout['comments'][number];
export interface Place {
  readonly x: number;
  readonly y: number;
}

export function edgeKey(edge: PipelineEdge): string {
  return `${edge.from} -> ${edge.to}`;
}

export function nodeOf(end: string): string {
  return end.slice(0, end.indexOf('.'));
}

export function portOf(end: string): string {
  return end.slice(end.indexOf('.') + 1);
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The order of the file: nodes and places by id, edges by (from, to). Every document in the editor is in this order,
 * so that two ways to the same pipeline give the same bytes.
 */
export function inFileOrder(document: PipelineDocument): PipelineDocument {
  const places: Record<string, Place> = {};
  for (const id of Object.keys(document.layout.nodes).toSorted(byText)) places[id] = document.layout.nodes[id]!;
  return {
    telemetra: document.telemetra,
    id: document.id,
    name: document.name,
    description: document.description,
    nodes: document.nodes.toSorted((a, b) => byText(a.id, b.id)),
    edges: document.edges.toSorted((a, b) => byText(a.from, b.from) || byText(a.to, b.to)),
    layout: {
      nodes: places,
      groups: document.layout.groups.toSorted((a, b) => byText(a.id, b.id)),
      comments: document.layout.comments.toSorted((a, b) => byText(a.id, b.id)),
    },
  };
}

/** A free id made from words: "Chat per minute" → chat_per_minute, chat_per_minute_2, … */
export function freeId(words: string, taken: ReadonlySet<string>): string {
  const base =
    words
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^[^a-z]+|_+$/g, '')
      .slice(0, 56) || 'node';
  if (!taken.has(base)) return base;
  for (let n = 2; ; n++) if (!taken.has(`${base}_${n}`)) return `${base}_${n}`;
}
