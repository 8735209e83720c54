import type { Connections } from '../../connections/connections.ts';
import { MAX_MESSAGE_BYTES, type EventLog, type LogRecord, type LogWriter } from '../../connections/kafka/event-log.ts';
import { partitionOfKey } from '../../connections/kafka/murmur2.ts';
import { durationUs, formatDuration } from '../../engine/model/duration.ts';
import { Fault } from '../../engine/model/fault.ts';
import { parseTimestamp } from '../../engine/model/timestamp.ts';
import type { Fence, RefusedRow, SinkContext, SinkModule, SinkWriter } from '../../engine/stream/connector.ts';
import type { Outbox } from '../../engine/stream/operator.ts';
import type { Settings } from './definition.ts';
import { messageOf } from './message.ts';

/** Keyless messages stay on one partition for about this many bytes, then take the next one (Kafka's sticky partitioner). */
const STICKY_BYTES = 16 * 1024;
/** Room that a message's own head and a batch's head take of the limit. */
const OVERHEAD_BYTES = 512;

export const sink: SinkModule<Settings, Connections> = {
  async open(settings, context) {
    const log = await context.connections.kafka(settings.connection);
    const wish = { partitions: settings.partitions, retentionMs: durationUs(settings.retention) / 1000 };
    const created = settings.create && (await log.create(settings.topic, wish));
    const topic = await log.describe(settings.topic);
    if (topic === undefined) {
      throw new Fault('fatal', 'topic_missing', `There is no topic "${settings.topic}" at ${log.target}.`, {
        mend: 'Create it, or set "create" of the sink.',
      });
    }
    const kept = topic.retentionMs === undefined ? 'for ever' : formatDuration(topic.retentionMs * 1000);
    if (created)
      context.report(
        `Created topic "${settings.topic}" (${topic.partitions.length} ${topic.partitions.length === 1 ? 'partition' : 'partitions'}, kept ${kept}) ${log.target === 'embedded' ? 'in the embedded log' : `at ${log.target}`}.`,
      );
    const writer = await log.writer(settings.topic, { pipelineId: context.pipelineId, nodeId: context.nodeId });
    return new KafkaSinkWriter(settings, context, log, writer, topic.partitions.length);
  },
};

class KafkaSinkWriter implements SinkWriter {
  readonly guarantee = {
    level: 'exactly-once',
    because: 'rows and progress are written in one transaction, for readers of committed messages',
  } as const;
  readonly #settings: Settings;
  readonly #context: SinkContext<Connections>;
  readonly #log: EventLog;
  readonly #writer: LogWriter;
  #partitions: number;

  constructor(settings: Settings, context: SinkContext<Connections>, log: EventLog, writer: LogWriter, partitions: number) {
    this.#settings = settings;
    this.#context = context;
    this.#log = log;
    this.#writer = writer;
    this.#partitions = partitions;
  }

  fence(): Promise<Fence | undefined> {
    return this.#writer.fence();
  }

  take(expected: Fence | undefined, next: Fence): Promise<void> {
    return this.#writer.take(expected, next);
  }

  async push(fence: Fence, epoch: number, outbox: Outbox): Promise<readonly RefusedRow[]> {
    const { records, refused } = this.#records(outbox, epoch);
    try {
      await this.#writer.append(fence, epoch, records);
    } catch (error) {
      // the topic may have been made again with other partitions meanwhile
      const topic = error instanceof Fault && error.kind === 'retry' ? await this.#log.describe(this.#settings.topic) : undefined;
      if (topic !== undefined) this.#partitions = topic.partitions.length;
      throw error;
    }
    return refused;
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #records(outbox: Outbox, epoch: number): { records: LogRecord[]; refused: RefusedRow[] } {
    const records: LogRecord[] = [];
    const refused: RefusedRow[] = [];
    const nowUs = this.#context.now() * 1000;
    // the same epoch chooses the same partitions again
    let sticky = epoch % this.#partitions;
    let stuckBytes = 0;
    let from = 0;
    for (let row = 0; row < outbox.rows; row++) {
      const to = outbox.bytes.indexOf(0x0a, from);
      const { key, value, timestamp } = messageOf(this.#settings, outbox.bytes.subarray(from, to));
      from = to + 1;
      const size = (key?.length ?? 0) + (value?.length ?? 0);
      if (size > MAX_MESSAGE_BYTES - OVERHEAD_BYTES) {
        const sentence = `The message would have ${size} bytes; a topic takes ${MAX_MESSAGE_BYTES - OVERHEAD_BYTES}. The row was not written.`;
        refused.push({ row, code: 'message_too_large', sentence });
        continue;
      }
      if (key === undefined) {
        stuckBytes += size;
        if (stuckBytes > STICKY_BYTES) {
          sticky = (sticky + 1) % this.#partitions;
          stuckBytes = size;
        }
      }
      const partition = key === undefined ? sticky : partitionOfKey(key, this.#partitions);
      records.push({ partition, key, value, timestampUs: timestamp === undefined ? nowUs : (parseTimestamp(timestamp) ?? nowUs) });
    }
    return { records, refused };
  }
}
