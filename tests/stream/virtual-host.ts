import type { PumpHost } from '../../engine/stream/sink-pump.ts';
import type { RunHost } from '../../engine/stream/run-parts.ts';

/** 2026-01-01T00:00:00Z, ms */
export const START_MS = Date.UTC(2026, 0, 1);

/** Turns of the event loop without any call: then everybody waits for the clock. */
const QUIET_TURNS = 3;

/** A clock that moves only when everybody waits: then the earliest sleeper wakes. */
export class VirtualHost implements RunHost, Omit<PumpHost, 'report'> {
  #nowMs = 0;
  #calls = 0;
  #driving = false;
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  monotonicMs(): number {
    return this.#nowMs;
  }

  nowMs(): number {
    return START_MS + this.#nowMs;
  }

  random(): number {
    return 0.5;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      const at = this.#nowMs + ms;
      const later = this.#sleepers.findIndex((sleeper) => sleeper.at > at);
      this.#sleepers.splice(later < 0 ? this.#sleepers.length : later, 0, { at, wake });
      this.#calls++;
      if (!this.#driving) this.#drive(0, this.#calls);
    });
  }

  breathe(): Promise<void> {
    this.#calls++;
    return new Promise((resolve) => setImmediate(resolve));
  }

  #drive(quiet: number, seen: number): void {
    this.#driving = true;
    setImmediate(() => {
      const still = this.#calls === seen ? quiet + 1 : 0;
      if (still < QUIET_TURNS) return this.#drive(still, this.#calls);
      const next = this.#sleepers.shift();
      this.#driving = false;
      if (next === undefined) return;
      this.#nowMs = Math.max(this.#nowMs, next.at);
      next.wake();
      if (this.#sleepers.length > 0) this.#drive(0, this.#calls);
    });
  }
}
