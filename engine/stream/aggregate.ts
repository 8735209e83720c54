import type { Batch, Column } from '../model/batch.ts';
import type { Dictionary } from '../model/dictionary.ts';

/** Writes the state of slots into one piece; texts are written once a piece, with ids local to the piece. */
export interface ByteWriter {
  u8(value: number): void;
  i32(value: number): void;
  f64(value: number): void;
  bytes(value: Uint8Array): void;
  text(dictionary: Dictionary, id: number): void;
}

export interface ByteReader {
  u8(): number;
  i32(): number;
  f64(): number;
  bytes(): Uint8Array;
  /** id in `dictionary` of the text written by `ByteWriter.text` */
  text(dictionary: Dictionary): number;
}

/**
 * State of one aggregate for many groups. A slot is a small dense integer, one per (pane, key); freed slots come back cleared.
 * A result may depend on the sequence of accumulate/combine, never on slot numbers, batch bounds, or former use of a slot.
 */
export interface AggregateState {
  reserve(slots: number): void;
  /**
   * slots is indexed by physical row; rows[0..count) are already filtered (FILTER) and on time. Batch: for times and offsets.
   * input.dictionary is not yours → rebase your ids first: so generations, restore and workers need no other call.
   */
  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, batch: Batch): void;
  /** into[i] ← into[i] + other's from[i]; the caller keeps the order fixed (D2). */
  combine(into: Int32Array, other: this, from: Int32Array, count: number): void;
  clear(slots: Int32Array, count: number): void;
  /** Result row i belongs to slots[i]. May not change state: updates call it too. */
  finalise(slots: Int32Array, count: number): Column;
  write(slots: Int32Array, count: number, out: ByteWriter): void;
  read(slots: Int32Array, count: number, input: ByteReader): void;
  bytes(): number;
  /** results of these slots that leave values out; missing: this aggregate never does */
  cutAmong?(slots: Int32Array, count: number): number;
}
