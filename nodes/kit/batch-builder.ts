import {
  allRows,
  Batch,
  BooleanColumn,
  BytesColumn,
  ListColumn,
  NumberColumn,
  TextColumn,
  type Column,
  type Layout,
  type PhysicalField,
} from '../../engine/model/batch.ts';
import { Dictionary, encodeUtf8 } from '../../engine/model/dictionary.ts';
import type { Cell } from './cell.ts';

/** One row to be sent: event time, µs, and its cells in the order of the layout. */
export interface MadeRow {
  readonly time: number;
  readonly cells: readonly Cell[];
}

/** Rows of a batch when many are sent at once. */
export const BATCH_ROWS = 1024;
const DICTIONARY_TEXTS = 1 << 16;
const DICTIONARY_BYTES = 8 << 20;

/** Makes batches of a combining node (origin: the node itself) from single rows. */
export class BatchBuilder {
  #node: number;
  #layout: Layout;
  #dictionary = new Dictionary();
  #ids = new Map<string, number>();

  constructor(node: number, layout: Layout) {
    this.#node = node;
    this.#layout = layout;
  }

  /** Row i gets offset firstOffset + i. `sent` is the node's watermark so far, µs. */
  build(rows: readonly MadeRow[], firstOffset: number, sent: number): Batch {
    if (this.#dictionary.size > DICTIONARY_TEXTS || this.#dictionary.bytes() > DICTIONARY_BYTES) {
      this.#dictionary = new Dictionary();
      this.#ids.clear();
    }
    const length = rows.length;
    const times = new Float64Array(length);
    const offsets = new Float64Array(length);
    let minTime = Infinity;
    for (let i = 0; i < length; i++) {
      const time = rows[i]!.time;
      times[i] = time;
      offsets[i] = firstOffset + i;
      if (time < minTime) minTime = time;
    }
    return new Batch({
      origin: { source: this.#node, partition: 0 },
      columns: this.#layout.map((field, index) => this.#column(field, rows, index)),
      length,
      rows: allRows(length),
      count: length,
      times,
      offsets,
      watermarks: new Float64Array(length).fill(sent),
      minTime,
      lastWatermark: sent,
      raw: undefined,
    });
  }

  bytes(): number {
    return this.#dictionary.bytes() + this.#ids.size * 48;
  }

  #column(field: PhysicalField, rows: readonly MadeRow[], index: number): Column {
    const length = rows.length;
    let nulls: Uint8Array | undefined;
    const isNull = (row: number): void => {
      nulls ??= new Uint8Array(length);
      nulls[row] = 1;
    };
    switch (field.as) {
      case 'number': {
        const values = new Float64Array(length);
        for (let row = 0; row < length; row++) {
          const cell = rows[row]!.cells[index]!;
          if (cell === null) isNull(row);
          else values[row] = cell as number;
        }
        return new NumberColumn(values, nulls);
      }
      case 'boolean': {
        const values = new Uint8Array(length);
        for (let row = 0; row < length; row++) {
          const cell = rows[row]!.cells[index]!;
          if (cell === null) isNull(row);
          else values[row] = cell === true ? 1 : 0;
        }
        return new BooleanColumn(values, nulls);
      }
      case 'dictionary': {
        const ids = new Int32Array(length);
        for (let row = 0; row < length; row++) ids[row] = this.#id(rows[row]!.cells[index] as string | null);
        return new TextColumn(ids, this.#dictionary);
      }
      case 'bytes':
        return bytesColumn(field, rows, index);
      case 'list': {
        const offsets = new Int32Array(length + 1);
        const ids: number[] = [];
        for (let row = 0; row < length; row++) {
          const cell = rows[row]!.cells[index] as readonly (string | null)[] | null;
          if (cell === null) isNull(row);
          else for (const element of cell) ids.push(this.#id(element));
          offsets[row + 1] = ids.length;
        }
        return new ListColumn(offsets, Int32Array.from(ids), this.#dictionary, nulls);
      }
    }
  }

  #id(text: string | null): number {
    if (text === null) return -1;
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#dictionary.internText(text);
      this.#ids.set(text, id);
    }
    return id;
  }
}

function bytesColumn(field: PhysicalField, rows: readonly MadeRow[], index: number): BytesColumn {
  const start = new Int32Array(rows.length).fill(-1);
  const end = new Int32Array(rows.length).fill(-1);
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let row = 0; row < rows.length; row++) {
    const cell = rows[row]!.cells[index] as string | null;
    if (cell === null) continue;
    const part = encodeUtf8(cell);
    parts.push(part);
    start[row] = length;
    length += part.length;
    end[row] = length;
  }
  const bytes = new Uint8Array(length + 8);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new BytesColumn(start, end, bytes, field.type === 'json' ? 'json' : 'utf8');
}
