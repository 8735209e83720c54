import { NumberColumn, TextColumn } from '../model/batch.ts';
import { Dictionary } from '../model/dictionary.ts';
import { RowFailure } from './row-failure.ts';
import type { Implementation, InnerType, Value } from './typed.ts';
import { bytesOf, floats, ints, TruthColumn, valueAt, Writer, type Evaluator, type Frame, type Vector } from './vector.ts';

/** undefined evaluator: the argument is that constant */
export interface Argument {
  readonly evaluator: Evaluator | undefined;
  readonly value: Value;
}

const MAX_MEMOS = 16;

/** What `apply` gave for the ids of one dictionary; the entry behind the last id is NULL's. */
class Memo {
  readonly of: Dictionary;
  state = new Uint8Array(256);
  /** the number, the truth, or the id in `own` */
  numbers = new Float64Array(256);
  readonly failures = new Map<number, RowFailure>();
  readonly own = new Dictionary();

  constructor(of: Dictionary) {
    this.of = of;
  }

  reserve(): void {
    if (this.state.length > this.of.size) return;
    const state = new Uint8Array(this.of.size * 2 + 1);
    state.set(this.state);
    this.state = state;
    const numbers = new Float64Array(state.length);
    numbers.set(this.numbers);
    this.numbers = numbers;
  }
}

const UNKNOWN = 0;
const KNOWN = 1;
const NULL = 2;
const FAILED = 3;

/**
 * A function without a loop of its own. Where one argument varies and comes as a dictionary column, `apply` runs once per id;
 * one varying number runs in a loop over its array; everything else row by row.
 */
export class CallEvaluator implements Evaluator {
  readonly #implementation: Implementation;
  readonly #args: readonly Argument[];
  readonly #varying: readonly number[];
  readonly #values: Value[];
  readonly #writer: Writer;
  readonly #byId: boolean;
  #memos: Memo[] = [];
  #outIds = new Int32Array(0);
  #outNumbers = new Float64Array(0);
  #outNulls = new Uint8Array(0);
  #outTruths = new Uint8Array(0);

  constructor(implementation: Implementation, args: readonly Argument[]) {
    this.#implementation = implementation;
    this.#args = args;
    this.#varying = args.flatMap((arg, i) => (arg.evaluator === undefined ? [] : [i]));
    this.#values = args.map((arg) => arg.value);
    this.#writer = new Writer(implementation.result);
    this.#byId = this.#varying.length === 1 && memorable(implementation.result);
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    const vectors = this.#varying.map((index) => this.#args[index]!.evaluator!.run(frame, rows, count));
    const only = vectors[0];
    if (this.#byId && only?.kind === 'text') return this.#perId(frame, only, rows, count);
    if (vectors.length === 1 && only!.kind === 'number' && this.#implementation.strict && isNumber(this.#implementation.result)) {
      return this.#perNumber(frame, only as NumberColumn, rows, count);
    }
    return this.#perRow(frame, vectors, rows, count);
  }

  #perRow(frame: Frame, vectors: readonly Vector[], rows: Int32Array, count: number): Vector {
    const { strict } = this.#implementation;
    const writer = this.#writer;
    const values = this.#values;
    const constantNull = strict && this.#args.some((arg) => arg.evaluator === undefined && arg.value === null);
    writer.begin(frame.batch.length);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      let anyNull = constantNull;
      for (let v = 0; v < vectors.length; v++) {
        const value = valueAt(vectors[v]!, row);
        values[this.#varying[v]!] = value;
        if (value === null) anyNull = true;
      }
      if (strict && anyNull) writer.put(row, null);
      else writer.put(row, this.#applied(frame, row));
    }
    return writer.column();
  }

  #applied(frame: Frame, row: number): Value {
    try {
      return this.#implementation.apply(...this.#values);
    } catch (failure) {
      if (!(failure instanceof RowFailure)) throw failure;
      frame.failed.mark(row, failure.code, failure.sentence);
      return null;
    }
  }

  #perNumber(frame: Frame, column: NumberColumn, rows: Int32Array, count: number): Vector {
    if (this.#args.some((arg) => arg.evaluator === undefined && arg.value === null))
      return this.#perRow(frame, [column], rows, count);
    const { length } = frame.batch;
    this.#outNumbers = floats(this.#outNumbers, length);
    this.#outNulls = bytesOf(this.#outNulls, length);
    const out = this.#outNumbers;
    const nulls = this.#outNulls;
    const slot = this.#varying[0]!;
    let anyNull = false;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      let result: Value = null;
      if (column.nulls === undefined || column.nulls[row] === 0) {
        this.#values[slot] = column.values[row]!;
        result = this.#applied(frame, row);
      }
      nulls[row] = result === null ? 1 : 0;
      if (result === null) anyNull = true;
      else out[row] = result as number;
    }
    return new NumberColumn(out, anyNull ? nulls : undefined);
  }

  #perId(frame: Frame, column: TextColumn, rows: Int32Array, count: number): Vector {
    const memo = this.#memoFor(column.dictionary);
    const { state } = memo;
    const { length } = frame.batch;
    const { result } = this.#implementation;
    if (result === 'text') this.#outIds = ints(this.#outIds, length);
    else if (result === 'boolean') this.#outTruths = bytesOf(this.#outTruths, length);
    else {
      this.#outNumbers = floats(this.#outNumbers, length);
      this.#outNulls = bytesOf(this.#outNulls, length);
    }
    const nullId = column.dictionary.size;
    let anyNull = false;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      // NULL has the entry behind the last id
      const id = column.ids[row]! < 0 ? nullId : column.ids[row]!;
      if (state[id] === UNKNOWN) this.#compute(memo, id, id === nullId);
      const known = state[id] === KNOWN;
      if (state[id] === FAILED) {
        const failure = memo.failures.get(id)!;
        frame.failed.mark(row, failure.code, failure.sentence);
      }
      if (result === 'text') this.#outIds[row] = known ? memo.numbers[id]! : -1;
      else if (result === 'boolean') this.#outTruths[row] = known ? memo.numbers[id]! : 2;
      else {
        this.#outNumbers[row] = memo.numbers[id]!;
        this.#outNulls[row] = known ? 0 : 1;
        if (!known) anyNull = true;
      }
    }
    state[nullId] = UNKNOWN;
    if (result === 'text') return new TextColumn(this.#outIds, memo.own);
    if (result === 'boolean') return new TruthColumn(this.#outTruths);
    return new NumberColumn(this.#outNumbers, anyNull ? this.#outNulls : undefined);
  }

  /** Partitions bring dictionaries of their own in turn, so a few are remembered. */
  #memoFor(dictionary: Dictionary): Memo {
    let memo = this.#memos.find((known) => known.of === dictionary);
    if (memo === undefined) {
      if (this.#memos.length === MAX_MEMOS) this.#memos.shift();
      memo = new Memo(dictionary);
      this.#memos.push(memo);
    }
    memo.reserve();
    return memo;
  }

  #compute(memo: Memo, id: number, isNull: boolean): void {
    if (this.#implementation.strict && (isNull || this.#args.some((arg) => arg.evaluator === undefined && arg.value === null))) {
      memo.state[id] = NULL;
      return;
    }
    this.#values[this.#varying[0]!] = isNull ? null : memo.of.string(id);
    try {
      const value = this.#implementation.apply(...this.#values);
      memo.state[id] = value === null ? NULL : KNOWN;
      if (typeof value === 'string') memo.numbers[id] = memo.own.internText(value);
      else if (value !== null) memo.numbers[id] = Number(value);
    } catch (failure) {
      if (!(failure instanceof RowFailure)) throw failure;
      memo.state[id] = FAILED;
      memo.failures.set(id, failure);
    }
  }
}

function isNumber(type: InnerType): boolean {
  return type === 'integer' || type === 'float' || type === 'timestamp' || type.startsWith('decimal');
}

/** Results that fit one number per id. */
function memorable(type: InnerType): boolean {
  return isNumber(type) || type === 'text' || type === 'boolean';
}
