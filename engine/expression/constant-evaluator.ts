import { NumberColumn, TextColumn } from '../model/batch.ts';
import { Dictionary } from '../model/dictionary.ts';
import type { RowFailure } from './row-failure.ts';
import type { InnerType, Value } from './typed.ts';
import { BoxColumn, TruthColumn, Writer, type Evaluator, type Frame, type Vector } from './vector.ts';

/** The same value for every row; its column is filled once and only grows. */
export class ConstantEvaluator implements Evaluator {
  readonly #type: InnerType;
  readonly #value: Value;
  #length = 0;
  #vector: Vector | undefined;

  constructor(type: InnerType, value: Value) {
    this.#type = type;
    this.#value = value;
  }

  run(frame: Frame, _rows: Int32Array, _count: number): Vector {
    if (this.#vector === undefined || this.#length < frame.batch.length) {
      this.#length = Math.max(frame.batch.length, 2048);
      this.#vector = this.#filled(this.#length);
    }
    return this.#vector;
  }

  #filled(length: number): Vector {
    const value = this.#value;
    if (value === null && this.#type === 'text') return new TextColumn(new Int32Array(length).fill(-1), new Dictionary());
    if (this.#type === 'text') {
      const dictionary = new Dictionary();
      dictionary.internText(value as string);
      return new TextColumn(new Int32Array(length), dictionary);
    }
    if (this.#type === 'boolean') return new TruthColumn(new Uint8Array(length).fill(value === null ? 2 : value === true ? 1 : 0));
    if (this.#type === 'interval') return new BoxColumn(Array.from({ length }, () => value));
    if (this.#type === 'json' || this.#type === 'text[]') {
      const writer = new Writer(this.#type);
      writer.begin(length);
      for (let row = 0; row < length; row++) writer.put(row, value);
      return writer.column();
    }
    if (value === null) return new NumberColumn(new Float64Array(length), new Uint8Array(length).fill(1));
    return new NumberColumn(new Float64Array(length).fill(value as number), undefined);
  }
}

/** A constant part that cannot be computed (1 / 0): every row that needs it fails. */
export class FailingEvaluator implements Evaluator {
  readonly #failure: RowFailure;
  readonly #null: ConstantEvaluator;

  constructor(type: InnerType, failure: RowFailure) {
    this.#failure = failure;
    this.#null = new ConstantEvaluator(type, null);
  }

  run(frame: Frame, rows: Int32Array, count: number): Vector {
    for (let i = 0; i < count; i++) frame.failed.mark(rows[i]!, this.#failure.code, this.#failure.sentence);
    return this.#null.run(frame, rows, count);
  }
}
