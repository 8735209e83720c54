import { NumberColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { grownFloats } from '../growing.ts';
import { isNull } from '../values.ts';

/** count(*) without an input column, count(x) with one. */
export class CountState implements AggregateState {
  #counts = new Float64Array(0);

  reserve(slots: number): void {
    this.#counts = grownFloats(this.#counts, slots);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, _batch: Batch): void {
    const counts = this.#counts;
    if (input === undefined || ((input.kind === 'number' || input.kind === 'boolean') && input.nulls === undefined)) {
      for (let i = 0; i < count; i++) counts[slots[rows[i]!]!]! += 1;
    } else if (input.kind === 'text') {
      const ids = input.ids;
      for (let i = 0; i < count; i++) counts[slots[rows[i]!]!]! += ids[rows[i]!]! < 0 ? 0 : 1;
    } else {
      for (let i = 0; i < count; i++) if (!isNull(input, rows[i]!)) counts[slots[rows[i]!]!]! += 1;
    }
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.#counts[into[i]!]! += other.#counts[from[i]!]!;
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.#counts[slots[i]!] = 0;
  }

  finalise(slots: Int32Array, count: number): Column {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#counts[slots[i]!]!;
    return new NumberColumn(values, undefined);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) out.f64(this.#counts[slots[i]!]!);
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) this.#counts[slots[i]!] = input.f64();
  }

  bytes(): number {
    return this.#counts.byteLength;
  }
}
