/** Zeroed Int32Arrays by length. What is given back must not be used any more; at most `keep` bytes wait for reuse. */
export class IntArrayPool {
  #free = new Map<number, Int32Array[]>();
  #waiting = 0;
  readonly #keep: number;

  constructor(keep = 16 * 1024 * 1024) {
    this.#keep = keep;
  }

  take(length: number): Int32Array {
    const array = this.#free.get(length)?.pop();
    if (array === undefined) return new Int32Array(length);
    this.#waiting -= array.byteLength;
    return array;
  }

  give(array: Int32Array): void {
    if (this.#waiting + array.byteLength > this.#keep) return;
    array.fill(0);
    this.#waiting += array.byteLength;
    const list = this.#free.get(array.length);
    if (list === undefined) this.#free.set(array.length, [array]);
    else list.push(array);
  }

  /** memory that waits for reuse */
  bytes(): number {
    return this.#waiting;
  }
}
