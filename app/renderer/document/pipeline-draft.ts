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
    edges: withoutTwins(document.edges.toSorted((a, b) => byText(a.from, b.from) || byText(a.to, b.to))),
    layout: {
      nodes: places,
      groups: document.layout.groups.toSorted((a, b) => byText(a.id, b.id)),
      comments: document.layout.comments.toSorted((a, b) => byText(a.id, b.id)),
    },
  };
}

/** An edge that stands twice in a file is one wire: nobody could take away one of the two. */
function withoutTwins(sorted: readonly PipelineEdge[]): PipelineEdge[] {
  return sorted.filter((edge, index) => index === 0 || edgeKey(edge) !== edgeKey(sorted[index - 1]!));
}

/** Ids of nodes, groups and comments: on the canvas they are parts alike, so no two may be the same. */
export function partIds({ nodes, layout }: PipelineDocument): Set<string> {
  return new Set([...nodes, ...layout.groups, ...layout.comments].map((part) => part.id));
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
