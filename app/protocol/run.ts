import type { Problem } from '../../engine/model/problem.ts';
import type { RunEvent, RunState } from '../../engine/model/run-event.ts';
import type { PlanDifference } from './plan-difference.ts';

/** The present or last run of a pipeline. */
export interface RunStatus {
  readonly runId: string;
  readonly pipelineId: string;
  readonly state: RunState;
  /** revision of the document that runs, and its plan */
  readonly revision: number;
  readonly planHash: string;
  /** wall clock, ms: of the run's start, and of the last change of `state` */
  readonly startedAt: number;
  readonly changedAt: number;
  readonly epoch: number;
  readonly nodes: number;
  readonly cause: Problem | undefined;
  readonly exitCode: number | undefined;
  /** moves that the state allows now */
  readonly moves: readonly RunMove[];
}

export type RunMove = 'start' | 'pause' | 'resume' | 'drain' | 'stop' | 'kill' | 'apply';

/** One line of the Runs tab. */
export interface RunRecord {
  readonly runId: string;
  readonly revision: number;
  readonly planHash: string;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly from: string;
  readonly end: string;
  readonly epochs: number;
  readonly rowsIn: number;
  readonly balanced: boolean;
}

export interface Applied {
  readonly status: RunStatus;
  readonly difference: PlanDifference;
  /** reading stood still, ms */
  readonly gapMs: number;
  /** set: the new revision failed to start and the old one runs again */
  readonly rolledBack?: Problem | undefined;
}

/** What the Log tab shows of a run. */
export type LogEvent = Extract<RunEvent, { type: 'line' | 'state' }>;

/** Meters of the last 15 minutes, one sample a second, by column: index i of every list belongs to `at[i]`. */
export interface MetricHistory {
  readonly at: readonly number[];
  readonly epoch: readonly number[];
  readonly nodes: Readonly<Record<string, NodeHistory>>;
}

export interface NodeHistory {
  readonly in: readonly number[];
  readonly used: readonly number[];
  readonly late: readonly number[];
  readonly dead: readonly number[];
  readonly held: readonly number[];
  /** per output port */
  readonly out: readonly (readonly number[])[];
  /** µs; null: none yet */
  readonly watermark: readonly (number | null)[];
  readonly batchP99Ms: readonly number[];
  readonly stateBytes: readonly number[];
  /** messages; null: unknown or not a source */
  readonly lag: readonly (number | null)[];
}
