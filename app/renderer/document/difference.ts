import {
  edgeKey,
  inFileOrder,
  type Comment,
  type Group,
  type PipelineDocument,
  type PipelineEdge,
  type PipelineNode,
  type Place,
} from './pipeline-draft.ts';

type Pair<T> = readonly [before: T | undefined, after: T | undefined];

/** What one edit did, readable in both directions; parts are kept by reference, so it is small. */
export interface Difference {
  readonly name?: Pair<string>;
  readonly description?: Pair<string>;
  readonly nodes: ReadonlyMap<string, Pair<PipelineNode>>;
  readonly edges: ReadonlyMap<string, Pair<PipelineEdge>>;
  readonly places: ReadonlyMap<string, Pair<Place>>;
  readonly groups: ReadonlyMap<string, Pair<Group>>;
  readonly comments: ReadonlyMap<string, Pair<Comment>>;
}

export function differenceOf(before: PipelineDocument, after: PipelineDocument): Difference {
  return {
    ...(before.name === after.name ? {} : { name: [before.name, after.name] as const }),
    ...(before.description === after.description ? {} : { description: [before.description, after.description] as const }),
    nodes: pairs(keyed(before.nodes, idOf), keyed(after.nodes, idOf)),
    edges: pairs(keyed(before.edges, edgeKey), keyed(after.edges, edgeKey)),
    places: pairs(new Map(Object.entries(before.layout.nodes)), new Map(Object.entries(after.layout.nodes))),
    groups: pairs(keyed(before.layout.groups, idOf), keyed(after.layout.groups, idOf)),
    comments: pairs(keyed(before.layout.comments, idOf), keyed(after.layout.comments, idOf)),
  };
}

export function isEmpty(difference: Difference): boolean {
  const { nodes, edges, places, groups, comments } = difference;
  return (
    difference.name === undefined &&
    difference.description === undefined &&
    [nodes, edges, places, groups, comments].every((part) => part.size === 0)
  );
}

/** `back`: from after to before. */
export function applyDifference(
  document: PipelineDocument,
  difference: Difference,
  direction: 'forward' | 'back',
): PipelineDocument {
  const side = direction === 'forward' ? 1 : 0;
  return inFileOrder({
    ...document,
    name: difference.name?.[side] ?? document.name,
    description: difference.description?.[side] ?? document.description,
    nodes: replaced(keyed(document.nodes, idOf), difference.nodes, side),
    edges: replaced(keyed(document.edges, edgeKey), difference.edges, side),
    layout: {
      nodes: Object.fromEntries(patched(new Map(Object.entries(document.layout.nodes)), difference.places, side)),
      groups: replaced(keyed(document.layout.groups, idOf), difference.groups, side),
      comments: replaced(keyed(document.layout.comments, idOf), difference.comments, side),
    },
  });
}

/** Two edits that follow each other, as one. */
export function joinDifferences(first: Difference, second: Difference): Difference {
  const name = joinPair(first.name, second.name);
  const description = joinPair(first.description, second.description);
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    nodes: joinMaps(first.nodes, second.nodes),
    edges: joinMaps(first.edges, second.edges),
    places: joinMaps(first.places, second.places),
    groups: joinMaps(first.groups, second.groups),
    comments: joinMaps(first.comments, second.comments),
  };
}

function joinPair<T>(first: Pair<T> | undefined, second: Pair<T> | undefined): Pair<T> | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return [first[0], second[1]];
}

function joinMaps<T>(first: ReadonlyMap<string, Pair<T>>, second: ReadonlyMap<string, Pair<T>>): ReadonlyMap<string, Pair<T>> {
  const joined = new Map(first);
  for (const [key, pair] of second) joined.set(key, [joined.has(key) ? joined.get(key)![0] : pair[0], pair[1]]);
  return joined;
}

function idOf(part: { readonly id: string }): string {
  return part.id;
}

function keyed<T>(parts: readonly T[], key: (part: T) => string): Map<string, T> {
  return new Map(parts.map((part) => [key(part), part]));
}

function pairs<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): Map<string, Pair<T>> {
  const changed = new Map<string, Pair<T>>();
  for (const [key, part] of before) if (!same(part, after.get(key))) changed.set(key, [part, after.get(key)]);
  for (const [key, part] of after) if (!before.has(key)) changed.set(key, [undefined, part]);
  return changed;
}

function same(one: unknown, other: unknown): boolean {
  return one === other || (one !== undefined && other !== undefined && JSON.stringify(one) === JSON.stringify(other));
}

function patched<T>(parts: Map<string, T>, changes: ReadonlyMap<string, Pair<T>>, side: 0 | 1): Map<string, T> {
  for (const [key, pair] of changes) {
    const part = pair[side];
    if (part === undefined) parts.delete(key);
    else parts.set(key, part);
  }
  return parts;
}

function replaced<T>(parts: Map<string, T>, changes: ReadonlyMap<string, Pair<T>>, side: 0 | 1): T[] {
  return [...patched(parts, changes, side).values()];
}
