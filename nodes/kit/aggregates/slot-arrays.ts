import { grownBytes, grownInts } from '../growing.ts';
import { IntArrayPool } from '../int-array-pool.ts';

/** For each slot at most one array of integers: a hash table with so many entries, or dense by id. What stands in it is the state's. */
export class SlotArrays {
  readonly arrays: (Int32Array | undefined)[] = [];
  /** entries of a table; not kept for dense arrays */
  sizes = new Int32Array(0);
  /** 1: the slot's array is dense */
  dense = new Uint8Array(0);
  /** slots that have an array */
  live = 0;
  #held = 0;
  readonly #pool = new IntArrayPool();

  reserve(slots: number): void {
    while (this.arrays.length < slots) this.arrays.push(undefined);
    this.sizes = grownInts(this.sizes, slots);
    this.dense = grownBytes(this.dense, slots);
  }

  /** The first array of a slot. */
  begin(slot: number, dense: boolean, length: number): Int32Array {
    this.live++;
    this.dense[slot] = dense ? 1 : 0;
    this.sizes[slot] = 0;
    return this.take(slot, length);
  }

  /** The slot's next array, of zeros; what it had is the caller's to `drop`. */
  take(slot: number, length: number): Int32Array {
    const array = this.#pool.take(length);
    this.arrays[slot] = array;
    this.#held += array.byteLength;
    return array;
  }

  drop(array: Int32Array): void {
    this.#held -= array.byteLength;
    this.#pool.give(array);
  }

  /** A longer array with the same content in front. */
  grow(slot: number, array: Int32Array, length: number): Int32Array {
    const grown = this.take(slot, length);
    grown.set(array);
    this.drop(array);
    return grown;
  }

  /** The slot has a copy of another state's array, over the same ids. */
  copy(slot: number, other: SlotArrays, from: number): void {
    const array = other.arrays[from]!;
    this.begin(slot, other.dense[from] === 1, array.length).set(array);
    this.sizes[slot] = other.sizes[from]!;
  }

  forget(slot: number, array: Int32Array): void {
    this.drop(array);
    this.arrays[slot] = undefined;
    this.live--;
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const array = this.arrays[slot];
      if (array !== undefined) this.forget(slot, array);
      this.dense[slot] = 0;
      this.sizes[slot] = 0;
    }
  }

  bytes(): number {
    return this.#held + this.#pool.bytes() + this.arrays.length * 8 + this.sizes.byteLength + this.dense.byteLength;
  }
}
