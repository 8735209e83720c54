import { must } from '../../engine/model/assert.ts';
import type { Batch, Layout } from '../../engine/model/batch.ts';
import type { Context, OperatorModule, Out } from '../../engine/stream/operator.ts';
import type { Cell } from '../kit/cell.ts';
import type { HeldRow } from '../kit/hold.ts';
import { Holding, type Decider } from '../kit/holding.ts';
import { prepareJoin, type JoinedCells } from '../kit/joined-columns.ts';
import { columnIndexes, compareKeys, keyText } from '../kit/row-key.ts';
import { RowSender } from '../kit/row-sender.ts';
import type { WindowJoinSettings } from './definition.ts';

export const operator: OperatorModule<WindowJoinSettings> = {
  prepare(settings, inputs) {
    const { sizeUs } = must(inputs[0]?.schema.window, 'a window join has windows');
    const { layouts, joined } = prepareJoin(settings, inputs, sizeUs);
    return {
      outputs: [joined.layout, joined.layout, joined.layout],
      whole: true,
      create: (context) => new Holding('The window join', layouts, new WindowJoin(settings, layouts, joined, context)),
    };
  },
};

const LEFT = 0;

/** The rows of one key in one window. */
interface Group {
  readonly key: readonly Cell[];
  readonly left: HeldRow[];
  readonly right: HeldRow[];
}

/** [J1, J4] Rows of both sides wait until the watermark has passed their window, then all of it is decided at once. */
class WindowJoin implements Decider {
  readonly senders: readonly RowSender[];
  #joined: JoinedCells;
  #keeps: { readonly left: boolean; readonly right: boolean };
  #keys: readonly (readonly number[])[];
  #out: RowSender;
  #unmatched: RowSender;

  constructor(settings: WindowJoinSettings, layouts: readonly Layout[], joined: JoinedCells, context: Context) {
    this.#joined = joined;
    this.#keeps = {
      left: settings.type === 'left' || settings.type === 'full',
      right: settings.type === 'right' || settings.type === 'full',
    };
    this.#keys = layouts.map((layout) => columnIndexes(layout, settings.on));
    this.#out = new RowSender(0, context, joined.layout);
    this.#unmatched = new RowSender(1, context, joined.layout);
    this.senders = [this.#out, this.#unmatched];
  }

  late(input: number, batch: Batch): Batch {
    const joined = this.#joined;
    return this.#out.recast(batch, (row, time) =>
      input === LEFT ? joined.cells(row, undefined, time) : joined.cells(undefined, row, time),
    );
  }

  decide(rows: readonly HeldRow[], _watermark: number, sent: number, out: Out): void {
    for (let from = 0; from < rows.length;) {
      let to = from + 1;
      while (to < rows.length && rows[to]!.time === rows[from]!.time) to++;
      this.#decideWindow(rows.slice(from, to), sent, out);
      from = to;
    }
  }

  /** All rows of one window, in order of origin. */
  #decideWindow(rows: readonly HeldRow[], sent: number, out: Out): void {
    const groups = new Map<string, Group>();
    for (const row of rows) {
      const key = this.#keys[row.input]!.map((column) => row.cells[column]!);
      const text = keyText(key);
      let group = groups.get(text);
      if (group === undefined) groups.set(text, (group = { key, left: [], right: [] }));
      (row.input === LEFT ? group.left : group.right).push(row);
    }
    for (const { key, left, right } of [...groups.values()].toSorted((a, b) => compareKeys(a.key, b.key))) {
      if (left.length > 0 && right.length > 0 && !key.includes(null)) {
        for (const a of left) for (const b of right) this.#send(this.#out, a, b, sent, out);
      } else {
        for (const a of left) this.#alone(a, undefined, this.#keeps.left, sent, out);
        for (const b of right) this.#alone(undefined, b, this.#keeps.right, sent, out);
      }
    }
  }

  #alone(left: HeldRow | undefined, right: HeldRow | undefined, kept: boolean, sent: number, out: Out): void {
    if (!kept) out.filtered(1);
    if (kept) this.#send(this.#out, left, right, sent, out);
    else if (this.#unmatched.wired) this.#send(this.#unmatched, left, right, sent, out);
    else this.#unmatched.skip();
  }

  #send(to: RowSender, left: HeldRow | undefined, right: HeldRow | undefined, sent: number, out: Out): void {
    const { time } = (left ?? right)!;
    to.send({ time, cells: this.#joined.cells(left?.cells, right?.cells, time) }, sent, out);
  }
}
