import { must } from '../../../engine/model/assert.ts';
import type { Fence } from '../../../engine/stream/connector.ts';
import type { FenceKey, LogRecord, LogWriter } from '../event-log.ts';
import { fencedFault, sameFence } from '../fence.ts';
import type { Cluster } from './cluster.ts';
import { kafkaFault } from './kafka-fault.ts';
import { Producer } from './producer.ts';
import { encodeFence, lookAtProgress, PROGRESS_TOPIC, progressKey, progressPartition, readProgress } from './progress.ts';

/**
 * [E5] Rows and progress record in one transaction. The transactional id shuts out older producers; after any failure the
 * producer is thrown away and what really happened is read from the progress record.
 */
export class RealWriter implements LogWriter {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #key: FenceKey;
  readonly #ready: () => Promise<void>;
  #producer: Producer | undefined;
  /** progress as it is known to be while `#producer` lives */
  #stored: Fence | undefined;
  /** what this writer has tried to take: the end of that transaction may have come through although its answer was lost */
  #tried: Fence | undefined;

  /** `ready` makes sure that the progress topic is there. */
  constructor(cluster: Cluster, topic: string, key: FenceKey, ready: () => Promise<void>) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#key = key;
    this.#ready = ready;
  }

  async fence(): Promise<Fence | undefined> {
    await this.#ready();
    await this.#renew();
    return this.#stored;
  }

  async take(expected: Fence | undefined, next: Fence): Promise<void> {
    if (this.#producer === undefined) await this.fence();
    if (this.#tried !== undefined && sameFence(this.#tried, next) && sameFence(this.#stored, next)) return;
    if (!sameFence(this.#stored, expected)) throw fencedFault(this.#key, this.#stored, 'when it was taken');
    this.#tried = next;
    await this.#transaction(next, [], (stored) => sameFence(stored, expected) || sameFence(stored, next));
  }

  async append(fence: Fence, epoch: number, records: readonly LogRecord[]): Promise<void> {
    const owned = (stored: Fence | undefined): boolean => stored?.lineage === fence.lineage && stored.owner === fence.owner;
    if (this.#producer === undefined) {
      // a look that disturbs nobody comes first: making a producer would shut out the rightful owner's. Where a transaction
      // hangs (it may be our own, cut off from its coordinator) the new producer ends it, and the truth is read behind it.
      const stored = await lookAtProgress(this.#cluster, this.#key);
      if (!owned(stored)) throw fencedFault(this.#key, stored, `before epoch ${epoch}`);
      await this.#renew();
    }
    const stored = this.#stored;
    if (stored === undefined || !owned(stored)) throw fencedFault(this.#key, stored, `before epoch ${epoch}`);
    if (stored.epoch >= epoch) return;
    if (stored.epoch !== fence.epoch) throw fencedFault(this.#key, stored, `before epoch ${epoch}`);
    await this.#transaction({ ...fence, epoch }, records, owned);
  }

  async close(): Promise<void> {
    this.#discard();
  }

  /** A new producer, which ends what an older one has left open; then the progress, read to its end. */
  async #renew(): Promise<void> {
    this.#discard();
    const producer = await Producer.transactional(this.#cluster, `tlm-${this.#key.pipelineId}-${this.#key.nodeId}`);
    this.#stored = await readProgress(this.#cluster, this.#key);
    this.#producer = producer;
  }

  async #transaction(next: Fence, records: readonly LogRecord[], owned: (stored: Fence | undefined) => boolean): Promise<void> {
    const producer = must(this.#producer, 'a transaction without a producer');
    try {
      await producer.send(this.#topic, records);
      await producer.send(PROGRESS_TOPIC, [
        {
          partition: progressPartition(this.#key),
          key: progressKey(this.#key),
          value: encodeFence(next),
          timestampUs: Date.now() * 1000,
        },
      ]);
      await producer.commit();
      this.#stored = next;
    } catch (error) {
      this.#discard();
      const fault = kafkaFault(error, this.#cluster.target, `writing to topic "${this.#topic}"`);
      if (fault.kind !== 'retry') throw fault;
      // the end of the transaction may have come through, or somebody else may have shut this producer out
      const stored = await lookAtProgress(this.#cluster, this.#key);
      if (sameFence(stored, next)) return;
      if (!owned(stored)) throw fencedFault(this.#key, stored, 'after a failed transaction');
      throw fault;
    }
  }

  #discard(): void {
    this.#producer = undefined;
    this.#stored = undefined;
  }
}
