import { must } from '../../../engine/model/assert.ts';
import { BooleanColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { grownBytes } from '../growing.ts';

/** bool_and (`every`) and bool_or. Per slot: 0 nothing seen, 1 false, 2 true. */
export class TruthState implements AggregateState {
  #seen = new Uint8Array(0);
  readonly #every: boolean;

  constructor(every: boolean) {
    this.#every = every;
  }

  reserve(slots: number): void {
    this.#seen = grownBytes(this.#seen, slots);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, _batch: Batch): void {
    const column = must(input, 'bool_and and bool_or have an argument');
    if (column.kind !== 'boolean') throw new Error(`bug: bool_and of a ${column.kind} column`);
    const { values, nulls } = column;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      this.#add(slots[row]!, values[row]! + 1);
    }
  }

  #add(slot: number, value: number): void {
    const before = this.#seen[slot]!;
    this.#seen[slot] = before === 0 ? value : this.#every ? Math.min(before, value) : Math.max(before, value);
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const value = other.#seen[from[i]!]!;
      if (value !== 0) this.#add(into[i]!, value);
    }
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.#seen[slots[i]!] = 0;
  }

  finalise(slots: Int32Array, count: number): Column {
    const values = new Uint8Array(count);
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const value = this.#seen[slots[i]!]!;
      if (value === 0) {
        nulls ??= new Uint8Array(count);
        nulls[i] = 1;
      } else values[i] = value - 1;
    }
    return new BooleanColumn(values, nulls);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) out.u8(this.#seen[slots[i]!]!);
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) this.#seen[slots[i]!] = input.u8();
  }

  bytes(): number {
    return this.#seen.byteLength;
  }
}
