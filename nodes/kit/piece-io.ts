import { decodeUtf8, encodeUtf8 } from '../../engine/model/dictionary.ts';

/** Bytes of one piece of state: little-endian, no type marks; reader and writer agree by code. */
export class PieceWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#end++] = value;
  }

  u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#end, value, true);
    this.#end += 4;
  }

  f64(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#end, value, true);
    this.#end += 8;
  }

  text(value: string): void {
    const bytes = encodeUtf8(value);
    this.u32(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** A copy of what was written; the writer starts anew. */
  take(): Uint8Array {
    const piece = this.#bytes.slice(0, this.#end);
    this.#end = 0;
    return piece;
  }

  #room(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#end + more));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

export class PieceReader {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#bytes[this.#at++]!;
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  text(): string {
    const length = this.u32();
    this.#at += length;
    return decodeUtf8(this.#bytes, this.#at - length, this.#at);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }
}
