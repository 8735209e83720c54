import type { Comparer } from './comparer.ts';
import { bytesOf, ints, isNullAt, truths, TruthColumn, vectorOf, type Evaluator, type Frame, type Vector } from './vector.ts';

/** Index a × 3 + b over 0 false, 1 true, 2 NULL. */
const AND = Uint8Array.of(0, 0, 0, 0, 1, 2, 0, 2, 2);
const OR = Uint8Array.of(0, 1, 2, 1, 1, 1, 2, 1, 2);
const NOT = Uint8Array.of(1, 0, 2);

export class ColumnEvaluator implements Evaluator {
  readonly #index: number;
  readonly #truth = new TruthColumn(new Uint8Array(0));
  constructor(index: number) {
    this.#index = index;
  }
  run(frame: Frame, rows: Int32Array, count: number): Vector {
    return vectorOf(frame.batch.columns[this.#index]!, rows, count, this.#truth);
  }
}

/**
 * AND, OR. As PostgreSQL: left to right, and a row that is decided is not evaluated further (x <> 0 AND 1 / x > 2 never fails).
 * Arguments that cannot fail and cost little (`safe`) run over all rows instead.
 */
export class JunctionEvaluator implements Evaluator {
  readonly #args: readonly { readonly evaluator: Evaluator; readonly safe: boolean; rows: Int32Array<ArrayBuffer> }[];
  readonly #table: Uint8Array;
  readonly #decided: number;
  readonly #out = new TruthColumn(new Uint8Array(0));

  constructor(op: 'and' | 'or', args: readonly { readonly evaluator: Evaluator; readonly safe: boolean }[]) {
    this.#args = args.map((arg) => ({ ...arg, rows: new Int32Array(0) }));
    this.#table = op === 'and' ? AND : OR;
    this.#decided = op === 'and' ? 0 : 1;
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    this.#out.values = bytesOf(this.#out.values, frame.batch.length);
    const out = this.#out.values;
    const table = this.#table;
    const first = truths(this.#args[0]!.evaluator.run(frame, rows, count));
    for (let i = 0; i < count; i++) out[rows[i]!] = first[rows[i]!]!;
    for (let a = 1; a < this.#args.length; a++) {
      const arg = this.#args[a]!;
      let open = rows;
      let openCount = count;
      if (!arg.safe) {
        arg.rows = ints(arg.rows, count);
        open = arg.rows;
        openCount = 0;
        for (let i = 0; i < count; i++) {
          open[openCount] = rows[i]!;
          openCount += out[rows[i]!] === this.#decided ? 0 : 1;
        }
      }
      if (openCount === 0) continue;
      const next = truths(arg.evaluator.run(frame, open, openCount));
      for (let i = 0; i < openCount; i++) {
        const row = open[i]!;
        out[row] = table[out[row]! * 3 + next[row]!]!;
      }
    }
    return this.#out;
  }
}

export class NotEvaluator implements Evaluator {
  readonly #arg: Evaluator;
  readonly #out = new TruthColumn(new Uint8Array(0));
  constructor(arg: Evaluator) {
    this.#arg = arg;
  }
  run(frame: Frame, rows: Int32Array, count: number): Vector {
    this.#out.values = bytesOf(this.#out.values, frame.batch.length);
    const out = this.#out.values;
    const values = truths(this.#arg.run(frame, rows, count));
    for (let i = 0; i < count; i++) out[rows[i]!] = NOT[values[rows[i]!]!]!;
    return this.#out;
  }
}

/** IS [NOT] NULL, TRUE, FALSE. */
export class IsEvaluator implements Evaluator {
  readonly #arg: Evaluator;
  readonly #wanted: number;
  readonly #yes: number;
  readonly #out = new TruthColumn(new Uint8Array(0));
  constructor(arg: Evaluator, test: 'null' | 'true' | 'false', negated: boolean) {
    this.#arg = arg;
    this.#wanted = test === 'null' ? 2 : test === 'true' ? 1 : 0;
    this.#yes = negated ? 0 : 1;
  }
  run(frame: Frame, rows: Int32Array, count: number): Vector {
    const vector = this.#arg.run(frame, rows, count);
    this.#out.values = bytesOf(this.#out.values, frame.batch.length);
    const out = this.#out.values;
    const yes = this.#yes;
    if (vector.kind === 'truth')
      for (let i = 0; i < count; i++) out[rows[i]!] = vector.values[rows[i]!] === this.#wanted ? yes : 1 - yes;
    else if (vector.kind === 'text') for (let i = 0; i < count; i++) out[rows[i]!] = vector.ids[rows[i]!]! < 0 ? yes : 1 - yes;
    else for (let i = 0; i < count; i++) out[rows[i]!] = isNullAt(vector, rows[i]!) ? yes : 1 - yes;
    return this.#out;
  }
}

export class CompareEvaluator implements Evaluator {
  readonly #comparer: Comparer;
  readonly #left: Evaluator;
  readonly #right: Evaluator;
  constructor(comparer: Comparer, left: Evaluator, right: Evaluator) {
    this.#comparer = comparer;
    this.#left = left;
    this.#right = right;
  }
  run(frame: Frame, rows: Int32Array, count: number): Vector {
    const left = this.#left.run(frame, rows, count);
    const right = this.#right.run(frame, rows, count);
    return new TruthColumn(this.#comparer.run(left, right, frame.batch.length, rows, count));
  }
}

/** IS [NOT] DISTINCT FROM: NULL equals NULL. */
export class DistinctEvaluator implements Evaluator {
  readonly #comparer: Comparer;
  readonly #left: Evaluator;
  readonly #right: Evaluator;
  readonly #same: number;
  readonly #out = new TruthColumn(new Uint8Array(0));
  /** `comparer` tests for equality */
  constructor(comparer: Comparer, left: Evaluator, right: Evaluator, negated: boolean) {
    this.#comparer = comparer;
    this.#left = left;
    this.#right = right;
    this.#same = negated ? 1 : 0;
  }
  run(frame: Frame, rows: Int32Array, count: number): Vector {
    const left = this.#left.run(frame, rows, count);
    const right = this.#right.run(frame, rows, count);
    const equal = this.#comparer.run(left, right, frame.batch.length, rows, count);
    this.#out.values = bytesOf(this.#out.values, frame.batch.length);
    const out = this.#out.values;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const same = equal[row] === 2 ? isNullAt(left, row) && isNullAt(right, row) : equal[row] === 1;
      out[row] = same ? this.#same : 1 - this.#same;
    }
    return this.#out;
  }
}
