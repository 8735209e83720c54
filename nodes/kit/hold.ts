import type { Batch, Layout } from '../../engine/model/batch.ts';
import type { SnapshotOut } from '../../engine/stream/operator.ts';
import { cellBytes, cellsAt, readCell, writeCell, type Cell } from './cell.ts';
import { PieceReader, PieceWriter } from './piece-io.ts';

/** One row kept beyond its batch. */
export interface HeldRow {
  /** event time, µs */
  readonly time: number;
  readonly source: number;
  readonly partition: number;
  readonly offset: number;
  /** input port it came by */
  readonly input: number;
  readonly cells: readonly Cell[];
  /** number of the piece that holds it */
  readonly chunk: number;
}

/**
 * [Z1, K6] The order in which rows are decided: event time, then origin, then input. Rows that were made of one input row
 * (explode) share all of these: chunks, and inside a chunk a stable sort, keep the order in which they came.
 */
export function byTimeAndOrigin(a: HeldRow, b: HeldRow): number {
  return (
    a.time - b.time ||
    a.source - b.source ||
    a.partition - b.partition ||
    a.offset - b.offset ||
    a.input - b.input ||
    a.chunk - b.chunk
  );
}

const BUCKET_US = 1_000_000;
const CHUNK_ROWS = 4096;
const PREFIX = 'rows/';

/**
 * Rows that wait for the watermark. A row is written to the checkpoint once, in the piece of its epoch, and the piece goes when
 * its last row has left; after a restore the owner says up to which time rows had left before (`dropBefore`).
 */
export class Hold {
  #names: readonly (readonly string[])[];
  /** rows by second of event time; the seconds in ascending order */
  #buckets = new Map<number, HeldRow[]>();
  #seconds: number[] = [];
  /** the second through which the last release went: sorted, and rows before #headAt have left */
  #head: number | undefined;
  #headAt = 0;
  /** rows alive by chunk */
  #alive = new Map<number, number>();
  #written = new Set<number>();
  /** chunks of which something has left since the last snapshot */
  #emptied = new Set<number>();
  /** rows taken since the last snapshot, or already gone again */
  #fresh: HeldRow[] = [];
  #chunk = 0;
  #size = 0;
  #bytes = 0;
  #writer = new PieceWriter();

  /** `layouts`: columns of each input, which name the cells in the checkpoint */
  constructor(layouts: readonly Layout[]) {
    this.#names = layouts.map((layout) => layout.map((field) => field.name));
  }

  get size(): number {
    return this.#size;
  }

  bytes(): number {
    return this.#bytes;
  }

  /** Copies the selected rows; `each` is told of every one. */
  take(input: number, batch: Batch, each?: (row: HeldRow) => void): void {
    const { source, partition } = batch.origin;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const held: HeldRow = {
        time: batch.times[row]!,
        source,
        partition,
        offset: batch.offsets[row]!,
        input,
        cells: cellsAt(batch, row),
        chunk: this.#chunk,
      };
      this.#insert(held);
      this.#fresh.push(held);
      each?.(held);
      if (this.#fresh.length % CHUNK_ROWS === 0) this.#chunk++;
    }
  }

  /** Rows with time < `before`, taken out, in the order of decision. */
  release(before: number): HeldRow[] {
    const released: HeldRow[] = [];
    let gone = 0;
    for (const second of this.#seconds) {
      if (second * BUCKET_US >= before) break;
      const rows = this.#sorted(second);
      const from = second === this.#head ? this.#headAt : 0;
      let to = rows.length;
      if ((second + 1) * BUCKET_US > before) to = firstAt(rows, from, before);
      for (let i = from; i < to; i++) released.push(rows[i]!);
      if (to < rows.length) {
        this.#head = second;
        this.#headAt = to;
        break;
      }
      this.#buckets.delete(second);
      if (second === this.#head) this.#head = undefined;
      gone++;
    }
    if (gone > 0) this.#seconds.splice(0, gone);
    for (const row of released) this.#leave(row);
    return released;
  }

  /** Rows with from ≤ time < `before`, which stay, in the order of decision. */
  between(from: number, before: number): HeldRow[] {
    const found: HeldRow[] = [];
    for (const second of this.#seconds) {
      if (second * BUCKET_US >= before) break;
      if ((second + 1) * BUCKET_US <= from) continue;
      const rows = this.#buckets.get(second)!;
      for (let i = second === this.#head ? this.#headAt : 0; i < rows.length; i++) {
        const row = rows[i]!;
        if (row.time >= from && row.time < before) found.push(row);
      }
    }
    return found.toSorted(byTimeAndOrigin);
  }

  /** After a restore: rows that had left before the checkpoint, although their piece was still there. */
  dropBefore(time: number): void {
    this.release(time);
  }

  snapshot(out: SnapshotOut): void {
    for (const chunk of this.#emptied) if (this.#written.delete(chunk)) out.delete(`${PREFIX}${chunk}`);
    this.#emptied.clear();
    const byChunk = new Map<number, HeldRow[]>();
    for (const row of this.#fresh) {
      if (!this.#alive.has(row.chunk)) continue;
      const rows = byChunk.get(row.chunk);
      if (rows === undefined) byChunk.set(row.chunk, [row]);
      else rows.push(row);
    }
    for (const [chunk, rows] of byChunk) {
      out.put(`${PREFIX}${chunk}`, this.#encode(rows));
      this.#written.add(chunk);
    }
    if (this.#fresh.length > 0) this.#chunk++;
    this.#fresh = [];
  }

  /** False: not a piece of this hold. */
  restore(key: string, bytes: Uint8Array): boolean {
    if (!key.startsWith(PREFIX)) return false;
    const chunk = Number(key.slice(PREFIX.length));
    const input = new PieceReader(bytes);
    const columns = this.#names.map((names) => {
      const stored = Array.from({ length: input.u32() }, () => input.text());
      return { stored: stored.length, places: names.map((name) => stored.indexOf(name)) };
    });
    while (!input.done) {
      const [time, source, partition, offset] = [input.f64(), input.f64(), input.f64(), input.f64()];
      const port = input.u8();
      const { stored, places } = columns[port]!;
      const cells = Array.from({ length: stored }, () => readCell(input));
      this.#insert({ time, source, partition, offset, input: port, cells: places.map((place) => cells[place] ?? null), chunk });
    }
    this.#written.add(chunk);
    this.#chunk = Math.max(this.#chunk, chunk + 1);
    return true;
  }

  #insert(row: HeldRow): void {
    const second = Math.floor(row.time / BUCKET_US);
    const rows = this.#buckets.get(second);
    if (rows === undefined) {
      this.#buckets.set(second, [row]);
      insertSorted(this.#seconds, second);
    } else if (second === this.#head) {
      rows.splice(firstAfter(rows, this.#headAt, row), 0, row);
    } else rows.push(row);
    this.#alive.set(row.chunk, (this.#alive.get(row.chunk) ?? 0) + 1);
    this.#size++;
    this.#bytes += rowBytes(row);
  }

  /** The bucket itself, put in order where it lies: once it is the head its rows stay in order. */
  #sorted(second: number): HeldRow[] {
    const rows = this.#buckets.get(second)!;
    if (second !== this.#head) rows.sort(byTimeAndOrigin);
    return rows;
  }

  #leave(row: HeldRow): void {
    this.#size--;
    this.#bytes -= rowBytes(row);
    const left = this.#alive.get(row.chunk)! - 1;
    if (left > 0) this.#alive.set(row.chunk, left);
    else {
      this.#alive.delete(row.chunk);
      this.#emptied.add(row.chunk);
    }
  }

  #encode(rows: readonly HeldRow[]): Uint8Array {
    const out = this.#writer;
    for (const names of this.#names) {
      out.u32(names.length);
      for (const name of names) out.text(name);
    }
    for (const row of rows) {
      out.f64(row.time);
      out.f64(row.source);
      out.f64(row.partition);
      out.f64(row.offset);
      out.u8(row.input);
      for (const cell of row.cells) writeCell(out, cell);
    }
    return out.take();
  }
}

function rowBytes(row: HeldRow): number {
  let bytes = 96;
  for (const cell of row.cells) bytes += cellBytes(cell);
  return bytes;
}

function insertSorted(numbers: number[], value: number): void {
  let at = numbers.length;
  while (at > 0 && numbers[at - 1]! > value) at--;
  numbers.splice(at, 0, value);
}

/** Index of the first row from `low` on with time ≥ `time`; rows are sorted. */
function firstAt(rows: readonly HeldRow[], low: number, time: number): number {
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index behind every row from `low` on that does not come after `row`; rows are sorted. */
export function firstAfter(rows: readonly HeldRow[], low: number, row: HeldRow): number {
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byTimeAndOrigin(rows[middle]!, row) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
