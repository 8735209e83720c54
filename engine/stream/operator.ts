import type { Batch, Layout } from '../model/batch.ts';
import type { Schema } from '../model/schema.ts';

/** Where rows and fates go. Every input row gets exactly one fate (E6); `used` is the rest. */
export interface Out {
  /** Synchronous: when it returns, nobody holds the batch. */
  emit(port: number, batch: Batch): void;
  filtered(count: number): void;
  /** The selected rows are late: counted, and sent to the node's `late` port when it has one. */
  late(batch: Batch): void;
  /** One row cannot be used. `code` is stable, `sentence` says what is wrong with this row. */
  dead(batch: Batch, row: number, code: string, sentence: string): void;
  /** +n taken undecided, −n when their fate is known. */
  held(change: number): void;
}

export interface Context {
  /** source partition of a stage-1 instance; 0 after a combination */
  readonly partition: number;
  /** the plan index of the source of a stage-1 instance; the node's own index after a combination */
  readonly source: number;
  /** plan index of this node: the origin of what it emits after a combination */
  readonly node: number;
  /** false: nobody listens (no edge, no tap), so making rows for that port is wasted. Never decides a fate. */
  wired(port: number): boolean;
  /** an edge leaves this port; a tap does not count */
  connected(port: number): boolean;
}

export interface SnapshotOut {
  put(key: string, bytes: Uint8Array): void;
  delete(key: string): void;
}

/**
 * A running node. Synchronous between barriers. What a crash must not lose leaves through snapshot(): only the pieces
 * changed since the last snapshot, deletes before puts.
 * restore() gets every stored piece, in any order, before the first batch.
 * A result may depend on the rows and their origin, never on batch bounds, epochs, interleaving or slot numbers.
 */
export interface Operator {
  /** May not write to the columns of the batch; may add its own (`batch.with`). Must not keep any array of it. */
  onBatch(input: number, batch: Batch, out: Out): void;
  /** Stage 1: own partition's watermark. Stage 2: minimum over the node's inputs. Never goes back; the engine forwards it afterwards. */
  onWatermark(time: number, out: Out): void;
  /** Before snapshot: interim rows of an `updates` port. */
  onEpoch?(out: Out): void;
  snapshot(out: SnapshotOut): void;
  restore(key: string, bytes: Uint8Array): void;
  /** What the State tab and the event-time lane show: plain JSON, at most `limit` entries of any list. */
  inspect(limit: number): unknown;
  /** Memory held by state, dictionaries included (W5). */
  bytes(): number;
}

/** One input as the plan resolved it: the whole schema, and the columns that really come. */
export interface InputShape {
  readonly schema: Schema;
  readonly layout: Layout;
}

/** Once per plan: compile expressions, resolve columns. Instances share code, so it is compiled once. */
export interface Prepared {
  /** per output port, in the order of the definition's ports */
  readonly outputs: readonly Layout[];
  /** true: one instance over all partitions (stage 2), even where its inputs still have an origin */
  readonly whole: boolean;
  /** once per origin partition while inputs have an origin and `whole` is false, else once */
  create(context: Context): Operator;
  /**
   * present = this node combines: partial once per origin partition, create() is the final half (then `whole` is true) and made
   * before any partial. What the halves of one node share is theirs: this `Prepared` made it, nothing goes through the engine.
   */
  readonly partial?: ((context: Context) => Operator) | undefined;
}

export interface OperatorModule<S> {
  prepare(settings: S, inputs: readonly InputShape[]): Prepared;
}

/** The encoded rows of one sink and epoch: UTF-8 JSON lines, one object a row, keys = column names, each line ends with \n. */
export interface Outbox {
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** The engine's half of a sink: rows in, one outbox an epoch out. Always one instance. */
export interface SinkOperator extends Omit<Operator, 'onEpoch'> {
  /** Called at the barrier before snapshot(); undefined when nothing was written in this epoch. */
  takeOutbox(): Outbox | undefined;
  /** The sink's whole view as absolute rows, for a sink that lost its data (E5, Redis). */
  rewrite?(): Outbox | undefined;
}

export interface SinkOperatorModule<S> {
  prepare(settings: S, inputs: readonly InputShape[]): { create(context: Context): SinkOperator };
}
