import type { Plan } from '../plan/plan.ts';
import type { Partition } from './partition.ts';
import type { SourceFeed } from './source-feed.ts';

/** [T6] a partition this far ahead of the slowest one that feeds the same graph is not read */
export const AHEAD_LIMIT_US = 600_000_000;

/** Which sources meet in a node somewhere downstream: only those are read in step with one another. */
export function sourceGroups(plan: Plan): ReadonlyMap<number, number> {
  const group = plan.steps.map((step) => step.index);
  const find = (index: number): number => (group[index] === index ? index : (group[index] = find(group[index]!)));
  for (const step of plan.steps)
    for (const input of step.inputs) if (input !== undefined) group[find(step.index)] = find(input.step);
  return new Map(plan.steps.filter((step) => step.role === 'source').map((step) => [step.index, find(step.index)]));
}

export interface Ask {
  readonly partitions: readonly number[];
  /** the source that the held-back partitions wait for */
  readonly waitsFor: string | undefined;
}

/** Partitions of each feed that may be read now, the one with the lowest watermark first. */
export function paceReading(
  feeds: readonly SourceFeed[],
  groups: ReadonlyMap<number, number>,
  nowMs: number,
): ReadonlyMap<SourceFeed, Ask> {
  const least = new Map<number, { watermark: number; feed: SourceFeed }>();
  for (const feed of feeds) {
    if (!isTimed(feed)) continue;
    const group = groups.get(feed.step.index)!;
    for (const partition of feed.partitions.values()) {
      if (partition.idle || partition.ended) continue;
      const slowest = least.get(group);
      if (slowest === undefined || partition.watermark < slowest.watermark)
        least.set(group, { watermark: partition.watermark, feed });
    }
  }
  const asks = new Map<SourceFeed, Ask>();
  for (const feed of feeds) {
    const slowest = least.get(groups.get(feed.step.index)!);
    const open: Partition[] = [];
    let waitsFor: string | undefined;
    for (const partition of feed.partitions.values()) {
      if (partition.ended) continue;
      const ahead = slowest !== undefined && isTimed(feed) && isAhead(partition, slowest.watermark);
      if (partition.held && !ahead) partition.lastRowMs = nowMs;
      partition.held = ahead;
      if (ahead) waitsFor = slowest.feed.step.node;
      else open.push(partition);
    }
    open.sort((a, b) => (a.watermark === b.watermark ? a.number - b.number : a.watermark - b.watermark));
    asks.set(feed, { partitions: open.map((partition) => partition.number), waitsFor });
  }
  return asks;
}

function isTimed(feed: SourceFeed): boolean {
  return feed.specs.some((spec) => spec.eventTime !== undefined);
}

/** A partition that has brought nothing yet is never ahead; an idle one is still listened to. */
function isAhead(partition: Partition, slowest: number): boolean {
  return !partition.idle && partition.watermark > slowest + AHEAD_LIMIT_US && Number.isFinite(partition.watermark);
}
