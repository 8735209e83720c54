import type { Connections } from '../../connections/connections.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { compilePipeline } from '../../engine/plan/compile-pipeline.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import type { CheckContext } from './check-service.ts';
import type { Inspections } from './inspections.ts';
import type { Library, LibraryEntry } from './library.ts';
import { Refused } from './refused.ts';
import type { RunCommandLine } from './runner-process.ts';
import type { RowCache } from './row-cache.ts';
import type { Supervisor } from './supervisor.ts';

/** What the handlers share. */
export interface Studio {
  readonly version: string;
  readonly workspace: string;
  readonly services: 'env' | 'embedded';
  readonly catalog: readonly AnyDefinition[];
  readonly checking: CheckContext;
  readonly library: Library;
  readonly supervisor: Supervisor;
  readonly inspections: Inspections;
  readonly rows: RowCache;
  readonly connections: Connections;
  /** folder with the templates that come with Telemetra */
  readonly templates: string;
  readonly runCommand: RunCommandLine;
  now(): number;
  /** the demo as on the first day */
  resetDemo(): Promise<void>;
}

export function entryOf(studio: Studio, id: string): LibraryEntry {
  studio.library.refresh();
  const entry = studio.library.get(id);
  if (entry === undefined)
    throw new Refused('not_found', `There is no pipeline ${id} in this workspace.`, {
      mend: 'Open another one, or import the file.',
    });
  return entry;
}

/** The plan of a document that must be able to run; 422 with every problem else. */
export function planOf(studio: Studio, document: PipelineDocument): Plan {
  const { plan, problems } = compilePipeline(document, studio.catalog, { connections: studio.checking.connections });
  if (plan === undefined)
    throw new Refused('not_valid', 'The pipeline cannot run as it is.', { problems, mend: 'Mend the listed problems.' });
  return plan;
}

const plansOfRuns = new WeakMap<PipelineDocument, Plan>();

/** The plan that runs now; undefined: nothing runs. */
export function runningPlan(studio: Studio, id: string): { readonly plan: Plan; readonly document: PipelineDocument } | undefined {
  const document = studio.supervisor.running(id);
  if (document === undefined) return undefined;
  const plan = plansOfRuns.get(document) ?? planOf(studio, document);
  plansOfRuns.set(document, plan);
  return { document, plan };
}
