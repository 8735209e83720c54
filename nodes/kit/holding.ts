import type { Batch, Layout } from '../../engine/model/batch.ts';
import type { Operator, Out, SnapshotOut } from '../../engine/stream/operator.ts';
import { Hold, type HeldRow } from './hold.ts';
import { LateRows } from './late-rows.ts';
import { PieceReader, PieceWriter } from './piece-io.ts';
import type { RowSender } from './row-sender.ts';
import { checkStateLimit } from './state-limit.ts';

/** What a node does with rows once the watermark has passed them. */
export interface Decider {
  /** ports it sends by; their offsets are part of the state */
  readonly senders: readonly RowSender[];
  /** `rows` in the order of decision, all that have time < `watermark`; `sent` is the watermark before. Gives every row its fate. */
  decide(rows: readonly HeldRow[], watermark: number, sent: number, out: Out): void;
  /** the selected rows of this input as they go to port late */
  late(input: number, batch: Batch): Batch;
  /** state besides waiting rows */
  snapshot?(out: SnapshotOut): void;
  restore?(key: string, bytes: Uint8Array): boolean;
  /** after the last restored piece */
  settle?(): void;
  keys?(): number;
  bytes?(): number;
  inspect?(limit: number): object;
}

const META = 'meta';

/** An operator whose rows wait for the watermark and are decided in event-time order: late, held, decided, checkpointed. */
export class Holding implements Operator {
  #decider: Decider;
  #title: string;
  #hold: Hold;
  #late = new LateRows();
  #sent = -Infinity;
  #restored = false;
  #changed = false;

  constructor(title: string, layouts: readonly Layout[], decider: Decider) {
    this.#title = title;
    this.#decider = decider;
    this.#hold = new Hold(layouts);
  }

  onBatch(input: number, batch: Batch, out: Out): void {
    this.#settle();
    const { onTime, late } = this.#late.split(batch, this.#sent);
    if (late !== undefined) out.late(this.#decider.late(input, late));
    this.#hold.take(input, onTime);
    out.held(onTime.count);
  }

  onWatermark(time: number, out: Out): void {
    this.#settle();
    const rows = this.#hold.release(time);
    out.held(-rows.length);
    this.#decider.decide(rows, time, this.#sent, out);
    for (const sender of this.#decider.senders) sender.flush(this.#sent, out);
    checkStateLimit(
      this.#title,
      this.#decider.keys?.() ?? 0,
      this.bytes(),
      'Shorten what it keeps, or look for the input whose watermark stands still.',
    );
    this.#sent = time;
    this.#changed = true;
  }

  snapshot(out: SnapshotOut): void {
    this.#settle();
    this.#hold.snapshot(out);
    this.#decider.snapshot?.(out);
    if (!this.#changed) return;
    this.#changed = false;
    const writer = new PieceWriter();
    writer.f64(this.#sent);
    for (const sender of this.#decider.senders) writer.f64(sender.next);
    out.put(META, writer.take());
  }

  restore(key: string, bytes: Uint8Array): void {
    this.#restored = true;
    if (this.#hold.restore(key, bytes) || this.#decider.restore?.(key, bytes) === true) return;
    const input = new PieceReader(bytes);
    this.#sent = input.f64();
    for (const sender of this.#decider.senders) sender.next = input.f64();
  }

  inspect(limit: number): unknown {
    return { waiting: this.#hold.size, ...this.#decider.inspect?.(limit) };
  }

  bytes(): number {
    const own = this.#decider.bytes?.() ?? 0;
    return this.#decider.senders.reduce((sum, sender) => sum + sender.bytes(), this.#hold.bytes() + own);
  }

  /** Pieces come back in any order: which rows had left before the checkpoint can only be told when all are there. */
  #settle(): void {
    if (!this.#restored) return;
    this.#restored = false;
    this.#hold.dropBefore(this.#sent);
    this.#decider.settle?.();
  }
}
