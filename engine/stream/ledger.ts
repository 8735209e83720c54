import type { Ledger } from '../model/run-event.ts';

/** Counters of one node (E6). `used` is what is left, for a sink what has been acknowledged. */
export class FateCounter {
  in = 0;
  filtered = 0;
  late = 0;
  dead = 0;
  held = 0;
  /** sinks: the part of `dead` that the sink itself refused, after the row had been taken over */
  refused = 0;
  readonly out: number[];

  constructor(ports: number) {
    this.out = Array.from({ length: ports }, () => 0);
  }

  get used(): number {
    return this.in - this.filtered - this.late - this.dead - this.held;
  }

  /** Broken when a node gave a row two fates, or took back more held rows than it held. */
  get balanced(): boolean {
    return this.used >= 0 && this.held >= 0;
  }

  ledger(): Ledger {
    return { in: this.in, used: this.used, filtered: this.filtered, late: this.late, dead: this.dead, held: this.held };
  }

  save(): readonly number[] {
    return [this.in, this.filtered, this.late, this.dead, this.held, this.refused, ...this.out];
  }

  load(saved: readonly number[]): void {
    this.in = saved[0] ?? 0;
    this.filtered = saved[1] ?? 0;
    this.late = saved[2] ?? 0;
    this.dead = saved[3] ?? 0;
    this.held = saved[4] ?? 0;
    this.refused = saved[5] ?? 0;
    for (let port = 0; port < this.out.length; port++) this.out[port] = saved[6 + port] ?? 0;
  }
}
