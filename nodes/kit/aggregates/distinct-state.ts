import { must } from '../../../engine/model/assert.ts';
import { NumberColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { Dictionary } from '../../../engine/model/dictionary.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { IdInterner } from './id-column.ts';
import { IdSpace } from './id-space.ts';
import { SlotArrays } from './slot-arrays.ts';

/** While all sets as bitsets together need no more than this, a new set starts as a bitset. */
const DENSE_BYTES = 8 * 1024 * 1024;
/** A bitset over more ids than 32 times this is worth its clearing and counting only once a table has filled up. */
const DENSE_WORDS = 1024;
const SMALLEST_TABLE = 8;

/**
 * count(DISTINCT x), exact. A set is either a hash table of ids (entries are id + 1, 0 is free, at most half full) or a bitset over
 * ids; a table becomes a bitset when that is no larger, so few users per key cost little and many users per key cost a bit each.
 */
export class DistinctState implements AggregateState {
  /** sets; the dense ones are bitsets */
  readonly #slots = new SlotArrays();
  #space = new IdSpace();
  #interner = new IdInterner();

  reserve(slots: number): void {
    this.#slots.reserve(slots);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, batch: Batch): void {
    const { ids, dictionary } = this.#interner.intern(must(input, 'count(DISTINCT) has an argument'), rows, count, batch.length);
    if (this.#space.dictionary !== dictionary) this.#rebase(dictionary);
    const { arrays: sets, dense } = this.#slots;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const id = ids[row]!;
      if (id < 0) continue;
      const slot = slots[row]!;
      if (dense[slot] === 1) {
        const set = sets[slot]!;
        const word = id >>> 5;
        if (word < set.length) {
          set[word]! |= 1 << (id & 31);
          continue;
        }
      }
      this.#add(slot, id);
    }
  }

  #words(): number {
    return wordsFor(this.#space.dictionary?.size ?? 0);
  }

  #add(slot: number, id: number): void {
    let set = this.#slots.arrays[slot];
    if (set === undefined) {
      const words = this.#words();
      const dense = words <= DENSE_WORDS && (this.#slots.live + 1) * words * 4 <= DENSE_BYTES;
      set = this.#slots.begin(slot, dense, dense ? words : SMALLEST_TABLE);
    }
    if (this.#slots.dense[slot] === 1) this.#addDense(slot, set, id);
    else this.#addSparse(slot, set, id);
  }

  #addDense(slot: number, set: Int32Array, id: number): void {
    const word = id >>> 5;
    if (word < set.length) {
      set[word]! |= 1 << (id & 31);
      return;
    }
    const words = Math.max(this.#words(), wordsFor(id + 1));
    if (this.#slots.live * words * 4 > DENSE_BYTES && popcount(set) * 4 < words) {
      const ids = idsOf(set, true);
      this.#slots.drop(set);
      this.#slots.dense[slot] = 0;
      this.#slots.sizes[slot] = 0;
      this.#slots.take(slot, tableFor(ids.length + 1));
      for (const held of ids) this.#addSparse(slot, this.#slots.arrays[slot]!, held);
      this.#addSparse(slot, this.#slots.arrays[slot]!, id);
      return;
    }
    this.#slots.grow(slot, set, words)[word]! |= 1 << (id & 31);
  }

  #addSparse(slot: number, set: Int32Array, id: number): void {
    const mask = set.length - 1;
    let probe = Math.imul(id, 0x9e3779b1) & mask;
    for (;;) {
      const entry = set[probe]!;
      if (entry === id + 1) return;
      if (entry === 0) break;
      probe = (probe + 1) & mask;
    }
    set[probe] = id + 1;
    this.#slots.sizes[slot]! += 1;
    if (this.#slots.sizes[slot]! * 2 > set.length) this.#growSparse(slot, set);
  }

  #growSparse(slot: number, set: Int32Array): void {
    const words = this.#words();
    const dense = words <= set.length * 2;
    const grown = this.#slots.take(slot, dense ? words : set.length * 2);
    if (dense) {
      this.#slots.dense[slot] = 1;
      for (const entry of set) if (entry !== 0) this.#addDense(slot, this.#slots.arrays[slot]!, entry - 1);
    } else {
      const mask = grown.length - 1;
      for (const entry of set) {
        if (entry === 0) continue;
        let probe = Math.imul(entry - 1, 0x9e3779b1) & mask;
        while (grown[probe] !== 0) probe = (probe + 1) & mask;
        grown[probe] = entry;
      }
    }
    this.#slots.drop(set);
  }

  #rebase(to: Dictionary): void {
    const from = this.#space.dictionary;
    this.#space.take(to);
    if (from === undefined || this.#slots.live === 0) return;
    for (let slot = 0; slot < this.#slots.arrays.length; slot++) {
      const set = this.#slots.arrays[slot];
      if (set === undefined) continue;
      const ids = idsOf(set, this.#slots.dense[slot] === 1);
      this.#slots.forget(slot, set);
      for (const id of ids) this.#add(slot, to.adopt(from, id));
    }
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    const theirs = other.#space.dictionary;
    if (theirs === undefined) return;
    const fresh = this.#space.meet(theirs, this.#slots.live > 0);
    if (fresh !== undefined) this.#rebase(fresh);
    const same = this.#space.dictionary === theirs;
    for (let i = 0; i < count; i++) {
      const set = other.#slots.arrays[from[i]!];
      if (set === undefined) continue;
      const to = into[i]!;
      const dense = other.#slots.dense[from[i]!] === 1;
      if (same && this.#slots.arrays[to] === undefined) {
        this.#slots.copy(to, other.#slots, from[i]!);
        continue;
      }
      if (same && dense && this.#unite(to, set)) continue;
      if (dense) {
        for (let word = 0; word < set.length; word++) {
          for (let bits = set[word]!; bits !== 0; bits &= bits - 1) {
            this.#add(to, this.#space.translate(theirs, word * 32 + 31 - Math.clz32(bits & -bits)));
          }
        }
      } else for (const entry of set) if (entry !== 0) this.#add(to, this.#space.translate(theirs, entry - 1));
    }
  }

  /** Word by word, where both are bitsets over the same ids. False: not possible here. */
  #unite(to: number, theirs: Int32Array): boolean {
    let mine = this.#slots.arrays[to]!;
    if (this.#slots.dense[to] !== 1) return false;
    if (mine.length < theirs.length) mine = this.#slots.grow(to, mine, theirs.length);
    for (let word = 0; word < theirs.length; word++) mine[word]! |= theirs[word]!;
    return true;
  }

  clear(slots: Int32Array, count: number): void {
    this.#slots.clear(slots, count);
  }

  finalise(slots: Int32Array, count: number): Column {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const set = this.#slots.arrays[slot];
      if (set !== undefined) values[i] = this.#slots.dense[slot] === 1 ? popcount(set) : this.#slots.sizes[slot]!;
    }
    return new NumberColumn(values, undefined);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) {
      const set = this.#slots.arrays[slots[i]!];
      const ids = set === undefined ? [] : idsOf(set, this.#slots.dense[slots[i]!] === 1);
      out.i32(ids.length);
      for (const id of ids) out.text(this.#space.own(), id);
    }
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) {
      for (let left = input.i32(); left > 0; left--) this.#add(slots[i]!, input.text(this.#space.own()));
    }
  }

  bytes(): number {
    return this.#slots.bytes() + this.#interner.bytes() + (this.#space.dictionary?.bytes() ?? 0);
  }
}

/** Room for an eighth more ids, in steps of 64 words, so that sets of a growing dictionary are not copied at every new id. */
function wordsFor(ids: number): number {
  return ((((ids >>> 5) + (ids >>> 8) + 1) >>> 6) + 1) << 6;
}

function tableFor(entries: number): number {
  let length = SMALLEST_TABLE;
  while (length < entries * 2 + 2) length *= 2;
  return length;
}

function idsOf(set: Int32Array, dense: boolean): number[] {
  const ids: number[] = [];
  if (dense) {
    for (let word = 0; word < set.length; word++) {
      for (let bits = set[word]!; bits !== 0; bits &= bits - 1) ids.push(word * 32 + 31 - Math.clz32(bits & -bits));
    }
  } else for (const entry of set) if (entry !== 0) ids.push(entry - 1);
  return ids;
}

/** One loop that stays in 32-bit integers: a helper per word made this four times slower. */
function popcount(set: Int32Array): number {
  let count = 0;
  for (let i = 0; i < set.length; i++) {
    let v = set[i]!;
    if (v === 0) continue;
    v = (v - ((v >>> 1) & 0x55555555)) | 0;
    v = ((v & 0x33333333) + ((v >>> 2) & 0x33333333)) | 0;
    count = (count + (Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24)) | 0;
  }
  return count;
}
