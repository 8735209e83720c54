import type { Batch, Layout } from '../model/batch.ts';
import type { TapRow } from '../model/run-event.ts';

/** At most so many rows a second leave through one tap. */
const ROWS_PER_SECOND = 20;

/** Turns one physical row into plain JSON; handed in by the host, which also knows the raw message. */
export type RowReader = (batch: Batch, layout: Layout, row: number) => TapRow;

/** Samples the rows on one edge: counts all of them, keeps the newest few of each interval. */
export class TapSampler {
  readonly #read: RowReader;
  #rows: TapRow[] = [];
  #seen = 0;
  #allowance = ROWS_PER_SECOND;

  constructor(read: RowReader) {
    this.#read = read;
  }

  see(batch: Batch, layout: Layout): void {
    this.#seen += batch.count;
    const take = Math.min(batch.count, Math.floor(this.#allowance));
    if (take <= 0) return;
    this.#allowance -= take;
    for (let i = batch.count - take; i < batch.count; i++) this.#rows.push(this.#read(batch, layout, batch.rows[i]!));
  }

  /** What came since the last call; undefined: nothing. */
  flush(elapsedMs: number): { readonly seen: number; readonly rows: readonly TapRow[] } | undefined {
    this.#allowance = Math.min(ROWS_PER_SECOND, this.#allowance + (ROWS_PER_SECOND * elapsedMs) / 1000);
    if (this.#seen === 0) return undefined;
    const flushed = { seen: this.#seen, rows: this.#rows };
    this.#seen = 0;
    this.#rows = [];
    return flushed;
  }
}
