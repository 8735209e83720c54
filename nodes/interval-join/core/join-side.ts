import type { Batch, Layout } from '../../../engine/model/batch.ts';
import type { SnapshotOut } from '../../../engine/stream/operator.ts';
import type { Cell } from '../../kit/cell.ts';
import { Hold, type HeldRow } from '../../kit/hold.ts';
import { columnIndexes, keyText } from '../../kit/row-key.ts';
import { SideIndex } from './side-index.ts';

/** Rows of one input that may still find a partner: kept for the checkpoint, and found by key. */
export class JoinSide {
  #hold: Hold;
  #index = new SideIndex();
  #keyColumns: readonly number[];
  #prefix: string;

  constructor(layout: Layout, on: readonly string[], prefix: string) {
    this.#hold = new Hold([layout]);
    this.#keyColumns = columnIndexes(layout, on);
    this.#prefix = prefix;
  }

  get size(): number {
    return this.#hold.size;
  }

  key(row: HeldRow): readonly Cell[] {
    return this.#keyColumns.map((column) => row.cells[column]!);
  }

  take(batch: Batch): void {
    this.#hold.take(0, batch, (row) => this.#index.add(keyText(this.key(row)), row));
  }

  /** Rows with from ≤ time < before, in the order of decision. */
  between(from: number, before: number): HeldRow[] {
    return this.#hold.between(from, before);
  }

  /** [J4] Rows of this key with from ≤ time ≤ to; none of a key that has a NULL. */
  partners(key: readonly Cell[], from: number, to: number): readonly HeldRow[] {
    return key.includes(null) ? [] : this.#index.between(keyText(key), from, to);
  }

  /** Rows with time < before, taken out. */
  release(before: number): HeldRow[] {
    const released = this.#hold.release(before);
    for (const row of released) this.#index.dropBefore(keyText(this.key(row)), before);
    return released;
  }

  snapshot(out: SnapshotOut): void {
    this.#hold.snapshot({
      put: (key, bytes) => out.put(this.#prefix + key, bytes),
      delete: (key) => out.delete(this.#prefix + key),
    });
  }

  /** False: a piece of somebody else. */
  restore(key: string, bytes: Uint8Array): boolean {
    return key.startsWith(this.#prefix) && this.#hold.restore(key.slice(this.#prefix.length), bytes);
  }

  /** After the last piece: rows before this time had left already. */
  settle(before: number): void {
    this.#hold.dropBefore(before);
    for (const row of this.#hold.between(-Infinity, Infinity)) this.#index.add(keyText(this.key(row)), row);
  }

  bytes(): number {
    return this.#hold.bytes() + this.#hold.size * 32;
  }
}
