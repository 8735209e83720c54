import { NumberColumn } from '../model/batch.ts';
import type { Comparer } from './comparer.ts';
import { Merger } from './merger.ts';
import type { InnerType, Value } from './typed.ts';
import {
  bytesOf,
  floats,
  ints,
  isNullAt,
  numbers,
  truths,
  TruthColumn,
  valueAt,
  type Evaluator,
  type Frame,
  type Vector,
} from './vector.ts';

/** undefined: a NULL constant */
export type Optional = Evaluator | undefined;

interface Rows {
  taken: Int32Array<ArrayBuffer>;
  open: Int32Array<ArrayBuffer>;
}

/** CASE: a row's result is evaluated only where its condition is the first true one. */
export class CaseEvaluator implements Evaluator {
  readonly #whens: readonly { readonly condition: Evaluator; readonly result: Optional; readonly rows: Rows }[];
  readonly #otherwise: Optional;
  readonly #merger: Merger;

  constructor(
    type: InnerType,
    whens: readonly { readonly condition: Evaluator; readonly result: Optional }[],
    otherwise: Optional,
  ) {
    this.#whens = whens.map((when) => ({ ...when, rows: { taken: new Int32Array(0), open: new Int32Array(0) } }));
    this.#otherwise = otherwise;
    this.#merger = new Merger(type);
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    this.#merger.begin(frame.batch.length);
    let open = rows;
    let openCount = count;
    for (const when of this.#whens) {
      if (openCount === 0) break;
      const truth = truths(when.condition.run(frame, open, openCount));
      const taken = (when.rows.taken = ints(when.rows.taken, openCount));
      const rest = (when.rows.open = ints(when.rows.open, openCount));
      let takenCount = 0;
      let restCount = 0;
      for (let i = 0; i < openCount; i++) {
        const row = open[i]!;
        // a condition that failed has no result
        if (truth[row] === 1) taken[takenCount++] = row;
        else rest[restCount++] = row;
      }
      if (takenCount > 0) this.#merger.add(when.result?.run(frame, taken, takenCount), taken, takenCount);
      open = rest;
      openCount = restCount;
    }
    if (openCount > 0) this.#merger.add(this.#otherwise?.run(frame, open, openCount), open, openCount);
    return this.#merger.finish();
  }
}

/** coalesce: an argument is evaluated only where those before it are NULL. */
export class CoalesceEvaluator implements Evaluator {
  readonly #args: readonly { readonly evaluator: Evaluator; readonly rows: Rows }[];
  readonly #merger: Merger;

  constructor(type: InnerType, args: readonly Evaluator[]) {
    this.#args = args.map((evaluator) => ({ evaluator, rows: { taken: new Int32Array(0), open: new Int32Array(0) } }));
    this.#merger = new Merger(type);
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    this.#merger.begin(frame.batch.length);
    let open = rows;
    let openCount = count;
    for (const arg of this.#args) {
      if (openCount === 0) break;
      const vector = arg.evaluator.run(frame, open, openCount);
      const taken = (arg.rows.taken = ints(arg.rows.taken, openCount));
      const rest = (arg.rows.open = ints(arg.rows.open, openCount));
      let takenCount = 0;
      let restCount = 0;
      for (let i = 0; i < openCount; i++) {
        const row = open[i]!;
        // a row that failed is NULL here but done
        if (isNullAt(vector, row) && !frame.failed.has(row)) rest[restCount++] = row;
        else taken[takenCount++] = row;
      }
      this.#merger.add(vector, taken, takenCount);
      open = rest;
      openCount = restCount;
    }
    this.#merger.add(undefined, open, openCount);
    return this.#merger.finish();
  }
}

export class NullifEvaluator implements Evaluator {
  readonly #left: Evaluator;
  readonly #right: Evaluator;
  readonly #comparer: Comparer;
  readonly #merger: Merger;
  #same = new Int32Array(0);
  #other = new Int32Array(0);

  /** `comparer` tests for equality */
  constructor(type: InnerType, left: Evaluator, right: Evaluator, comparer: Comparer) {
    this.#left = left;
    this.#right = right;
    this.#comparer = comparer;
    this.#merger = new Merger(type);
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    const left = this.#left.run(frame, rows, count);
    const right = this.#right.run(frame, rows, count);
    const equal = this.#comparer.run(left, right, frame.batch.length, rows, count);
    this.#same = ints(this.#same, count);
    this.#other = ints(this.#other, count);
    let same = 0;
    let other = 0;
    for (let i = 0; i < count; i++) {
      if (equal[rows[i]!] === 1) this.#same[same++] = rows[i]!;
      else this.#other[other++] = rows[i]!;
    }
    this.#merger.begin(frame.batch.length);
    this.#merger.add(left, this.#other, other);
    this.#merger.add(undefined, this.#same, same);
    return this.#merger.finish();
  }
}

/** greatest, least over numbers; NULLs are left out. */
export class ExtremeEvaluator implements Evaluator {
  readonly #args: readonly Evaluator[];
  readonly #greatest: boolean;
  #values = new Float64Array(0);
  #nulls = new Uint8Array(0);

  constructor(args: readonly Evaluator[], greatest: boolean) {
    this.#args = args;
    this.#greatest = greatest;
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    const { length } = frame.batch;
    this.#values = floats(this.#values, length);
    this.#nulls = bytesOf(this.#nulls, length);
    const out = this.#values;
    const outNulls = this.#nulls;
    for (let i = 0; i < count; i++) outNulls[rows[i]!] = 1;
    for (const arg of this.#args) {
      const { values, nulls } = numbers(arg.run(frame, rows, count));
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        if (nulls !== undefined && nulls[row] === 1) continue;
        const value = values[row]!;
        if (outNulls[row] === 1 || (this.#greatest ? value > out[row]! : value < out[row]!)) out[row] = value;
        outNulls[row] = 0;
      }
    }
    return new NumberColumn(out, outNulls);
  }
}

/** IN over constants: numbers and texts by look-up, ids of a dictionary found once a batch. */
export class InEvaluator implements Evaluator {
  readonly #arg: Evaluator;
  readonly #set: ReadonlySet<Value>;
  readonly #found: number;
  readonly #missing: number;
  readonly #out = new TruthColumn(new Uint8Array(0));

  constructor(arg: Evaluator, values: readonly Value[], negated: boolean) {
    this.#arg = arg;
    // −0 and 0 are equal
    this.#set = new Set(values.filter((value) => value !== null).map((value) => (value === 0 ? 0 : value)));
    this.#found = negated ? 0 : 1;
    this.#missing = values.includes(null) ? 2 : 1 - this.#found;
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    const vector = this.#arg.run(frame, rows, count);
    this.#out.values = bytesOf(this.#out.values, frame.batch.length);
    const out = this.#out.values;
    const found = this.#found;
    const missing = this.#missing;
    if (vector.kind === 'text') {
      const ids = new Set([...this.#set].map((text) => vector.dictionary.find(text as string)));
      for (let i = 0; i < count; i++) {
        const id = vector.ids[rows[i]!]!;
        out[rows[i]!] = id < 0 ? 2 : ids.has(id) ? found : missing;
      }
    } else {
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        const value = valueAt(vector, row);
        out[row] = value === null ? 2 : this.#set.has(value) ? found : missing;
      }
    }
    return this.#out;
  }
}
