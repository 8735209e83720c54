import type { Batch, Layout } from '../../engine/model/batch.ts';
import { must } from '../../engine/model/assert.ts';
import { cellAt, type Cell } from './cell.ts';

/** Positions of named columns in a layout. */
export function columnIndexes(layout: Layout, names: readonly string[]): number[] {
  return names.map((name) => {
    const index = layout.findIndex((field) => field.name === name);
    return must(index < 0 ? undefined : index, `column ${name} is not in the layout`);
  });
}

/**
 * A key as one string, equal exactly when PostgreSQL's IS NOT DISTINCT FROM says so for every part (−0 = 0, NULL = NULL).
 * No text holds U+0000 (V1), so it separates parts and marks what is no text.
 */
export function keyText(cells: readonly Cell[]): string {
  if (cells.length === 1) return keyPart(cells[0]!);
  let key = '';
  for (const cell of cells) {
    const part = keyPart(cell);
    key += part.startsWith('\u0000') ? part : `t${part}`;
    key += '\u0000';
  }
  return key;
}

function keyPart(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (cell === null) return '\u0000n';
  return `\u0000v${typeof cell === 'number' ? cell + 0 : String(cell)}`;
}

/** keyText of these columns of a row; one text column costs no allocation. */
export function rowKey(batch: Batch, row: number, columns: readonly number[]): string {
  if (columns.length === 1) {
    const column = batch.columns[columns[0]!]!;
    if (column.kind === 'text' && column.ids[row]! >= 0) return column.dictionary.string(column.ids[row]!);
  }
  return keyText(keyCells(batch, row, columns));
}

export function keyCells(batch: Batch, row: number, columns: readonly number[]): Cell[] {
  return columns.map((column) => cellAt(batch.columns[column]!, row));
}

/** Order of keys: part by part; text by the bytes of its UTF-8, false before true, NULL last. */
export function compareKeys(a: readonly Cell[], b: readonly Cell[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareCells(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Cells of one column, NULL greater than everything (PostgreSQL's ascending order). */
export function compareCells(a: Cell, b: Cell): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === 'string') return compareUtf8(a, b as string);
  return Number(a) - Number(b) < 0 ? -1 : Number(a) > Number(b) ? 1 : 0;
}

/** Order of the UTF-8 bytes, which is the order of code points; UTF-16 units differ from it only at surrogates. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xHigh = x >= 0xd800 && x <= 0xdfff;
    const yHigh = y >= 0xd800 && y <= 0xdfff;
    if (xHigh !== yHigh) return xHigh ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}
