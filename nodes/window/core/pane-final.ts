import type { Context, Operator, Out, SnapshotOut } from '../../../engine/stream/operator.ts';
import { PieceReader, PieceWriter } from '../../kit/byte-io.ts';
import { grownBytes, grownInts } from '../../kit/growing.ts';
import type { Pane, PaneStore } from '../../kit/panes.ts';
import { CHUNK_SLOTS, TOUCHED, type SlotStore } from '../../kit/slot-store.ts';
import type { WindowGeometry } from '../../kit/window-geometry.ts';
import { Combination } from './combination.ts';
import { GapFiller } from './gap-filler.ts';
import { Groups } from './results.ts';
import type { Shared } from './shared.ts';

const OUT = 0;
const UPDATES = 1;
const writer = new PieceWriter();

/** Closes windows at the node's watermark: panes by time, partitions by number, rows by key bytes (D2, W3). */
export class PaneFinal implements Operator {
  readonly #shared: Shared<PaneStore>;
  readonly #geometry: WindowGeometry;
  readonly #context: Context;
  readonly #filler: GapFiller | undefined;
  readonly #combination: Combination<PaneStore>;
  readonly #scratch: SlotStore;
  /** of the window being combined: slot by key, −1 = none; its keys */
  #slotOf = new Int32Array(0);
  #keys = new Int32Array(256);
  #count = 0;
  #wanted = new Uint8Array(0);
  #into = new Int32Array(256);
  #from = new Int32Array(256);

  constructor(shared: Shared<PaneStore>, geometry: WindowGeometry, context: Context, fillGaps: number) {
    this.#shared = shared;
    this.#geometry = geometry;
    this.#context = context;
    this.#combination = new Combination(shared, context);
    this.#scratch = this.#combination.scratch;
    this.#filler = fillGaps > 0 ? new GapFiller(geometry, fillGaps) : undefined;
  }

  onBatch(): void {
    throw new Error('bug: the final half of a window takes no rows');
  }

  onWatermark(time: number, out: Out): void {
    for (;;) {
      const end = this.#nextEnd();
      if (end === Infinity || end > time) break;
      this.#close(end, out);
      this.#combination.closed = end;
      this.#free(end);
    }
    this.#combination.closed = Math.max(this.#combination.closed, time);
  }

  /** End of the earliest open window that holds a row, +∞ when there is none. */
  #nextEnd(): number {
    const after = this.#geometry.nextEnd(this.#combination.closed);
    let next = Infinity;
    for (const { store } of this.#shared.halves) {
      for (const pane of store.panes.values()) next = Math.min(next, Math.max(pane.firstEnd, after));
    }
    return next;
  }

  #close(end: number, out: Out): void {
    this.#combine(end, undefined);
    const filler = this.#filler;
    if (filler !== undefined) {
      const keys = this.#keys.slice(0, this.#count);
      this.#releaseWindow();
      filler.close(end, keys, (windowEnd, missing) => {
        if (windowEnd === end) this.#combine(end, undefined);
        for (const key of missing) this.#slot(key);
        this.#send(windowEnd, [OUT, UPDATES], out);
        this.#releaseWindow();
      });
      return;
    }
    this.#send(end, [OUT, UPDATES], out);
    this.#releaseWindow();
  }

  /** Values of the window that ends at `end` into fresh slots. `wanted`: keys to restrict it to. */
  #combine(end: number, wanted: Uint8Array | undefined): void {
    const start = end - this.#geometry.sizeUs;
    const times = new Set<number>();
    for (const { store } of this.#shared.halves) {
      for (const time of store.panes.keys()) if (time >= start && time < end) times.add(time);
    }
    for (const time of [...times].toSorted((a, b) => a - b)) {
      for (const { store } of this.#shared.halves) {
        const pane = store.panes.get(time);
        if (pane !== undefined) this.#addPane(store, pane, wanted);
      }
    }
  }

  #addPane(store: PaneStore, pane: Pane, wanted: Uint8Array | undefined): void {
    const translate = this.#combination.map.into(store.keys);
    this.#into = grownInts(this.#into, pane.count);
    this.#from = grownInts(this.#from, pane.count);
    const into = this.#into;
    const from = this.#from;
    let count = 0;
    for (let i = 0; i < pane.count; i++) {
      const key = translate[pane.keys[i]!]!;
      if (wanted !== undefined && wanted[key] !== 1) continue;
      into[count] = this.#slot(key);
      from[count++] = pane.slots[i]!;
    }
    this.#scratch.states.forEach((state, i) => state.combine(into, store.states[i]!, from, count));
  }

  #slot(key: number): number {
    this.#slotOf = grownInts(this.#slotOf, key + 1, -1);
    const found = this.#slotOf[key]!;
    if (found >= 0) return found;
    const slot = this.#count++;
    this.#combination.reach(slot);
    this.#slotOf[key] = slot;
    this.#keys = grownInts(this.#keys, slot + 1);
    this.#keys[slot] = key;
    return slot;
  }

  #send(end: number, ports: readonly number[], out: Out): void {
    const groups = new Groups();
    const sorted = this.#keys.slice(0, this.#count);
    this.#scratch.keys.sort(sorted, sorted.length);
    for (const key of sorted) groups.add(key, this.#slotOf[key]!, end - this.#geometry.sizeUs, end, end - 1);
    this.#combination.results.send(groups, this.#scratch, ports, out, ports.includes(OUT));
  }

  #releaseWindow(): void {
    this.#into = grownInts(this.#into, this.#count);
    for (let i = 0; i < this.#count; i++) {
      this.#slotOf[this.#keys[i]!] = -1;
      this.#into[i] = i;
    }
    this.#scratch.clear(this.#into, this.#count);
    this.#count = 0;
  }

  /** Panes that no open window needs, and keys that no pane needs. */
  #free(end: number): void {
    for (const { store } of this.#shared.halves) {
      for (const pane of store.panes.values()) if (pane.lastEnd <= end) store.free(pane);
    }
    this.#combination.renewKeys((from, to) => this.#filler?.rename(from, to));
  }

  /** Interim rows: of each open window the groups that were touched since the last epoch. */
  onEpoch(out: Out): void {
    this.#combination.endEpoch(this.bytes());
    if (!this.#context.wired(UPDATES)) return;
    const touched = this.#touched();
    for (const end of [...touched.keys()].toSorted((a, b) => a - b)) {
      this.#wanted = grownBytes(this.#wanted, this.#scratch.keys.size);
      for (const key of touched.get(end)!) this.#wanted[key] = 1;
      this.#combine(end, this.#wanted);
      this.#send(end, [UPDATES], out);
      this.#releaseWindow();
      for (const key of touched.get(end)!) this.#wanted[key] = 0;
    }
  }

  /** Keys touched since the last call, by end of open window; forgets them. */
  #touched(): Map<number, number[]> {
    const touched = new Map<number, number[]>();
    for (const { store } of this.#shared.halves) {
      const translate = this.#combination.map.into(store.keys);
      for (const pane of store.panes.values()) {
        pane.chunks.forEach((chunk, c) => {
          if ((store.marks[chunk]! & TOUCHED) === 0) return;
          store.marks[chunk]! &= ~TOUCHED;
          const last = Math.min(pane.count, (c + 1) * CHUNK_SLOTS);
          for (
            let end = Math.max(pane.firstEnd, this.#geometry.nextEnd(this.#combination.closed));
            end <= pane.lastEnd;
            end += this.#geometry.hopUs
          ) {
            let keys = touched.get(end);
            if (keys === undefined) touched.set(end, (keys = []));
            for (let i = c * CHUNK_SLOTS; i < last; i++) keys.push(translate[pane.keys[i]!]!);
          }
        });
      }
    }
    return touched;
  }

  snapshot(out: SnapshotOut): void {
    this.#filler?.snapshot(out, writer, this.#scratch.keys);
    this.#combination.snapshot(out);
  }

  restore(key: string, bytes: Uint8Array): void {
    if (key === 'progress') this.#combination.restore(bytes);
    else this.#filler?.restore(new PieceReader(bytes), this.#scratch.keys);
  }

  /** Open windows, oldest first: what the State tab and the event-time lane show. µs. */
  inspect(limit: number): unknown {
    const { sizeUs, hopUs } = this.#geometry;
    const windows = new Map<number, { rows: number; keys: Set<number> }>();
    let keys = 0;
    for (const { store } of this.#shared.halves) {
      keys += store.liveKeys;
      const translate = this.#combination.map.into(store.keys);
      for (const pane of store.panes.values()) {
        for (
          let end = Math.max(pane.firstEnd, this.#geometry.nextEnd(this.#combination.closed));
          end <= pane.lastEnd;
          end += hopUs
        ) {
          let window = windows.get(end);
          if (window === undefined) windows.set(end, (window = { rows: 0, keys: new Set() }));
          window.rows += pane.rows;
          for (let i = 0; i < pane.count && window.keys.size < 10_000; i++) window.keys.add(translate[pane.keys[i]!]!);
        }
      }
    }
    const ends = [...windows.keys()].toSorted((a, b) => a - b);
    const { newest } = this.#shared;
    return {
      open: ends.length,
      keys,
      bytes: this.bytes(),
      ...this.#combination.cuts(),
      nextCloseUs: ends[0] ?? null,
      windows: ends.slice(0, limit).map((end) => ({
        startUs: end - sizeUs,
        endUs: end,
        keys: windows.get(end)!.keys.size,
        rows: windows.get(end)!.rows,
        fraction: Math.max(0, Math.min(1, (newest - (end - sizeUs)) / sizeUs)),
      })),
    };
  }

  bytes(): number {
    return this.#scratch.bytes() + this.#slotOf.byteLength + this.#into.byteLength * 2 + (this.#filler?.bytes() ?? 0);
  }
}
