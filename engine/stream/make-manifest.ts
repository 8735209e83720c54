import type { Manifest } from './checkpoint.ts';
import type { Graph } from './graph.ts';
import type { PartitionMark } from './partition.ts';
import type { SourceFeed } from './source-feed.ts';

/** [E1] Where everything stands at the end of an epoch. */
export function makeManifest(parts: {
  readonly graph: Graph;
  readonly feeds: readonly SourceFeed[];
  readonly epoch: number;
  readonly at: number;
  readonly ceilingUs: number;
  readonly complete: boolean;
}): Manifest {
  const { graph, feeds, epoch, at, ceilingUs, complete } = parts;
  const nodes: Record<string, Manifest['nodes'][string]> = {};
  const counters: Record<string, readonly number[]> = {};
  const origins: Record<string, number> = {};
  const stateHashes: Record<string, string> = {};
  for (const step of graph.plan.steps) {
    const { watermark, idle } = graph.progress(step.index);
    nodes[step.node] = { watermark: watermark === Infinity ? 'end' : Number.isFinite(watermark) ? watermark : null, idle };
    counters[step.node] = graph.fates(step.index).save();
    origins[step.node] = graph.origin(step.index);
    stateHashes[step.node] = step.stateHash;
  }
  const sources: Record<string, Record<string, PartitionMark>> = {};
  for (const feed of feeds) {
    const marks: Record<string, PartitionMark> = {};
    for (const partition of feed.partitions.values()) marks[partition.number] = partition.mark();
    sources[feed.step.node] = marks;
  }
  return { epoch, at, planHash: graph.plan.hash, ceilingUs, sources, nodes, counters, origins, stateHashes, complete };
}
