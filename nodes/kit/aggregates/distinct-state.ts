import { must } from '../../../engine/model/assert.ts';
import { NumberColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { Dictionary } from '../../../engine/model/dictionary.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { grownBytes, grownInts } from '../growing.ts';
import { IntArrayPool } from '../int-array-pool.ts';
import { IdInterner } from './id-column.ts';
import { IdSpace } from './id-space.ts';

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
  #sets: (Int32Array | undefined)[] = [];
  /** entries of a table; not kept for bitsets */
  #sizes = new Int32Array(0);
  #dense = new Uint8Array(0);
  #live = 0;
  #held = 0;
  #space = new IdSpace();
  #interner = new IdInterner();
  #pool = new IntArrayPool();

  reserve(slots: number): void {
    while (this.#sets.length < slots) this.#sets.push(undefined);
    this.#sizes = grownInts(this.#sizes, slots);
    this.#dense = grownBytes(this.#dense, slots);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, batch: Batch): void {
    const { ids, dictionary } = this.#interner.intern(must(input, 'count(DISTINCT) has an argument'), rows, count, batch.length);
    if (this.#space.dictionary !== dictionary) this.#rebase(dictionary);
    const sets = this.#sets;
    const dense = this.#dense;
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

  #take(slot: number, length: number): Int32Array {
    const set = this.#pool.take(length);
    this.#sets[slot] = set;
    this.#held += set.byteLength;
    return set;
  }

  #drop(set: Int32Array): void {
    this.#held -= set.byteLength;
    this.#pool.give(set);
  }

  #add(slot: number, id: number): void {
    let set = this.#sets[slot];
    if (set === undefined) {
      this.#live++;
      const words = this.#words();
      if (words <= DENSE_WORDS && this.#live * words * 4 <= DENSE_BYTES) {
        this.#dense[slot] = 1;
        set = this.#take(slot, words);
      } else {
        this.#dense[slot] = 0;
        this.#sizes[slot] = 0;
        set = this.#take(slot, SMALLEST_TABLE);
      }
    }
    if (this.#dense[slot] === 1) this.#addDense(slot, set, id);
    else this.#addSparse(slot, set, id);
  }

  #addDense(slot: number, set: Int32Array, id: number): void {
    const word = id >>> 5;
    if (word < set.length) {
      set[word]! |= 1 << (id & 31);
      return;
    }
    const words = Math.max(this.#words(), wordsFor(id + 1));
    if (this.#live * words * 4 > DENSE_BYTES && popcount(set) * 4 < words) {
      const ids = idsOf(set, true);
      this.#drop(set);
      this.#dense[slot] = 0;
      this.#sizes[slot] = 0;
      this.#take(slot, tableFor(ids.length + 1));
      for (const held of ids) this.#addSparse(slot, this.#sets[slot]!, held);
      this.#addSparse(slot, this.#sets[slot]!, id);
      return;
    }
    const grown = this.#take(slot, words);
    grown.set(set);
    this.#drop(set);
    grown[word]! |= 1 << (id & 31);
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
    this.#sizes[slot]! += 1;
    if (this.#sizes[slot]! * 2 > set.length) this.#growSparse(slot, set);
  }

  #growSparse(slot: number, set: Int32Array): void {
    const words = this.#words();
    const dense = words <= set.length * 2;
    const grown = this.#take(slot, dense ? words : set.length * 2);
    if (dense) {
      this.#dense[slot] = 1;
      for (const entry of set) if (entry !== 0) this.#addDense(slot, this.#sets[slot]!, entry - 1);
    } else {
      const mask = grown.length - 1;
      for (const entry of set) {
        if (entry === 0) continue;
        let probe = Math.imul(entry - 1, 0x9e3779b1) & mask;
        while (grown[probe] !== 0) probe = (probe + 1) & mask;
        grown[probe] = entry;
      }
    }
    this.#drop(set);
  }

  #rebase(to: Dictionary): void {
    const from = this.#space.dictionary;
    this.#space.take(to);
    if (from === undefined || this.#live === 0) return;
    for (let slot = 0; slot < this.#sets.length; slot++) {
      const set = this.#sets[slot];
      if (set === undefined) continue;
      const ids = idsOf(set, this.#dense[slot] === 1);
      this.#forget(slot, set);
      for (const id of ids) this.#add(slot, to.adopt(from, id));
    }
  }

  #forget(slot: number, set: Int32Array): void {
    this.#drop(set);
    this.#sets[slot] = undefined;
    this.#live--;
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    const theirs = other.#space.dictionary;
    if (theirs === undefined) return;
    const fresh = this.#space.meet(theirs, this.#live > 0);
    if (fresh !== undefined) this.#rebase(fresh);
    const same = this.#space.dictionary === theirs;
    for (let i = 0; i < count; i++) {
      const set = other.#sets[from[i]!];
      if (set === undefined) continue;
      const to = into[i]!;
      const dense = other.#dense[from[i]!] === 1;
      if (same && this.#sets[to] === undefined) {
        this.#live++;
        this.#dense[to] = dense ? 1 : 0;
        this.#sizes[to] = other.#sizes[from[i]!]!;
        this.#take(to, set.length).set(set);
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
    let mine = this.#sets[to]!;
    if (this.#dense[to] !== 1) return false;
    if (mine.length < theirs.length) {
      const grown = this.#take(to, theirs.length);
      grown.set(mine);
      this.#drop(mine);
      mine = grown;
    }
    for (let word = 0; word < theirs.length; word++) mine[word]! |= theirs[word]!;
    return true;
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const set = this.#sets[slots[i]!];
      if (set !== undefined) this.#forget(slots[i]!, set);
      this.#dense[slots[i]!] = 0;
      this.#sizes[slots[i]!] = 0;
    }
  }

  finalise(slots: Int32Array, count: number): Column {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const set = this.#sets[slot];
      if (set !== undefined) values[i] = this.#dense[slot] === 1 ? popcount(set) : this.#sizes[slot]!;
    }
    return new NumberColumn(values, undefined);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) {
      const set = this.#sets[slots[i]!];
      const ids = set === undefined ? [] : idsOf(set, this.#dense[slots[i]!] === 1);
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
    const arrays = this.#held + this.#pool.bytes() + this.#sets.length * 8 + this.#sizes.byteLength + this.#dense.byteLength;
    return arrays + this.#interner.bytes() + (this.#space.dictionary?.bytes() ?? 0);
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
