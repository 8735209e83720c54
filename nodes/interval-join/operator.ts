import type { Batch, Layout } from '../../engine/model/batch.ts';
import { durationUs } from '../../engine/model/duration.ts';
import type { Context, Operator, OperatorModule, Out, SnapshotOut } from '../../engine/stream/operator.ts';
import type { Cell } from '../kit/cell.ts';
import { byTimeAndOrigin, type HeldRow } from '../kit/hold.ts';
import { prepareJoin, type JoinedCells } from '../kit/joined-columns.ts';
import { LateRows } from '../kit/late-rows.ts';
import { PieceReader, PieceWriter } from '../kit/piece-io.ts';
import { compareKeys } from '../kit/row-key.ts';
import { RowSender } from '../kit/row-sender.ts';
import { checkStateLimit } from '../kit/state-limit.ts';
import type { IntervalJoinSettings } from './definition.ts';
import { JoinSide } from './core/join-side.ts';

export const operator: OperatorModule<IntervalJoinSettings> = {
  prepare(settings, inputs) {
    const { layouts, joined } = prepareJoin(settings, inputs, 0);
    return {
      outputs: [joined.layout, joined.layout, joined.layout],
      whole: true,
      create: (context) => new IntervalJoin(settings, layouts, joined, context),
    };
  },
};

const META = 'meta';

/**
 * [J2, J4] A left row is decided when w > left + after. A right row is judged when no left row can want it any more,
 * w > right + before + after; whether one did is read from the left rows, which therefore stay as long as a right row may ask.
 * What is sent carries the moment of decision as its event time, so that it is never behind the node's own watermark.
 */
class IntervalJoin implements Operator {
  #joined: JoinedCells;
  #keepLeft: boolean;
  #beforeUs: number;
  #afterUs: number;
  #left: JoinSide;
  #right: JoinSide;
  #late = new LateRows();
  #out: RowSender;
  #unmatched: RowSender;
  #sent = -Infinity;
  #restored = false;
  #changed = false;

  constructor(settings: IntervalJoinSettings, layouts: readonly Layout[], joined: JoinedCells, context: Context) {
    this.#joined = joined;
    this.#keepLeft = settings.type === 'left';
    this.#beforeUs = durationUs(settings.before);
    this.#afterUs = durationUs(settings.after);
    this.#left = new JoinSide(layouts[0]!, settings.on, 'left/');
    this.#right = new JoinSide(layouts[1]!, settings.on, 'right/');
    this.#out = new RowSender(0, context, joined.layout);
    this.#unmatched = new RowSender(1, context, joined.layout);
  }

  onBatch(input: number, batch: Batch, out: Out): void {
    this.#settle();
    const side = input === 0 ? this.#left : this.#right;
    const { onTime, late } = this.#late.split(batch, this.#sent);
    if (late !== undefined) {
      const cells = (row: readonly Cell[]): Cell[] =>
        this.#joined.cells(input === 0 ? row : undefined, input === 0 ? undefined : row, 0);
      out.late(this.#out.recast(late, cells));
    }
    side.take(onTime);
    out.held(onTime.count);
  }

  onWatermark(time: number, out: Out): void {
    this.#settle();
    this.#decideLeft(this.#left.between(this.#sent - this.#afterUs, time - this.#afterUs), out);
    this.#judgeRight(this.#right.release(this.#rightFreed(time)), out);
    this.#left.release(this.#leftFreed(time));
    this.#out.flush(this.#sent, out);
    this.#unmatched.flush(this.#sent, out);
    checkStateLimit(
      'The interval join',
      0,
      this.bytes(),
      'Shorten before and after, or look for the side whose watermark stands still.',
    );
    this.#sent = time;
    this.#changed = true;
  }

  snapshot(out: SnapshotOut): void {
    this.#settle();
    this.#left.snapshot(out);
    this.#right.snapshot(out);
    if (!this.#changed) return;
    this.#changed = false;
    const writer = new PieceWriter();
    for (const value of [this.#sent, this.#out.next, this.#unmatched.next]) writer.f64(value);
    out.put(META, writer.take());
  }

  restore(key: string, bytes: Uint8Array): void {
    this.#restored = true;
    if (this.#left.restore(key, bytes) || this.#right.restore(key, bytes)) return;
    const input = new PieceReader(bytes);
    this.#sent = input.f64();
    this.#out.next = input.f64();
    this.#unmatched.next = input.f64();
  }

  inspect(): unknown {
    return { left: this.#left.size, right: this.#right.size };
  }

  bytes(): number {
    return this.#left.bytes() + this.#right.bytes() + this.#out.bytes() + this.#unmatched.bytes();
  }

  #settle(): void {
    if (!this.#restored) return;
    this.#restored = false;
    this.#left.settle(this.#leftFreed(this.#sent));
    this.#right.settle(this.#rightFreed(this.#sent));
  }

  /** Right rows before this time: no left row that is undecided or still comes can want them. */
  #rightFreed(watermark: number): number {
    return watermark - this.#beforeUs - this.#afterUs;
  }

  /** Left rows before this time: decided, and no right row that waits for judgement can ask for them. */
  #leftFreed(watermark: number): number {
    return this.#rightFreed(watermark) - this.#afterUs;
  }

  #decideLeft(rows: readonly HeldRow[], out: Out): void {
    const keyed = rows.map((row) => ({ row, key: this.#left.key(row) }));
    keyed.sort((a, b) => a.row.time - b.row.time || compareKeys(a.key, b.key) || byTimeAndOrigin(a.row, b.row));
    out.held(-rows.length);
    for (const { row, key } of keyed) {
      const partners = this.#right.partners(key, row.time - this.#beforeUs, row.time + this.#afterUs);
      for (const partner of partners) this.#send(this.#out, row, partner, row.time + this.#afterUs, out);
      if (partners.length > 0) continue;
      if (this.#keepLeft) this.#send(this.#out, row, undefined, row.time + this.#afterUs, out);
      else this.#fall(row, undefined, row.time + this.#afterUs, out);
    }
  }

  #judgeRight(rows: readonly HeldRow[], out: Out): void {
    out.held(-rows.length);
    for (const row of rows) {
      const wanted = this.#left.partners(this.#right.key(row), row.time - this.#afterUs, row.time + this.#beforeUs);
      if (wanted.length === 0) this.#fall(undefined, row, row.time + this.#beforeUs + this.#afterUs, out);
    }
  }

  #fall(left: HeldRow | undefined, right: HeldRow | undefined, time: number, out: Out): void {
    out.filtered(1);
    if (this.#unmatched.wired) this.#send(this.#unmatched, left, right, time, out);
    else this.#unmatched.skip();
  }

  #send(to: RowSender, left: HeldRow | undefined, right: HeldRow | undefined, time: number, out: Out): void {
    to.send({ time, cells: this.#joined.cells(left?.cells, right?.cells, time) }, this.#sent, out);
  }
}
