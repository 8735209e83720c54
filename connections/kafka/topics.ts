import { Fault } from '../../engine/model/fault.ts';
import type { EventLog, LogSlice, TopicDescription } from './event-log.ts';

export interface TopicSummary {
  readonly name: string;
  readonly partitions: number;
  /** ends minus starts: an upper bound where transactions or compaction leave gaps */
  readonly messages: number;
  readonly retentionMs: number | undefined;
}

export interface TailedMessage {
  readonly partition: number;
  readonly offset: number;
  /** µs */
  readonly timestampUs: number;
  readonly key: string | undefined;
  readonly value: string | undefined;
  /** a JSON object */
  readonly headers: string | undefined;
}

export async function listTopics(log: EventLog): Promise<readonly TopicSummary[]> {
  const summaries: TopicSummary[] = [];
  for (const name of await log.topics()) {
    const topic = await log.describe(name);
    // it may have been removed since the list was made
    if (topic !== undefined) summaries.push(summaryOf(topic));
  }
  return summaries;
}

export async function showTopic(log: EventLog, name: string): Promise<TopicDescription & TopicSummaryCounts> {
  const topic = await needTopic(log, name);
  return { ...topic, messages: summaryOf(topic).messages };
}

export interface TopicSummaryCounts {
  readonly messages: number;
}

/**
 * The last messages of a topic, oldest first by timestamp; with `follow` then everything that comes, until the signal.
 * Bytes that are no UTF-8 are shown with U+FFFD.
 */
export async function* tailTopic(
  log: EventLog,
  name: string,
  options: { readonly last: number; readonly follow: boolean; readonly signal?: AbortSignal },
): AsyncGenerator<TailedMessage> {
  const topic = await needTopic(log, name);
  const reader = await log.reader(name, { readCommitted: true });
  try {
    await reader.layout(0);
    const next = new Map(topic.partitions.map(({ partition, start, end }) => [partition, Math.max(start, end - options.last)]));
    const ends = new Map(topic.partitions.map(({ partition, end }) => [partition, end]));
    const last: TailedMessage[] = [];
    let behind = topic.partitions.filter(({ partition, end }) => next.get(partition)! < end).length > 0;
    while (behind && options.signal?.aborted !== true) {
      const asks = [...next].flatMap(([partition, offset]) => (offset < ends.get(partition)! ? [{ partition, offset }] : []));
      if (asks.length === 0) break;
      for (const slice of await reader.fetch(asks, 1_000)) {
        if (slice.kind !== 'messages') throw goneFault(name);
        if (slice.from !== next.get(slice.partition)) continue;
        last.push(...messagesOf(slice));
        next.set(slice.partition, slice.next);
        // what is not visible (an open transaction) is not waited for
        if (slice.count === 0 && slice.next >= slice.bounds.end) ends.set(slice.partition, slice.next);
      }
      behind = [...next].some(([partition, offset]) => offset < ends.get(partition)!);
    }
    last.sort((a, b) => a.timestampUs - b.timestampUs || a.partition - b.partition || a.offset - b.offset);
    yield* last.slice(-options.last);
    while (options.follow && options.signal?.aborted !== true) {
      const asks = [...next].map(([partition, offset]) => ({ partition, offset }));
      for (const slice of await reader.fetch(asks, 250)) {
        if (slice.kind !== 'messages') throw goneFault(name);
        if (slice.from !== next.get(slice.partition)) continue;
        next.set(slice.partition, slice.next);
        yield* messagesOf(slice);
      }
    }
  } finally {
    await reader.close();
  }
}

function summaryOf(topic: TopicDescription): TopicSummary {
  const messages = topic.partitions.reduce((sum, { start, end }) => sum + end - start, 0);
  return { name: topic.name, partitions: topic.partitions.length, messages, retentionMs: topic.retentionMs };
}

async function needTopic(log: EventLog, name: string): Promise<TopicDescription> {
  const topic = await log.describe(name);
  if (topic !== undefined) return topic;
  throw new Fault(
    'fatal',
    'topic_missing',
    `There is no topic "${name}" ${log.target === 'embedded' ? 'in the embedded log' : `at ${log.target}`}.`,
    {
      mend: 'List the topics with "telemetra topics ls".',
    },
  );
}

function goneFault(name: string): Fault {
  return new Fault('fatal', 'topic_changed', `Topic "${name}" was removed or shortened while it was read.`, {
    mend: 'Start the command again.',
  });
}

const decoder = new TextDecoder();

function* messagesOf(slice: LogSlice): Generator<TailedMessage> {
  const textOf = (
    ranges: { bytes: Uint8Array; start: Int32Array; end: Int32Array } | undefined,
    row: number,
  ): string | undefined =>
    ranges === undefined || ranges.start[row]! < 0
      ? undefined
      : decoder.decode(ranges.bytes.subarray(ranges.start[row], ranges.end[row]));
  for (let row = 0; row < slice.count; row++) {
    yield {
      partition: slice.partition,
      offset: slice.offsets[row]!,
      timestampUs: slice.timestamps[row]!,
      key: textOf(slice.keys, row),
      value: textOf(slice, row),
      headers: textOf(slice.headers, row),
    };
  }
}
