import type { AnyDefinition } from '../model/definition.ts';
import type { PipelineDocument, PipelineEdge } from '../model/pipeline.ts';
import { isError, type Problem } from '../model/problem.ts';
import { edgeText } from './check-edges.ts';
import { compilePipeline } from './compile-pipeline.ts';

/** Why this edge may not be drawn; undefined: it may. Settings that do not fit the new rows are told after drawing, at their node. */
export function whyNotConnect(
  document: PipelineDocument,
  catalog: readonly AnyDefinition[],
  edge: PipelineEdge,
): Problem | undefined {
  const { problems } = compilePipeline({ ...document, edges: [...document.edges, edge] }, catalog);
  const own = problems.find((problem) => isError(problem) && problem.edge === edgeText(edge));
  if (own !== undefined) return own;
  const [from, to] = [nodeOf(edge.from), nodeOf(edge.to)];
  if (!reaches(document, to, from)) return undefined;
  return problems.find((problem) => problem.code === 'cycle');
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
