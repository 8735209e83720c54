import { BytesColumn, NumberColumn, TextColumn } from '../model/batch.ts';
import { Dictionary } from '../model/dictionary.ts';
import type { InnerType } from './typed.ts';
import { bytesOf, floats, ints, MAX_OWN_TEXTS, numbers, truths, TruthColumn, valueAt, Writer, type Vector } from './vector.ts';

interface Part {
  /** undefined: NULL */
  readonly vector: Vector | undefined;
  readonly rows: Int32Array;
  readonly count: number;
}

/**
 * Puts a column together from parts of others: CASE, coalesce, nullif. The vectors and rows of all parts must live until `finish`.
 * Texts stay ids where all parts are dictionaries, and byte ranges where all come from one buffer; nothing is copied then.
 */
export class Merger {
  readonly #type: InnerType;
  readonly #writer: Writer;
  readonly #parts: Part[] = [];
  #length = 0;
  #values = new Float64Array(0);
  #nulls = new Uint8Array(0);
  #truths = new Uint8Array(0);
  #ids = new Int32Array(0);
  #start = new Int32Array(0);
  #end = new Int32Array(0);
  #own = new Dictionary();
  #maps: { readonly from: Dictionary; ids: Int32Array }[] = [];

  constructor(type: InnerType) {
    this.#type = type;
    this.#writer = new Writer(type);
  }

  begin(length: number): void {
    this.#length = length;
    this.#parts.length = 0;
  }

  add(vector: Vector | undefined, rows: Int32Array, count: number): void {
    if (count > 0) this.#parts.push({ vector, rows, count });
  }

  finish(): Vector {
    switch (this.#type) {
      case 'integer':
      case 'float':
      case 'timestamp':
        return this.#numbers();
      case 'boolean':
        return this.#booleans();
      case 'text':
        return this.#text();
      case 'json':
        return this.#ranges('json') ?? this.#written();
      case 'interval':
      case 'text[]':
      case 'unknown':
        return this.#written();
      default:
        return this.#numbers();
    }
  }

  #numbers(): Vector {
    this.#values = floats(this.#values, this.#length);
    this.#nulls = bytesOf(this.#nulls, this.#length);
    let anyNull = false;
    for (const { vector, rows, count } of this.#parts) {
      if (vector === undefined) {
        for (let i = 0; i < count; i++) this.#nulls[rows[i]!] = 1;
        anyNull = true;
        continue;
      }
      const { values, nulls } = numbers(vector);
      for (let i = 0; i < count; i++) this.#values[rows[i]!] = values[rows[i]!]!;
      if (nulls === undefined) for (let i = 0; i < count; i++) this.#nulls[rows[i]!] = 0;
      else {
        for (let i = 0; i < count; i++) this.#nulls[rows[i]!] = nulls[rows[i]!]!;
        anyNull = true;
      }
    }
    return new NumberColumn(this.#values, anyNull ? this.#nulls : undefined);
  }

  #booleans(): Vector {
    this.#truths = bytesOf(this.#truths, this.#length);
    for (const { vector, rows, count } of this.#parts) {
      const values = vector === undefined ? undefined : truths(vector);
      for (let i = 0; i < count; i++) this.#truths[rows[i]!] = values === undefined ? 2 : values[rows[i]!]!;
    }
    return new TruthColumn(this.#truths);
  }

  #text(): Vector {
    const vectors = this.#parts.flatMap(({ vector }) => (vector === undefined ? [] : [vector]));
    if (vectors.every((vector) => vector.kind === 'text')) return this.#dictionaryText(vectors);
    const first = vectors[0]!;
    return (first.kind === 'bytes' ? this.#ranges(first.form) : undefined) ?? this.#written();
  }

  #dictionaryText(vectors: readonly TextColumn[]): Vector {
    this.#ids = ints(this.#ids, this.#length);
    const shared = vectors[0]?.dictionary;
    const one = shared !== undefined && vectors.every((vector) => vector.dictionary === shared);
    if (!one && (this.#own.size > MAX_OWN_TEXTS || this.#maps.length > 16)) {
      this.#own = new Dictionary();
      this.#maps = [];
    }
    for (const { vector, rows, count } of this.#parts) {
      if (vector === undefined) for (let i = 0; i < count; i++) this.#ids[rows[i]!] = -1;
      else if (one) for (let i = 0; i < count; i++) this.#ids[rows[i]!] = (vector as TextColumn).ids[rows[i]!]!;
      else this.#translated(vector as TextColumn, rows, count);
    }
    return new TextColumn(this.#ids, one ? shared : this.#own);
  }

  #translated(column: TextColumn, rows: Int32Array, count: number): void {
    const { dictionary, ids } = column;
    let entry = this.#maps.find(({ from }) => from === dictionary);
    if (entry === undefined) {
      entry = { from: dictionary, ids: new Int32Array(0) };
      this.#maps.push(entry);
    }
    if (entry.ids.length < dictionary.size) {
      // 0 = not yet known, else id + 1
      const grown = new Int32Array(dictionary.size * 2);
      grown.set(entry.ids);
      entry.ids = grown;
    }
    const map = entry.ids;
    for (let i = 0; i < count; i++) {
      const id = ids[rows[i]!]!;
      if (id < 0) {
        this.#ids[rows[i]!] = -1;
        continue;
      }
      if (map[id] === 0) map[id] = this.#own.adopt(dictionary, id) + 1;
      this.#ids[rows[i]!] = map[id]! - 1;
    }
  }

  /** undefined: the parts are not all ranges of one buffer in one form */
  #ranges(form: BytesColumn['form']): Vector | undefined {
    let bytes: Uint8Array | undefined;
    for (const { vector } of this.#parts) {
      if (vector === undefined) continue;
      if (vector.kind !== 'bytes' || vector.form !== form || (bytes !== undefined && bytes !== vector.bytes)) return undefined;
      bytes = vector.bytes;
    }
    this.#start = ints(this.#start, this.#length);
    this.#end = ints(this.#end, this.#length);
    for (const { vector, rows, count } of this.#parts) {
      if (vector?.kind !== 'bytes') {
        for (let i = 0; i < count; i++) this.#start[rows[i]!] = -1;
        continue;
      }
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        this.#start[row] = vector.start[row]!;
        this.#end[row] = vector.end[row]!;
      }
    }
    return new BytesColumn(this.#start, this.#end, bytes ?? new Uint8Array(0), form);
  }

  #written(): Vector {
    this.#writer.begin(this.#length);
    for (const { vector, rows, count } of this.#parts) {
      for (let i = 0; i < count; i++) this.#writer.put(rows[i]!, vector === undefined ? null : valueAt(vector, rows[i]!));
    }
    return this.#writer.column();
  }
}
