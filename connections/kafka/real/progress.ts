import type { Fence } from '../../../engine/stream/connector.ts';
import { Fault } from '../../../engine/model/fault.ts';
import type { FenceKey } from '../event-log.ts';
import { partitionOfKey } from '../murmur2.ts';
import { LATEST, type Cluster } from './cluster.ts';
import { RealReader } from './real-reader.ts';

/** One record a sink: key `<pipeline id>/<node id>`, value {lineage, owner, epoch}; the newest one is the fence (E2). */
export const PROGRESS_TOPIC = 'telemetra.progress';
/** Several, so that an open transaction of another sink seldom stands before this sink's record. */
export const PROGRESS_PARTITIONS = 8;
export const PROGRESS_CONFIG: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  'segment.bytes': String(16 * 1024 * 1024),
  'segment.ms': String(6 * 3_600_000),
  'min.cleanable.dirty.ratio': '0.1',
};
/** A transaction that is left open is ended by the broker after its timeout (60 s). */
const PATIENCE_MS = 90_000;
/** Transactions take milliseconds; one that is open for longer hangs. */
const LOOK_MS = 1_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function progressKey(key: FenceKey): Uint8Array {
  return encoder.encode(`${key.pipelineId}/${key.nodeId}`);
}

export function progressPartition(key: FenceKey): number {
  return partitionOfKey(progressKey(key), PROGRESS_PARTITIONS);
}

/** Reads committed records up to where the partition ends now, waiting for transactions that are open there. */
export async function readProgress(cluster: Cluster, key: FenceKey): Promise<Fence | undefined> {
  const { fence, whole } = await read(cluster, key, PATIENCE_MS);
  if (whole) return fence;
  throw new Fault(
    'retry',
    'kafka_progress',
    `An open transaction hides the end of topic "${PROGRESS_TOPIC}" partition ${progressPartition(key)}.`,
  );
}

/** The newest fence that can be seen; a transaction that hangs may hide a newer one. */
export async function lookAtProgress(cluster: Cluster, key: FenceKey): Promise<Fence | undefined> {
  return (await read(cluster, key, LOOK_MS)).fence;
}

async function read(
  cluster: Cluster,
  key: FenceKey,
  patienceMs: number,
): Promise<{ readonly fence: Fence | undefined; readonly whole: boolean }> {
  const partition = progressPartition(key);
  const wanted = Buffer.from(progressKey(key));
  const reader = new RealReader(cluster, PROGRESS_TOPIC, true);
  try {
    await reader.layout(0);
    const [topic] = await cluster.metadata([PROGRESS_TOPIC]);
    if (topic === undefined) return { fence: undefined, whole: true };
    const end = (await cluster.offsets(topic, LATEST, false, [partition])).get(partition)!;
    let fence: Fence | undefined;
    let next = (await cluster.offsets(topic, -2n, false, [partition])).get(partition)!;
    for (const until = performance.now() + patienceMs; next < end;) {
      for (const slice of await reader.fetch([{ partition, offset: next }], 1_000)) {
        if (slice.kind !== 'messages' || slice.from !== next) continue;
        for (let row = 0; row < slice.count; row++) {
          const keys = slice.keys;
          if (keys === undefined || keys.start[row]! < 0) continue;
          if (wanted.compare(keys.bytes.subarray(keys.start[row], keys.end[row])) !== 0) continue;
          fence = slice.start[row]! < 0 ? undefined : parseFence(slice.bytes.subarray(slice.start[row], slice.end[row]));
        }
        next = slice.next;
      }
      if (performance.now() > until) return { fence, whole: false };
    }
    return { fence, whole: true };
  } finally {
    await reader.close();
  }
}

export function encodeFence(fence: Fence): Uint8Array {
  return encoder.encode(JSON.stringify({ lineage: fence.lineage, owner: fence.owner, epoch: fence.epoch }));
}

function parseFence(bytes: Uint8Array): Fence {
  const { lineage, owner, epoch } = JSON.parse(decoder.decode(bytes)) as Partial<Fence>;
  if (typeof lineage !== 'string' || typeof owner !== 'number' || typeof epoch !== 'number') {
    throw new Fault('fatal', 'kafka_progress', `A record of topic "${PROGRESS_TOPIC}" is not one that a sink has written.`, {
      mend: `Find out who else writes to "${PROGRESS_TOPIC}".`,
    });
  }
  return { lineage, owner, epoch };
}
