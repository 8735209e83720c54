import { must } from '../../engine/model/assert.ts';
import type { Batch, Layout } from '../../engine/model/batch.ts';
import type { Schema } from '../../engine/model/schema.ts';
import type { Context, OperatorModule, Out } from '../../engine/stream/operator.ts';
import type { Cell } from '../kit/cell.ts';
import { byTimeAndOrigin, type HeldRow } from '../kit/hold.ts';
import { Holding, type Decider } from '../kit/holding.ts';
import { columnIndexes, compareCells, compareKeys, keyText } from '../kit/row-key.ts';
import { RowSender } from '../kit/row-sender.ts';
import { tieColumns, type TopNSettings } from './definition.ts';

export const operator: OperatorModule<TopNSettings> = {
  prepare(settings, inputs) {
    const { schema, layout } = must(inputs[0], 'top-n has one input');
    return {
      outputs: [layout],
      whole: true,
      create: (context) => new Holding('Top N', [layout], new TopN(settings, schema, layout, context)),
    };
  },
};

interface Group {
  readonly key: readonly Cell[];
  readonly rows: HeldRow[];
}

/** [K7] The first n rows of each window and group; ties by the key columns, then by origin. */
class TopN implements Decider {
  readonly senders: readonly RowSender[];
  #out: RowSender;
  #n: number;
  #by: readonly number[];
  #order: readonly { readonly column: number; readonly sign: number }[];

  constructor(settings: TopNSettings, schema: Schema, layout: Layout, context: Context) {
    this.#n = settings.n;
    this.#by = columnIndexes(layout, settings.by);
    const ordered = settings.order.map(({ field, direction }) => ({
      column: columnIndexes(layout, [field])[0]!,
      sign: direction === 'asc' ? 1 : -1,
    }));
    this.#order = [...ordered, ...columnIndexes(layout, tieColumns(schema)).map((column) => ({ column, sign: 1 }))];
    this.#out = new RowSender(0, context, layout);
    this.senders = [this.#out];
  }

  late(_input: number, batch: Batch): Batch {
    return batch;
  }

  decide(rows: readonly HeldRow[], _watermark: number, sent: number, out: Out): void {
    for (let from = 0; from < rows.length;) {
      let to = from;
      const groups = new Map<string, Group>();
      for (; to < rows.length && rows[to]!.time === rows[from]!.time; to++) {
        const key = this.#by.map((column) => rows[to]!.cells[column]!);
        const text = keyText(key);
        const group = groups.get(text);
        if (group === undefined) groups.set(text, { key, rows: [rows[to]!] });
        else group.rows.push(rows[to]!);
      }
      for (const group of [...groups.values()].toSorted((a, b) => compareKeys(a.key, b.key))) {
        group.rows.sort((a, b) => this.#compare(a, b));
        for (const row of group.rows.slice(0, this.#n)) this.#out.send(row, sent, out);
        out.filtered(Math.max(0, group.rows.length - this.#n));
      }
      from = to;
    }
  }

  #compare(a: HeldRow, b: HeldRow): number {
    for (const { column, sign } of this.#order) {
      const order = compareCells(a.cells[column]!, b.cells[column]!);
      if (order !== 0) return order * sign;
    }
    return byTimeAndOrigin(a, b);
  }
}
