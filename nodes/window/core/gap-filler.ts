import type { SnapshotOut } from '../../../engine/stream/operator.ts';
import type { PieceReader, PieceWriter } from '../../kit/byte-io.ts';
import type { KeyTable } from '../../kit/keys.ts';
import type { WindowGeometry } from '../../kit/window-geometry.ts';

/**
 * [W6] A group that has had rows gets a row for up to `most` further windows without any. Gaps are filled up to the newest window
 * that holds a row of some group, never by the mere passing of time: so the rows depend on the rows alone (D1).
 */
export class GapFiller {
  readonly #geometry: WindowGeometry;
  readonly #most: number;
  /** end of the newest window with rows, by key */
  #lastEnds = new Map<number, number>();
  #newest = -Infinity;
  #changed = false;

  constructor(geometry: WindowGeometry, most: number) {
    this.#geometry = geometry;
    this.#most = most;
  }

  /** The window `end` holds rows of `keys`. `send` gets each window up to it, oldest first, with the keys that are missing there. */
  close(end: number, keys: Int32Array, send: (end: number, missing: readonly number[]) => void): void {
    const reach = this.#most * this.#geometry.hopUs;
    if (this.#newest > -Infinity) {
      const until = Math.min(end - this.#geometry.hopUs, this.#newest + reach);
      for (let gap = this.#newest + this.#geometry.hopUs; gap <= until; gap += this.#geometry.hopUs) {
        const missing = this.#alive(gap, reach);
        if (missing.length > 0) send(gap, missing);
      }
    }
    for (const key of keys) this.#lastEnds.set(key, end);
    send(
      end,
      this.#alive(end, reach).filter((key) => this.#lastEnds.get(key)! < end),
    );
    for (const [key, last] of this.#lastEnds) if (last + reach <= end) this.#lastEnds.delete(key);
    this.#newest = end;
    this.#changed = true;
  }

  #alive(end: number, reach: number): number[] {
    const alive: number[] = [];
    for (const [key, last] of this.#lastEnds) if (last + reach >= end) alive.push(key);
    return alive;
  }

  /** Keys have new numbers. */
  rename(from: KeyTable, to: KeyTable): void {
    const renamed = new Map<number, number>();
    for (const [key, last] of this.#lastEnds) renamed.set(to.dictionary.adopt(from.dictionary, key), last);
    this.#lastEnds = renamed;
  }

  snapshot(out: SnapshotOut, writer: PieceWriter, table: KeyTable): void {
    if (!this.#changed) return;
    this.#changed = false;
    writer.begin();
    writer.f64(this.#newest);
    writer.i32(this.#lastEnds.size);
    for (const [key, last] of this.#lastEnds) {
      writer.text(table.dictionary, key);
      writer.f64(last);
    }
    out.put('gaps', writer.take());
  }

  restore(reader: PieceReader, table: KeyTable): void {
    this.#newest = reader.f64();
    for (let left = reader.i32(); left > 0; left--) this.#lastEnds.set(reader.text(table.dictionary), reader.f64());
  }

  bytes(): number {
    return this.#lastEnds.size * 48;
  }
}
