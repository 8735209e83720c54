import type { Position, RawBatch, SourceReader } from '../../engine/stream/connector.ts';
import type { ChunkReader } from './chunk-reader.ts';

/** A message may have this many bytes (V3); of a longer line one byte more is kept, so that the decoder sees it is too large. */
const KEPT_BYTES = 1024 * 1024 + 1;
const PADDING_BYTES = 8;
const LINE_END = 0x0a;

/** Lines of one file as partition 0. Offset = line number from 0, empty lines counted; anchor = byte where the line begins. */
export class LineFeed implements SourceReader {
  readonly #chunks: ChunkReader;
  /** content from the next line's first byte on; a complete line, more, or less */
  #bytes: Uint8Array = new Uint8Array(PADDING_BYTES);
  #length = 0;
  #at = 0;
  #line: number;
  /** place of bytes[0] in the file */
  #place: number;
  /** bytes of the first line that were left out */
  #leftOut = 0;
  #end = false;

  constructor(chunks: ChunkReader, position: Position) {
    this.#chunks = chunks;
    this.#line = position.offset;
    this.#place = (position.anchor as number | undefined) ?? 0;
  }

  partitions(): readonly number[] {
    return [0];
  }

  async poll(ask: readonly number[], maxRows: number): Promise<readonly RawBatch[]> {
    if (!ask.includes(0)) return [];
    await this.#fill();
    return [this.#batch(maxRows)];
  }

  close(): Promise<void> {
    return this.#chunks.close();
  }

  #batch(maxRows: number): RawBatch {
    const bytes = this.#bytes;
    const rows = Math.min(maxRows, 1 + Math.floor((this.#length - this.#at) / 2));
    const start = new Int32Array(rows);
    const end = new Int32Array(rows);
    const offsets = new Float64Array(rows);
    let count = 0;
    while (count < rows && this.#at < this.#length) {
      const found = bytes.indexOf(LINE_END, this.#at);
      const whole = found >= 0 && found < this.#length;
      if (!whole && !this.#end) break;
      const stop = whole ? found : this.#length;
      const from = this.#line === 0 && this.#at === 0 && hasByteOrderMark(bytes) ? 3 : this.#at;
      const to = stop > from && bytes[stop - 1] === 0x0d ? stop - 1 : stop;
      if (to > from) {
        start[count] = from;
        end[count] = to;
        offsets[count] = this.#line;
        count++;
      }
      this.#line++;
      this.#at = whole ? found + 1 : this.#length;
    }
    // only the first line of a buffer can be cut, and it has been taken now
    if (this.#at > 0) {
      this.#place += this.#leftOut;
      this.#leftOut = 0;
    }
    const ended = this.#end && this.#at >= this.#length;
    return {
      partition: 0,
      port: 0,
      count,
      bytes,
      start: start.subarray(0, count),
      end: end.subarray(0, count),
      offsets: offsets.subarray(0, count),
      timestamps: undefined,
      keys: undefined,
      headers: undefined,
      next: { offset: this.#line, anchor: this.#place + this.#at },
      caughtUp: ended,
      ended,
      logEnd: undefined,
    };
  }

  /** Reads until there is a whole line in the buffer, or the end. */
  async #fill(): Promise<void> {
    while (!this.#end && !this.#hasLine()) {
      const chunk = await this.#chunks.next();
      if (chunk === undefined) this.#end = true;
      else await this.#append(chunk);
    }
  }

  #hasLine(): boolean {
    const found = this.#bytes.indexOf(LINE_END, this.#at);
    return found >= 0 && found < this.#length;
  }

  async #append(first: Uint8Array): Promise<void> {
    let chunk: Uint8Array = first;
    let rest = this.#bytes.subarray(this.#at, this.#length);
    if (rest.length > KEPT_BYTES) {
      this.#leftOut += rest.length - KEPT_BYTES;
      rest = rest.subarray(0, KEPT_BYTES);
    }
    // the rest of a line that is too long is dropped, so that memory stays bounded
    while (rest.length === KEPT_BYTES) {
      const found = chunk.indexOf(LINE_END);
      const dropped = found < 0 ? chunk.length : found;
      this.#leftOut += dropped;
      chunk = chunk.subarray(dropped);
      if (chunk.length > 0) break;
      const next = await this.#chunks.next();
      if (next === undefined) {
        this.#end = true;
        break;
      }
      chunk = next;
    }
    const bytes = new Uint8Array(rest.length + chunk.length + PADDING_BYTES);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    this.#place += this.#at;
    this.#bytes = bytes;
    this.#length = rest.length + chunk.length;
    this.#at = 0;
  }
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
