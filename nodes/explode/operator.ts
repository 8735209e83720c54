import { must } from '../../engine/model/assert.ts';
import { allRows, Batch, TextColumn, type ListColumn, type PhysicalField } from '../../engine/model/batch.ts';
import type { Operator, OperatorModule, Out } from '../../engine/stream/operator.ts';
import { gather, gatherNumbers, gatherRaw } from '../kit/gather.ts';
import { explodedFields, type ExplodeSettings } from './definition.ts';

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
      create: () => new Explode(column, output.length > layout.length, settings.keep_empty),
    };
  },
};

/** [K3] One row for each element; the rows of one input row keep its event time and offset, in the order of the list. */
class Explode implements Operator {
  #column: number;
  #beside: boolean;
  #keepEmpty: boolean;

  constructor(column: number, beside: boolean, keepEmpty: boolean) {
    this.#column = column;
    this.#beside = beside;
    this.#keepEmpty = keepEmpty;
  }

  onBatch(_input: number, batch: Batch, out: Out): void {
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
    if (from.length > 0) out.emit(0, this.#exploded(batch, list, Int32Array.from(from), Int32Array.from(ids)));
  }

  onWatermark(): void {}
  snapshot(): void {}
  restore(): void {}

  inspect(): unknown {
    return {};
  }

  bytes(): number {
    return 0;
  }

  #exploded(batch: Batch, list: ListColumn, from: Int32Array, ids: Int32Array): Batch {
    const element = new TextColumn(ids, list.dictionary);
    const columns = batch.columns.map((column, i) => (i === this.#column && !this.#beside ? element : gather(column, from)));
    return new Batch({
      origin: batch.origin,
      columns: this.#beside ? [...columns, element] : columns,
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
