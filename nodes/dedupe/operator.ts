import { must } from '../../engine/model/assert.ts';
import type { Batch, Layout } from '../../engine/model/batch.ts';
import { durationUs } from '../../engine/model/duration.ts';
import type { Context, OperatorModule, Out, SnapshotOut } from '../../engine/stream/operator.ts';
import type { HeldRow } from '../kit/hold.ts';
import { Holding, type Decider } from '../kit/holding.ts';
import { KeyedBlocks } from '../kit/keyed-blocks.ts';
import { columnIndexes, keyText } from '../kit/row-key.ts';
import { RowSender } from '../kit/row-sender.ts';
import type { DedupeSettings } from './definition.ts';

export const operator: OperatorModule<DedupeSettings> = {
  prepare(settings, inputs) {
    const { layout } = must(inputs[0], 'dedupe has one input');
    return {
      outputs: [layout, layout],
      whole: true,
      create: (context) => new Holding('Dedupe', [layout], new Dedupe(settings, layout, context)),
    };
  },
};

/** [K6] Per key the least (time, source, partition, offset) of a horizon goes on. */
class Dedupe implements Decider {
  readonly senders: readonly RowSender[];
  #out: RowSender;
  #columns: readonly number[];
  #horizonUs: number;
  /** event time of the row that went on, by key */
  #seen: KeyedBlocks<number>;

  constructor(settings: DedupeSettings, layout: Layout, context: Context) {
    this.#columns = columnIndexes(layout, settings.by);
    this.#horizonUs = durationUs(settings.horizon);
    this.#out = new RowSender(0, context, layout);
    this.senders = [this.#out];
    this.#seen = new KeyedBlocks<number>(
      {
        write: (time, out) => out.f64(time),
        read: (input) => input.f64(),
        // rows that still come have time ≥ watermark: at the end of the horizon the key is free
        expiry: (time) => time + this.#horizonUs - 1,
        bytes: () => 8,
      },
      this.#horizonUs,
    );
  }

  late(_input: number, batch: Batch): Batch {
    return batch;
  }

  decide(rows: readonly HeldRow[], watermark: number, sent: number, out: Out): void {
    let repeats = 0;
    for (const row of rows) {
      const key = keyText(this.#columns.map((column) => row.cells[column]!));
      const known = this.#seen.get(key);
      if (known !== undefined && row.time < known.value + this.#horizonUs) {
        repeats++;
        continue;
      }
      if (known !== undefined) this.#seen.delete(known);
      this.#seen.add(key, row.time);
      this.#out.send(row, sent, out);
    }
    out.filtered(repeats);
    this.#seen.expire(watermark);
  }

  snapshot(out: SnapshotOut): void {
    this.#seen.snapshot(out);
  }

  restore(key: string, bytes: Uint8Array): boolean {
    return this.#seen.restore(key, bytes);
  }

  settle(): void {
    this.#seen.settle();
  }

  keys(): number {
    return this.#seen.size;
  }

  bytes(): number {
    return this.#seen.bytes();
  }

  inspect(): object {
    return { keys: this.#seen.size };
  }
}
