import type { RawBatch } from './connector.ts';
import { paceReading } from './pacing.ts';
import type { RunSource } from './run-parts.ts';
import type { SourceFeed } from './source-feed.ts';

/** messages of one poll and partition, in batches: an epoch can end between two polls only */
const POLL_BATCHES = 4;
const POLL_WAIT_MS = 50;

/** One source and the poll that is under way. */
export interface Polling {
  readonly source: RunSource;
  busy: boolean;
  /** what the poll brought, until it is taken */
  ready: readonly RawBatch[] | undefined;
  waitsFor: string | undefined;
}

/** One poll a source at a time, in step with the others (T6): what was brought waits here until the loop takes it. */
export class SourcePolling {
  readonly pollings: readonly Polling[];
  readonly feeds: readonly SourceFeed[];
  readonly #groups: ReadonlyMap<number, number>;
  readonly #monotonicMs: () => number;
  readonly #wake: () => void;
  /** the first poll that failed */
  failure: unknown;

  constructor(sources: readonly RunSource[], groups: ReadonlyMap<number, number>, monotonicMs: () => number, wake: () => void) {
    this.pollings = sources.map((source) => ({ source, busy: false, ready: undefined, waitsFor: undefined }));
    this.feeds = sources.map((source) => source.feed);
    this.#groups = groups;
    this.#monotonicMs = monotonicMs;
    this.#wake = wake;
  }

  /** Begins a poll of every source that has none under way and may be read. */
  ask(): void {
    for (const { source } of this.pollings) this.meet(source);
    const asks = paceReading(this.feeds, this.#groups, this.#monotonicMs());
    for (const polling of this.pollings) {
      const ask = asks.get(polling.source.feed)!;
      polling.waitsFor = ask.waitsFor;
      if (polling.busy || polling.ready !== undefined || ask.partitions.length === 0) continue;
      polling.busy = true;
      polling.source.reader.poll(ask.partitions, POLL_BATCHES * polling.source.feed.batchRows, POLL_WAIT_MS).then(
        (batches) => {
          polling.busy = false;
          polling.ready = batches;
          this.#wake();
        },
        (error: unknown) => {
          polling.busy = false;
          this.failure ??= error;
          this.#wake();
        },
      );
    }
  }

  /** New partitions of a source get their lane. */
  meet(source: RunSource): void {
    for (const number of source.reader.partitions()) source.feed.partition(number, this.#monotonicMs());
  }

  /** The polled source with the lowest watermark; undefined: no poll has come back. */
  ready(): Polling | undefined {
    let best: Polling | undefined;
    for (const polling of this.pollings) {
      if (polling.ready === undefined) continue;
      if (best === undefined || polling.source.feed.progress().watermark < best.source.feed.progress().watermark) best = polling;
    }
    return best;
  }

  allPolled(): boolean {
    return this.feeds.every((feed) => [...feed.partitions.values()].every((p) => p.caughtUp || p.delivered || p.ended));
  }

  /** Every partition of every source is at its end for ever. An unbounded source without partitions yet is not. */
  allEnded(bounded: boolean): boolean {
    return this.pollings.every(({ source }) => {
      const partitions = [...source.feed.partitions.values()];
      if (partitions.length === 0 && !bounded) return false;
      return source.reader.partitions().length === partitions.length && partitions.every((partition) => partition.ended);
    });
  }
}
