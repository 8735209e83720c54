const RECENT = 128;

/** Time spent in one node, without what its rows cost downstream. */
export class BusyMeter {
  totalMs = 0;
  #recent = new Float64Array(RECENT);
  #count = 0;

  add(ms: number): void {
    this.totalMs += ms;
    this.#recent[this.#count++ % RECENT] = ms;
  }

  /** p99 over the last 128 batches, ms. */
  p99(): number {
    const length = Math.min(this.#count, RECENT);
    if (length === 0) return 0;
    const sorted = this.#recent.slice(0, length).toSorted();
    return sorted[Math.min(length - 1, Math.floor(length * 0.99))]!;
  }
}
