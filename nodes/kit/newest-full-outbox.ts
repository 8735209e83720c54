import { must } from '../../engine/model/assert.ts';
import type { Batch, NumberColumn } from '../../engine/model/batch.ts';
import { decodeUtf8, encodeUtf8 } from '../../engine/model/dictionary.ts';
import type { Out, Outbox, SnapshotOut } from '../../engine/stream/operator.ts';
import { JsonBytes } from './json-bytes.ts';
import { keyOf, outranks, writeRow, type KeyedRows, type Rank, type RowShape } from './outbox-row.ts';

interface Version extends Rank {
  /** window_end, µs */
  readonly end: number;
  /** counts epochs since the start; 0: restored */
  epoch: number;
  line: Uint8Array;
}

interface Group {
  /** window_end of the row that the target holds; −Infinity: none yet */
  sent: number;
  /** versions that are not in the target, by window_end ascending */
  readonly waiting: Version[];
  touched: boolean;
}

/** piece key of the newest window start; group pieces begin with `k` */
const NEWEST = 'newest';

/**
 * [W4] Input: `updates` by group keys + window. Output: one row per group key, the window with the greatest window_end that is
 * ≤ the newest event time of the input. A row at time t changes windows that start at or before t, so the greatest start seen is
 * the newest event time, cut to the hop: windows that end by then are full. A group never goes back to an older window.
 */
export class NewestFullOutbox implements KeyedRows {
  readonly #shape: RowShape;
  readonly #endColumn: number;
  readonly #sizeUs: number;
  readonly #groups = new Map<string, Group>();
  readonly #touched = new Set<string>();
  readonly #scratch = new JsonBytes();
  #newest = Number.NEGATIVE_INFINITY;
  #newestTaken = Number.NEGATIVE_INFINITY;
  #watermark = Number.NEGATIVE_INFINITY;
  #swept = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #epoch = 1;

  constructor(shape: RowShape, endColumn: number, sizeUs: number) {
    this.#shape = shape;
    this.#endColumn = endColumn;
    this.#sizeUs = sizeUs;
  }

  onBatch(_input: number, batch: Batch, out: Out): void {
    const ends = (batch.columns[this.#endColumn] as NumberColumn).values;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const end = ends[row]!;
      if (end - this.#sizeUs > this.#newest) this.#newest = end - this.#sizeUs;
      const key = keyOf(this.#shape, batch, row, out);
      if (key === undefined) continue;
      let group = this.#groups.get(key);
      if (group === undefined) {
        group = { sent: Number.NEGATIVE_INFINITY, waiting: [], touched: false };
        this.#groups.set(key, group);
      }
      if (end < group.sent) continue;
      this.#touch(key, group);
      this.#keep(group, batch, row, end);
    }
  }

  #keep(group: Group, batch: Batch, row: number, end: number): void {
    const waiting = group.waiting;
    let at = waiting.length;
    while (at > 0 && waiting[at - 1]!.end > end) at--;
    const same = at > 0 && waiting[at - 1]!.end === end ? waiting[at - 1]! : undefined;
    // rank decides inside an epoch, across epochs the later wins (K9)
    if (same?.epoch === this.#epoch && !outranks(batch, row, same)) return;
    this.#scratch.clear();
    writeRow(this.#scratch, this.#shape, batch.columns, row);
    const line = this.#scratch.bytes.slice(0, this.#scratch.length);
    const rank = { time: batch.times[row]!, ...batch.origin, offset: batch.offsets[row]!, epoch: this.#epoch };
    this.#bytes += line.length - (same?.line.length ?? 0);
    if (same === undefined) waiting.splice(at, 0, { ...rank, end, line });
    else Object.assign(same, rank, { line });
  }

  onWatermark(time: number, _out: Out): void {
    this.#watermark = time;
  }

  takeOutbox(): Outbox | undefined {
    const buffer = new JsonBytes();
    let rows = 0;
    this.takeRows((_key, _time, line) => {
      buffer.raw(line, 0, line.length);
      rows++;
    });
    return rows === 0 ? undefined : { rows, bytes: buffer.bytes.slice(0, buffer.length) };
  }

  takeRows(each: (key: string, timeUs: number, line: Uint8Array) => void): void {
    const moved = this.#newest > this.#newestTaken;
    this.#newestTaken = this.#newest;
    this.#epoch++;
    for (const key of moved ? this.#groups.keys() : this.#touched) {
      const group = must(this.#groups.get(key), 'touched group');
      let full: Version | undefined;
      while (group.waiting.length > 0 && group.waiting[0]!.end <= this.#newest) {
        full = group.waiting.shift()!;
        this.#bytes -= full.line.length;
      }
      if (full === undefined) continue;
      this.#touch(key, group);
      group.sent = full.end;
      each(key, full.time, full.line);
    }
  }

  snapshot(out: SnapshotOut): void {
    // no window that ends by the watermark changes again: what was sent need not be remembered
    if (this.#watermark >= this.#swept + this.#sizeUs) {
      this.#swept = this.#watermark;
      for (const [key, group] of this.#groups) {
        if (group.waiting.length > 0 || group.sent > this.#watermark) continue;
        this.#groups.delete(key);
        this.#touched.delete(key);
        out.delete(`k${key}`);
      }
    }
    for (const key of this.#touched) {
      const group = must(this.#groups.get(key), 'touched group');
      group.touched = false;
      out.put(`k${key}`, encodeUtf8(JSON.stringify([finite(group.sent), group.waiting.map(pack)])));
    }
    this.#touched.clear();
    if (Number.isFinite(this.#newest)) out.put(NEWEST, encodeUtf8(String(this.#newest)));
  }

  restore(key: string, bytes: Uint8Array): void {
    const text = decodeUtf8(bytes, 0, bytes.length);
    if (key === NEWEST) {
      this.#newest = Number(text);
      this.#newestTaken = this.#newest;
      return;
    }
    const [sent, waiting] = JSON.parse(text) as [number | null, Packed[]];
    const group = { sent: sent ?? Number.NEGATIVE_INFINITY, waiting: waiting.map(unpack), touched: false };
    for (const version of group.waiting) this.#bytes += version.line.length;
    this.#groups.set(key.slice(1), group);
  }

  inspect(limit: number): unknown {
    const groups = [];
    for (const [key, group] of this.#groups) {
      if (groups.length >= limit) break;
      groups.push({ key, sentWindowEnd: finite(group.sent), waitingWindows: group.waiting.length });
    }
    return { groups: this.#groups.size, newestEventTime: finite(this.#newest), first: groups };
  }

  bytes(): number {
    return this.#bytes + this.#groups.size * 160;
  }

  #touch(key: string, group: Group): void {
    if (group.touched) return;
    group.touched = true;
    this.#touched.add(key);
  }
}

type Packed = readonly [end: number, time: number, source: number, partition: number, offset: number, line: string];

function pack(version: Version): Packed {
  const line = decodeUtf8(version.line, 0, version.line.length);
  return [version.end, version.time, version.source, version.partition, version.offset, line];
}

function unpack([end, time, source, partition, offset, line]: Packed): Version {
  return { end, epoch: 0, time, source, partition, offset, line: encodeUtf8(line) };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
