import { canonicalText } from '../model/hash.ts';
import type { PipelineDocument, PipelineNode } from '../model/pipeline.ts';

/** What differs between two pipeline files, one line each (`+` new, `-` gone, `~` changed); empty when nothing does. */
export function diffDocuments(old: PipelineDocument, next: PipelineDocument): readonly string[] {
  const lines: string[] = [];
  for (const key of ['id', 'name', 'description'] as const) {
    if (old[key] !== next[key]) lines.push(`~ ${key}: ${value(old[key])} → ${value(next[key])}`);
  }
  const before = new Map(old.nodes.map((node) => [node.id, node]));
  const after = new Map(next.nodes.map((node) => [node.id, node]));
  for (const id of [...new Set([...before.keys(), ...after.keys()])].toSorted())
    lines.push(...nodeLines(id, before.get(id), after.get(id)));
  const edges = (document: PipelineDocument) => new Set(document.edges.map((edge) => `${edge.from} -> ${edge.to}`));
  const [oldEdges, nextEdges] = [edges(old), edges(next)];
  for (const edge of [...new Set([...oldEdges, ...nextEdges])].toSorted()) {
    if (!nextEdges.has(edge)) lines.push(`- edge ${edge}`);
    else if (!oldEdges.has(edge)) lines.push(`+ edge ${edge}`);
  }
  if (canonicalText(old.layout) !== canonicalText(next.layout)) lines.push('~ layout: positions only, the logic is the same');
  return lines;
}

function nodeLines(id: string, old: PipelineNode | undefined, next: PipelineNode | undefined): string[] {
  if (old === undefined) return [`+ node ${id} (${next!.kind})`];
  if (next === undefined) return [`- node ${id} (${old.kind})`];
  const lines: string[] = [];
  for (const key of ['kind', 'version', 'name'] as const) {
    if (old[key] !== next[key]) lines.push(`~ node ${id} ${key}: ${value(old[key])} → ${value(next[key])}`);
  }
  for (const key of [...new Set([...Object.keys(old.settings), ...Object.keys(next.settings)])].toSorted()) {
    const [was, is] = [old.settings[key], next.settings[key]];
    if (canonicalText(was) !== canonicalText(is)) lines.push(`~ node ${id} setting ${key}: ${value(was)} → ${value(is)}`);
  }
  return lines;
}

const SHOWN = 200;

function value(json: unknown): string {
  if (json === undefined) return 'not set';
  const text = JSON.stringify(json);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}
