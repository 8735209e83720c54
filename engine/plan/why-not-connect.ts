import type { AnyDefinition } from '../model/definition.ts';
import type { PipelineDocument, PipelineEdge } from '../model/pipeline.ts';
import type { Problem } from '../model/problem.ts';
import { checkEdges, edgeText } from './check-edges.ts';
import { checkMode, takesUpdates } from './check-modes.ts';
import type { Compiled } from './compile-pipeline.ts';

/**
 * Why this edge may not be drawn; undefined: it may. `compiled` is the document's own, so that a hundred ports are asked
 * for the price of one compilation. What can be mended by settings (a key, a column) is told after drawing, at the node.
 */
export function whyNotConnect(
  document: PipelineDocument,
  compiled: Compiled,
  catalog: readonly AnyDefinition[],
  edge: PipelineEdge,
): Problem | undefined {
  const text = edgeText(edge);
  const wrong = checkEdges({ ...document, edges: [...document.edges, edge] }, compiled.ports).problems.find(
    (own) => own.edge === text,
  );
  if (wrong !== undefined) return wrong;
  const [from, to] = [nodeOf(edge.from), nodeOf(edge.to)];
  if (reaches(document, to, from)) {
    return {
      code: 'cycle',
      severity: 'error',
      edge: text,
      message:
        from === to
          ? `"${from}" cannot feed itself.`
          : `The rows of "${to}" come to "${from}" already: they would run in a circle.`,
      mend: 'Connect it to a node that does not lead here.',
    };
  }
  const kind = document.nodes.find((node) => node.id === to)?.kind;
  const definition = catalog.find((own) => own.kind === kind);
  const schema = compiled.schemas.get(edge.from);
  if (definition === undefined || schema === undefined || takesUpdates(definition)) return undefined;
  return checkMode(definition, compiled.settings.get(to), to, text, schema, compiled.updates.get(edge.from));
}

function reaches(document: PipelineDocument, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    for (const edge of document.edges) if (nodeOf(edge.from) === at) open.push(nodeOf(edge.to));
  }
  return false;
}

function nodeOf(end: string): string {
  return end.slice(0, end.indexOf('.'));
}
