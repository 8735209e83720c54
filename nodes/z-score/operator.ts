import { must } from '../../engine/model/assert.ts';
import { BooleanColumn, NumberColumn, type Batch, type Layout } from '../../engine/model/batch.ts';
import { scaleOf } from '../../engine/model/type.ts';
import type { Context, Operator, OperatorModule, Out, SnapshotOut } from '../../engine/stream/operator.ts';
import { BATCH_ROWS, BatchBuilder } from '../kit/batch-builder.ts';
import { Hold } from '../kit/hold.ts';
import { LateRows } from '../kit/late-rows.ts';
import { physicalFields } from '../kit/physical-fields.ts';
import { PieceReader, PieceWriter } from '../kit/piece-io.ts';
import { columnIndexes, rowKey } from '../kit/row-key.ts';
import { checkStateLimit } from '../kit/state-limit.ts';
import { addedFields, isOrdered, type ZScoreSettings } from './definition.ts';
import { Judge } from './core/judge.ts';

export const operator: OperatorModule<ZScoreSettings> = {
  prepare(settings, inputs) {
    const { schema, layout } = must(inputs[0], 'z-score has one input');
    const output = [...layout, ...physicalFields(addedFields(settings))];
    const ordered = isOrdered(settings, schema);
    const k = settings.thin && schema.window !== undefined ? Math.ceil(schema.window.sizeUs / schema.window.hopUs) : 1;
    return {
      outputs: [output, output],
      whole: true,
      create: (context) => new ZScore(settings, layout, context, ordered, new Judge(settings, k)),
    };
  },
};

const META = 'meta';

class ZScore implements Operator {
  #settings: ZScoreSettings;
  #keyColumns: readonly number[];
  #column: number;
  #divisor: number;
  #ordered: boolean;
  #judge: Judge;
  #hold: Hold;
  #late = new LateRows();
  #builder: BatchBuilder;
  #sent = -Infinity;
  #offset = 0;
  #restored = false;
  #changed = false;

  constructor(settings: ZScoreSettings, layout: Layout, context: Context, ordered: boolean, judge: Judge) {
    this.#settings = settings;
    this.#keyColumns = columnIndexes(layout, settings.by);
    this.#column = columnIndexes(layout, [settings.field])[0]!;
    this.#divisor = 10 ** scaleOf(layout[this.#column]!.type);
    this.#ordered = ordered;
    this.#judge = judge;
    this.#hold = new Hold([layout]);
    this.#builder = new BatchBuilder(context.node, layout);
  }

  onBatch(_input: number, batch: Batch, out: Out): void {
    this.#settle();
    if (this.#ordered) {
      this.#send(batch, out);
      return;
    }
    const { onTime, late } = this.#late.split(batch, this.#sent);
    if (late !== undefined) out.late(late);
    this.#hold.take(0, onTime);
    out.held(onTime.count);
  }

  onWatermark(time: number, out: Out): void {
    this.#settle();
    const released = this.#hold.release(time);
    for (let from = 0; from < released.length; from += BATCH_ROWS) {
      const rows = released.slice(from, from + BATCH_ROWS);
      out.held(-rows.length);
      const offset = this.#offset;
      this.#offset += rows.length;
      this.#send(this.#builder.build(rows, offset, this.#sent), out);
    }
    this.#judge.expire(time);
    checkStateLimit('Z-score', this.#judge.keys, this.bytes(), 'Judge per fewer keys, or shorten "forget after" or the baseline.');
    this.#sent = time;
    this.#changed = true;
  }

  snapshot(out: SnapshotOut): void {
    this.#settle();
    this.#hold.snapshot(out);
    this.#judge.snapshot(out);
    if (!this.#changed) return;
    this.#changed = false;
    const writer = new PieceWriter();
    writer.f64(this.#sent);
    writer.f64(this.#offset);
    out.put(META, writer.take());
  }

  restore(key: string, bytes: Uint8Array): void {
    this.#restored = true;
    if (this.#hold.restore(key, bytes) || this.#judge.restore(key, bytes)) return;
    const input = new PieceReader(bytes);
    this.#sent = input.f64();
    this.#offset = input.f64();
  }

  inspect(limit: number): unknown {
    return { waiting: this.#hold.size, keys: this.#judge.keys, baselines: this.#judge.inspect(limit) };
  }

  bytes(): number {
    return this.#hold.bytes() + this.#judge.bytes() + this.#builder.bytes();
  }

  /** Pieces come back in any order: what had left before the checkpoint can only be told when all are there. */
  #settle(): void {
    if (!this.#restored) return;
    this.#restored = false;
    this.#hold.dropBefore(this.#sent);
    this.#judge.settle();
  }

  /** Judges the selected rows in order and sends them on with the added columns. */
  #send(batch: Batch, out: Out): void {
    const column = batch.columns[this.#column]!;
    if (column.kind !== 'number') throw new Error(`bug: z-score of a ${column.kind} column`);
    const { length, count } = batch;
    const score = new Float64Array(length);
    const mean = new Float64Array(length);
    const stddev = new Float64Array(length);
    const noScore = new Uint8Array(length);
    const noBaseline = new Uint8Array(length);
    const anomaly = new Uint8Array(length);
    const passed = new Int32Array(count);
    const reported = new Int32Array(count);
    let passedCount = 0;
    let reportedCount = 0;
    for (let i = 0; i < count; i++) {
      const row = batch.rows[i]!;
      const isNull = column.nulls !== undefined && column.nulls[row] === 1;
      const value = isNull ? Number.NaN : column.values[row]! / this.#divisor;
      const verdict = this.#judge.judge(rowKey(batch, row, this.#keyColumns), value, batch.times[row]!);
      if (verdict.failed) {
        out.dead(
          batch,
          row,
          'float_out_of_range',
          `The z-score of ${this.#settings.field} = ${value} is beyond what a float can hold. The row was not used.`,
        );
        continue;
      }
      score[row] = Number.isNaN(verdict.z) ? 0 : verdict.z;
      mean[row] = Number.isNaN(verdict.mean) ? 0 : verdict.mean;
      stddev[row] = Number.isNaN(verdict.stddev) ? 0 : verdict.stddev;
      noScore[row] = Number.isNaN(verdict.z) ? 1 : 0;
      noBaseline[row] = Number.isNaN(verdict.mean) ? 1 : 0;
      anomaly[row] = verdict.anomaly ? 1 : 0;
      passed[passedCount++] = row;
      if (verdict.reported) reported[reportedCount++] = row;
    }
    const judged = batch.with([
      ...batch.columns,
      new NumberColumn(score, noScore),
      new NumberColumn(mean, noBaseline),
      new NumberColumn(stddev, noBaseline),
      new NumberColumn(new Float64Array(length).fill(this.#settings.threshold), undefined),
      new BooleanColumn(anomaly, undefined),
    ]);
    out.emit(0, judged.select(passed, passedCount));
    if (reportedCount > 0) out.emit(1, judged.select(reported, reportedCount));
  }
}
