import type { Schema } from '../model/schema.ts';
import type { Outbox } from './operator.ts';

/** Where a partition is read on: the next offset, and what the connector needs to find it again (plain JSON). */
export interface Position {
  readonly offset: number;
  readonly anchor?: unknown;
}

/** Byte ranges, one a row; start −1 = none. */
export interface ByteRanges {
  readonly bytes: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/**
 * Raw messages of one partition in offset order, undecoded. Valid until the reader's next poll.
 * `bytes` is padded: at least 8 readable bytes stand behind the last message.
 */
export interface RawBatch extends ByteRanges {
  readonly partition: number;
  /** output port of the source node; 0 unless the kind has several */
  readonly port: number;
  readonly count: number;
  readonly offsets: Float64Array;
  /** the log's own time of each message, µs */
  readonly timestamps: Float64Array | undefined;
  readonly keys: ByteRanges | undefined;
  /** headers of each message as a JSON object */
  readonly headers: ByteRanges | undefined;
  /** position after the last message of this batch (also when count is 0 and something was skipped) */
  readonly next: Position;
  /** nothing more was there when this was read */
  readonly caughtUp: boolean;
  /** bounded input: this partition will never bring another message */
  readonly ended: boolean;
  /** end of the log when this was read, for lag; undefined when the connector has no such thing */
  readonly logEnd: number | undefined;
}

export type StartFrom = { readonly kind: 'earliest' | 'latest' | 'stored' } | { readonly kind: 'time'; readonly timeUs: number };

/** What the runner hands to every connector: nothing outside is reached by another way. */
export interface ConnectorContext<C> {
  readonly pipelineId: string;
  readonly nodeId: string;
  /** clients of the named connections, opened on first use (`connections/connections.ts`) */
  readonly connections: C;
  /** where relative paths of settings start */
  readonly baseDirectory: string;
  /** wall clock, ms */
  now(): number;
  sleep(ms: number): Promise<void>;
  random(): number;
  readonly signal: AbortSignal;
  /** one line a user should see */
  report(line: string): void;
}

export interface SourceContext<C> extends ConnectorContext<C> {
  /** stored positions by partition; a partition without one starts at `from` */
  readonly positions: ReadonlyMap<number, Position>;
  readonly from: StartFrom;
  /** end at the present end of the input */
  readonly bounded: boolean;
}

/** Throws only `Fault`. */
export interface SourceReader {
  /** Partitions known now, ascending; a source that gains one reports it by its next poll. */
  partitions(): readonly number[];
  /**
   * Up to maxRows messages of each partition asked for, waiting up to waitMs for the first one when none has any.
   * Partitions not asked for are left where they are (backpressure, T6). At most one batch for each (partition, port run).
   */
  poll(ask: readonly number[], maxRows: number, waitMs: number): Promise<readonly RawBatch[]>;
  /** Called after an epoch is durable, for lag tools only; never relied upon. */
  readonly committed?: ((positions: ReadonlyMap<number, Position>) => Promise<void>) | undefined;
  close(): Promise<void>;
}

export interface SourceModule<S, C = unknown> {
  open(settings: S, context: SourceContext<C>): Promise<SourceReader>;
}

/** [E2] What a sink stores in the same transaction as the rows. */
export interface Fence {
  readonly lineage: string;
  readonly owner: number;
  /** last non-empty epoch applied; 0 = none yet */
  readonly epoch: number;
}

export interface SinkContext<C> extends ConnectorContext<C> {
  readonly schema: Schema;
  /** `--fresh`, for a sink that may start its outside over (a file) */
  readonly fresh: boolean;
}

/** A row that the sink refused for itself (not for the whole epoch): becomes a dead letter of this sink. */
export interface RefusedRow {
  /** index of the line in the outbox */
  readonly row: number;
  readonly code: string;
  readonly sentence: string;
}

export type Guarantee = 'exactly-once' | 'effectively-once' | 'idempotent' | 'at-least-once' | 'none';

/** The outside half of a sink. Throws only `Fault`. */
export interface SinkWriter {
  /** what this sink really promises with the rights it found (E5), and why in one clause */
  readonly guarantee: { readonly level: Guarantee; readonly because: string };
  /** The fence as the sink stores it; undefined: none yet. */
  fence(): Promise<Fence | undefined>;
  /** Compare-and-set in one transaction: fenced when the stored fence is no longer `expected`. */
  take(expected: Fence | undefined, next: Fence): Promise<void>;
  /**
   * Apply one epoch and move the fence from (lineage, owner, previous) to `epoch`, in one transaction. Twice = once:
   * an epoch that the fence already holds is skipped. Another owner → Fault `fenced`.
   * `whole`: the rows are all that the sink should hold, not what one epoch adds.
   */
  push(fence: Fence, epoch: number, outbox: Outbox, whole?: boolean): Promise<readonly RefusedRow[]>;
  /**
   * [E5] True once after a push that found the sink's data gone. Until a push of the whole view (`whole`) has been applied
   * the stored fence stays at epoch 0, so that a start after a crash sees that the view is still missing.
   */
  lost?(): boolean;
  close(): Promise<void>;
}

export interface SinkModule<S, C = unknown> {
  open(settings: S, context: SinkContext<C>): Promise<SinkWriter>;
}
