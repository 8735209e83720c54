/** [E1] When an epoch ends: after so much time, so many rows read, or so many bytes of output. */
export interface EpochLimits {
  readonly ms: number;
  readonly rows: number;
  readonly outboxBytes: number;
}

export const EPOCH_LIMITS: EpochLimits = { ms: 1000, rows: 1_000_000, outboxBytes: 8 * 1024 * 1024 };

export class EpochClock {
  readonly #limits: EpochLimits;
  #startedMs: number;
  /** rows read in this epoch */
  rows = 0;

  constructor(limits: EpochLimits, nowMs: number) {
    this.#limits = limits;
    this.#startedMs = nowMs;
  }

  due(nowMs: number, outboxBytes: number): boolean {
    return nowMs - this.#startedMs >= this.#limits.ms || this.rows >= this.#limits.rows || outboxBytes >= this.#limits.outboxBytes;
  }

  remainingMs(nowMs: number): number {
    return this.#limits.ms - (nowMs - this.#startedMs);
  }

  restart(nowMs: number): void {
    this.#startedMs = nowMs;
    this.rows = 0;
  }
}
