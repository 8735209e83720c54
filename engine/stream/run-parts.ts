import type { RunEvent } from '../model/run-event.ts';
import type { SourceReader } from './connector.ts';
import type { EpochLimits } from './epoch-clock.ts';
import type { SourceFeed } from './source-feed.ts';

/** [T4] how far event time may run ahead of the clock */
export const CEILING_AHEAD_US = 300_000_000;

export interface RunHost {
  monotonicMs(): number;
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  /** lets timers, sockets and control messages have their turn */
  breathe(): Promise<void>;
}

type Distribute<T> = T extends unknown ? Omit<T, 'seq' | 'at'> : never;
/** A run event before the host numbers and dates it. */
export type RunSay = Distribute<RunEvent>;

export interface RunOptions {
  readonly bounded: boolean;
  readonly limits: EpochLimits;
  /** a bounded run gives up on an unreachable sink after this long (E10) */
  readonly giveUpMs: number;
  readonly stopWithinMs: number;
}

export interface RunSource {
  readonly feed: SourceFeed;
  readonly reader: SourceReader;
}
