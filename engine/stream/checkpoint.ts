import type { DeadLetter } from './dead-letter.ts';
import type { StatePiece } from './graph.ts';
import type { PartitionMark } from './partition.ts';
import type { Outbox } from './operator.ts';

/** The small record of every epoch, kept 7 days: replay starts from it (E1). Plain JSON. */
export interface Manifest {
  readonly epoch: number;
  /** wall clock, ms, of the commit */
  readonly at: number;
  readonly planHash: string;
  /** [T4] event times beyond it are refused in the next epoch, µs */
  readonly ceilingUs: number;
  readonly sources: Readonly<Record<string, Readonly<Record<string, PartitionMark>>>>;
  /** watermark each node has sent, µs ('end' = +∞, null = none yet), and whether it is left out as idle */
  readonly nodes: Readonly<Record<string, { readonly watermark: number | null | 'end'; readonly idle: boolean }>>;
  /** counters by node, as FateCounter.save() */
  readonly counters: Readonly<Record<string, readonly number[]>>;
  /** origin numbers by node id: never reused within a state directory */
  readonly origins: Readonly<Record<string, number>>;
  /** identity of the state of each node that has some */
  readonly stateHashes: Readonly<Record<string, string>>;
  /** a bounded run or a drain of a bounded input has closed every window */
  readonly complete: boolean;
}

export interface OutboxEntry extends Outbox {
  readonly node: string;
  readonly epoch: number;
  /** input rows of the sink that this epoch stands for (E6: held until acknowledged) */
  readonly inputRows: number;
}

/** Everything that one epoch makes durable, in one transaction. */
export interface EpochRecord {
  readonly manifest: Manifest;
  readonly pieces: readonly StatePiece[];
  readonly outboxes: readonly OutboxEntry[];
  readonly dead: readonly DeadLetter[];
}

/** What is known of the outbox of one sink at start (E3). */
export interface OutboxState {
  /** T: newest non-empty epoch whose outbox has been deleted; 0 = none */
  readonly trimmed: number;
  /** kept epochs, ascending */
  readonly kept: readonly { readonly epoch: number; readonly rows: number; readonly inputRows: number; readonly bytes: number }[];
}

/** The local store of one run. Synchronous: a commit returns when it is durable. Throws `Fault` (retry: disk full). */
export interface CheckpointStore {
  readonly lineage: string;
  /** the newest epoch; undefined: fresh state */
  manifest(): Manifest | undefined;
  pieces(): Iterable<StatePiece>;
  /** false: no state is stored for this node */
  hasState(node: string): boolean;
  forget(node: string): void;
  commit(record: EpochRecord, nowMs: number): { readonly bytes: number };
  outboxState(node: string): OutboxState;
  outbox(node: string, epoch: number): OutboxEntry | undefined;
  /** The sink has this epoch. Only a hint (the fence is the truth); starts the retention of the outbox (E4). */
  acknowledged(node: string, epoch: number, nowMs: number, refused: readonly DeadLetter[]): void;
}
