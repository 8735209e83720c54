import { must } from '../../../engine/model/assert.ts';
import { NumberColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { grownFloats } from '../growing.ts';

/**
 * sum and avg. Sums are compensated (Knuth's two-sum): `high + low` is exact for integers and scaled decimals as long as every
 * value is a safe integer, and nearly so for floats. `divisor` 0: the sum; else the mean, divided by it (a decimal's 10^scale).
 */
export class SumState implements AggregateState {
  #high = new Float64Array(0);
  #low = new Float64Array(0);
  #counts = new Float64Array(0);
  readonly #divisor: number;

  constructor(divisor: number) {
    this.#divisor = divisor;
  }

  reserve(slots: number): void {
    this.#high = grownFloats(this.#high, slots);
    this.#low = grownFloats(this.#low, slots);
    this.#counts = grownFloats(this.#counts, slots);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, _batch: Batch): void {
    const column = must(input, 'sum has an argument');
    if (column.kind !== 'number') throw new Error(`bug: sum of a ${column.kind} column`);
    const { values, nulls } = column;
    const high = this.#high;
    const low = this.#low;
    const counts = this.#counts;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      const slot = slots[row]!;
      const value = values[row]!;
      const before = high[slot]!;
      const sum = before + value;
      const part = sum - before;
      low[slot]! += before - (sum - part) + (value - part);
      high[slot] = sum;
      counts[slot]! += 1;
    }
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const to = into[i]!;
      const slot = from[i]!;
      const value = other.#high[slot]!;
      const before = this.#high[to]!;
      const sum = before + value;
      const part = sum - before;
      this.#low[to]! += before - (sum - part) + (value - part) + other.#low[slot]!;
      this.#high[to] = sum;
      this.#counts[to]! += other.#counts[slot]!;
    }
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      this.#high[slot] = 0;
      this.#low[slot] = 0;
      this.#counts[slot] = 0;
    }
  }

  /** A sum beyond ±(2^53 − 1), or a float sum beyond float64, comes out as it is: the node makes a dead letter of the row (X4). */
  finalise(slots: Int32Array, count: number): Column {
    const values = new Float64Array(count);
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const rows = this.#counts[slot]!;
      if (rows === 0) {
        nulls ??= new Uint8Array(count);
        nulls[i] = 1;
        continue;
      }
      const high = this.#high[slot]!;
      const sum = Number.isFinite(high) ? high + this.#low[slot]! : high;
      values[i] = this.#divisor === 0 ? sum : sum / rows / this.#divisor;
    }
    return new NumberColumn(values, nulls);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      out.f64(this.#high[slot]!);
      out.f64(this.#low[slot]!);
      out.f64(this.#counts[slot]!);
    }
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      this.#high[slot] = input.f64();
      this.#low[slot] = input.f64();
      this.#counts[slot] = input.f64();
    }
  }

  bytes(): number {
    return this.#high.byteLength * 3;
  }
}
