import {
  BooleanColumn,
  BytesColumn,
  ListColumn,
  NumberColumn,
  TextColumn,
  type Column,
  type PhysicalField,
} from '../model/batch.ts';
import { Dictionary, hashBytes } from '../model/dictionary.ts';

const EMPTY_BYTES = new Uint8Array(0);
const EMPTY_INTS = new Int32Array(0);
const EMPTY_FLOATS = new Float64Array(0);

/** A dictionary is left behind at a batch bound when it holds this much. */
const MAX_TEXTS = 1_000_000;
const MAX_DICTIONARY_BYTES = 64 * 1024 * 1024;

/**
 * The arrays behind one wanted column, written row by row by either path and handed out as a Column. One class for every
 * representation, so that the writing loops see one hidden class; what a representation does not need stays empty.
 */
export class ColumnBuffer {
  readonly field: PhysicalField;
  readonly form: BytesColumn['form'];
  numbers: Float64Array = EMPTY_FLOATS;
  booleans: Uint8Array = EMPTY_BYTES;
  nulls: Uint8Array = EMPTY_BYTES;
  ids: Int32Array = EMPTY_INTS;
  start: Int32Array = EMPTY_INTS;
  end: Int32Array = EMPTY_INTS;
  offsets: Int32Array = EMPTY_INTS;
  listIds: Int32Array = EMPTY_INTS;
  listLength = 0;
  nullCount = 0;
  dictionary = new Dictionary();
  #column: Column | undefined;
  #capacity = -1;

  constructor(field: PhysicalField, form: BytesColumn['form']) {
    this.field = field;
    this.form = form;
  }

  begin(capacity: number): void {
    this.nullCount = 0;
    this.listLength = 0;
    if (this.dictionary.size > MAX_TEXTS || this.dictionary.bytes() > MAX_DICTIONARY_BYTES) this.rotate();
    if (capacity <= this.#capacity) return;
    const size = Math.max(capacity, this.#capacity * 2, 64);
    this.#capacity = size;
    switch (this.field.as) {
      case 'number':
        this.numbers = new Float64Array(size);
        this.nulls = new Uint8Array(size);
        break;
      case 'boolean':
        this.booleans = new Uint8Array(size);
        this.nulls = new Uint8Array(size);
        break;
      case 'dictionary':
        this.ids = new Int32Array(size);
        break;
      case 'bytes':
        this.start = new Int32Array(size);
        this.end = new Int32Array(size);
        break;
      case 'list':
        this.offsets = new Int32Array(size + 1);
        this.listIds = new Int32Array(Math.max(size * 2, this.listIds.length));
        this.nulls = new Uint8Array(size);
        break;
    }
    this.#column = undefined;
  }

  /** Starts a new dictionary; only between batches. */
  rotate(): void {
    this.dictionary = new Dictionary();
  }

  setNull(row: number): void {
    switch (this.field.as) {
      case 'number':
        this.numbers[row] = 0;
        this.nulls[row] = 1;
        break;
      case 'boolean':
        this.booleans[row] = 0;
        this.nulls[row] = 1;
        break;
      case 'dictionary':
        this.ids[row] = -1;
        break;
      case 'bytes':
        this.start[row] = -1;
        this.end[row] = -1;
        break;
      case 'list':
        this.listLength = this.offsets[row]!;
        this.nulls[row] = 1;
        break;
    }
    this.nullCount++;
  }

  setNumber(row: number, value: number): void {
    this.numbers[row] = value;
    this.nulls[row] = 0;
  }

  setBoolean(row: number, value: boolean): void {
    this.booleans[row] = value ? 1 : 0;
    this.nulls[row] = 0;
  }

  setText(row: number, text: string): void {
    this.ids[row] = this.dictionary.internText(text);
  }

  /** text that stands as it is in bytes[from, to) */
  setBytes(row: number, bytes: Uint8Array, from: number, to: number): void {
    if (this.field.as === 'dictionary') {
      this.ids[row] = this.dictionary.intern(bytes, from, to, hashBytes(bytes, from, to));
    } else {
      this.start[row] = from;
      this.end[row] = to;
    }
  }

  /** The list of this row starts again from empty. */
  startList(row: number): void {
    this.listLength = this.offsets[row]!;
    this.nulls[row] = 0;
  }

  push(id: number): void {
    if (this.listLength === this.listIds.length) {
      const grown = new Int32Array(this.listLength * 2);
      grown.set(this.listIds);
      this.listIds = grown;
      this.#column = undefined;
    }
    this.listIds[this.listLength++] = id;
  }

  /** After the last value of a row, dead rows too: where the next row's list starts. */
  endRow(row: number): void {
    if (this.field.as === 'list') this.offsets[row + 1] = this.listLength;
  }

  /** The column of this batch; `bytes` is what byte ranges point into. */
  column(bytes: Uint8Array): Column {
    const nulls = this.nullCount > 0 ? this.nulls : undefined;
    const column = (this.#column ??= this.#make(bytes));
    switch (column.kind) {
      case 'number':
      case 'boolean':
        column.nulls = nulls;
        break;
      case 'list':
        column.nulls = nulls;
        column.dictionary = this.dictionary;
        break;
      case 'text':
        column.dictionary = this.dictionary;
        break;
      case 'bytes':
        column.bytes = bytes;
        break;
    }
    return column;
  }

  #make(bytes: Uint8Array): Column {
    switch (this.field.as) {
      case 'number':
        return new NumberColumn(this.numbers, undefined);
      case 'boolean':
        return new BooleanColumn(this.booleans, undefined);
      case 'dictionary':
        return new TextColumn(this.ids, this.dictionary);
      case 'bytes':
        return new BytesColumn(this.start, this.end, bytes, this.form);
      case 'list':
        return new ListColumn(this.offsets, this.listIds, this.dictionary, undefined);
    }
  }

  bytes(): number {
    return (
      this.numbers.byteLength +
      this.booleans.byteLength +
      this.nulls.byteLength +
      this.ids.byteLength +
      this.start.byteLength * 2 +
      this.offsets.byteLength +
      this.listIds.byteLength +
      this.dictionary.bytes()
    );
  }
}
