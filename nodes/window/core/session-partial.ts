import type { Batch } from '../../../engine/model/batch.ts';
import type { Operator, Out, SnapshotOut } from '../../../engine/stream/operator.ts';
import { PieceWriter } from '../../kit/byte-io.ts';
import { grownInts } from '../../kit/growing.ts';
import { SessionStore } from '../../kit/sessions.ts';
import { BatchInput } from './batch-input.ts';
import type { Shared } from './shared.ts';

const writer = new PieceWriter();

/** Rows of one partition into its sessions; a running window is a session whose gap is the time to live. */
export class SessionPartial implements Operator {
  readonly #shared: Shared<SessionStore>;
  readonly #store: SessionStore;
  readonly #input: BatchInput;
  #keys = new Int32Array(2048);
  #lateRows = new Int32Array(64);
  #late = 0;

  constructor(shared: Shared<SessionStore>, gapUs: number, source: number, partition: number) {
    this.#shared = shared;
    this.#store = new SessionStore(gapUs, shared.aggregation.keyTypes, shared.creates());
    this.#input = new BatchInput(shared.aggregation);
    shared.join({ source, partition, store: this.#store });
  }

  onBatch(_input: number, batch: Batch, out: Out): void {
    const input = this.#input;
    const store = this.#store;
    input.evaluate(batch, out);
    if (this.#keys.length < batch.length) this.#keys = new Int32Array(batch.length);
    store.keys.lookup(input.keys, input.rows, input.count, this.#keys);
    const { rows, count, slots } = input;
    const { times, watermarks } = batch;
    const { floor } = this.#shared;
    let { newest } = this.#shared;
    let late = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const time = times[row]!;
      const watermark = Math.max(watermarks[row]!, floor);
      // [T3] the window that holds this row alone has ended
      if (time + store.gapUs <= watermark) {
        slots[row] = -1;
        this.#lateRows = grownInts(this.#lateRows, late + 1);
        this.#lateRows[late++] = row;
        continue;
      }
      slots[row] = store.place(this.#keys[row]!, time, watermark, () => input.accumulate(store.states, batch, late > 0, row));
      if (time > newest) newest = time;
    }
    this.#shared.newest = newest;
    input.accumulate(store.states, batch, late > 0);
    if (late > 0) {
      this.#late += late;
      out.late(batch.select(this.#lateRows, late));
    }
  }

  onWatermark(): void {
    // sessions are closed by the final half, at the node's watermark
  }

  snapshot(out: SnapshotOut): void {
    this.#store.snapshot(out, writer);
  }

  restore(key: string, bytes: Uint8Array): void {
    this.#store.restore(key, bytes);
  }

  inspect(_limit: number): unknown {
    return { keys: this.#store.liveKeys, open: this.#store.live, late: this.#late, bytes: this.bytes() };
  }

  bytes(): number {
    return this.#store.bytes();
  }
}
