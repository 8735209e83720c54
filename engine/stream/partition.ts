import type { Position } from './connector.ts';
import type { Lane } from './graph.ts';

/** What an epoch's manifest keeps of a partition. µs; JSON has no infinities, so they are written as null (none yet) and 'end'. */
export interface PartitionMark {
  readonly position: Position | undefined;
  readonly watermark: number | null | 'end';
  readonly newest: number | null;
  readonly idle: boolean;
  readonly late?: number | undefined;
}

/** One partition of a source while it runs. */
export class Partition {
  readonly lane: Lane;
  readonly number: number;
  position: Position | undefined;
  /** own watermark (T1), µs: what the next row is judged against */
  watermark = -Infinity;
  /** newest event time seen, µs */
  newest = -Infinity;
  /** the verdict in force; changes only at a barrier (T2, T3) */
  idle = false;
  ended = false;
  caughtUp = false;
  delivered = false;
  /** not read at the moment because it is ahead of another (T6): silence is then no idleness */
  held = false;
  lag: number | undefined;
  /** monotonic ms since which no row came although it was read */
  lastRowMs: number;

  constructor(lane: Lane, nowMs: number) {
    this.lane = lane;
    this.number = lane.partition;
    this.lastRowMs = nowMs;
  }

  mark(): PartitionMark {
    return {
      position: this.position,
      watermark: this.ended ? 'end' : Number.isFinite(this.watermark) ? this.watermark : null,
      newest: Number.isFinite(this.newest) ? this.newest : null,
      idle: this.idle,
    };
  }

  restore(mark: PartitionMark): void {
    this.position = mark.position;
    this.watermark = mark.watermark === 'end' ? Infinity : (mark.watermark ?? -Infinity);
    this.newest = mark.newest ?? -Infinity;
    this.idle = mark.idle;
    this.ended = mark.watermark === 'end';
    this.delivered = mark.newest !== null;
  }
}
