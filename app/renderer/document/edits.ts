import {
  freeId,
  nodeOf,
  partIds,
  type Comment,
  type Group,
  type PipelineDocument,
  type PipelineEdge,
  type PipelineNode,
  type Place,
} from './pipeline-draft.ts';

/** The ways to change a pipeline: document in, document out. `documentStore.edit` makes each of them one step of undo. */
export type Edit = (document: PipelineDocument) => PipelineDocument;

export const GRID = 8;

export function snap(value: number): number {
  return Math.round(value / GRID) * GRID;
}

function withPlaces(document: PipelineDocument, places: Readonly<Record<string, Place>>): PipelineDocument {
  return { ...document, layout: { ...document.layout, nodes: { ...document.layout.nodes, ...places } } };
}

export function addNode(node: PipelineNode, at: Place): Edit {
  return (document) =>
    withPlaces({ ...document, nodes: [...document.nodes, node] }, { [node.id]: { x: snap(at.x), y: snap(at.y) } });
}

export function changeNode(id: string, change: (node: PipelineNode) => PipelineNode): Edit {
  return (document) => ({ ...document, nodes: document.nodes.map((node) => (node.id === id ? change(node) : node)) });
}

export function renameNode(id: string, name: string): Edit {
  return changeNode(id, (node) => ({ ...node, name: name.slice(0, 120) }));
}

/** `path` as in a problem: `columns.2.expression`. `value` undefined takes the setting out, so that its default holds. */
export function setSetting(id: string, path: string, value: unknown): Edit {
  return changeNode(id, (node) => ({ ...node, settings: setIn(node.settings, path.split('.'), value) as Record<string, unknown> }));
}

function setIn(target: unknown, [head, ...rest]: readonly string[], value: unknown): unknown {
  if (head === undefined) return value;
  if (Array.isArray(target)) {
    const next = [...(target as unknown[])];
    next[Number(head)] = setIn(next[Number(head)], rest, value);
    return next;
  }
  const next = { ...(typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {}) };
  if (rest.length === 0 && value === undefined) delete next[head];
  else next[head] = setIn(next[head], rest, value);
  return next;
}

/** An input takes one edge: the one that was there leaves. */
export function connect(from: string, to: string): Edit {
  return (document) => ({ ...document, edges: [...document.edges.filter((edge) => edge.to !== to), { from, to }] });
}

export function disconnect(edges: readonly PipelineEdge[]): Edit {
  const gone = new Set(edges.map((edge) => `${edge.from} ${edge.to}`));
  return (document) => ({ ...document, edges: document.edges.filter((edge) => !gone.has(`${edge.from} ${edge.to}`)) });
}

/**
 * Takes parts out. `heal`: where exactly one edge comes in and one main output leaves, they are joined.
 */
export function removeParts(ids: ReadonlySet<string>, edges: readonly PipelineEdge[], heal: boolean): Edit {
  return (document) => {
    const next = disconnect(edges)(document);
    const healed: PipelineEdge[] = [];
    if (heal) {
      for (const id of ids) {
        const into = next.edges.filter((edge) => nodeOf(edge.to) === id && !ids.has(nodeOf(edge.from)));
        const out = next.edges.filter((edge) => nodeOf(edge.from) === id && !ids.has(nodeOf(edge.to)));
        if (into.length === 1 && out.length >= 1 && new Set(out.map((edge) => edge.from)).size === 1) {
          healed.push(...out.map((edge) => ({ from: into[0]!.from, to: edge.to })));
        }
      }
    }
    const places = Object.fromEntries(Object.entries(next.layout.nodes).filter(([id]) => !ids.has(id)));
    return {
      ...next,
      nodes: next.nodes.filter((node) => !ids.has(node.id)),
      edges: [...next.edges.filter((edge) => !ids.has(nodeOf(edge.from)) && !ids.has(nodeOf(edge.to))), ...healed],
      layout: {
        nodes: places,
        groups: next.layout.groups.filter((group) => !ids.has(group.id)),
        comments: next.layout.comments.filter((comment) => !ids.has(comment.id)),
      },
    };
  };
}

/** A node into the middle of an edge, wired on both sides. */
export function insertOnEdge(edge: PipelineEdge, node: PipelineNode, input: string, output: string, at: Place): Edit {
  return (document) => {
    const next = addNode(node, at)(disconnect([edge])(document));
    return {
      ...next,
      edges: [...next.edges, { from: edge.from, to: `${node.id}.${input}` }, { from: `${node.id}.${output}`, to: edge.to }],
    };
  };
}

/** Nodes, groups and comments to new places, all as one step. */
export function moveParts(places: Readonly<Record<string, Place>>): Edit {
  return (document) => {
    const nodes: Record<string, Place> = {};
    for (const [id, place] of Object.entries(places)) {
      if (document.nodes.some((node) => node.id === id)) nodes[id] = { x: place.x, y: place.y };
    }
    const placed = withPlaces(document, nodes);
    const move = <T extends { id: string; x: number; y: number }>(part: T): T => {
      const place = places[part.id];
      return place === undefined ? part : { ...part, x: place.x, y: place.y };
    };
    return {
      ...placed,
      layout: { ...placed.layout, groups: placed.layout.groups.map(move), comments: placed.layout.comments.map(move) },
    };
  };
}

export function putGroup(group: Group): Edit {
  return (document) => ({
    ...document,
    layout: { ...document.layout, groups: [...document.layout.groups.filter((old) => old.id !== group.id), group] },
  });
}

export function putComment(comment: Comment): Edit {
  return (document) => ({
    ...document,
    layout: { ...document.layout, comments: [...document.layout.comments.filter((old) => old.id !== comment.id), comment] },
  });
}

export function describe(name: string, description?: string): Edit {
  return (document) => ({ ...document, name, description: description ?? document.description });
}

/** Part of a pipeline on the clipboard. */
export interface Snippet {
  readonly telemetra: 'snippet/1';
  readonly nodes: readonly PipelineNode[];
  readonly edges: readonly PipelineEdge[];
  readonly places: Readonly<Record<string, Place>>;
  readonly groups: readonly Group[];
  readonly comments: readonly Comment[];
}

export function copyParts(document: PipelineDocument, ids: ReadonlySet<string>, outer: boolean): Snippet {
  const { layout } = document;
  return {
    telemetra: 'snippet/1',
    nodes: document.nodes.filter((node) => ids.has(node.id)),
    edges: document.edges.filter((edge) =>
      outer ? ids.has(nodeOf(edge.to)) : ids.has(nodeOf(edge.from)) && ids.has(nodeOf(edge.to)),
    ),
    places: Object.fromEntries(Object.entries(layout.nodes).filter(([id]) => ids.has(id))),
    groups: layout.groups.filter((group) => ids.has(group.id)),
    comments: layout.comments.filter((comment) => ids.has(comment.id)),
  };
}

/** New ids, inner edges kept; edges from outside are kept where their source still exists. Returns the ids that it will make. */
export function paste(
  document: PipelineDocument,
  snippet: Snippet,
  offset: Place,
): { readonly edit: Edit; readonly ids: readonly string[] } {
  const taken = partIds(document);
  const fresh = new Map<string, string>();
  for (const part of [...snippet.nodes, ...snippet.groups, ...snippet.comments]) {
    const id = freeId(part.id.replace(/_\d+$/, ''), taken);
    taken.add(id);
    fresh.set(part.id, id);
  }
  const known = new Set(document.nodes.map((node) => node.id));
  const end = (text: string) => `${fresh.get(nodeOf(text)) ?? nodeOf(text)}.${text.slice(text.indexOf('.') + 1)}`;
  const edges = snippet.edges
    .filter((edge) => fresh.has(nodeOf(edge.to)) && (fresh.has(nodeOf(edge.from)) || known.has(nodeOf(edge.from))))
    .map((edge) => ({ from: end(edge.from), to: end(edge.to) }));
  const moved = ({ x, y }: Place): Place => ({ x: snap(x + offset.x), y: snap(y + offset.y) });
  const renewed = <T extends Place & { readonly id: string }>(part: T): T => ({ ...part, ...moved(part), id: fresh.get(part.id)! });
  const edit: Edit = (before) => {
    const places = Object.fromEntries(
      snippet.nodes.map((node) => [fresh.get(node.id)!, moved(snippet.places[node.id] ?? { x: 0, y: 0 })]),
    );
    const next = withPlaces(before, places);
    return {
      ...next,
      nodes: [...next.nodes, ...snippet.nodes.map((node) => ({ ...node, id: fresh.get(node.id)! }))],
      edges: [...next.edges, ...edges],
      layout: {
        ...next.layout,
        groups: [...next.layout.groups, ...snippet.groups.map(renewed)],
        comments: [...next.layout.comments, ...snippet.comments.map(renewed)],
      },
    };
  };
  return { edit, ids: [...fresh.values()] };
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** A snippet out of foreign text, as far as it makes sense; undefined: it is none. */
export function readSnippet(text: string): Snippet | undefined {
  try {
    const value = JSON.parse(text) as Partial<Snippet> | null;
    if (value?.telemetra !== 'snippet/1' || !Array.isArray(value.nodes) || !Array.isArray(value.edges)) return undefined;
    const seen = new Set<string>();
    const isNew = ({ id }: { readonly id: unknown }) => isText(id) && !seen.has(id) && seen.add(id) !== undefined;
    const nodes = (value.nodes as readonly PipelineNode[]).filter((node) => isText(node.kind) && isNew(node));
    const boxed = <T extends Box>(parts: readonly T[] | undefined): T[] =>
      (parts ?? []).filter((part) => isBox(part) && isNew(part));
    return {
      telemetra: 'snippet/1',
      nodes: nodes.map((node) => ({
        id: node.id,
        kind: node.kind,
        ...(typeof node.version === 'number' ? { version: node.version } : {}),
        name: isText(node.name) ? node.name : '',
        settings: { ...node.settings },
      })),
      edges: (value.edges as readonly PipelineEdge[])
        .filter((edge) => isText(edge.from) && isText(edge.to))
        .map(({ from, to }) => ({ from, to })),
      places: Object.fromEntries(
        Object.entries(value.places ?? {})
          .filter(([, place]) => isPlace(place))
          .map(([id, { x, y }]) => [id, { x, y }]),
      ),
      groups: boxed(value.groups).map(({ id, title, ...box }) => ({ id, title: isText(title) ? title : '', ...boxOf(box) })),
      comments: boxed(value.comments).map(({ id, text: said, ...box }) => ({ id, text: isText(said) ? said : '', ...boxOf(box) })),
    };
  } catch {
    return undefined;
  }
}

type Box = Pick<Group, 'id' | 'x' | 'y' | 'width' | 'height'>;

function isPlace({ x, y }: Place): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function isBox(part: Box): boolean {
  return isPlace(part) && part.width > 0 && part.height > 0;
}

function boxOf({ x, y, width, height }: Omit<Box, 'id'>): Omit<Box, 'id'> {
  return { x, y, width, height };
}
