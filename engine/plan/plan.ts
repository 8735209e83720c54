import type { PhysicalField } from '../model/batch.ts';
import type { Schema } from '../model/schema.ts';

/** One node, ready to run. Steps stand in topological order; `index` is the position in `Plan.steps` and the origin number. */
export interface Step {
  readonly index: number;
  readonly node: string;
  readonly name: string;
  readonly kind: string;
  readonly role: 'source' | 'operator' | 'sink';
  /** parsed by the definition's zod schema, defaults filled in */
  readonly settings: unknown;
  /** per input port: which output feeds it; undefined = not wired */
  readonly inputs: readonly ({ readonly step: number; readonly port: number } | undefined)[];
  readonly inputPorts: readonly string[];
  readonly outputPorts: readonly string[];
  /** whole schema of each output port */
  readonly outputs: readonly Schema[];
  /** sources only, per output port: the columns that something downstream reads, in schema order (V4) */
  readonly wanted: readonly (readonly PhysicalField[])[];
  /** definition.horizonUs, 0 without one */
  readonly horizonUs: number;
  /** identity of stored state: kind, version, settings in stateKeys, and the input columns it reads */
  readonly stateHash: string;
}

/** A pipeline that can run. Pure data: the same for CLI, app and runner. */
export interface Plan {
  readonly pipelineId: string;
  readonly pipelineName: string;
  /** logic only, never layout or names */
  readonly hash: string;
  readonly steps: readonly Step[];
}
