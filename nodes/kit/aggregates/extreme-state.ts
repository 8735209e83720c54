import { must } from '../../../engine/model/assert.ts';
import { NumberColumn, TextColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { Dictionary } from '../../../engine/model/dictionary.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { grownFloats, grownInts } from '../growing.ts';
import { IdSpace } from './id-space.ts';

/** min and max of numbers and timestamps. NaN in a slot: nothing seen (values are finite, V). */
export class NumberExtremeState implements AggregateState {
  #best = new Float64Array(0);
  readonly #greatest: boolean;

  constructor(greatest: boolean) {
    this.#greatest = greatest;
  }

  reserve(slots: number): void {
    this.#best = grownFloats(this.#best, slots, NaN);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, _batch: Batch): void {
    const column = must(input, 'min and max have an argument');
    if (column.kind !== 'number') throw new Error(`bug: min of a ${column.kind} column`);
    const { values, nulls } = column;
    const best = this.#best;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      const slot = slots[row]!;
      const before = best[slot]!;
      const value = values[row]!;
      // written so that NaN, the empty slot, is always replaced
      if (this.#greatest ? !(before >= value) : !(before <= value)) best[slot] = value;
    }
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const value = other.#best[from[i]!]!;
      if (Number.isNaN(value)) continue;
      const before = this.#best[into[i]!]!;
      if (this.#greatest ? !(before >= value) : !(before <= value)) this.#best[into[i]!] = value;
    }
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.#best[slots[i]!] = NaN;
  }

  finalise(slots: Int32Array, count: number): Column {
    const values = new Float64Array(count);
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const value = this.#best[slots[i]!]!;
      if (Number.isNaN(value)) {
        nulls ??= new Uint8Array(count);
        nulls[i] = 1;
      } else values[i] = value;
    }
    return new NumberColumn(values, nulls);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) out.f64(this.#best[slots[i]!]!);
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) this.#best[slots[i]!] = input.f64();
  }

  bytes(): number {
    return this.#best.byteLength;
  }
}

/** min and max of text in the order of its bytes (X3). −1: nothing seen. */
export class TextExtremeState implements AggregateState {
  #best = new Int32Array(0);
  #space = new IdSpace();
  #live = 0;
  readonly #sign: number;

  constructor(greatest: boolean) {
    this.#sign = greatest ? 1 : -1;
  }

  reserve(slots: number): void {
    this.#best = grownInts(this.#best, slots, -1);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, _batch: Batch): void {
    const column = must(input, 'min and max have an argument');
    if (column.kind !== 'text') throw new Error(`bug: text min of a ${column.kind} column`);
    if (this.#space.dictionary !== column.dictionary) this.#rebase(column.dictionary);
    for (let i = 0; i < count; i++) {
      const id = column.ids[rows[i]!]!;
      if (id >= 0) this.#add(slots[rows[i]!]!, id, column.dictionary);
    }
  }

  #add(slot: number, id: number, dictionary: Dictionary): void {
    const before = this.#best[slot]!;
    if (before === id) return;
    if (before < 0) this.#live++;
    else if (dictionary.compare(id, before) * this.#sign <= 0) return;
    this.#best[slot] = id;
  }

  #rebase(to: Dictionary): void {
    const from = this.#space.dictionary;
    if (from !== undefined && this.#live > 0) {
      for (let slot = 0; slot < this.#best.length; slot++) {
        if (this.#best[slot]! >= 0) this.#best[slot] = to.adopt(from, this.#best[slot]!);
      }
    }
    this.#space.take(to);
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    const theirs = other.#space.dictionary;
    if (theirs === undefined) return;
    const fresh = this.#space.meet(theirs, this.#live > 0);
    if (fresh !== undefined) this.#rebase(fresh);
    for (let i = 0; i < count; i++) {
      const id = this.#space.translate(theirs, other.#best[from[i]!]!);
      if (id >= 0) this.#add(into[i]!, id, this.#space.own());
    }
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#best[slots[i]!]! >= 0) this.#live--;
      this.#best[slots[i]!] = -1;
    }
  }

  finalise(slots: Int32Array, count: number): Column {
    const ids = new Int32Array(count);
    for (let i = 0; i < count; i++) ids[i] = this.#best[slots[i]!]!;
    return new TextColumn(ids, this.#space.own());
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) out.text(this.#space.own(), this.#best[slots[i]!]!);
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) {
      const id = input.text(this.#space.own());
      if (this.#best[slots[i]!]! < 0 && id >= 0) this.#live++;
      this.#best[slots[i]!] = id;
    }
  }

  bytes(): number {
    return this.#best.byteLength + (this.#space.dictionary?.bytes() ?? 0);
  }
}
