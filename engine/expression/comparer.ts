import type { BytesColumn, TextColumn } from '../model/batch.ts';
import { encodeUtf8, type Dictionary } from '../model/dictionary.ts';
import { compareIntervals } from './interval.ts';
import type { CompareOperator, InnerType, Interval, Node, Value } from './typed.ts';
import { compareText } from './value-text.ts';
import { bytesOf, bytesText, numbers, truths, valueAt, type Vector } from './vector.ts';

/** left operator right over two vectors of one type → 0, 1, 2 by row. A constant text on either side is found once a batch. */
export class Comparer {
  readonly #operator: CompareOperator;
  readonly #type: InnerType;
  /** the constant text, and the operator with it on the right */
  readonly #text: string | undefined;
  readonly #textBytes: Uint8Array;
  readonly #textLeft: boolean;
  #out = new Uint8Array(0);
  #memo = new Uint8Array(0);
  #memoOf: Dictionary | undefined;

  constructor(operator: CompareOperator, left: Node, right: Node) {
    this.#type = left.type;
    this.#operator = operator;
    const leftText = constantText(left);
    const rightText = constantText(right);
    this.#text = rightText ?? leftText;
    this.#textLeft = rightText === undefined && leftText !== undefined;
    this.#textBytes = encodeUtf8(this.#text ?? '');
  }

  run(left: Vector, right: Vector, length: number, rows: Int32Array, count: number): Uint8Array<ArrayBuffer> {
    this.#out = bytesOf(this.#out, length);
    const out = this.#out;
    if (left.kind === 'number') this.#numbers(left.values, numbers(right).values, left.nulls, numbers(right).nulls, rows, count);
    else if (left.kind === 'truth') this.#truths(left.values, truths(right), rows, count);
    else if (this.#text !== undefined && this.#type === 'text') this.#withText(this.#textLeft ? right : left, rows, count);
    else if (left.kind === 'text' && right.kind === 'text' && left.dictionary === right.dictionary)
      this.#ids(left, right, rows, count);
    else {
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        const a = valueAt(left, row);
        const b = valueAt(right, row);
        out[row] = a === null || b === null ? 2 : verdict(this.#operator, compareValues(a, b));
      }
    }
    return out;
  }

  #numbers(
    a: Float64Array,
    b: Float64Array,
    an: Uint8Array | undefined,
    bn: Uint8Array | undefined,
    rows: Int32Array,
    count: number,
  ): void {
    const out = this.#out;
    switch (this.#operator) {
      case '=':
        for (let i = 0; i < count; i++) out[rows[i]!] = a[rows[i]!] === b[rows[i]!] ? 1 : 0;
        break;
      case '<>':
        for (let i = 0; i < count; i++) out[rows[i]!] = a[rows[i]!]! !== b[rows[i]!]! ? 1 : 0;
        break;
      case '<':
        for (let i = 0; i < count; i++) out[rows[i]!] = a[rows[i]!]! < b[rows[i]!]! ? 1 : 0;
        break;
      case '<=':
        for (let i = 0; i < count; i++) out[rows[i]!] = a[rows[i]!]! <= b[rows[i]!]! ? 1 : 0;
        break;
      case '>':
        for (let i = 0; i < count; i++) out[rows[i]!] = a[rows[i]!]! > b[rows[i]!]! ? 1 : 0;
        break;
      case '>=':
        for (let i = 0; i < count; i++) out[rows[i]!] = a[rows[i]!]! >= b[rows[i]!]! ? 1 : 0;
        break;
    }
    if (an !== undefined) for (let i = 0; i < count; i++) if (an[rows[i]!] === 1) out[rows[i]!] = 2;
    if (bn !== undefined) for (let i = 0; i < count; i++) if (bn[rows[i]!] === 1) out[rows[i]!] = 2;
  }

  #truths(a: Uint8Array, b: Uint8Array, rows: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      this.#out[row] = a[row] === 2 || b[row] === 2 ? 2 : verdict(this.#operator, a[row]! - b[row]!);
    }
  }

  #ids(left: TextColumn, right: TextColumn, rows: Int32Array, count: number): void {
    const equality = this.#operator === '=' || this.#operator === '<>';
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const a = left.ids[row]!;
      const b = right.ids[row]!;
      if (a < 0 || b < 0) this.#out[row] = 2;
      else this.#out[row] = verdict(this.#operator, equality ? a - b : left.dictionary.compare(a, b));
    }
  }

  #withText(column: Vector, rows: Int32Array, count: number): void {
    const out = this.#out;
    if (column.kind === 'text') {
      const { ids, dictionary } = column;
      if (this.#operator === '=' || this.#operator === '<>') {
        const same = this.#operator === '=' ? 1 : 0;
        const id = dictionary.find(this.#text!);
        for (let i = 0; i < count; i++) {
          const at = ids[rows[i]!]!;
          out[rows[i]!] = at < 0 ? 2 : at === id ? same : 1 - same;
        }
      } else {
        const memo = this.#memoFor(dictionary);
        for (let i = 0; i < count; i++) {
          const at = ids[rows[i]!]!;
          if (at < 0) out[rows[i]!] = 2;
          else {
            if (memo[at] === 0) memo[at] = 1 + this.#against(dictionary.string(at));
            out[rows[i]!] = memo[at]! - 1;
          }
        }
      }
      return;
    }
    const equality = this.#operator === '=' || this.#operator === '<>';
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (column.kind === 'bytes' && equality) {
        const same = column.start[row]! < 0 ? 2 : this.#sameBytes(column, row) ? 1 : 0;
        out[row] = same === 2 || this.#operator === '=' ? same : 1 - same;
      } else {
        const text = valueAt(column, row) as string | null;
        out[row] = text === null ? 2 : this.#against(text);
      }
    }
  }

  #against(text: string): number {
    const order = compareText(text, this.#text!);
    return verdict(this.#operator, this.#textLeft ? -order : order);
  }

  /** An escape in a JSON string is longer than what it stands for, so equal lengths mean equal bytes or no match. */
  #sameBytes(column: BytesColumn, row: number): boolean {
    const from = column.start[row]!;
    const length = column.end[row]! - from;
    const wanted = this.#textBytes;
    if (length < wanted.length) return false;
    const { bytes } = column;
    if (length > wanted.length) {
      if (column.form !== 'json-string') return false;
      for (let i = 0; i < length; i++) if (bytes[from + i] === 0x5c) return bytesText(column, row) === this.#text;
      return false;
    }
    for (let i = 0; i < length; i++) {
      if (bytes[from + i] !== wanted[i] || (wanted[i] === 0x5c && column.form === 'json-string')) return false;
    }
    return true;
  }

  #memoFor(dictionary: Dictionary): Uint8Array {
    if (this.#memoOf !== dictionary || this.#memo.length < dictionary.size) {
      const grown = new Uint8Array(Math.max(256, dictionary.size * 2));
      if (this.#memoOf === dictionary) grown.set(this.#memo);
      this.#memo = grown;
      this.#memoOf = dictionary;
    }
    return this.#memo;
  }
}

function constantText(node: Node): string | undefined {
  return node.op === 'constant' && node.type === 'text' && typeof node.value === 'string' ? node.value : undefined;
}

export function verdict(operator: CompareOperator, order: number): number {
  switch (operator) {
    case '=':
      return order === 0 ? 1 : 0;
    case '<>':
      return order !== 0 ? 1 : 0;
    case '<':
      return order < 0 ? 1 : 0;
    case '<=':
      return order <= 0 ? 1 : 0;
    case '>':
      return order > 0 ? 1 : 0;
    case '>=':
      return order >= 0 ? 1 : 0;
  }
}

/** Order of two values of one type: numbers, false < true, bytes of texts, arrays element by element (NULL last). */
export function compareValues(a: NonNullable<Value>, b: NonNullable<Value>): number {
  if (typeof a === 'string') return compareText(a, b as string);
  if (typeof a === 'number') return a - (b as number);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if ('months' in a) return compareIntervals(a, b as Interval);
  const other = b as readonly (string | null)[];
  for (let i = 0; i < Math.min(a.length, other.length); i++) {
    const [x, y] = [a[i]!, other[i]!];
    if (x === y) continue;
    if (x === null || y === null) return x === null ? 1 : -1;
    return compareText(x, y);
  }
  return a.length - other.length;
}
