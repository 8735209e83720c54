import { deleteRecordsV2, offsetCommitV8 } from '@platformatic/kafka';
import type { Admin } from 'kafkajs';
import { Fault } from '../../../engine/model/fault.ts';
import type { KafkaProfile, TopicDefaults } from '../../profile.ts';
import {
  DEFAULT_RETENTION_MS,
  type EventLog,
  type FenceKey,
  type LogReader,
  type LogRecord,
  type LogWriter,
  type TopicDescription,
  type TopicWish,
} from '../event-log.ts';
import { Cluster, EARLIEST, LATEST, type TopicMetadata } from './cluster.ts';
import { insist } from './insist.ts';
import { protocolErrors } from './kafka-fault.ts';
import { Producer } from './producer.ts';
import { PROGRESS_CONFIG, PROGRESS_PARTITIONS, PROGRESS_TOPIC } from './progress.ts';
import { RealReader } from './real-reader.ts';
import { RealWriter } from './real-writer.ts';
import { TopicAdmin } from './topic-admin.ts';

const ADMIN_TIMEOUT_MS = 20_000;

/** A Kafka cluster. Connects on first use. */
export class RealLog implements EventLog {
  readonly target: string;
  readonly #cluster: Cluster;
  readonly #topicAdmin: TopicAdmin;
  readonly #defaults: TopicDefaults;
  readonly #parts = new Set<{ close(): Promise<void> }>();

  constructor(profile: KafkaProfile, defaults: TopicDefaults) {
    this.target = profile.target;
    this.#cluster = new Cluster(profile);
    this.#topicAdmin = new TopicAdmin(profile);
    this.#defaults = defaults;
  }

  async topics(): Promise<readonly string[]> {
    const all = await this.#cluster.metadata(null);
    return all
      .flatMap(({ name, internal }) => (internal || name.startsWith('__') || name === PROGRESS_TOPIC ? [] : [name]))
      .toSorted();
  }

  async describe(name: string): Promise<TopicDescription | undefined> {
    const [topic] = await this.#cluster.metadata([name]);
    if (topic === undefined) return undefined;
    const [starts, ends, retentionMs] = await Promise.all([
      this.#cluster.offsets(topic, EARLIEST, false),
      this.#cluster.offsets(topic, LATEST, false),
      this.#cluster.retentionMs(name),
    ]);
    const partitions = topic.partitions.map(({ partition }) => ({
      partition,
      start: starts.get(partition)!,
      end: ends.get(partition)!,
    }));
    return { name, identity: topic.identity, partitions, retentionMs };
  }

  create(name: string, wish: Partial<TopicWish>): Promise<boolean> {
    const retentionMs = this.#defaults.retentionMs ?? wish.retentionMs ?? DEFAULT_RETENTION_MS;
    return this.#create(name, this.#defaults.partitions ?? wish.partitions ?? 1, { 'retention.ms': String(retentionMs) });
  }

  async widen(name: string, partitions: number): Promise<void> {
    await this.#admin(`adding partitions to topic "${name}"`, name, (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic: name, count: partitions }], timeout: ADMIN_TIMEOUT_MS }),
    );
    await this.#settled(name, (topic) => topic !== undefined && topic.partitions.length >= partitions && hasLeaders(topic));
  }

  async remove(name: string): Promise<void> {
    // kafkajs would insist for seconds on a topic that is not there
    const { identity } = await this.#need(name);
    try {
      await this.#admin(`deleting topic "${name}"`, name, (admin) =>
        admin.deleteTopics({ topics: [name], timeout: ADMIN_TIMEOUT_MS }),
      );
    } catch (error) {
      // it looks around after the deletion, and reports what it finds there as an error of the deletion
      const [left] = await this.#cluster.metadata([name]);
      if (left?.identity === identity) throw error;
    }
    await this.#settled(name, (topic) => topic?.identity !== identity);
  }

  async truncate(name: string, partition: number, offset: number): Promise<void> {
    const topic = await this.#need(name);
    const leader = topic.partitions.find((one) => one.partition === partition)?.leader ?? -1;
    await this.#cluster.request(`deleting records of topic "${name}"`, leader, (connection) =>
      deleteRecordsV2.api.async(
        connection,
        [{ name, partitions: [{ partitionIndex: partition, offset: BigInt(offset) }] }],
        ADMIN_TIMEOUT_MS,
      ),
    );
  }

  async offsetAt(name: string, partition: number, timeUs: number): Promise<number> {
    const topic = await this.#need(name);
    const found = (await this.#cluster.offsets(topic, BigInt(Math.ceil(timeUs / 1000)), true, [partition])).get(partition)!;
    return found >= 0 ? found : (await this.#cluster.offsets(topic, LATEST, true, [partition])).get(partition)!;
  }

  async reader(topic: string, options: { readonly readCommitted: boolean }): Promise<LogReader> {
    return this.#keep(new RealReader(this.#cluster, topic, options.readCommitted));
  }

  async writer(topic: string, key: FenceKey): Promise<LogWriter> {
    const ready = async (): Promise<void> => {
      await this.#create(PROGRESS_TOPIC, PROGRESS_PARTITIONS, PROGRESS_CONFIG);
    };
    return this.#keep(new RealWriter(this.#cluster, topic, key, ready));
  }

  async append(topic: string, records: readonly LogRecord[]): Promise<void> {
    await Producer.plain(this.#cluster).send(topic, records);
  }

  async noteGroup(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    const partitions = [...offsets].map(([partitionIndex, offset]) => ({
      partitionIndex,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: null,
    }));
    // generation −1: positions that no member of the group has read by
    await insist(() =>
      this.#cluster.coordinate('group', group, `noting offsets of group "${group}"`, (connection) =>
        offsetCommitV8.api.async(connection, group, -1, '', null, [{ name: topic, partitions }]),
      ),
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#parts].map((part) => part.close()));
    await this.#cluster.close();
  }

  async #create(name: string, partitions: number, config: Readonly<Record<string, string>>): Promise<boolean> {
    const known = await this.#cluster.metadata([name]);
    if (known.length > 0) return false;
    const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
    // replication −1: the broker's own default
    const topic = { topic: name, numPartitions: partitions, replicationFactor: -1, configEntries };
    const created = await this.#admin(`creating topic "${name}"`, name, (admin) =>
      admin.createTopics({ topics: [topic], timeout: ADMIN_TIMEOUT_MS, waitForLeaders: false }),
    );
    if (!created) return false;
    await this.#settled(name, (found) => found !== undefined && found.partitions.length === partitions && hasLeaders(found));
    return true;
  }

  /** A change to a topic; a wish that the broker will never grant is fatal. */
  async #admin<T>(doing: string, name: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    const all = await this.#cluster.metadata(null);
    const about = all.every(hasLeaders) ? undefined : all.find(hasLeaders)?.name;
    try {
      return await this.#topicAdmin.change(doing, about, work);
    } catch (error) {
      const names = protocolErrors(error);
      const refusal = [
        'INVALID_TOPIC_EXCEPTION',
        'INVALID_PARTITIONS',
        'INVALID_CONFIG',
        'POLICY_VIOLATION',
        'INVALID_REPLICATION_FACTOR',
      ].find((one) => names.has(one));
      if (refusal !== undefined) {
        throw new Fault('fatal', 'topic_refused', `Kafka at ${this.target} refuses ${doing}: ${refusal}.`, {
          mend: 'Change the name or the settings of the topic.',
          cause: error,
        });
      }
      if (names.has('UNKNOWN_TOPIC_OR_PARTITION')) throw missing(name, this.target);
      throw error;
    }
  }

  /** Brokers hear of a change one after the other: waits until the metadata shows it. */
  async #settled(name: string, shows: (topic: TopicMetadata | undefined) => boolean): Promise<void> {
    for (const until = performance.now() + ADMIN_TIMEOUT_MS; ;) {
      const [topic] = await this.#cluster.metadata([name]);
      if (shows(topic)) return;
      if (performance.now() > until)
        throw new Fault('retry', 'kafka_slow', `Topic "${name}" at ${this.target} has not changed as asked within 20 s.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #need(name: string): Promise<TopicMetadata> {
    const [topic] = await this.#cluster.metadata([name]);
    if (topic === undefined) throw missing(name, this.target);
    return topic;
  }

  #keep<C extends { close(): Promise<void> }>(part: C): C {
    this.#parts.add(part);
    return part;
  }
}

function hasLeaders(topic: TopicMetadata): boolean {
  return topic.partitions.every(({ leader }) => leader >= 0);
}

function missing(name: string, target: string): Fault {
  return new Fault('fatal', 'topic_missing', `There is no topic "${name}" at ${target}.`, {
    mend: 'List the topics with "telemetra topics ls".',
  });
}
