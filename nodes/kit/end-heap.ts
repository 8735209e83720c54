import { grownFloats, grownInts } from './growing.ts';

/** Slots by the time at which they may close, earliest first. An entry is never moved: whoever pops one looks whether it still holds. */
export class EndHeap {
  #ends = new Float64Array(64);
  #slots = new Int32Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** +∞ when empty */
  get least(): number {
    return this.#size === 0 ? Infinity : this.#ends[0]!;
  }

  get leastSlot(): number {
    return this.#slots[0]!;
  }

  push(slot: number, end: number): void {
    this.#ends = grownFloats(this.#ends, this.#size + 1);
    this.#slots = grownInts(this.#slots, this.#size + 1);
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#ends[parent]! <= end) break;
      this.#ends[at] = this.#ends[parent]!;
      this.#slots[at] = this.#slots[parent]!;
      at = parent;
    }
    this.#ends[at] = end;
    this.#slots[at] = slot;
  }

  pop(): void {
    const last = --this.#size;
    const end = this.#ends[last]!;
    const slot = this.#slots[last]!;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#ends[child + 1]! < this.#ends[child]!) child++;
      if (this.#ends[child]! >= end) break;
      this.#ends[at] = this.#ends[child]!;
      this.#slots[at] = this.#slots[child]!;
      at = child;
    }
    this.#ends[at] = end;
    this.#slots[at] = slot;
  }

  bytes(): number {
    return this.#ends.byteLength + this.#slots.byteLength;
  }
}
