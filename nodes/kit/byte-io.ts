import { must } from '../../engine/model/assert.ts';
import { hashBytes, type Dictionary } from '../../engine/model/dictionary.ts';
import type { ByteReader, ByteWriter } from '../../engine/stream/aggregate.ts';

/** Which local id a text has in the piece being written. `stamp` tells entries of this piece from those of earlier ones. */
interface LocalIds {
  local: Int32Array;
  stamp: Int32Array;
}

/**
 * Bytes of one piece after the other, little-endian. A text is written in full where it occurs first in a piece and by its
 * local number afterwards. One writer serves many pieces: begin() … take().
 */
export class PieceWriter implements ByteWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;
  #piece = 0;
  #texts = 0;
  #byDictionary = new WeakMap<Dictionary, LocalIds>();
  #dictionary: Dictionary | undefined;
  #ids: LocalIds | undefined;

  begin(): this {
    this.#end = 0;
    this.#texts = 0;
    this.#piece++;
    return this;
  }

  /** A copy of what was written since begin(). */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#end);
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#end++] = value;
  }

  i32(value: number): void {
    this.#room(4);
    this.#view.setInt32(this.#end, value, true);
    this.#end += 4;
  }

  f64(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#end, value, true);
    this.#end += 8;
  }

  bytes(value: Uint8Array): void {
    this.i32(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  text(dictionary: Dictionary, id: number): void {
    if (id < 0) {
      this.i32(-1);
      return;
    }
    const ids = this.#idsOf(dictionary, id);
    if (ids.stamp[id] === this.#piece) {
      this.i32(ids.local[id]!);
      return;
    }
    ids.stamp[id] = this.#piece;
    ids.local[id] = this.#texts;
    this.i32(this.#texts++);
    this.bytes(dictionary.bytesOf(id));
  }

  #idsOf(dictionary: Dictionary, id: number): LocalIds {
    let ids = dictionary === this.#dictionary ? this.#ids : this.#byDictionary.get(dictionary);
    if (ids === undefined || id >= ids.local.length) {
      const length = Math.max(256, dictionary.size + (dictionary.size >> 2));
      const grown = { local: new Int32Array(length), stamp: new Int32Array(length) };
      if (ids !== undefined) {
        grown.local.set(ids.local);
        grown.stamp.set(ids.stamp);
      }
      ids = grown;
      this.#byDictionary.set(dictionary, ids);
    }
    this.#dictionary = dictionary;
    this.#ids = ids;
    return ids;
  }

  #room(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#end + length));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what a PieceWriter wrote. The bytes are what this program stored: a malformed piece is a bug. */
export class PieceReader implements ByteReader {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;
  /** [from, to) of each text, by local number */
  #ranges: number[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  u8(): number {
    return must(this.#bytes[this.#at++], 'a piece ended early');
  }

  i32(): number {
    const value = this.#view.getInt32(this.#at, true);
    this.#at += 4;
    return value;
  }

  f64(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  bytes(): Uint8Array {
    const length = this.i32();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(dictionary: Dictionary): number {
    const local = this.i32();
    if (local < 0) return -1;
    if (local * 2 === this.#ranges.length) {
      const length = this.i32();
      this.#ranges.push(this.#at, this.#at + length);
      this.#at += length;
    }
    const from = must(this.#ranges[local * 2], 'a piece names a text it does not hold');
    const to = this.#ranges[local * 2 + 1]!;
    return dictionary.intern(this.#bytes, from, to, hashBytes(this.#bytes, from, to));
  }
}
