import type { Problem } from './problem.ts';

/** [E6] Fates of a node's input rows since its state began. in = used + filtered + late + dead + held. */
export interface Ledger {
  readonly in: number;
  readonly used: number;
  readonly filtered: number;
  readonly late: number;
  readonly dead: number;
  readonly held: number;
}

/** A node's meters. Counts since the state began; rates are made by the reader from two samples. */
export interface NodeMeter {
  readonly ledger: Ledger;
  /** rows out per output port */
  readonly out: readonly number[];
  /** event time, µs; undefined before the first */
  readonly watermark: number | undefined;
  /** ms spent in this node in total, and p99 of one batch in the last interval */
  readonly busyMs: number;
  readonly batchP99Ms: number;
  /** bytes of state; 0 for a stateless node */
  readonly stateBytes: number;
  /** sources: messages behind the end of the log; undefined: unknown */
  readonly lag?: number | undefined;
  /** sources: partition → what the event-time lane shows */
  readonly partitions?: readonly PartitionMeter[] | undefined;
  /** sinks: epochs and bytes waiting in the outbox, and why the sink is not taking them */
  readonly outbox?: { readonly epochs: number; readonly bytes: number; readonly waiting: string | undefined } | undefined;
  readonly guarantee?: { readonly level: string; readonly because: string } | undefined;
  /** reading is held back: by a full outbox, by the ceiling of event time ahead of others (T6), or by a full disk */
  readonly heldBy?: string | undefined;
}

export interface PartitionMeter {
  readonly partition: number;
  readonly offset: number;
  readonly lag: number | undefined;
  /** µs; undefined before the first row */
  readonly watermark: number | undefined;
  readonly newest: number | undefined;
  readonly idle: boolean;
  readonly late: number;
  /** event times of the newest late rows since the last meters, µs, at most 20: the ticks of the event-time lane */
  readonly lateAt?: readonly number[] | undefined;
}

export type RunState = 'starting' | 'running' | 'paused' | 'draining' | 'stopping' | 'stopped' | 'completed' | 'failed';

export interface EpochReport {
  readonly epoch: number;
  readonly tookMs: number;
  readonly bytes: number;
  readonly stateBytes: number;
  /** false: in ≠ used + filtered + late + dead + held at some node */
  readonly balanced: boolean;
}

/** All that a runner says. `seq` has no gaps, so a listener knows what it missed. `at` is wall clock, ms. */
export type RunEvent = { readonly seq: number; readonly at: number } & (
  | {
      readonly type: 'state';
      readonly state: RunState;
      readonly cause?: Problem | undefined;
      readonly exitCode?: number | undefined;
    }
  | { readonly type: 'meters'; readonly nodes: Readonly<Record<string, NodeMeter>>; readonly epoch: number }
  | {
      readonly type: 'rows';
      readonly node: string;
      readonly port: string;
      /** rows seen on the edge since the last event of this tap, of which `rows` is a sample */
      readonly seen: number;
      readonly rows: readonly TapRow[];
    }
  | { readonly type: 'epoch'; readonly report: EpochReport }
  | { readonly type: 'line'; readonly level: 'info' | 'warn' | 'error'; readonly node?: string | undefined; readonly text: string }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
);

export interface TapRow {
  /** event time, µs */
  readonly time: number;
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a runner can be told, one JSON line on stdin or one IPC message. */
export type RunCommand =
  | { readonly type: 'stop' }
  | { readonly type: 'drain' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'tap'; readonly node: string; readonly port: string }
  | { readonly type: 'untap'; readonly node: string; readonly port: string }
  | { readonly type: 'inspect'; readonly id: number; readonly node: string; readonly limit: number };
