import type { Column } from '../../engine/model/batch.ts';
import { hashBytes, type Dictionary } from '../../engine/model/dictionary.ts';

/**
 * Group keys as bytes whose order is PostgreSQL's order of the key columns, NULLs last (W3).
 * Each column: 1 + value, or 2 for NULL. Text: its bytes + 0 (text holds no U+0000). Number: eight bytes, big-endian, sign and
 * negative values turned so that bytes order as numbers do. Boolean: one byte. List: 1 + text + 0 or 2 (NULL) per element, then 0.
 */
export class KeyWriter {
  bytes = new Uint8Array(256);
  length = 0;
  #view = new DataView(this.bytes.buffer);

  reset(): void {
    this.length = 0;
  }

  column(column: Column, row: number): void {
    switch (column.kind) {
      case 'number':
        if (column.nulls !== undefined && column.nulls[row] === 1) this.#byte(2);
        else this.number(column.values[row]!);
        return;
      case 'boolean':
        if (column.nulls !== undefined && column.nulls[row] === 1) this.#byte(2);
        else {
          this.#byte(1);
          this.#byte(column.values[row]!);
        }
        return;
      case 'text':
        this.text(column.dictionary, column.ids[row]!);
        return;
      case 'list':
        if (column.nulls !== undefined && column.nulls[row] === 1) {
          this.#byte(2);
          return;
        }
        this.#byte(1);
        for (let i = column.offsets[row]!; i < column.offsets[row + 1]!; i++) this.text(column.dictionary, column.ids[i]!);
        this.#byte(0);
        return;
      case 'bytes':
        throw new Error('bug: key columns come as ids');
    }
  }

  text(dictionary: Dictionary, id: number): void {
    if (id < 0) {
      this.#byte(2);
      return;
    }
    const bytes = dictionary.bytesOf(id);
    this.#room(bytes.length + 2);
    this.bytes[this.length++] = 1;
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    this.bytes[this.length++] = 0;
  }

  number(value: number): void {
    this.#room(9);
    this.bytes[this.length] = 1;
    // −0 is 0
    this.#view.setFloat64(this.length + 1, value + 0);
    const high = this.#view.getInt32(this.length + 1);
    if (high < 0) {
      this.#view.setInt32(this.length + 1, ~high);
      this.#view.setInt32(this.length + 5, ~this.#view.getInt32(this.length + 5));
    } else this.#view.setInt32(this.length + 1, high ^ 0x80000000);
    this.length += 9;
  }

  null(): void {
    this.#byte(2);
  }

  hash(): number {
    return hashBytes(this.bytes, 0, this.length);
  }

  #byte(value: number): void {
    this.#room(1);
    this.bytes[this.length++] = value;
  }

  #room(length: number): void {
    if (this.length + length <= this.bytes.length) return;
    const grown = new Uint8Array((this.length + length) * 2);
    grown.set(this.bytes);
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** The number that `KeyWriter.number` wrote at bytes[at … at + 8), behind its tag. */
export function readKeyNumber(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  const high = view.getInt32(0);
  const low = view.getInt32(4);
  if (high < 0) flipped.setInt32(0, high ^ 0x80000000);
  else flipped.setInt32(0, ~high);
  flipped.setInt32(4, high < 0 ? low : ~low);
  return flipped.getFloat64(0);
}

const flipped = new DataView(new ArrayBuffer(8));
