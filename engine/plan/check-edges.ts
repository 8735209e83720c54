import type { PipelineDocument, PipelineEdge } from '../model/pipeline.ts';
import type { Problem } from '../model/problem.ts';
import type { Ports } from './check-settings.ts';
import { nearestName } from '../model/nearest-name.ts';

/** An output that feeds an input. */
export interface Wire {
  readonly node: string;
  /** index of the output port */
  readonly port: number;
  readonly edge: string;
}

export interface Wiring {
  /** per node: input index → what feeds it */
  readonly inputs: ReadonlyMap<string, readonly (Wire | undefined)[]>;
  /** nodes with a wrong edge towards them: their open inputs are no problem of their own */
  readonly broken: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

export function edgeText(edge: PipelineEdge): string {
  return `${edge.from} -> ${edge.to}`;
}

/** Edges against nodes and ports. `ports` lacks a node whose ports are unknown: its edges are left alone. */
export function checkEdges(document: PipelineDocument, ports: ReadonlyMap<string, Ports>): Wiring {
  const ids = new Set(document.nodes.map((node) => node.id));
  const inputs = new Map<string, (Wire | undefined)[]>();
  for (const [id, { inputs: own }] of ports)
    inputs.set(
      id,
      Array.from({ length: own.length }, () => undefined),
    );
  const broken = new Set<string>();
  const problems: Problem[] = [];
  const seen = new Set<string>();

  for (const edge of document.edges) {
    const text = edgeText(edge);
    const add = (code: string, message: string, mend: string | undefined): void => {
      problems.push({ code, severity: 'error', edge: text, message, mend });
    };
    if (seen.has(text)) {
      add('duplicate_edge', `The edge ${text} stands twice.`, 'Remove one of the two.');
      continue;
    }
    seen.add(text);
    const [fromNode, fromPort] = split(edge.from);
    const [toNode, toPort] = split(edge.to);
    const missing = [fromNode, toNode].filter((id) => !ids.has(id));
    if (missing.length > 0) {
      broken.add(toNode);
      const near = nearestName(missing[0]!, ids);
      add(
        'unknown_node',
        `The edge ${text} names the node "${missing.join('" and "')}", which does not exist.`,
        near === undefined ? 'Remove the edge, or add the node.' : `Write "${near}", or remove the edge.`,
      );
      continue;
    }
    const output = portIndex(ports.get(fromNode), 'outputs', fromNode, fromPort, add, text);
    const input = portIndex(ports.get(toNode), 'inputs', toNode, toPort, add, text);
    if (output === undefined || input === undefined) {
      broken.add(toNode);
      continue;
    }
    const slots = inputs.get(toNode)!;
    const taken = slots[input];
    if (taken !== undefined) {
      add(
        'input_taken',
        `The input ${edge.to} is fed by ${taken.edge.split(' -> ')[0]!} already; an input takes one edge.`,
        'Put a union in front of it, or remove one of the edges.',
      );
      continue;
    }
    slots[input] = { node: fromNode, port: output, edge: text };
  }
  return { inputs, broken, problems };
}

export function missingInputs(id: string, ports: Ports, wires: readonly (Wire | undefined)[]): Problem[] {
  return ports.inputs.flatMap((port, index) =>
    wires[index] !== undefined
      ? []
      : [
          {
            code: 'missing_input',
            severity: 'error',
            node: id,
            message: ports.inputs.length === 1 ? `Nothing feeds "${id}".` : `Nothing feeds the input "${port.name}" of "${id}".`,
            mend: `Draw an edge to ${id}.${port.name}, or remove the node.`,
          },
        ],
  );
}

/** Node ids in the order of computation (ties by id), and the cycles that have none. */
export function orderNodes(
  ids: readonly string[],
  inputs: ReadonlyMap<string, readonly (Wire | undefined)[]>,
): { readonly order: readonly string[]; readonly problems: readonly Problem[] } {
  const waitsFor = new Map(ids.map((id) => [id, new Set((inputs.get(id) ?? []).flatMap((wire) => (wire ? [wire.node] : [])))]));
  const order: string[] = [];
  const left = new Set(ids.toSorted());
  for (;;) {
    const next = [...left].find((id) => [...waitsFor.get(id)!].every((other) => !left.has(other)));
    if (next === undefined) break;
    left.delete(next);
    order.push(next);
  }
  const problems: Problem[] = [];
  const named = new Set<string>();
  for (const start of left) {
    const path = walkBack(start, left, waitsFor);
    if (path === undefined || path.some((id) => named.has(id))) continue;
    for (const id of path) named.add(id);
    problems.push({
      code: 'cycle',
      severity: 'error',
      node: path[0]!,
      message: `The rows would run in a circle: ${[...path, path[0]!].join(' → ')}.`,
      mend: 'Remove one of these edges.',
    });
  }
  return { order, problems };
}

/** A circle through the nodes that are left, in the direction of the edges, from its least id on. */
function walkBack(
  start: string,
  left: ReadonlySet<string>,
  waitsFor: ReadonlyMap<string, ReadonlySet<string>>,
): string[] | undefined {
  const path: string[] = [];
  let at: string | undefined = start;
  while (at !== undefined && !path.includes(at)) {
    path.push(at);
    at = [...waitsFor.get(at)!].filter((id) => left.has(id)).toSorted()[0];
  }
  if (at === undefined) return undefined;
  const circle = path.slice(path.indexOf(at)).toReversed();
  const least = circle.indexOf(circle.toSorted()[0]!);
  return [...circle.slice(least), ...circle.slice(0, least)];
}

function portIndex(
  ports: Ports | undefined,
  side: keyof Ports,
  node: string,
  port: string,
  add: (code: string, message: string, mend: string) => void,
  edge: string,
): number | undefined {
  if (ports === undefined) return undefined;
  const names = ports[side].map((own) => own.name);
  const index = names.indexOf(port);
  if (index >= 0) return index;
  const what = side === 'inputs' ? 'input' : 'output';
  const near = nearestName(port, names) ?? (names.length === 1 ? names[0] : undefined);
  add(
    'unknown_port',
    names.length === 0
      ? `The edge ${edge}: "${node}" has no ${what}s.`
      : `The edge ${edge}: "${node}" has no ${what} "${port}"; it has ${names.join(', ')}.`,
    near === undefined ? 'Draw the edge anew.' : `Write ${node}.${near}.`,
  );
  return undefined;
}

function split(end: string): [node: string, port: string] {
  const dot = end.indexOf('.');
  return [end.slice(0, dot), end.slice(dot + 1)];
}
