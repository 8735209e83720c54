import { NumberColumn } from '../model/batch.ts';
import { RowFailure } from './row-failure.ts';
import type { Implementation } from './typed.ts';
import { bytesOf, floats, numbers, type Evaluator, type Frame, type Vector } from './vector.ts';

const MAX = Number.MAX_SAFE_INTEGER;

/** + − × ÷ % over two number columns. The loop computes; a result out of bounds asks `apply` what is wrong with the row. */
export class ArithmeticEvaluator implements Evaluator {
  readonly #implementation: Implementation;
  readonly #left: Evaluator;
  readonly #right: Evaluator;
  #values = new Float64Array(0);
  #nulls = new Uint8Array(0);

  constructor(implementation: Implementation, left: Evaluator, right: Evaluator) {
    this.#implementation = implementation;
    this.#left = left;
    this.#right = right;
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    const left = numbers(this.#left.run(frame, rows, count));
    const right = numbers(this.#right.run(frame, rows, count));
    const { length } = frame.batch;
    this.#values = floats(this.#values, length);
    const nulls = this.#bothNulls(left.nulls, right.nulls, length, rows, count);
    const failures = this.#loop(left.values, right.values, rows, count);
    if (failures === 0) return new NumberColumn(this.#values, nulls);
    return this.#withFailures(frame, left.values, right.values, nulls, rows, count);
  }

  #bothNulls(
    a: Uint8Array | undefined,
    b: Uint8Array | undefined,
    length: number,
    rows: Int32Array,
    count: number,
  ): Uint8Array | undefined {
    if (a === undefined && b === undefined) return undefined;
    this.#nulls = bytesOf(this.#nulls, length);
    const out = this.#nulls;
    if (a !== undefined && b !== undefined) for (let i = 0; i < count; i++) out[rows[i]!] = a[rows[i]!]! | b[rows[i]!]!;
    else {
      const only = (a ?? b)!;
      for (let i = 0; i < count; i++) out[rows[i]!] = only[rows[i]!]!;
    }
    return out;
  }

  /** Number of rows whose result is out of bounds; the value of NULL rows is arbitrary, so some of these are none. */
  #loop(a: Float64Array, b: Float64Array, rows: Int32Array, count: number): number {
    const out = this.#values;
    const { operation, on } = this.#implementation.arithmetic!;
    let bad = 0;
    if (on === 'float') {
      switch (operation) {
        case 'add':
          for (let i = 0; i < count; i++) {
            const row = rows[i]!;
            const value = a[row]! + b[row]!;
            out[row] = value;
            if (value - value !== 0) bad++;
          }
          return bad;
        case 'subtract':
          for (let i = 0; i < count; i++) {
            const row = rows[i]!;
            const value = a[row]! - b[row]!;
            out[row] = value;
            if (value - value !== 0) bad++;
          }
          return bad;
        case 'multiply':
          for (let i = 0; i < count; i++) {
            const row = rows[i]!;
            const value = a[row]! * b[row]!;
            out[row] = value;
            if (value - value !== 0 || (value === 0 && a[row] !== 0 && b[row] !== 0)) bad++;
          }
          return bad;
        default:
          for (let i = 0; i < count; i++) {
            const row = rows[i]!;
            const value = a[row]! / b[row]!;
            out[row] = value;
            if (value - value !== 0 || (value === 0 && a[row] !== 0)) bad++;
          }
          return bad;
      }
    }
    // + 0 turns −0 into 0: whole numbers have one zero
    switch (operation) {
      case 'add':
        for (let i = 0; i < count; i++) {
          const row = rows[i]!;
          const value = a[row]! + b[row]!;
          out[row] = value;
          if (!(value <= MAX && value >= -MAX)) bad++;
        }
        return bad;
      case 'subtract':
        for (let i = 0; i < count; i++) {
          const row = rows[i]!;
          const value = a[row]! - b[row]!;
          out[row] = value;
          if (!(value <= MAX && value >= -MAX)) bad++;
        }
        return bad;
      case 'multiply':
        for (let i = 0; i < count; i++) {
          const row = rows[i]!;
          const value = a[row]! * b[row]! + 0;
          out[row] = value;
          if (!(value <= MAX && value >= -MAX)) bad++;
        }
        return bad;
      case 'divide':
        for (let i = 0; i < count; i++) {
          const row = rows[i]!;
          out[row] = Math.trunc(a[row]! / b[row]!) + 0;
          if (b[row] === 0) bad++;
        }
        return bad;
      default:
        for (let i = 0; i < count; i++) {
          const row = rows[i]!;
          out[row] = (a[row]! % b[row]!) + 0;
          if (b[row] === 0) bad++;
        }
        return bad;
    }
  }

  #withFailures(
    frame: Frame,
    a: Float64Array,
    b: Float64Array,
    nulls: Uint8Array | undefined,
    rows: Int32Array,
    count: number,
  ): Vector {
    let out = nulls;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      try {
        this.#implementation.apply(a[row]!, b[row]!);
      } catch (failure) {
        if (!(failure instanceof RowFailure)) throw failure;
        frame.failed.mark(row, failure.code, failure.sentence);
        if (out === undefined) {
          this.#nulls = bytesOf(this.#nulls, frame.batch.length);
          this.#nulls.fill(0, 0, frame.batch.length);
          out = this.#nulls;
        }
        out[row] = 1;
      }
    }
    return new NumberColumn(this.#values, out);
  }
}
