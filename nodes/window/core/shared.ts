import type { AggregateState } from '../../../engine/stream/aggregate.ts';
import type { Aggregation } from './aggregation.ts';

/** What a partial half keeps and the final half reads: one partition's state. */
export interface Half<Store> {
  readonly source: number;
  readonly partition: number;
  readonly store: Store;
}

export interface Limits {
  readonly keys: number;
  readonly bytes: number;
  readonly policy: 'fail' | 'other';
}

/**
 * Both halves of one running node in one process. Partial halves own their state, saved or not, until the final half frees it;
 * nothing is copied between them. Ordered by (source, partition), which is the order of combination (D2).
 */
export class Shared<Store> {
  readonly aggregation: Aggregation;
  readonly limits: Limits;
  readonly halves: Half<Store>[] = [];
  /** newest event time taken by any half, µs */
  newest = -Infinity;
  /**
   * [T3] The node's sent watermark as of the last epoch boundary: windows that had ended then are closed for every partition,
   * also for one that was idle, or unknown, while they closed. An active partition's own watermark is never behind it.
   */
  floor = -Infinity;

  constructor(aggregation: Aggregation, limits: Limits) {
    this.aggregation = aggregation;
    this.limits = limits;
  }

  join(half: Half<Store>): void {
    this.halves.push(half);
    this.halves.sort((a, b) => a.source - b.source || a.partition - b.partition);
  }

  creates(): readonly (() => AggregateState)[] {
    return this.aggregation.calls.map((call) => call.create);
  }
}
