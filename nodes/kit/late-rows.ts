import type { Batch } from '../../engine/model/batch.ts';

/**
 * [T3, J4] Rows of a batch behind the watermark: their own partition's right after them, or the one that the node has sent.
 * The arrays of a result are reused by the next split.
 */
export class LateRows {
  #onTime = new Int32Array(0);
  #late = new Int32Array(0);

  split(batch: Batch, sent: number): { readonly onTime: Batch; readonly late: Batch | undefined } {
    if (batch.minTime >= batch.lastWatermark && batch.minTime >= sent) return { onTime: batch, late: undefined };
    if (this.#late.length < batch.count) {
      this.#onTime = new Int32Array(batch.count);
      this.#late = new Int32Array(batch.count);
    }
    let onTime = 0;
    let late = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const time = batch.times[row]!;
      if (time < batch.watermarks[row]! || time < sent) this.#late[late++] = row;
      else this.#onTime[onTime++] = row;
    }
    if (late === 0) return { onTime: batch, late: undefined };
    return { onTime: batch.select(this.#onTime, onTime), late: batch.select(this.#late, late) };
  }
}
