import { Graph, layout } from '@dagrejs/dagre';
import { nodeOf, type PipelineDocument, type Place } from '../document/pipeline-draft.ts';
import { snap } from '../document/edits.ts';

/** what a fault adds to a card, px: left free below every node */
const FAULT_ROOM = 16;

/** Places from left to right for the nodes named (all when none is); the whole keeps its upper left corner. */
export function autoLayout(
  document: PipelineDocument,
  only: ReadonlySet<string>,
  sizeOf: (id: string) => { readonly width: number; readonly height: number },
): Readonly<Record<string, Place>> {
  const chosen = document.nodes.filter((node) => only.size === 0 || only.has(node.id));
  if (chosen.length === 0) return {};
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 24, ranksep: 44, edgesep: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(chosen.map((node) => node.id));
  for (const node of chosen) {
    const size = sizeOf(node.id);
    graph.setNode(node.id, { width: size.width, height: size.height + FAULT_ROOM });
  }
  for (const edge of document.edges)
    if (ids.has(nodeOf(edge.from)) && ids.has(nodeOf(edge.to))) graph.setEdge(nodeOf(edge.from), nodeOf(edge.to));
  layout(graph);
  const corner = {
    x: Math.min(...chosen.map((node) => document.layout.nodes[node.id]?.x ?? 0)),
    y: Math.min(...chosen.map((node) => document.layout.nodes[node.id]?.y ?? 0)),
  };
  const raw = chosen.map((node) => {
    const at = graph.node(node.id) as { x: number; y: number; width: number; height: number };
    return { id: node.id, x: at.x - at.width / 2, y: at.y - at.height / 2 };
  });
  const left = Math.min(...raw.map((place) => place.x));
  const top = Math.min(...raw.map((place) => place.y));
  return Object.fromEntries(
    raw.map((place) => [place.id, { x: snap(place.x - left + corner.x), y: snap(place.y - top + corner.y) }]),
  );
}
