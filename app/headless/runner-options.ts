import type { systemHost } from '../../engine/host/system-host.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import type { SourceReader, StartFrom } from '../../engine/stream/connector.ts';
import type { Graph } from '../../engine/stream/graph.ts';
import type { RunSay } from '../../engine/stream/run-parts.ts';
import type { StandIns } from './stand-ins.ts';

export interface RunnerOptions {
  readonly plan: Plan;
  readonly catalog: readonly AnyDefinition[];
  readonly workspace: string;
  readonly stateDirectory: string;
  /** relative paths in settings start here */
  readonly baseDirectory: string;
  readonly files: StandIns;
  readonly from: StartFrom | undefined;
  readonly bounded: boolean;
  readonly fresh: boolean;
  /** nodes that start without their stored state (E8) */
  readonly freshNodes: readonly string[];
  readonly adopt: boolean;
  readonly allowDuplicates: boolean;
  readonly services: 'env' | 'embedded';
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly batchRows?: number | undefined;
  readonly epochMs?: number | undefined;
  readonly say: (event: RunSay) => void;
  /** flow tests: these readers stand behind the sources, and sinks only count */
  readonly readers?: ReadonlyMap<string, SourceReader> | undefined;
  /** flow tests: a clock of their own */
  readonly host?: typeof systemHost | undefined;
  /** before the first row */
  readonly ready?: ((graph: Graph) => void) | undefined;
}
