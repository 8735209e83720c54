import type { Edge, Node } from '@xyflow/react';
import type { KindEntry } from '../../protocol/catalog.ts';
import type { Checked } from '../../protocol/check.ts';
import type { NodeDifference } from '../../protocol/plan-difference.ts';
import { kindOf } from '../document/catalog-store.ts';
import { portsOf } from '../document/check-store.ts';
import {
  edgeKey,
  nodeOf,
  portOf,
  type Comment,
  type Group,
  type PipelineDocument,
  type PipelineNode,
} from '../document/pipeline-draft.ts';
import { meterOf } from '../run/readings.ts';
import { cardWidth, nodeBox, type NodeBox } from './node-box.ts';

export interface NodeData extends Record<string, unknown> {
  readonly node: PipelineNode;
  readonly title: string;
  readonly caption: string;
  readonly entry: KindEntry | undefined;
  readonly box: NodeBox;
  readonly second: boolean;
  readonly difference: NodeDifference | undefined;
  /** first error of the drawing; undefined: it can run */
  readonly error: { readonly message: string; readonly mend: string | undefined } | undefined;
  readonly warnings: number;
}

export type CardNode = Node<NodeData, 'card'>;
export type GroupNode = Node<{ readonly group: Group }, 'group'>;
export type CommentNode = Node<{ readonly comment: Comment }, 'comment'>;
export type FlowNode = CardNode | GroupNode | CommentNode;
export type FlowEdge = Edge<{ readonly fromIndex: number; readonly fromName: string; readonly key: string }, 'flow'>;

/** Nodes for the canvas, reusing those that have not changed so that nothing else is drawn again. */
export function flowNodes(
  document: PipelineDocument,
  checked: Checked | undefined,
  selected: ReadonlySet<string>,
  old: readonly FlowNode[],
): FlowNode[] {
  const before = new Map(old.map((node) => [node.id, node]));
  const wiredIn = new Set(document.edges.map((edge) => edge.to));
  const wiredOut = new Set(document.edges.map((edge) => edge.from));
  const widths = columnWidths(document, checked);
  const parts: FlowNode[] = [];
  for (const group of document.layout.groups) {
    parts.push(
      keep(before.get(group.id), {
        id: group.id,
        type: 'group',
        position: { x: group.x, y: group.y },
        width: group.width,
        height: group.height,
        data: { group },
        zIndex: -2,
        selected: selected.has(group.id),
      }),
    );
  }
  for (const comment of document.layout.comments) {
    parts.push(
      keep(before.get(comment.id), {
        id: comment.id,
        type: 'comment',
        position: { x: comment.x, y: comment.y },
        width: comment.width,
        height: comment.height,
        data: { comment },
        zIndex: -1,
        selected: selected.has(comment.id),
      }),
    );
  }
  for (const node of document.nodes) {
    const entry = kindOf(node.kind);
    const second = entry?.family === 'window';
    const box = nodeBox(
      widths.get(node.id)!,
      portsOf(checked, node),
      (side, port) => (side === 'in' ? wiredIn : wiredOut).has(`${node.id}.${port}`),
      (output) => countedOf(node.id, output),
      second,
    );
    const problems = (checked?.problems ?? []).filter((problem) => problem.node === node.id);
    const error = problems.find((problem) => problem.severity === 'error');
    const data: NodeData = {
      node,
      title: titleOf(node),
      caption: captionOf(node, checked),
      entry,
      box,
      second,
      difference: checked?.difference?.nodes.find((difference) => difference.node === node.id),
      error:
        error === undefined
          ? entry === undefined
            ? { message: `Kind ${node.kind} is unknown.`, mend: 'Update Telemetra.' }
            : undefined
          : { message: error.message, mend: error.mend },
      warnings: problems.length - (error === undefined ? 0 : 1),
    };
    const place = document.layout.nodes[node.id] ?? { x: 0, y: 0 };
    parts.push(
      keep(before.get(node.id), {
        id: node.id,
        type: 'card',
        position: { x: place.x, y: place.y },
        data,
        selected: selected.has(node.id),
        ariaLabel: `${data.title}, ${entry?.title ?? node.kind}, ${data.caption}`,
      }),
    );
  }
  return parts;
}

export function titleOf(node: PipelineNode): string {
  return node.name === '' ? node.id : node.name;
}

/** What a card says below its name; a caption that begins with the name goes on from there. */
function captionOf(node: PipelineNode, checked: Checked | undefined): string {
  const kind = kindOf(node.kind)?.title ?? node.kind;
  const caption = checked?.nodes[node.id]?.caption || kind;
  const title = titleOf(node);
  if (caption.startsWith(`${title} `)) return caption.slice(title.length + 1);
  // a topic whose last part is the name says nothing new
  return caption === title || caption.endsWith(`.${title}`) ? kind : caption;
}

/** counts of an output that is not the first: once it has seen a row it stays visible */
function countedOf(node: string, output: number): boolean {
  return (meterOf(node)?.out[output] ?? 0) > 0;
}

/** Cards of one column have the width of the widest. */
function columnWidths(document: PipelineDocument, checked: Checked | undefined): Map<string, number> {
  const byColumn = new Map<number, number>();
  const own = new Map<string, number>();
  for (const node of document.nodes) {
    const width = cardWidth(titleOf(node), captionOf(node, checked));
    const x = document.layout.nodes[node.id]?.x ?? 0;
    own.set(node.id, x);
    byColumn.set(x, Math.max(byColumn.get(x) ?? 0, width));
  }
  return new Map([...own].map(([id, x]) => [id, byColumn.get(x)!]));
}

/** Equal in every part; a kind's entry by identity only, because it holds its whole help. */
function same(one: object, other: object): boolean {
  const before = one as Readonly<Record<string, unknown>>;
  return Object.entries(other).every(
    ([key, value]) =>
      before[key] === value ||
      (key !== 'entry' && typeof value === 'object' && JSON.stringify(before[key]) === JSON.stringify(value)),
  );
}

function keep(old: FlowNode | undefined, next: FlowNode): FlowNode {
  if (old === undefined || old.type !== next.type) return next;
  const sameData = same(old.data, next.data);
  if (
    sameData &&
    old.position.x === next.position.x &&
    old.position.y === next.position.y &&
    old.selected === next.selected &&
    old.width === next.width &&
    old.height === next.height
  )
    return old;
  return { ...old, ...next, data: sameData ? old.data : next.data } as FlowNode;
}

export function flowEdges(
  document: PipelineDocument,
  checked: Checked | undefined,
  selected: ReadonlySet<string>,
  old: readonly FlowEdge[],
): FlowEdge[] {
  const before = new Map(old.map((edge) => [edge.id, edge]));
  const indexes = new Map<string, number>();
  for (const node of document.nodes)
    portsOf(checked, node).outputs.forEach((port, index) => indexes.set(`${node.id}.${port.name}`, index));
  const known = new Set(document.nodes.map((node) => node.id));
  return document.edges
    .filter((edge) => known.has(nodeOf(edge.from)) && known.has(nodeOf(edge.to)))
    .map((edge) => {
      const key = edgeKey(edge);
      const fromIndex = indexes.get(edge.from) ?? 0;
      const kept = before.get(key);
      if (kept !== undefined && kept.selected === selected.has(key) && kept.data?.fromIndex === fromIndex) return kept;
      return {
        id: key,
        type: 'flow',
        source: nodeOf(edge.from),
        sourceHandle: portOf(edge.from),
        target: nodeOf(edge.to),
        targetHandle: portOf(edge.to),
        data: { fromIndex, fromName: portOf(edge.from), key },
        selected: selected.has(key),
        ariaLabel: `${edge.from} to ${edge.to}`,
      };
    });
}
