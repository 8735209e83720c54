import { must } from '../../../engine/model/assert.ts';
import { ListColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { Dictionary } from '../../../engine/model/dictionary.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { IdSpace } from './id-space.ts';

/**
 * array_agg of text, NULLs included, in the order of the rows (panes by time, partitions by number, offsets).
 * Bounded: the first `limit` values remain; `cutAmong` counts the slots that lost values.
 */
export class ArrayState implements AggregateState {
  #lists: (number[] | undefined)[] = [];
  #cut: boolean[] = [];
  #space = new IdSpace();
  #live = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  cutAmong(slots: Int32Array, count: number): number {
    let cut = 0;
    for (let i = 0; i < count; i++) if (this.#cut[slots[i]!]) cut++;
    return cut;
  }

  reserve(slots: number): void {
    while (this.#lists.length < slots) {
      this.#lists.push(undefined);
      this.#cut.push(false);
    }
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, _batch: Batch): void {
    const column = must(input, 'array_agg has an argument');
    if (column.kind !== 'text') throw new Error(`bug: array_agg of a ${column.kind} column`);
    if (this.#space.dictionary !== column.dictionary) this.#rebase(column.dictionary);
    for (let i = 0; i < count; i++) this.#add(slots[rows[i]!]!, column.ids[rows[i]!]!);
  }

  #add(slot: number, id: number): void {
    let list = this.#lists[slot];
    if (list === undefined) {
      list = [];
      this.#lists[slot] = list;
      this.#live++;
    }
    if (list.length < this.#limit) list.push(id);
    else this.#cut[slot] = true;
  }

  #rebase(to: Dictionary): void {
    const from = this.#space.dictionary;
    if (from !== undefined && this.#live > 0) {
      for (const list of this.#lists) {
        if (list !== undefined) for (let i = 0; i < list.length; i++) list[i] = to.adopt(from, list[i]!);
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
      const list = other.#lists[from[i]!];
      if (list === undefined) continue;
      for (const id of list) this.#add(into[i]!, this.#space.translate(theirs, id));
      if (other.#cut[from[i]!]) this.#cut[into[i]!] = true;
    }
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#lists[slots[i]!] !== undefined) this.#live--;
      this.#lists[slots[i]!] = undefined;
      this.#cut[slots[i]!] = false;
    }
  }

  finalise(slots: Int32Array, count: number): Column {
    const offsets = new Int32Array(count + 1);
    const flat: number[] = [];
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const list = this.#lists[slots[i]!];
      if (list === undefined) {
        nulls ??= new Uint8Array(count);
        nulls[i] = 1;
      } else for (const id of list) flat.push(id);
      offsets[i + 1] = flat.length;
    }
    return new ListColumn(offsets, Int32Array.from(flat), this.#space.own(), nulls);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) {
      const list = this.#lists[slots[i]!];
      out.i32(list?.length ?? -1);
      if (list === undefined) continue;
      out.u8(this.#cut[slots[i]!] ? 1 : 0);
      for (const id of list) out.text(this.#space.own(), id);
    }
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) {
      const length = input.i32();
      if (length < 0) continue;
      const cut = input.u8() === 1;
      for (let k = 0; k < length; k++) this.#add(slots[i]!, input.text(this.#space.own()));
      this.#cut[slots[i]!] = cut;
    }
  }

  bytes(): number {
    let bytes = this.#lists.length * 8 + (this.#space.dictionary?.bytes() ?? 0);
    for (const list of this.#lists) bytes += (list?.length ?? 0) * 8;
    return bytes;
  }
}
