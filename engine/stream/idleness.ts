import type { SourceFeed } from './source-feed.ts';

/** [T2] Puts silent partitions to sleep at a barrier; in force from the next epoch on. True: at least one fell asleep. */
export function judgeIdle(feeds: readonly SourceFeed[], nowMs: number): boolean {
  let changed = false;
  for (const feed of feeds) {
    const idleAfterMs = Math.min(...feed.specs.map((spec) => spec.idleAfterUs)) / 1000;
    for (const partition of feed.partitions.values()) {
      if (partition.idle || partition.ended || partition.held || !partition.caughtUp) continue;
      if (partition.delivered && nowMs - partition.lastRowMs < idleAfterMs) continue;
      partition.idle = true;
      changed = true;
    }
  }
  return changed;
}

/** [T2] Time in which nothing was read is no silence: counting begins again. */
export function restartSilence(feeds: readonly SourceFeed[], nowMs: number): void {
  for (const feed of feeds) for (const partition of feed.partitions.values()) partition.lastRowMs = nowMs;
}
