import type { ByteRanges, Fence } from '../../engine/stream/connector.ts';

/** Messages of one partition in offset order. The arrays belong to whoever gets the slice; `bytes` has 8 bytes of padding. */
export interface LogSlice extends ByteRanges {
  readonly kind: 'messages';
  readonly partition: number;
  /** the offset that was asked for */
  readonly from: number;
  /** may be 0: nothing there, or only what a reader does not see (control records, aborted transactions) */
  readonly count: number;
  readonly offsets: Float64Array;
  /** µs */
  readonly timestamps: Float64Array;
  readonly keys: ByteRanges | undefined;
  /** each message's headers as a JSON object; a range of −1 = the message has none */
  readonly headers: ByteRanges | undefined;
  /** where to read on; greater than the last offset + 1 where something invisible follows */
  readonly next: number;
  readonly bounds: Bounds;
}

/** Instead of messages. `out-of-range`: bounds tell which side · `gone`: no such topic or partition (any more). */
export interface LogAbsence {
  readonly kind: 'out-of-range' | 'gone';
  readonly partition: number;
  readonly from: number;
  readonly bounds: Bounds;
}

/** start: first offset that is still there; end: offset of the next message that a reader of this isolation can see. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

export interface FetchAsk {
  readonly partition: number;
  readonly offset: number;
}

export interface TopicDescription {
  readonly name: string;
  /** another topic of the same name has another identity */
  readonly identity: string;
  /** ascending by number */
  readonly partitions: readonly (Bounds & { readonly partition: number })[];
  /** undefined: unknown or without end */
  readonly retentionMs: number | undefined;
}

export interface TopicWish {
  readonly partitions: number;
  readonly retentionMs: number;
}

export interface LogReader {
  /** Identity and partition numbers, at most `maxAgeMs` old; undefined: no such topic now. */
  layout(maxAgeMs: number): Promise<{ readonly identity: string; readonly partitions: readonly number[] } | undefined>;
  /**
   * Messages from these offsets on, of the topic that `layout` saw last (another one of the same name: `gone`). Gives what arrives within waitMs, what is there at once with waitMs 0. An answer may
   * belong to an earlier call's ask (its `from` tells), and one that comes too late for this call is given by the next.
   */
  fetch(asks: readonly FetchAsk[], waitMs: number): Promise<readonly (LogSlice | LogAbsence)[]>;
  close(): Promise<void>;
}

export interface LogRecord {
  readonly partition: number;
  /** undefined = null */
  readonly key: Uint8Array | undefined;
  readonly value: Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** µs; the log keeps ms */
  readonly timestampUs: number;
}

/** Whose fence: [E2] (pipeline id, node id). */
export interface FenceKey {
  readonly pipelineId: string;
  readonly nodeId: string;
}

/** Appends with the fence moved in the same transaction. Throws only `Fault`. */
export interface LogWriter {
  fence(): Promise<Fence | undefined>;
  /** Compare-and-set; Fault `fenced` when the stored fence is not `expected`. */
  take(expected: Fence | undefined, next: Fence): Promise<void>;
  /** All records of one epoch and fence := (lineage, owner, epoch); skipped when the stored epoch is ≥ `epoch` already. */
  append(fence: Fence, epoch: number, records: readonly LogRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** An event log behind one connection name: Kafka, or its stand-in. Throws only `Fault`. */
export interface EventLog {
  /** `embedded`, or host:port of the first brokers */
  readonly target: string;
  /** names in order, internal topics left out */
  topics(): Promise<readonly string[]>;
  /** ends count what stands in open transactions, too */
  describe(topic: string): Promise<TopicDescription | undefined>;
  /** What the environment says about new topics comes before the wish. false: it was there already, and stays as it is */
  create(topic: string, wish: Partial<TopicWish>): Promise<boolean>;
  /** to `partitions` in total; there is no way back */
  widen(topic: string, partitions: number): Promise<void>;
  remove(topic: string): Promise<void>;
  /** forgets everything before `offset` */
  truncate(topic: string, partition: number, offset: number): Promise<void>;
  /** offset of the first message at or after the time, or the end; by the log's own timestamps */
  offsetAt(topic: string, partition: number, timeUs: number): Promise<number>;
  reader(topic: string, options: { readonly readCommitted: boolean }): Promise<LogReader>;
  writer(topic: string, key: FenceKey): Promise<LogWriter>;
  /** Appends without a fence: for what is not an epoch of a sink (tests, replays by hand). */
  append(topic: string, records: readonly LogRecord[]): Promise<void>;
  /** Notes positions under a group name, for lag tools only. */
  noteGroup(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void>;
  close(): Promise<void>;
}

export const TOPIC_NAME = /^(?!\.\.?$)[A-Za-z0-9._-]{1,249}$/;

/** [V3] Also the most that one message of a sink may take. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
export const PADDING_BYTES = 8;
export const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000;
