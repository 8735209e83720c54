import { must } from '../../engine/model/assert.ts';
import type { BytesColumn, Column } from '../../engine/model/batch.ts';
import { civilFromDays } from '../../engine/model/timestamp.ts';
import { isDecimal, scaleOf, type Type } from '../../engine/model/type.ts';
import { decimalText, isNull } from './values.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NULL_TEXT = [0x6e, 0x75, 0x6c, 0x6c];
const TRUE_TEXT = [0x74, 0x72, 0x75, 0x65];
const FALSE_TEXT = [0x66, 0x61, 0x6c, 0x73, 0x65];
const HEX = '0123456789abcdef';
const encoder = new TextEncoder();

/**
 * A growing UTF-8 buffer that JSON values are written into without making objects or strings on the way.
 * The same text as `jsonTextAt`, except that line breaks inside a raw json value become spaces: a row is one line.
 */
export class JsonBytes {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(4096);
  length = 0;
  #day = Number.NaN;
  readonly #dayText = new Uint8Array(11);

  /** Room for `more` bytes behind `length`. */
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  clear(): void {
    this.length = 0;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  raw(source: Uint8Array, from: number, to: number): void {
    const count = to - from;
    this.reserve(count);
    if (count > 48) this.bytes.set(source.subarray(from, to), this.length);
    else for (let i = 0; i < count; i++) this.bytes[this.length + i] = source[from + i]!;
    this.length += count;
  }

  ascii(text: string): void {
    this.reserve(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[this.length + i] = text.charCodeAt(i);
    this.length += text.length;
  }

  /** Shortest text that reads back as the same float64; −0 keeps its sign. */
  number(value: number): void {
    if (Number.isInteger(value) && value < 1e9 && (value > 0 || (value === 0 && !Object.is(value, -0)))) this.#digits(value, 1);
    else this.ascii(Object.is(value, -0) ? '-0' : String(value));
  }

  timestamp(us: number): void {
    const day = Math.floor(us / 86_400_000_000);
    if (day !== this.#day) this.#setDay(day);
    this.reserve(32);
    const inDay = us - day * 86_400_000_000;
    const seconds = Math.floor(inDay / 1_000_000);
    const micros = inDay - seconds * 1_000_000;
    this.bytes[this.length++] = QUOTE;
    this.raw(this.#dayText, 0, 11);
    this.#digits(Math.floor(seconds / 3600), 2);
    this.bytes[this.length++] = 0x3a;
    this.#digits(Math.floor(seconds / 60) % 60, 2);
    this.bytes[this.length++] = 0x3a;
    this.#digits(seconds % 60, 2);
    if (micros !== 0) {
      this.bytes[this.length++] = 0x2e;
      this.#digits(micros, 6);
      while (this.bytes[this.length - 1] === 0x30) this.length--;
    }
    this.bytes[this.length++] = 0x5a;
    this.bytes[this.length++] = QUOTE;
  }

  /** UTF-8 text as a JSON string. */
  string(source: Uint8Array, from: number, to: number): void {
    this.reserve((to - from) * 6 + 2);
    const bytes = this.bytes;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = from; i < to; i++) {
      const byte = source[i]!;
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) bytes[at++] = byte;
      else at = escape(bytes, at, byte);
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  text(value: string): void {
    const utf8 = encoder.encode(value);
    this.string(utf8, 0, utf8.length);
  }

  /** One value of a column as `type`. */
  value(column: Column, row: number, type: Type): void {
    if (isNull(column, row)) return this.#word(NULL_TEXT);
    switch (column.kind) {
      case 'number': {
        const value = column.values[row]!;
        if (type === 'timestamp') this.timestamp(value);
        else if (isDecimal(type) && type !== 'decimal(0)') this.ascii(decimalText(value, scaleOf(type)));
        else this.number(value);
        return;
      }
      case 'boolean':
        return this.#word(column.values[row] === 1 ? TRUE_TEXT : FALSE_TEXT);
      case 'text': {
        const bytes = column.dictionary.bytesOf(column.ids[row]!);
        // json made by an aggregate (`top_counts`) may come as a dictionary of json texts
        return type === 'json' ? this.#json(bytes, 0, bytes.length) : this.string(bytes, 0, bytes.length);
      }
      case 'bytes':
        return this.#range(column, column.start[row]!, column.end[row]!, type);
      case 'list': {
        this.byte(0x5b);
        const end = column.offsets[row + 1]!;
        for (let i = column.offsets[row]!; i < end; i++) {
          if (i > column.offsets[row]!) this.byte(0x2c);
          const id = column.ids[i]!;
          if (id < 0) this.#word(NULL_TEXT);
          else {
            const bytes = column.dictionary.bytesOf(id);
            this.string(bytes, 0, bytes.length);
          }
        }
        return this.byte(0x5d);
      }
    }
  }

  #range(column: BytesColumn, from: number, to: number, type: Type): void {
    if (type === 'json' || column.form === 'json') return this.#json(column.bytes, from, to);
    if (column.form === 'utf8') return this.string(column.bytes, from, to);
    this.byte(QUOTE);
    this.raw(column.bytes, from, to);
    this.byte(QUOTE);
  }

  #json(source: Uint8Array, from: number, to: number): void {
    const start = this.length;
    this.raw(source, from, to);
    const bytes = this.bytes;
    for (let i = start; i < this.length; i++) if (bytes[i] === 0x0a || bytes[i] === 0x0d) bytes[i] = 0x20;
  }

  #word(letters: readonly number[]): void {
    this.reserve(letters.length);
    for (let i = 0; i < letters.length; i++) this.bytes[this.length + i] = letters[i]!;
    this.length += letters.length;
  }

  /** A non-negative integer < 2^31 with at least `width` digits. */
  #digits(value: number, width: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) digits++;
    if (digits < width) digits = width;
    this.reserve(digits);
    let rest = value;
    for (let i = this.length + digits - 1; i >= this.length; i--) {
      const next = (rest / 10) | 0;
      this.bytes[i] = 0x30 + rest - next * 10;
      rest = next;
    }
    this.length += digits;
  }

  #setDay(day: number): void {
    const [year, month, date] = civilFromDays(day);
    const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}T`;
    for (let i = 0; i < 11; i++) this.#dayText[i] = text.charCodeAt(i);
    this.#day = day;
  }
}

const SHORT: ReadonlyMap<number, number> = new Map([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
]);

function escape(bytes: Uint8Array, at: number, byte: number): number {
  bytes[at++] = BACKSLASH;
  const short = SHORT.get(byte);
  if (short !== undefined) {
    bytes[at++] = short;
    return at;
  }
  bytes[at++] = 0x75;
  bytes[at++] = 0x30;
  bytes[at++] = 0x30;
  bytes[at++] = must(HEX.charCodeAt(byte >> 4), 'control character');
  bytes[at++] = HEX.charCodeAt(byte & 15);
  return at;
}
