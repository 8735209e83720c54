import { must } from '../../engine/model/assert.ts';
import { BooleanColumn, ListColumn, NumberColumn, TextColumn, type Column } from '../../engine/model/batch.ts';
import { Dictionary, hashBytes } from '../../engine/model/dictionary.ts';
import type { Type } from '../../engine/model/type.ts';
import { grownFloats, grownInts } from './growing.ts';
import { KeyWriter, readKeyNumber } from './key-bytes.ts';

const FIRST_CACHE = 1024;
const LARGEST_CACHE = 1 << 20;

/**
 * Group keys of any type but json as small dense numbers, 0, 1, 2 … A key is known by its bytes (`key-bytes.ts`), so ids of
 * another generation or worker map by bytes. NULL is a group of its own. Without key columns every row has key 0.
 */
export class KeyTable {
  readonly types: readonly Type[];
  /** key bytes; the id of a key is its number here */
  readonly dictionary = new Dictionary();
  readonly #writer = new KeyWriter();
  /** one text column: key by id of the batch's dictionary; [0] is NULL's */
  #byText = new Int32Array(0);
  /** the dictionaries that the caches speak about, by column */
  #seen: (Dictionary | undefined)[] = [];
  /** direct-mapped cache for everything else: components of the last row that fell into a place, and its key */
  #cacheKeys = new Int32Array(0);
  #cacheParts: Float64Array[] = [];
  #values: KeyValues[];
  #valued = 0;
  #order = new Int32Array(0);
  #ranks = new Int32Array(0);

  constructor(types: readonly Type[]) {
    this.types = types;
    this.#values = types.map((type) => new KeyValues(type));
    if (types.length === 0) this.dictionary.intern(this.#writer.bytes, 0, 0, 0);
  }

  get size(): number {
    return this.dictionary.size;
  }

  /** keys[row] for every selected row. */
  lookup(columns: readonly Column[], rows: Int32Array, count: number, keys: Int32Array): void {
    const [first] = columns;
    if (first === undefined) for (let i = 0; i < count; i++) keys[rows[i]!] = 0;
    else if (columns.length === 1 && first.kind === 'text') this.#lookupText(first, rows, count, keys);
    else this.#lookupAny(columns, rows, count, keys);
  }

  #lookupText(column: TextColumn, rows: Int32Array, count: number, keys: Int32Array): void {
    const { dictionary, ids } = column;
    if (this.#seen[0] !== dictionary) {
      this.#seen[0] = dictionary;
      this.#byText = new Int32Array(Math.max(64, dictionary.size + 1)).fill(-1);
    }
    if (this.#byText.length <= dictionary.size) this.#byText = grownInts(this.#byText, dictionary.size + 1, -1);
    const known = this.#byText;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const place = ids[row]! + 1;
      let key = known[place]!;
      if (key < 0) {
        this.#writer.reset();
        this.#writer.text(dictionary, place - 1);
        key = this.#intern();
        known[place] = key;
      }
      keys[row] = key;
    }
  }

  #lookupAny(columns: readonly Column[], rows: Int32Array, count: number, keys: Int32Array): void {
    this.#prepareCache(columns);
    const mask = this.#cacheKeys.length - 1;
    const width = columns.length;
    const parts = this.#cacheParts;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      let hash = 0;
      let cacheable = true;
      for (let c = 0; c < width; c++) {
        const part = partOf(columns[c]!, row);
        rowParts[c] = part;
        if (Number.isNaN(part)) cacheable = false;
        bits64[0] = part;
        hash = Math.imul(hash ^ bits32[0]! ^ Math.imul(bits32[1]!, 0x85ebca6b), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      const place = hash & mask;
      let key = cacheable ? this.#cacheKeys[place]! : -1;
      for (let c = 0; c < width && key >= 0; c++) if (parts[c]![place] !== rowParts[c]) key = -1;
      if (key < 0) {
        this.#writer.reset();
        for (let c = 0; c < width; c++) this.#writer.column(columns[c]!, row);
        key = this.#intern();
        if (cacheable) {
          this.#cacheKeys[place] = key;
          for (let c = 0; c < width; c++) parts[c]![place] = rowParts[c]!;
        }
      }
      keys[row] = key;
    }
  }

  #prepareCache(columns: readonly Column[]): void {
    let changed = this.#cacheKeys.length === 0;
    columns.forEach((column, c) => {
      const dictionary = column.kind === 'text' ? column.dictionary : undefined;
      if (this.#seen[c] !== dictionary) changed = true;
      this.#seen[c] = dictionary;
    });
    let length = this.#cacheKeys.length;
    while (length < LARGEST_CACHE && length < Math.max(FIRST_CACHE, this.size * 2)) length = Math.max(FIRST_CACHE, length * 2);
    while (rowParts.length < columns.length) rowParts.push(0);
    if (length !== this.#cacheKeys.length) {
      this.#cacheKeys = new Int32Array(length).fill(-1);
      this.#cacheParts = columns.map(() => new Float64Array(length));
    } else if (changed) this.#cacheKeys.fill(-1);
  }

  #intern(): number {
    return this.dictionary.intern(this.#writer.bytes, 0, this.#writer.length, this.#writer.hash());
  }

  /** [W5] The key that collects what is beyond the limit: `__other__` in text columns, NULL in the others. */
  other(): number {
    this.#writer.reset();
    for (const type of this.types) {
      if (type === 'text') this.#writer.text(otherTexts, 0);
      else this.#writer.null();
    }
    return this.#intern();
  }

  /** Column `c` of the keys, one row each. */
  column(c: number, keys: Int32Array, count: number): Column {
    for (; this.#valued < this.size; this.#valued++) {
      const bytes = this.dictionary.bytesOf(this.#valued);
      let at = 0;
      for (const values of this.#values) at = values.add(this.#valued, bytes, at);
    }
    return this.#values[c]!.column(keys, count);
  }

  /** Sorts keys[0 … count), all different, by their bytes. */
  sort(keys: Int32Array, count: number): void {
    this.#rank();
    const ranks = this.#ranks;
    if (count * 32 > this.size) {
      // many of all keys: walking through the order is cheaper than sorting
      const marked = new Uint8Array(this.size);
      for (let i = 0; i < count; i++) marked[ranks[keys[i]!]!] = 1;
      for (let rank = 0, to = 0; to < count; rank++) if (marked[rank] === 1) keys[to++] = this.#order[rank]!;
      return;
    }
    const own = keys.subarray(0, count);
    for (let i = 0; i < count; i++) own[i] = ranks[own[i]!]!;
    own.sort();
    for (let i = 0; i < count; i++) own[i] = this.#order[own[i]!]!;
  }

  /** New keys are sorted among themselves and merged in once. */
  #rank(): void {
    const known = this.#order.length;
    const size = this.size;
    if (known === size) return;
    const fresh: number[] = [];
    for (let key = known; key < size; key++) fresh.push(key);
    const dictionary = this.dictionary;
    fresh.sort((a, b) => dictionary.compare(a, b));
    const order = new Int32Array(size);
    for (let to = 0, i = 0, j = 0; to < size; to++) {
      const old = i < known && (j >= fresh.length || dictionary.compare(this.#order[i]!, fresh[j]!) < 0);
      order[to] = old ? this.#order[i++]! : fresh[j++]!;
    }
    this.#order = order;
    this.#ranks = new Int32Array(size);
    for (let rank = 0; rank < size; rank++) this.#ranks[order[rank]!] = rank;
  }

  bytes(): number {
    let bytes = this.dictionary.bytes() + this.#byText.byteLength + this.#cacheKeys.byteLength * (1 + 2 * this.#cacheParts.length);
    bytes += this.#order.byteLength * 2;
    for (const values of this.#values) bytes += values.bytes();
    return bytes;
  }
}

const rowParts: number[] = [];
const bits64 = new Float64Array(1);
const bits32 = new Int32Array(bits64.buffer);
const otherTexts = new Dictionary();
otherTexts.internText('__other__');

/** What the cache compares: an id, a number, ∞ for NULL; NaN where only bytes can tell. */
function partOf(column: Column, row: number): number {
  switch (column.kind) {
    case 'text':
      return column.ids[row]!;
    case 'number':
      return column.nulls !== undefined && column.nulls[row] === 1 ? Infinity : column.values[row]! + 0;
    case 'boolean':
      return column.nulls !== undefined && column.nulls[row] === 1 ? Infinity : column.values[row]!;
    default:
      return NaN;
  }
}

/** The values of one key column, by key; read from the key's bytes once. */
class KeyValues {
  readonly #type: Type;
  #numbers = new Float64Array(0);
  #ids = new Int32Array(0);
  #texts = new Dictionary();
  #lists: (number[] | undefined)[] = [];

  constructor(type: Type) {
    this.#type = type;
  }

  /** Reads one value at `at`; returns where the next column begins. */
  add(key: number, bytes: Uint8Array, at: number): number {
    const isNull = bytes[at] === 2;
    switch (this.#type) {
      case 'text':
        this.#ids = grownInts(this.#ids, key + 1);
        if (isNull) this.#ids[key] = -1;
        else {
          const end = endOfText(bytes, at + 1);
          this.#ids[key] = this.#texts.intern(bytes, at + 1, end, hashBytes(bytes, at + 1, end));
          return end + 1;
        }
        return at + 1;
      case 'text[]':
        return this.#addList(key, bytes, at, isNull);
      case 'boolean':
        this.#numbers = grownFloats(this.#numbers, key + 1);
        this.#numbers[key] = isNull ? NaN : bytes[at + 1]!;
        return isNull ? at + 1 : at + 2;
      default:
        this.#numbers = grownFloats(this.#numbers, key + 1);
        this.#numbers[key] = isNull ? NaN : readKeyNumber(bytes, at + 1);
        return isNull ? at + 1 : at + 9;
    }
  }

  #addList(key: number, bytes: Uint8Array, at: number, isNull: boolean): number {
    if (isNull) {
      this.#lists[key] = undefined;
      return at + 1;
    }
    const list: number[] = [];
    at++;
    while (bytes[at] !== 0) {
      if (bytes[at] === 2) {
        list.push(-1);
        at++;
        continue;
      }
      const end = endOfText(bytes, at + 1);
      list.push(this.#texts.intern(bytes, at + 1, end, hashBytes(bytes, at + 1, end)));
      at = end + 1;
    }
    this.#lists[key] = list;
    return at + 1;
  }

  column(keys: Int32Array, count: number): Column {
    if (this.#type === 'text') {
      const ids = new Int32Array(count);
      for (let i = 0; i < count; i++) ids[i] = this.#ids[keys[i]!]!;
      return new TextColumn(ids, this.#texts);
    }
    let nulls: Uint8Array | undefined;
    if (this.#type === 'text[]') {
      const offsets = new Int32Array(count + 1);
      const flat: number[] = [];
      for (let i = 0; i < count; i++) {
        const list = this.#lists[keys[i]!];
        if (list === undefined) (nulls ??= new Uint8Array(count))[i] = 1;
        else flat.push(...list);
        offsets[i + 1] = flat.length;
      }
      return new ListColumn(offsets, Int32Array.from(flat), this.#texts, nulls);
    }
    const values = this.#type === 'boolean' ? new Uint8Array(count) : new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const value = this.#numbers[keys[i]!]!;
      if (Number.isNaN(value)) (nulls ??= new Uint8Array(count))[i] = 1;
      else values[i] = value;
    }
    return values instanceof Uint8Array ? new BooleanColumn(values, nulls) : new NumberColumn(values, nulls);
  }

  bytes(): number {
    return this.#numbers.byteLength + this.#ids.byteLength + this.#texts.bytes() + this.#lists.length * 64;
  }
}

function endOfText(bytes: Uint8Array, from: number): number {
  let end = from;
  while (must(bytes[end], 'a key ended early') !== 0) end++;
  return end;
}
