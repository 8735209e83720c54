import { readFileSync } from 'node:fs';
import { knownConnections } from '../../connections/known-connections.ts';
import { loadParser } from '../../engine/expression/expression.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Problem } from '../../engine/model/problem.ts';
import { compilePipeline, type Compiled } from '../../engine/plan/compile-pipeline.ts';
import { readPipeline } from '../../engine/plan/read-pipeline.ts';
import { catalog } from '../../nodes/catalog.ts';
import { systemReason } from './system-error.ts';

export interface LoadedPipeline {
  readonly document: PipelineDocument | undefined;
  readonly compiled: Compiled | undefined;
  readonly problems: readonly Problem[];
}

/** A pipeline file read and checked: the same checker as the canvas. Connects to nothing. */
export async function loadPipeline(file: string, env: Readonly<Record<string, string | undefined>>): Promise<LoadedPipeline> {
  await loadParser();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = `The pipeline file ${file} cannot be read: ${systemReason(error) ?? String(error)}.`;
    const mend = 'Give the path of a pipeline file.';
    return { document: undefined, compiled: undefined, problems: [{ code: 'file_unreadable', severity: 'error', message, mend }] };
  }
  const { document, problems } = readPipeline(text);
  if (document === undefined) return { document, compiled: undefined, problems };
  const compiled = compilePipeline(document, catalog, { connections: knownConnections(env) });
  return { document, compiled, problems: [...problems, ...compiled.problems] };
}
