import {
  BooleanColumn,
  BytesColumn,
  ListColumn,
  NumberColumn,
  TextColumn,
  type Column,
  type RawRows,
} from '../../engine/model/batch.ts';

/** A column of other rows: row i of the result is row from[i] of `column`, any of them as often as it likes. */
export function gather(column: Column, from: Int32Array): Column {
  switch (column.kind) {
    case 'number':
      return new NumberColumn(gatherNumbers(column.values, from), gatherNulls(column.nulls, from));
    case 'boolean':
      return new BooleanColumn(gatherNulls(column.values, from)!, gatherNulls(column.nulls, from));
    case 'text':
      return new TextColumn(gatherInts(column.ids, from), column.dictionary);
    case 'bytes':
      return new BytesColumn(gatherInts(column.start, from), gatherInts(column.end, from), column.bytes, column.form);
    case 'list': {
      const offsets = new Int32Array(from.length + 1);
      const ids: number[] = [];
      for (let i = 0; i < from.length; i++) {
        for (let at = column.offsets[from[i]!]!; at < column.offsets[from[i]! + 1]!; at++) ids.push(column.ids[at]!);
        offsets[i + 1] = ids.length;
      }
      return new ListColumn(offsets, Int32Array.from(ids), column.dictionary, gatherNulls(column.nulls, from));
    }
  }
}

export function gatherNumbers(values: Float64Array, from: Int32Array): Float64Array {
  const gathered = new Float64Array(from.length);
  for (let i = 0; i < from.length; i++) gathered[i] = values[from[i]!]!;
  return gathered;
}

export function gatherRaw(raw: RawRows, from: Int32Array): RawRows {
  return { bytes: raw.bytes, start: gatherInts(raw.start, from), end: gatherInts(raw.end, from) };
}

function gatherInts(values: Int32Array, from: Int32Array): Int32Array {
  const gathered = new Int32Array(from.length);
  for (let i = 0; i < from.length; i++) gathered[i] = values[from[i]!]!;
  return gathered;
}

function gatherNulls(values: Uint8Array | undefined, from: Int32Array): Uint8Array | undefined {
  if (values === undefined) return undefined;
  const gathered = new Uint8Array(from.length);
  for (let i = 0; i < from.length; i++) gathered[i] = values[from[i]!]!;
  return gathered;
}
