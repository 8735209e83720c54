import { addPartitionsToTxnV3, endTxnV3, initProducerIdV4, produceV9, Writer, type Connection } from '@platformatic/kafka';
import { Fault } from '../../../engine/model/fault.ts';
import type { LogRecord } from '../event-log.ts';
import type { Cluster, TopicMetadata } from './cluster.ts';
import { encodeBatch, type BatchProducer } from './encode-batch.ts';
import { insist } from './insist.ts';

const PRODUCE = 0;
const PRODUCE_VERSION = 9;
const ALL_REPLICAS = -1;
const REQUEST_MS = 20_000;
const TRANSACTION_TIMEOUT_MS = 60_000;
/** A batch stays below the broker's limit for one (1 MiB), with room for its head. */
const BATCH_BYTES = 900 * 1024;
const BATCH_ROWS = 10_000;
interface Identity {
  readonly transactionalId: string;
  readonly id: bigint;
  readonly epoch: number;
}

/**
 * Appends record batches and waits for all replicas. With a transactional id one transaction at a time. After an error
 * nothing is known but what the log says: the producer is thrown away.
 */
export class Producer {
  readonly #cluster: Cluster;
  readonly #identity: Identity | undefined;
  readonly #topics = new Map<string, TopicMetadata>();
  readonly #sequences = new Map<string, number>();
  /** partitions of the open transaction */
  readonly #joined = new Set<string>();

  private constructor(cluster: Cluster, identity: Identity | undefined) {
    this.#cluster = cluster;
    this.#identity = identity;
  }

  static plain(cluster: Cluster): Producer {
    return new Producer(cluster, undefined);
  }

  /** Shuts out every older producer of this id, and ends what it has left open. */
  static async transactional(cluster: Cluster, transactionalId: string): Promise<Producer> {
    const { producerId, producerEpoch } = await insist(() =>
      cluster.coordinate('transaction', transactionalId, 'opening a producer', (connection) =>
        initProducerIdV4.api.async(connection, transactionalId, TRANSACTION_TIMEOUT_MS, -1n, -1),
      ),
    );
    return new Producer(cluster, { transactionalId, id: producerId, epoch: producerEpoch });
  }

  /** In order within each partition. */
  async send(topic: string, records: readonly LogRecord[]): Promise<void> {
    const byPartition = new Map<number, LogRecord[]>();
    for (const record of records) {
      const list = byPartition.get(record.partition);
      if (list === undefined) byPartition.set(record.partition, [record]);
      else list.push(record);
    }
    await this.#join(topic, [...byPartition.keys()]);
    await Promise.all(
      [...byPartition].map(async ([partition, list]) => {
        for (const part of pieces(list)) await this.#append(topic, partition, part);
      }),
    );
  }

  async commit(): Promise<void> {
    await this.#end(true);
  }

  async #join(topic: string, partitions: readonly number[]): Promise<void> {
    const identity = this.#identity;
    if (identity === undefined) return;
    const fresh = partitions.filter((partition) => !this.#joined.has(`${topic} ${partition}`));
    if (fresh.length === 0) return;
    const transaction = {
      transactionalId: identity.transactionalId,
      producerId: identity.id,
      producerEpoch: identity.epoch,
      verifyOnly: false,
      topics: [{ name: topic, partitions: fresh }],
    };
    await insist(() =>
      this.#cluster.coordinate('transaction', identity.transactionalId, `writing to topic "${topic}"`, (connection) =>
        addPartitionsToTxnV3.api.async(connection, [transaction]),
      ),
    );
    for (const partition of fresh) this.#joined.add(`${topic} ${partition}`);
  }

  async #append(topic: string, partition: number, records: readonly LogRecord[]): Promise<void> {
    const key = `${topic} ${partition}`;
    const firstSequence = this.#sequences.get(key) ?? 0;
    const producer: BatchProducer | undefined = this.#identity && {
      id: this.#identity.id,
      epoch: this.#identity.epoch,
      firstSequence,
    };
    const batch = encodeBatch(records, producer);
    await insist(async () => {
      const leader = await this.#leader(topic, partition);
      try {
        await this.#cluster.request(`writing to topic "${topic}"`, leader, (connection) =>
          this.#produce(connection, topic, partition, batch),
        );
      } catch (error) {
        this.#topics.delete(topic);
        throw error;
      }
    });
    this.#sequences.set(key, firstSequence + records.length);
  }

  #produce(connection: Connection, topic: string, partition: number, batch: Buffer): Promise<unknown> {
    const request = (): Writer =>
      Writer.create()
        .appendString(this.#identity?.transactionalId ?? null)
        .appendInt16(ALL_REPLICAS)
        .appendInt32(REQUEST_MS)
        .appendArray([topic], (topics) => {
          topics.appendString(topic).appendArray([partition], (partitions) => {
            partitions
              .appendInt32(partition)
              .appendUnsignedVarInt(batch.length + 1)
              .append(batch);
          });
        })
        .appendTaggedFields();
    return new Promise((resolve, reject) => {
      connection.send(PRODUCE, PRODUCE_VERSION, request, produceV9.parseResponse, true, true, (error, response) => {
        if (error) reject(error);
        else resolve(response);
      });
    });
  }

  async #leader(topic: string, partition: number): Promise<number> {
    let metadata = this.#topics.get(topic);
    let found = metadata?.partitions.find((one) => one.partition === partition);
    if (found === undefined || found.leader < 0) {
      [metadata] = await this.#cluster.metadata([topic]);
      if (metadata === undefined) this.#topics.delete(topic);
      else this.#topics.set(topic, metadata);
      found = metadata?.partitions.find((one) => one.partition === partition);
    }
    if (found === undefined) {
      throw new Fault(
        'retry',
        'topic_missing',
        `Kafka at ${this.#cluster.target} has no topic "${topic}" with a partition ${partition}.`,
      );
    }
    return found.leader;
  }

  async #end(commit: boolean): Promise<void> {
    const identity = this.#identity;
    if (identity === undefined || this.#joined.size === 0) return;
    await insist(() =>
      this.#cluster.coordinate('transaction', identity.transactionalId, 'ending a transaction', (connection) =>
        endTxnV3.api.async(connection, identity.transactionalId, identity.id, identity.epoch, commit),
      ),
    );
    this.#joined.clear();
  }
}

function* pieces(records: readonly LogRecord[]): Generator<readonly LogRecord[]> {
  let from = 0;
  let bytes = 0;
  for (let to = 0; to < records.length; to++) {
    const record = records[to]!;
    const size = 32 + (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (to > from && (bytes + size > BATCH_BYTES || to - from >= BATCH_ROWS)) {
      yield records.slice(from, to);
      from = to;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < records.length) yield records.slice(from);
}
