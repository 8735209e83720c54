import { must } from '../../engine/model/assert.ts';
import type { Batch, Column } from '../../engine/model/batch.ts';
import type { Type } from '../../engine/model/type.ts';
import type { Out, SinkOperator } from '../../engine/stream/operator.ts';
import type { JsonBytes } from './json-bytes.ts';
import { isNull, textAt } from './values.ts';

/** What a sink's rows are made of, resolved once per plan. */
export interface RowShape {
  /** index in the batch, type, and `"name":` with the separator before it */
  readonly columns: readonly { readonly index: number; readonly type: Type; readonly lead: string }[];
  readonly key: readonly { readonly index: number; readonly name: string }[];
}

export function writeRow(into: JsonBytes, shape: RowShape, columns: readonly Column[], row: number): void {
  if (shape.columns.length === 0) into.byte(0x7b);
  for (const { index, type, lead } of shape.columns) {
    into.ascii(lead);
    into.value(columns[index]!, row, type);
  }
  into.byte(0x7d);
  into.byte(0x0a);
}

/** Text that is equal exactly for equal keys; undefined (and the row is dead) when a key column is NULL. */
export function keyOf(shape: RowShape, batch: Batch, row: number, out: Out): string | undefined {
  let key = '';
  for (const { index, name } of shape.key) {
    const column = batch.columns[index]!;
    if (isNull(column, row)) {
      out.dead(batch, row, 'null_key', `The key column ${name} is NULL, so the row has no place in the target.`);
      return undefined;
    }
    const part = keyText(column, row);
    key += shape.key.length === 1 ? part : `${part.length}:${part}`;
  }
  return key;
}

export function keyText(column: Column, row: number): string {
  if (column.kind === 'number') return String(column.values[row]!);
  if (column.kind === 'boolean') return String(column.values[row]!);
  return must(textAt(column, row), 'NULL in a key');
}

/** Where a row stands in the order that decides between rows of one key (K9). */
export interface Rank {
  time: number;
  source: number;
  partition: number;
  offset: number;
}

export function outranks(batch: Batch, row: number, rank: Rank): boolean {
  const time = batch.times[row]!;
  if (time !== rank.time) return time > rank.time;
  if (batch.origin.source !== rank.source) return batch.origin.source > rank.source;
  if (batch.origin.partition !== rank.partition) return batch.origin.partition > rank.partition;
  return batch.offsets[row]! >= rank.offset;
}

/** An encoder whose rows can also be taken one by one with their keys, for a sink that keeps a view of what it wrote. */
export interface KeyedRows extends SinkOperator {
  /** In place of `takeOutbox`. timeUs: the row's event time. `line` ends with \n and is valid during the call only. */
  takeRows(each: (key: string, timeUs: number, line: Uint8Array) => void): void;
}
