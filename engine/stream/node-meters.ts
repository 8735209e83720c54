import type { NodeMeter } from '../model/run-event.ts';
import type { Graph } from './graph.ts';
import type { SinkPump } from './sink-pump.ts';
import type { SourceFeed } from './source-feed.ts';

export interface MeteredSource {
  readonly feed: SourceFeed;
  readonly heldBy: string | undefined;
}

/** Meters of every node, by node id. */
export function nodeMeters(
  graph: Graph,
  pumps: ReadonlyMap<number, SinkPump>,
  sources: readonly MeteredSource[],
): Record<string, NodeMeter> {
  const nodes: Record<string, NodeMeter> = {};
  for (const step of graph.plan.steps) {
    const fates = graph.fates(step.index);
    const busy = graph.busy(step.index);
    const { watermark } = graph.progress(step.index);
    const pump = pumps.get(step.index);
    const source = sources.find(({ feed }) => feed.step.index === step.index);
    nodes[step.node] = {
      ledger: fates.ledger(),
      out: [...fates.out],
      watermark: Number.isFinite(watermark) ? watermark : undefined,
      busyMs: busy.totalMs,
      batchP99Ms: busy.p99(),
      stateBytes: source === undefined ? graph.stateBytes(step.index) : source.feed.bytes(),
      ...(source === undefined ? {} : sourceMeter(source)),
      ...(pump === undefined
        ? {}
        : { outbox: { epochs: pump.pendingEpochs, bytes: pump.pendingBytes, waiting: pump.waiting }, guarantee: pump.guarantee }),
    };
  }
  return nodes;
}

function sourceMeter({ feed, heldBy }: MeteredSource): Pick<NodeMeter, 'lag' | 'partitions' | 'heldBy'> {
  const partitions = [...feed.partitions.values()];
  const lags = partitions.map((partition) => partition.lag);
  return {
    lag: lags.every((lag) => lag === undefined) ? undefined : lags.reduce<number>((sum, lag) => sum + (lag ?? 0), 0),
    heldBy,
    partitions: partitions.map((partition) => ({
      partition: partition.number,
      offset: partition.position?.offset ?? 0,
      lag: partition.lag,
      watermark: Number.isFinite(partition.watermark) ? partition.watermark : undefined,
      newest: Number.isFinite(partition.newest) ? partition.newest : undefined,
      idle: partition.idle,
      late: 0,
    })),
  };
}
