import type { Layout } from '../../engine/model/batch.ts';
import { Batch } from '../../engine/model/batch.ts';
import type { Context, Out } from '../../engine/stream/operator.ts';
import { BATCH_ROWS, BatchBuilder, type MadeRow } from './batch-builder.ts';
import { cellsAt, type Cell } from './cell.ts';

/** One output port of a combining node: rows in, batches of origin (node, 0) with running offsets out. */
export class RowSender {
  /** offset of the next row; part of the node's state */
  next = 0;
  readonly #port: number;
  readonly #context: Context;
  readonly #builder: BatchBuilder;
  #rows: MadeRow[] = [];

  constructor(port: number, context: Context, layout: Layout) {
    this.#port = port;
    this.#context = context;
    this.#builder = new BatchBuilder(context.node, layout);
  }

  /** False: nobody listens, so making the row's cells is wasted; `skip` it then. */
  get wired(): boolean {
    return this.#context.wired(this.#port);
  }

  /** A row that nobody hears keeps its number. */
  skip(): void {
    this.next++;
  }

  /** `sent`: the node's watermark so far, µs. */
  send(row: MadeRow, sent: number, out: Out): void {
    this.#rows.push(row);
    if (this.#rows.length >= BATCH_ROWS) this.flush(sent, out);
  }

  flush(sent: number, out: Out): void {
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    const offset = this.next;
    this.next += rows.length;
    out.emit(this.#port, this.#builder.build(rows, offset, sent));
  }

  /** The selected rows of an input in this port's columns; they keep origin, offset and watermark. */
  recast(batch: Batch, cells: (row: readonly Cell[], time: number) => Cell[]): Batch {
    const made: MadeRow[] = [];
    const offsets = new Float64Array(batch.count);
    const watermarks = new Float64Array(batch.count);
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const time = batch.times[row]!;
      made.push({ time, cells: cells(cellsAt(batch, row), time) });
      offsets[i] = batch.offsets[row]!;
      watermarks[i] = batch.watermarks[row]!;
    }
    const built = this.#builder.build(made, 0, batch.lastWatermark);
    return new Batch({ ...built, origin: batch.origin, offsets, watermarks });
  }

  bytes(): number {
    return this.#builder.bytes();
  }
}
