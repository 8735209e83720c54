import { must } from '../../engine/model/assert.ts';
import { allRows, Batch, TextColumn, type Layout, type ListColumn, type PhysicalField } from '../../engine/model/batch.ts';
import type { OperatorModule, Out } from '../../engine/stream/operator.ts';
import { gather, gatherNumbers, gatherRaw } from '../kit/gather.ts';
import { explodedFields, type ExplodeSettings } from './definition.ts';
import { Stateless } from '../kit/stateless.ts';

export const operator: OperatorModule<ExplodeSettings> = {
  prepare(settings, inputs) {
    const { layout } = must(inputs[0], 'explode has one input');
    const column = layout.findIndex((field) => field.name === settings.field);
    const output = explodedFields(settings, layout, (name): PhysicalField => ({
      name,
      type: 'text',
      nullable: true,
      as: 'dictionary',
    }));
    return {
      outputs: [output],
      whole: false,
      create: () => new Explode(column, layout, settings.keep_empty),
    };
  },
};

/** Rows of one batch; other lists are copied for each row, so fewer where there are some. */
const ROWS = 4096;
const ROWS_WITH_LISTS = 256;

/** [K3] One row for each element; the rows of one input row keep its event time and offset, in the order of the list. */
class Explode extends Stateless {
  #column: number;
  #chunk: number;
  #keepEmpty: boolean;

  constructor(column: number, layout: Layout, keepEmpty: boolean) {
    super();
    this.#column = column;
    this.#chunk = layout.some((field, i) => i !== column && field.as === 'list') ? ROWS_WITH_LISTS : ROWS;
    this.#keepEmpty = keepEmpty;
  }

  override onBatch(_input: number, batch: Batch, out: Out): void {
    const list = batch.columns[this.#column]!;
    if (list.kind !== 'list') throw new Error(`bug: a ${list.kind} column exploded`);
    const from: number[] = [];
    const ids: number[] = [];
    let empty = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const before = ids.length;
      if (list.nulls === undefined || list.nulls[row] === 0) {
        for (let at = list.offsets[row]!; at < list.offsets[row + 1]!; at++) {
          from.push(row);
          ids.push(list.ids[at]!);
        }
      }
      if (ids.length > before) continue;
      if (this.#keepEmpty) {
        from.push(row);
        ids.push(-1);
      } else empty++;
    }
    out.filtered(empty);
    for (let at = 0; at < from.length; at += this.#chunk) {
      const [rows, elements] = [from.slice(at, at + this.#chunk), ids.slice(at, at + this.#chunk)];
      out.emit(0, this.#exploded(batch, list, Int32Array.from(rows), Int32Array.from(elements)));
    }
  }

  #exploded(batch: Batch, list: ListColumn, from: Int32Array, ids: Int32Array): Batch {
    const element = new TextColumn(ids, list.dictionary);
    return new Batch({
      origin: batch.origin,
      columns: batch.columns.map((column, i) => (i === this.#column ? element : gather(column, from))),
      length: from.length,
      rows: allRows(from.length),
      count: from.length,
      times: gatherNumbers(batch.times, from),
      offsets: gatherNumbers(batch.offsets, from),
      watermarks: gatherNumbers(batch.watermarks, from),
      minTime: batch.minTime,
      lastWatermark: batch.lastWatermark,
      raw: batch.raw === undefined ? undefined : gatherRaw(batch.raw, from),
    });
  }
}
