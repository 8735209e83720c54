import { must } from '../../engine/model/assert.ts';
import type { Batch, Layout } from '../../engine/model/batch.ts';
import { durationUs } from '../../engine/model/duration.ts';
import type { Context, Operator, OperatorModule, Out, SnapshotOut } from '../../engine/stream/operator.ts';
import type { Cell } from '../kit/cell.ts';
import { byTimeAndOrigin, Hold, type HeldRow } from '../kit/hold.ts';
import { JoinedCells, joinedColumns, joinedFields } from '../kit/joined-columns.ts';
import { LateRows } from '../kit/late-rows.ts';
import { PieceReader, PieceWriter } from '../kit/piece-io.ts';
import { columnIndexes, compareKeys, keyText } from '../kit/row-key.ts';
import { RowSender } from '../kit/row-sender.ts';
import { checkStateLimit } from '../kit/state-limit.ts';
import type { IntervalJoinSettings } from './definition.ts';
import { SideIndex } from './core/side-index.ts';

export const operator: OperatorModule<IntervalJoinSettings> = {
  prepare(settings, inputs) {
    const [left, right] = [must(inputs[0], 'a join has a left input'), must(inputs[1], 'a join has a right input')];
    const columns = joinedColumns(left.schema, right.schema, settings, false);
    const fields = joinedFields(columns, left.schema, right.schema, { left: true, right: true });
    const joined = new JoinedCells(columns, fields, left.layout, right.layout, 0);
    return {
      outputs: [joined.layout, joined.layout, joined.layout],
      whole: true,
      create: (context) => new IntervalJoin(settings, [left.layout, right.layout], joined, context),
    };
  },
};

const META = 'meta';

/** Rows of one side that may still find a partner. */
interface Side {
  readonly hold: Hold;
  readonly index: SideIndex;
  readonly keyColumns: readonly number[];
  readonly prefix: string;
}

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
  #left: Side;
  #right: Side;
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
    const side = (layout: Layout, prefix: string): Side => ({
      hold: new Hold([layout]),
      index: new SideIndex(),
      keyColumns: columnIndexes(layout, settings.on),
      prefix,
    });
    this.#left = side(layouts[0]!, 'left/');
    this.#right = side(layouts[1]!, 'right/');
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
    side.hold.take(0, onTime, (row) => this.#index(side, row));
    out.held(onTime.count);
  }

  onWatermark(time: number, out: Out): void {
    this.#settle();
    this.#decideLeft(this.#left.hold.between(this.#sent - this.#afterUs, time - this.#afterUs), out);
    this.#judgeRight(this.#right.hold.release(this.#rightFreed(time)), out);
    for (const row of this.#left.hold.release(this.#leftFreed(time)))
      this.#left.index.dropBefore(this.#key(this.#left, row), this.#leftFreed(time));
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
    for (const { hold, prefix } of [this.#left, this.#right]) {
      hold.snapshot({ put: (key, bytes) => out.put(prefix + key, bytes), delete: (key) => out.delete(prefix + key) });
    }
    if (!this.#changed) return;
    this.#changed = false;
    const writer = new PieceWriter();
    for (const value of [this.#sent, this.#out.next, this.#unmatched.next]) writer.f64(value);
    out.put(META, writer.take());
  }

  restore(key: string, bytes: Uint8Array): void {
    this.#restored = true;
    for (const { hold, prefix } of [this.#left, this.#right]) {
      if (key.startsWith(prefix) && hold.restore(key.slice(prefix.length), bytes)) return;
    }
    const input = new PieceReader(bytes);
    this.#sent = input.f64();
    this.#out.next = input.f64();
    this.#unmatched.next = input.f64();
  }

  inspect(): unknown {
    return { left: this.#left.hold.size, right: this.#right.hold.size };
  }

  bytes(): number {
    // every row stands in the index too
    return (
      this.#left.hold.bytes() +
      this.#right.hold.bytes() +
      (this.#left.hold.size + this.#right.hold.size) * 32 +
      this.#out.bytes() +
      this.#unmatched.bytes()
    );
  }

  #settle(): void {
    if (!this.#restored) return;
    this.#restored = false;
    this.#left.hold.dropBefore(this.#leftFreed(this.#sent));
    this.#right.hold.dropBefore(this.#rightFreed(this.#sent));
    for (const side of [this.#left, this.#right]) for (const row of side.hold.between(-Infinity, Infinity)) this.#index(side, row);
  }

  /** Right rows before this time: no left row that is undecided or still comes can want them. */
  #rightFreed(watermark: number): number {
    return watermark - this.#beforeUs - this.#afterUs;
  }

  /** Left rows before this time: decided, and no right row that waits for judgement can ask for them. */
  #leftFreed(watermark: number): number {
    return this.#rightFreed(watermark) - this.#afterUs;
  }

  #index(side: Side, row: HeldRow): void {
    side.index.add(this.#key(side, row), row);
  }

  #key(side: Side, row: HeldRow): string {
    return keyText(side.keyColumns.map((column) => row.cells[column]!));
  }

  #decideLeft(rows: readonly HeldRow[], out: Out): void {
    const keyed = rows.map((row) => ({ row, key: this.#left.keyColumns.map((column): Cell => row.cells[column]!) }));
    keyed.sort((a, b) => a.row.time - b.row.time || compareKeys(a.key, b.key) || byTimeAndOrigin(a.row, b.row));
    out.held(-rows.length);
    for (const { row, key } of keyed) {
      const partners = key.includes(null)
        ? []
        : this.#right.index.between(keyText(key), row.time - this.#beforeUs, row.time + this.#afterUs);
      for (const partner of partners) this.#send(this.#out, row, partner, row.time + this.#afterUs, out);
      if (partners.length > 0) continue;
      if (this.#keepLeft) this.#send(this.#out, row, undefined, row.time + this.#afterUs, out);
      else this.#fall(row, undefined, row.time + this.#afterUs, out);
    }
  }

  #judgeRight(rows: readonly HeldRow[], out: Out): void {
    out.held(-rows.length);
    for (const row of rows) {
      const key = this.#right.keyColumns.map((column): Cell => row.cells[column]!);
      const text = keyText(key);
      this.#right.index.dropBefore(text, row.time + 1);
      const wanted =
        !key.includes(null) && this.#left.index.between(text, row.time - this.#afterUs, row.time + this.#beforeUs).length > 0;
      if (!wanted) this.#fall(undefined, row, row.time + this.#beforeUs + this.#afterUs, out);
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
