import { encodeUtf8, hashBytes } from '../model/dictionary.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import type { Target } from './general-path.ts';

/** Kinds of JSON values, as bits. */
export const STRING = 1;
export const NUMBER = 2;
/** number, but only integral ones */
export const INTEGER = 4;
export const BOOLEAN = 8;
export const ARRAY = 16;
export const OBJECT = 32;
export const NULL = 64;
export const ANYTHING = STRING | NUMBER | BOOLEAN | ARRAY | OBJECT | NULL;

/** What the scanner can check of one value without asking ajv. The default accepts everything. */
export class Check {
  types = ANYTHING;
  /** code points */
  minLength = 0;
  maxLength = Infinity;
  /** allowed texts, UTF-8; undefined: any */
  options: readonly Uint8Array[] | undefined = undefined;
  isUuid = false;
  /** strict RFC 3339 */
  isTime = false;
  /** pattern and rarer formats, on the decoded text */
  test: ((text: string) => boolean) | undefined = undefined;
  /** inclusive bounds, then exclusive ones */
  minimum = -Infinity;
  maximum = Infinity;
  above = -Infinity;
  below = Infinity;
  minItems = 0;
  maxItems = Infinity;
  unique = false;
  items: Check | undefined = undefined;
  shape: Shape | undefined = undefined;

  /** false: any valid string of the right kind will do */
  get limitsText(): boolean {
    return (
      this.minLength > 0 ||
      this.maxLength !== Infinity ||
      this.options !== undefined ||
      this.isUuid ||
      this.isTime ||
      this.test !== undefined
    );
  }
}

/** How the value of a field is read. */
export type Reading = 'value' | 'text' | 'integer' | 'float' | 'decimal' | 'time-number' | 'boolean' | 'time' | 'list';

/** longer than any message */
const NEVER = 1 << 29;

function needsEscape(byte: number): boolean {
  return byte < 0x20 || byte === 0x22 || byte === 0x5c;
}

/** One key of an object: declared in the schema, or learned from the messages. */
export class Field {
  /** index in its shape */
  readonly index: number;
  /** length of `key`; NEVER for a key that is written with escapes, so that its bytes match nothing */
  readonly length: number;
  readonly words: Int32Array;
  /** the key's UTF-8 bytes and the closing quote */
  readonly key: Uint8Array;
  readonly hash: number;
  readonly check: Check;
  readonly reading: Reading;
  readonly limitsText: boolean;
  readonly buffer: ColumnBuffer | undefined;
  readonly isTime: boolean;
  /** digits kept after the point: decimals and epoch times */
  readonly scale: number;
  required = false;
  /** next field of the same hash */
  sameHash = -1;

  constructor(index: number, key: Uint8Array, check: Check, reading: Reading, target: Target | undefined, scale: number) {
    this.index = index;
    this.key = new Uint8Array(key.length + 1);
    this.key.set(key);
    this.key[key.length] = 0x22;
    this.length = key.some(needsEscape) ? NEVER : this.key.length;
    this.hash = hashBytes(key, 0, key.length);
    this.check = check;
    this.limitsText = check.limitsText;
    this.reading = reading;
    this.buffer = target?.buffer;
    this.isTime = target?.isTime ?? false;
    this.scale = scale;
    // whole words from the front, then one word that ends with the quote
    const view = new DataView(this.key.buffer);
    const size = this.key.length;
    const whole = size >> 2;
    this.words = new Int32Array(size < 4 ? 0 : whole + 1);
    if (size < 4) return;
    for (let i = 0; i < whole; i++) this.words[i] = view.getInt32(i * 4, true);
    this.words[whole] = view.getInt32(size - 4, true);
  }
}

const MAX_LEARNED = 256;

/** The keys of one kind of object, and in what order they came last. */
export class Shape {
  readonly fields: Field[] = [];
  /** fields [0, declared) are the schema's, the rest are learned */
  declared = 0;
  hasRequired = false;
  /** of these lists of declared fields one must be there whole; none: nothing is asked */
  readonly alternatives: (readonly Field[])[] = [];
  /** next[i + 1]: the field that followed field i last time; next[0]: the first */
  readonly next: number[] = [0];
  /** seen[i]: stamp of the object in which field i was last met */
  readonly seen: number[] = [];
  /** check of undeclared keys; undefined: they are refused */
  readonly extra: Check | undefined;
  readonly #byHash = new Map<number, number>();

  constructor(extra: Check | undefined) {
    this.extra = extra;
  }

  declare(name: string, check: Check, reading: Reading = 'value', target: Target | undefined = undefined, scale = 0): Field {
    const field = this.#add(encodeUtf8(name), check, reading, target, scale);
    this.declared = this.fields.length;
    return field;
  }

  hasAlternative(stamp: number): boolean {
    return (
      this.alternatives.length === 0 || this.alternatives.some((list) => list.every((field) => this.seen[field.index] === stamp))
    );
  }

  /** An undeclared key met for the first time; undefined: there are too many, or none are allowed. */
  learn(bytes: Uint8Array, from: number, to: number): Field | undefined {
    if (this.extra === undefined || this.fields.length - this.declared >= MAX_LEARNED) return undefined;
    return this.#add(bytes.slice(from, to), childOf(this.extra), 'value', undefined, 0);
  }

  find(hash: number, bytes: Uint8Array, from: number, to: number): Field | undefined {
    for (let index = this.#byHash.get(hash) ?? -1; index >= 0;) {
      const field = this.fields[index]!;
      if (field.length === to - from + 1 && equal(field.key, bytes, from)) return field;
      index = field.sameHash;
    }
    return undefined;
  }

  #add(key: Uint8Array, check: Check, reading: Reading, target: Target | undefined, scale: number): Field {
    const field = new Field(this.fields.length, key, check, reading, target, scale);
    field.sameHash = this.#byHash.get(field.hash) ?? -1;
    this.#byHash.set(field.hash, field.index);
    this.fields.push(field);
    this.seen.push(0);
    this.next.push(field.index + 1);
    return field;
  }
}

/** Undeclared keys without constraints each learn the shape of their own value. */
function childOf(extra: Check): Check {
  return extra.types === ANYTHING && extra.shape === undefined && extra.items === undefined && !extra.limitsText
    ? new Check()
    : extra;
}

function equal(key: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[from + i]) return false;
  return true;
}
