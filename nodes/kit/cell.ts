import type { Batch, Column } from '../../engine/model/batch.ts';
import { decodeUtf8 } from '../../engine/model/dictionary.ts';
import type { PieceReader, PieceWriter } from './piece-io.ts';
import { isNull, textAt } from './values.ts';

/**
 * One value of a row that is kept beyond its batch: numbers as they stand in the column (µs, scaled integers), text as string,
 * json as its raw text, null = NULL.
 */
export type Cell = number | string | boolean | null | readonly (string | null)[];

export function cellAt(column: Column, row: number): Cell {
  if (isNull(column, row)) return null;
  switch (column.kind) {
    case 'number':
      return column.values[row]!;
    case 'boolean':
      return column.values[row] === 1;
    case 'text':
      return column.dictionary.string(column.ids[row]!);
    case 'bytes':
      return column.form === 'json' ? decodeUtf8(column.bytes, column.start[row]!, column.end[row]!) : textAt(column, row)!;
    case 'list': {
      const list: (string | null)[] = [];
      for (let i = column.offsets[row]!; i < column.offsets[row + 1]!; i++) {
        const id = column.ids[i]!;
        list.push(id < 0 ? null : column.dictionary.string(id));
      }
      return list;
    }
  }
}

export function cellsAt(batch: Batch, row: number): Cell[] {
  const cells: Cell[] = [];
  for (const column of batch.columns) cells.push(cellAt(column, row));
  return cells;
}

/** Memory of a cell, estimated. */
export function cellBytes(cell: Cell): number {
  if (typeof cell === 'string') return 24 + cell.length;
  if (cell !== null && typeof cell === 'object') return cell.reduce((sum, text) => sum + 32 + (text?.length ?? 0), 32);
  return 12;
}

const NULL = 0;
const NUMBER = 1;
const TEXT = 2;
const TRUE = 3;
const FALSE = 4;
const LIST = 5;

export function writeCell(out: PieceWriter, cell: Cell): void {
  if (cell === null) out.u8(NULL);
  else if (typeof cell === 'number') {
    out.u8(NUMBER);
    out.f64(cell);
  } else if (typeof cell === 'string') {
    out.u8(TEXT);
    out.text(cell);
  } else if (typeof cell === 'boolean') out.u8(cell ? TRUE : FALSE);
  else {
    out.u8(LIST);
    out.u32(cell.length);
    for (const element of cell) writeCell(out, element);
  }
}

export function readCell(input: PieceReader): Cell {
  switch (input.u8()) {
    case NULL:
      return null;
    case NUMBER:
      return input.f64();
    case TEXT:
      return input.text();
    case TRUE:
      return true;
    case FALSE:
      return false;
    default:
      return Array.from({ length: input.u32() }, () => readCell(input) as string | null);
  }
}
