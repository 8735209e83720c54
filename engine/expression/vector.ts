import {
  BytesColumn,
  ListColumn,
  NumberColumn,
  type Batch,
  type BooleanColumn,
  type Column,
  type TextColumn,
} from '../model/batch.ts';
import { decodeUtf8, Dictionary } from '../model/dictionary.ts';
import { assert } from '../model/assert.ts';
import type { FailedRows } from './failed-rows.ts';
import type { InnerType, Value } from './typed.ts';

/** A boolean inside an expression: 0 false, 1 true, 2 NULL. AND and OR are then tables. */
export class TruthColumn {
  readonly kind = 'truth' as const;
  values: Uint8Array<ArrayBuffer>;
  constructor(values: Uint8Array<ArrayBuffer>) {
    this.values = values;
  }
}

/** Values without a column type (intervals); null is NULL. */
export class BoxColumn {
  readonly kind = 'box' as const;
  values: Value[];
  constructor(values: Value[]) {
    this.values = values;
  }
}

export type Vector = NumberColumn | TruthColumn | TextColumn | BytesColumn | ListColumn | BoxColumn;

/** One evaluation of one batch. */
export interface Frame {
  readonly batch: Batch;
  readonly failed: FailedRows;
}

/**
 * One node at work. The result is indexed by physical row, valid for the given rows, and lives until the next run:
 * each evaluator owns its arrays. Rows are ascending.
 */
export interface Evaluator {
  run(frame: Frame, rows: Int32Array, count: number): Vector;
}

export function numbers(vector: Vector): NumberColumn {
  assert(vector.kind === 'number', `numbers expected, got ${vector.kind}`);
  return vector;
}

export function truths(vector: Vector): Uint8Array {
  assert(vector.kind === 'truth', `truth values expected, got ${vector.kind}`);
  return vector.values;
}

export function isNullAt(vector: Vector, row: number): boolean {
  switch (vector.kind) {
    case 'number':
    case 'list':
      return vector.nulls !== undefined && vector.nulls[row] === 1;
    case 'truth':
      return vector.values[row] === 2;
    case 'text':
      return vector.ids[row]! < 0;
    case 'bytes':
      return vector.start[row]! < 0;
    case 'box':
      return vector.values[row] === null;
  }
}

/** One value, for functions without a loop of their own. */
export function valueAt(vector: Vector, row: number): Value {
  switch (vector.kind) {
    case 'number':
      return vector.nulls !== undefined && vector.nulls[row] === 1 ? null : vector.values[row]!;
    case 'truth': {
      const truth = vector.values[row]!;
      return truth === 2 ? null : truth === 1;
    }
    case 'text': {
      const id = vector.ids[row]!;
      return id < 0 ? null : vector.dictionary.string(id);
    }
    case 'bytes':
      return bytesText(vector, row);
    case 'list':
      return listAt(vector, row);
    case 'box':
      return vector.values[row]!;
  }
}

export function bytesText(column: BytesColumn, row: number): string | null {
  const from = column.start[row]!;
  if (from < 0) return null;
  const text = decodeUtf8(column.bytes, from, column.end[row]!);
  return column.form === 'json-string' && text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

function listAt(column: ListColumn, row: number): Value {
  if (column.nulls !== undefined && column.nulls[row] === 1) return null;
  const list: (string | null)[] = [];
  for (let i = column.offsets[row]!; i < column.offsets[row + 1]!; i++) {
    const id = column.ids[i]!;
    list.push(id < 0 ? null : column.dictionary.string(id));
  }
  return list;
}

/** The array itself when it is long enough; a batch has a few thousand rows, so the first is the last. */
export function floats(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  return array.length >= length ? array : new Float64Array(Math.max(length, 2048));
}
export function ints(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  return array.length >= length ? array : new Int32Array(Math.max(length, 2048));
}
export function bytesOf(array: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  return array.length >= length ? array : new Uint8Array(Math.max(length, 2048));
}

/** Texts made by an expression: dictionaries of their own are replaced beyond this size, so that memory is bounded. */
export const MAX_OWN_TEXTS = 65_536;

const encoder = new TextEncoder();

/** Takes values row by row (rows in any order) and gives a column. One instance serves all batches of its evaluator. */
export class Writer {
  readonly #type: InnerType;
  #numbers = new Float64Array(0);
  #nulls = new Uint8Array(0);
  #anyNull = false;
  #truths = new Uint8Array(0);
  #values: Value[] = [];
  #start = new Int32Array(0);
  #end = new Int32Array(0);
  #bytes = new Uint8Array(4096);
  #used = 0;
  #dictionary = new Dictionary();
  #length = 0;

  constructor(type: InnerType) {
    this.#type = type;
  }

  begin(length: number): void {
    this.#length = length;
    switch (this.#type) {
      case 'text':
      case 'json':
        this.#start = ints(this.#start, length);
        this.#end = ints(this.#end, length);
        this.#used = 0;
        return;
      case 'boolean':
        this.#truths = bytesOf(this.#truths, length);
        return;
      case 'interval':
      case 'text[]':
      case 'unknown':
        this.#values = [];
        return;
      default:
        this.#numbers = floats(this.#numbers, length);
        this.#nulls = bytesOf(this.#nulls, length);
        this.#anyNull = false;
        this.#nulls.fill(0, 0, length);
    }
  }

  put(row: number, value: Value): void {
    switch (this.#type) {
      case 'text':
      case 'json':
        if (value === null) this.#start[row] = -1;
        else this.#text(row, value as string);
        return;
      case 'boolean':
        this.#truths[row] = value === null ? 2 : value === true ? 1 : 0;
        return;
      case 'interval':
      case 'text[]':
      case 'unknown':
        this.#values[row] = value;
        return;
      default:
        if (value === null) {
          this.#nulls[row] = 1;
          this.#anyNull = true;
        } else this.#numbers[row] = value as number;
    }
  }

  #text(row: number, text: string): void {
    if (this.#used + text.length * 3 > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + text.length * 3));
      grown.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = grown;
    }
    this.#start[row] = this.#used;
    this.#used += encoder.encodeInto(text, this.#bytes.subarray(this.#used)).written;
    this.#end[row] = this.#used;
  }

  column(): Vector {
    switch (this.#type) {
      case 'text':
        return new BytesColumn(this.#start, this.#end, this.#bytes, 'utf8');
      case 'json':
        return new BytesColumn(this.#start, this.#end, this.#bytes, 'json');
      case 'boolean':
        return new TruthColumn(this.#truths);
      case 'interval':
      case 'unknown':
        return new BoxColumn(this.#values);
      case 'text[]':
        return this.#list();
      default:
        return new NumberColumn(this.#numbers, this.#anyNull ? this.#nulls : undefined);
    }
  }

  #list(): ListColumn {
    if (this.#dictionary.size > MAX_OWN_TEXTS) this.#dictionary = new Dictionary();
    const offsets = new Int32Array(this.#length + 1);
    const nulls = new Uint8Array(this.#length);
    const ids: number[] = [];
    for (let row = 0; row < this.#length; row++) {
      const list = this.#values[row] as readonly (string | null)[] | null | undefined;
      if (list === null) nulls[row] = 1;
      for (const item of list ?? []) ids.push(item === null ? -1 : this.#dictionary.internText(item));
      offsets[row + 1] = ids.length;
    }
    return new ListColumn(offsets, Int32Array.from(ids), this.#dictionary, nulls);
  }
}

/** A column of a batch as a vector: only booleans change their form. */
export function vectorOf(column: Column, rows: Int32Array, count: number, into: TruthColumn): Vector {
  if (column.kind !== 'boolean') return column;
  return truthOf(column, rows, count, into);
}

function truthOf(column: BooleanColumn, rows: Int32Array, count: number, into: TruthColumn): TruthColumn {
  into.values = bytesOf(into.values, column.values.length);
  const out = into.values;
  const { values, nulls } = column;
  if (nulls === undefined) for (let i = 0; i < count; i++) out[rows[i]!] = values[rows[i]!]!;
  else for (let i = 0; i < count; i++) out[rows[i]!] = nulls[rows[i]!] === 1 ? 2 : values[rows[i]!]!;
  return into;
}
