import { BytesColumn, ListColumn, TextColumn, type Column } from '../../../engine/model/batch.ts';
import { Dictionary, hashBytes } from '../../../engine/model/dictionary.ts';
import type { Type } from '../../../engine/model/type.ts';

/** Generations of texts made here are changed when they hold more than this; states then rebase what is alive. */
const GENERATION_TEXTS = 65_536;

/**
 * Values of any type as ids, for aggregates that only ask whether two values are equal: numbers as their eight bytes, lists and
 * json as bytes. Text columns that already carry ids pass unchanged.
 */
export class IdInterner {
  #dictionary = new Dictionary();
  #limit = GENERATION_TEXTS;
  #ids = new Int32Array(0);
  #scratch = new Uint8Array(256);
  #view = new DataView(this.#scratch.buffer);

  intern(column: Column, rows: Int32Array, count: number, length: number): TextColumn {
    if (column.kind === 'text') return column;
    if (this.#dictionary.size > this.#limit) {
      this.#dictionary = new Dictionary();
      this.#limit = GENERATION_TEXTS;
    }
    if (this.#ids.length < length) this.#ids = new Int32Array(length);
    const ids = this.#ids;
    const before = this.#dictionary.size;
    for (let i = 0; i < count; i++) ids[rows[i]!] = this.#id(column, rows[i]!);
    // a generation full of live values is not changed at every batch: the next one may be twice as large
    if (before === 0 && this.#dictionary.size > this.#limit / 2) this.#limit = this.#dictionary.size * 2;
    return new TextColumn(ids, this.#dictionary);
  }

  #id(column: Exclude<Column, TextColumn>, row: number): number {
    switch (column.kind) {
      case 'number':
        if (column.nulls !== undefined && column.nulls[row] === 1) return -1;
        // −0 and 0 are one value
        this.#view.setFloat64(0, column.values[row]! + 0);
        return this.#intern(8);
      case 'boolean':
        if (column.nulls !== undefined && column.nulls[row] === 1) return -1;
        this.#scratch[0] = column.values[row]!;
        return this.#intern(1);
      case 'bytes': {
        const from = column.start[row]!;
        if (from < 0) return -1;
        const to = column.end[row]!;
        return this.#dictionary.intern(column.bytes, from, to, hashBytes(column.bytes, from, to));
      }
      case 'list':
        return this.#listId(column, row);
    }
  }

  #listId(column: ListColumn, row: number): number {
    if (column.nulls !== undefined && column.nulls[row] === 1) return -1;
    let length = 0;
    for (let i = column.offsets[row]!; i < column.offsets[row + 1]!; i++) {
      const id = column.ids[i]!;
      const text = id < 0 ? undefined : column.dictionary.bytesOf(id);
      this.#room(length + 2 + (text?.length ?? 0));
      this.#scratch[length++] = text === undefined ? 0 : 1;
      if (text !== undefined) {
        this.#scratch.set(text, length);
        length += text.length;
        this.#scratch[length++] = 0;
      }
    }
    return this.#intern(length);
  }

  #room(length: number): void {
    if (length <= this.#scratch.length) return;
    const grown = new Uint8Array(length * 2);
    grown.set(this.#scratch);
    this.#scratch = grown;
    this.#view = new DataView(grown.buffer);
  }

  #intern(length: number): number {
    return this.#dictionary.intern(this.#scratch, 0, length, hashBytes(this.#scratch, 0, length));
  }

  bytes(): number {
    return this.#dictionary.bytes() + this.#ids.byteLength;
  }
}

/** Ids back as a column: text as it is, json and lists from the bytes that `IdInterner` made of them. */
export function columnOfIds(ids: Int32Array, dictionary: Dictionary, type: Type): Column {
  if (type === 'text') return new TextColumn(ids, dictionary);
  if (type === 'json') return jsonColumn(ids, dictionary);
  if (type === 'text[]') return listColumn(ids, dictionary);
  throw new Error(`bug: ids of type ${type} are no column`);
}

function jsonColumn(ids: Int32Array, dictionary: Dictionary): BytesColumn {
  const start = new Int32Array(ids.length).fill(-1);
  const end = new Int32Array(ids.length).fill(-1);
  let total = 0;
  for (const id of ids) if (id >= 0) total += dictionary.byteLength(id);
  const bytes = new Uint8Array(total + 8);
  let at = 0;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < 0) continue;
    const text = dictionary.bytesOf(ids[i]!);
    bytes.set(text, at);
    start[i] = at;
    at += text.length;
    end[i] = at;
  }
  return new BytesColumn(start, end, bytes, 'json');
}

function listColumn(ids: Int32Array, dictionary: Dictionary): ListColumn {
  const elements = new Dictionary();
  const flat: number[] = [];
  const offsets = new Int32Array(ids.length + 1);
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < 0) {
      nulls ??= new Uint8Array(ids.length);
      nulls[i] = 1;
    } else {
      const bytes = dictionary.bytesOf(ids[i]!);
      for (let at = 0; at < bytes.length;) {
        if (bytes[at++] === 0) {
          flat.push(-1);
          continue;
        }
        let end = at;
        while (bytes[end] !== 0) end++;
        flat.push(elements.intern(bytes, at, end, hashBytes(bytes, at, end)));
        at = end + 1;
      }
    }
    offsets[i + 1] = flat.length;
  }
  return new ListColumn(offsets, Int32Array.from(flat), elements, nulls);
}
