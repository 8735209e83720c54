import type { Batch, BytesColumn } from '../../engine/model/batch.ts';
import { Dictionary, hashBytes } from '../../engine/model/dictionary.ts';
import { textAt } from './values.ts';

const TEXTS = 1 << 16;
const BYTES = 8 << 20;
const BACKSLASH = 0x5c;

/** Texts that come as bytes, made ids of a dictionary of its own, which is replaced before it grows large. */
export class TextInterner {
  dictionary = new Dictionary();

  /** Between batches: a new dictionary when the present one is large. */
  refresh(): void {
    if (this.dictionary.size > TEXTS || this.dictionary.bytes() > BYTES) this.dictionary = new Dictionary();
  }

  /** Ids of the selected rows, by physical row. */
  ids(column: BytesColumn, batch: Batch): Int32Array {
    const { bytes, start, end } = column;
    const ids = new Int32Array(batch.length).fill(-1);
    const escapes = column.form === 'json-string';
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const from = start[row]!;
      if (from < 0) continue;
      const to = end[row]!;
      ids[row] =
        escapes && holds(bytes, from, to, BACKSLASH)
          ? this.dictionary.internText(textAt(column, row)!)
          : this.dictionary.intern(bytes, from, to, hashBytes(bytes, from, to));
    }
    return ids;
  }

  bytes(): number {
    return this.dictionary.bytes();
  }
}

function holds(bytes: Uint8Array, from: number, to: number, byte: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] === byte) return true;
  return false;
}
