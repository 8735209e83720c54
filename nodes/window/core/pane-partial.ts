import type { Batch } from '../../../engine/model/batch.ts';
import type { Operator, Out, SnapshotOut } from '../../../engine/stream/operator.ts';
import { PieceWriter } from '../../kit/byte-io.ts';
import { Pane, PaneStore } from '../../kit/panes.ts';
import { CHUNK_SHIFT, TOUCHED, UNSAVED } from '../../kit/slot-store.ts';
import type { WindowGeometry } from '../../kit/window-geometry.ts';
import { BatchInput } from './batch-input.ts';
import type { Shared } from './shared.ts';

const CHANGED = UNSAVED | TOUCHED;
const writer = new PieceWriter();

/** Rows of one partition into its panes (tumbling, hopping). Its state is closed and freed by the final half. */
export class PanePartial implements Operator {
  readonly #shared: Shared<PaneStore>;
  readonly #store: PaneStore;
  readonly #input: BatchInput;
  #keys = new Int32Array(2048);
  #lateRows = new Int32Array(64);
  #lateCount = 0;
  #late = 0;
  /** the two panes that rows fall into by turns while event time is disordered; the empty pane holds no time */
  #near: Pane;
  #far: Pane;

  constructor(shared: Shared<PaneStore>, geometry: WindowGeometry, source: number, partition: number) {
    this.#shared = shared;
    this.#store = new PaneStore(geometry, shared.aggregation.keyTypes, shared.creates());
    this.#input = new BatchInput(shared.aggregation);
    this.#near = new Pane(NaN, geometry);
    this.#far = this.#near;
    shared.join({ source, partition, store: this.#store });
  }

  onBatch(_input: number, batch: Batch, out: Out): void {
    const input = this.#input;
    input.evaluate(batch, out);
    if (this.#keys.length < batch.length) this.#keys = new Int32Array(batch.length);
    this.#store.keys.lookup(input.keys, input.rows, input.count, this.#keys);
    this.#lateCount = 0;
    this.#assignSlots(batch);
    input.accumulate(this.#store.states, batch, this.#lateCount > 0);
    if (this.#lateCount > 0) {
      this.#late += this.#lateCount;
      out.late(batch.select(this.#lateRows, this.#lateCount));
    }
  }

  /** [T3] A row is late when the first window that holds it has ended by its own partition's watermark, or was closed before. */
  #assignSlots(batch: Batch): void {
    const store = this.#store;
    const { rows, count, slots } = this.#input;
    const keys = this.#keys;
    const { times, watermarks } = batch;
    const { floor } = this.#shared;
    // panes may have been freed since the last batch
    if (store.panes.get(this.#near.start) !== this.#near) this.#near = this.#empty();
    if (store.panes.get(this.#far.start) !== this.#far) this.#far = this.#empty();
    let near = this.#near;
    let far = this.#far;
    let newest = this.#shared.newest;
    let marks = store.marks;
    // most batches cannot hold a late row, which two numbers tell
    const mayBeLate = store.geometry.firstEnd(store.geometry.paneStart(batch.minTime)) <= Math.max(batch.lastWatermark, floor);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const time = times[row]!;
      if (!(time >= near.start && time < near.end)) {
        const other = far;
        far = near;
        near = other;
        if (!(time >= near.start && time < near.end)) {
          const start = store.geometry.paneStart(time);
          const firstEnd = store.geometry.firstEnd(start);
          if (firstEnd <= watermarks[row]! || firstEnd <= floor) {
            near = far;
            far = other;
            this.#addLate(row);
            continue;
          }
          near = store.pane(time);
        }
      }
      if (mayBeLate && (near.firstEnd <= watermarks[row]! || near.firstEnd <= floor)) {
        this.#addLate(row);
        continue;
      }
      const key = keys[row]!;
      let slot = key < near.dense.length ? near.dense[key]! : -1;
      if (slot < 0) {
        slot = this.#slot(near, key);
        marks = store.marks;
      }
      slots[row] = slot;
      marks[slot >> CHUNK_SHIFT] = CHANGED;
      near.rows++;
      if (time > newest) newest = time;
    }
    this.#near = near;
    this.#far = far;
    this.#shared.newest = newest;
  }

  #empty(): Pane {
    return new Pane(NaN, this.#store.geometry);
  }

  #addLate(row: number): void {
    this.#input.slots[row] = -1;
    if (this.#lateCount === this.#lateRows.length) {
      const grown = new Int32Array(this.#lateCount * 2);
      grown.set(this.#lateRows);
      this.#lateRows = grown;
    }
    this.#lateRows[this.#lateCount++] = row;
  }

  /** [W5] With policy `other`, a pane of one partition that is full of keys collects further ones under one key. */
  #slot(pane: Pane, key: number): number {
    const { keys, policy } = this.#shared.limits;
    if (policy === 'other' && pane.count >= keys && pane.find(key) < 0) return this.#store.slot(pane, this.#store.keys.other());
    return this.#store.slot(pane, key);
  }

  onWatermark(): void {
    // windows are closed by the final half, at the node's watermark
  }

  snapshot(out: SnapshotOut): void {
    this.#store.snapshot(out, writer);
  }

  restore(key: string, bytes: Uint8Array): void {
    this.#store.restore(key, bytes);
  }

  inspect(limit: number): unknown {
    const panes = [...this.#store.panes.values()].toSorted((a, b) => b.start - a.start);
    return {
      keys: this.#store.liveKeys,
      late: this.#late,
      bytes: this.bytes(),
      panes: panes.slice(0, limit).map((pane) => ({ startUs: pane.start, endUs: pane.end, keys: pane.count, rows: pane.rows })),
    };
  }

  bytes(): number {
    return this.#store.bytes();
  }
}
