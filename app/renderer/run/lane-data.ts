import type { NodeMeter, PartitionMeter } from '../../../engine/model/run-event.ts';

export const BUCKET_US = 2_000_000;
/** buckets kept for each partition: ten minutes of event time */
export const BUCKETS = 300;
const KEPT_LATE = 200;

/** One row of the event-time lane: what a source partition has delivered, by event time. */
export interface LaneTrack {
  readonly node: string;
  readonly partition: number;
  meter: PartitionMeter;
  /** rows seen, bucket b in slot b % BUCKETS; `newest` is the greatest bucket */
  readonly seen: Float32Array;
  newest: number;
  /** event times of late rows, µs, newest last */
  readonly late: number[];
  /** wall clock of the last row, ms */
  movedAt: number;
}

/** Gathers the lane from meters: rows between two meters are laid over the event time that the partition moved on. */
export class LaneData {
  readonly tracks = new Map<string, LaneTrack>();

  take(nodes: Readonly<Record<string, NodeMeter>>, at: number): void {
    for (const [node, meter] of Object.entries(nodes)) {
      for (const partition of meter.partitions ?? []) this.#partition(node, partition, at);
    }
  }

  clear(): void {
    this.tracks.clear();
  }

  #partition(node: string, meter: PartitionMeter, at: number): void {
    const key = `${node}/${meter.partition}`;
    const track = this.tracks.get(key);
    if (track === undefined) {
      const newest = meter.newest === undefined ? 0 : Math.floor(meter.newest / BUCKET_US);
      this.tracks.set(key, {
        node,
        partition: meter.partition,
        meter,
        seen: new Float32Array(BUCKETS),
        newest,
        late: [],
        movedAt: at,
      });
      return;
    }
    const rows = meter.offset - track.meter.offset;
    if (rows > 0) {
      track.movedAt = at;
      const to = Math.floor((meter.newest ?? 0) / BUCKET_US);
      const from = Math.max(track.newest, to - BUCKETS + 1);
      for (let bucket = track.newest + 1; bucket <= to && bucket <= track.newest + BUCKETS; bucket++)
        track.seen[bucket % BUCKETS] = 0;
      const span = Math.max(1, to - from + 1);
      for (let bucket = from; bucket <= to; bucket++) track.seen[bucket % BUCKETS]! += rows / span;
      if (to > track.newest) track.newest = to;
    }
    for (const time of meter.lateAt ?? []) track.late.push(time);
    if (track.late.length > KEPT_LATE) track.late.splice(0, track.late.length - KEPT_LATE);
    track.meter = meter;
  }
}

/** The partition that holds a pipeline's watermark back: the lowest of those that are waited for, when it is clearly the lowest. */
export function holderOf(tracks: Iterable<LaneTrack>, clearlyUs: number): LaneTrack | undefined {
  let lowest: LaneTrack | undefined;
  let second = Number.POSITIVE_INFINITY;
  for (const track of tracks) {
    if (track.meter.idle || track.meter.watermark === undefined) continue;
    const mark = track.meter.watermark;
    if (lowest === undefined || mark < lowest.meter.watermark!) {
      if (lowest !== undefined) second = Math.min(second, lowest.meter.watermark!);
      lowest = track;
    } else second = Math.min(second, mark);
  }
  return lowest !== undefined && second - lowest.meter.watermark! > clearlyUs && Number.isFinite(second) ? lowest : undefined;
}
