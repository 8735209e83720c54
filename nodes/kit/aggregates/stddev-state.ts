import { must } from '../../../engine/model/assert.ts';
import { NumberColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { grownFloats } from '../growing.ts';

/** Standard deviation by Welford's update and Chan's combination: no sums of squares, so no cancellation (Z6). */
export class StddevState implements AggregateState {
  #counts = new Float64Array(0);
  #means = new Float64Array(0);
  /** sum of squared distances from the mean */
  #spread = new Float64Array(0);
  readonly #sample: boolean;
  readonly #unit: number;

  /** `unit`: what a value is divided by, 10^scale for decimals */
  constructor(sample: boolean, unit: number) {
    this.#sample = sample;
    this.#unit = unit;
  }

  reserve(slots: number): void {
    this.#counts = grownFloats(this.#counts, slots);
    this.#means = grownFloats(this.#means, slots);
    this.#spread = grownFloats(this.#spread, slots);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, _batch: Batch): void {
    const column = must(input, 'stddev has an argument');
    if (column.kind !== 'number') throw new Error(`bug: stddev of a ${column.kind} column`);
    const { values, nulls } = column;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      const slot = slots[row]!;
      const n = this.#counts[slot]! + 1;
      const distance = values[row]! - this.#means[slot]!;
      const mean = this.#means[slot]! + distance / n;
      this.#counts[slot] = n;
      this.#means[slot] = mean;
      this.#spread[slot]! += distance * (values[row]! - mean);
    }
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const to = into[i]!;
      const slot = from[i]!;
      const right = other.#counts[slot]!;
      if (right === 0) continue;
      const left = this.#counts[to]!;
      const n = left + right;
      const distance = other.#means[slot]! - this.#means[to]!;
      this.#means[to]! += (distance * right) / n;
      this.#spread[to]! += other.#spread[slot]! + ((distance * left) / n) * right * distance;
      this.#counts[to] = n;
    }
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      this.#counts[slot] = 0;
      this.#means[slot] = 0;
      this.#spread[slot] = 0;
    }
  }

  finalise(slots: Int32Array, count: number): Column {
    const values = new Float64Array(count);
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const n = this.#counts[slot]! - (this.#sample ? 1 : 0);
      if (n <= 0) {
        nulls ??= new Uint8Array(count);
        nulls[i] = 1;
      } else values[i] = Math.sqrt(this.#spread[slot]! / n) / this.#unit;
    }
    return new NumberColumn(values, nulls);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      out.f64(this.#counts[slot]!);
      out.f64(this.#means[slot]!);
      out.f64(this.#spread[slot]!);
    }
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      this.#counts[slot] = input.f64();
      this.#means[slot] = input.f64();
      this.#spread[slot] = input.f64();
    }
  }

  bytes(): number {
    return this.#counts.byteLength * 3;
  }
}
