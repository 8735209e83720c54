import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, describeConfigsV4, findCoordinatorV4, listOffsetsV7, metadataV12 } from '@platformatic/kafka';
import { Fault } from '../../../engine/model/fault.ts';
import type { KafkaProfile } from '../../profile.ts';
import { kafkaFault, protocolErrors } from './kafka-fault.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** Longer than any long poll; a broker that hangs is given up after this. */
const REQUEST_TIMEOUT_MS = 30_000;

/** How long a partition may be without a leader that answers, as right after its topic was made. */
const MOVING_MS = 10_000;
const MOVING: ReadonlySet<string> = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'OFFSET_NOT_AVAILABLE',
]);

export interface PartitionLeader {
  readonly partition: number;
  /** −1: no leader now */
  readonly leader: number;
}

export interface TopicMetadata {
  readonly name: string;
  readonly identity: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionLeader[];
}

export const EARLIEST = -2n;
export const LATEST = -1n;

/** Connections to the brokers of one cluster, by broker; opened when needed, opened again when lost. */
export class Cluster {
  readonly target: string;
  readonly #profile: KafkaProfile;
  readonly #addresses = new Map<number, { host: string; port: number }>();
  readonly #coordinators = new Map<string, number>();
  readonly #connections = new Map<string, Promise<Connection>>();

  constructor(profile: KafkaProfile) {
    this.#profile = profile;
    this.target = profile.target;
  }

  /** Runs one request; every error comes out as a Fault. `doing`: for the sentence, "reading topic x". */
  async request<T>(doing: string, broker: number | 'any', send: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await send(broker === 'any' ? await this.#any() : await this.#broker(broker));
    } catch (error) {
      throw kafkaFault(error, this.target, doing);
    }
  }

  /** Topics by name; null: all. A topic that is not there is left out. */
  async metadata(names: readonly string[] | null): Promise<readonly TopicMetadata[]> {
    const response = await this.request('reading metadata', 'any', async (connection) => {
      const wanted = names === null ? null : names.map((name) => ({ name }));
      try {
        return await metadataV12.api.async(connection, wanted, false, false);
      } catch (error) {
        // the library throws where one topic has an error; the others are in the response all the same
        const partial = (error as { response?: metadataV12.MetadataResponse }).response;
        if (partial === undefined) throw error;
        return partial;
      }
    });
    for (const { nodeId, host, port } of response.brokers) this.#addresses.set(nodeId, { host, port });
    const denied = response.topics.find((topic) => topic.errorCode === TOPIC_AUTHORIZATION_FAILED);
    if (denied !== undefined && names !== null) {
      throw new Fault('fatal', 'kafka_rights', `Kafka at ${this.target} does not allow to see topic "${denied.name}".`, {
        mend: 'Grant the user of KAFKA_SASL_USERNAME the right to describe and read the topic.',
      });
    }
    return response.topics.flatMap((topic) => {
      if (typeof topic.name !== 'string' || topic.errorCode === UNKNOWN_TOPIC_OR_PARTITION || topic.partitions.length === 0)
        return [];
      const partitions = topic.partitions.map((one) => ({ partition: one.partitionIndex, leader: one.leaderId }));
      partitions.sort((a, b) => a.partition - b.partition);
      return [{ name: topic.name, identity: topic.topicId, internal: topic.isInternal, partitions }];
    });
  }

  /**
   * Offsets by partition for a time in ms, EARLIEST or LATEST; −1 where no message is that young. With readCommitted the end
   * stands before the first open transaction.
   */
  async offsets(
    topic: TopicMetadata,
    timestamp: bigint,
    readCommitted: boolean,
    only?: readonly number[],
  ): Promise<ReadonlyMap<number, number>> {
    let now = topic;
    for (const until = performance.now() + MOVING_MS; ;) {
      try {
        return await this.#offsets(now, timestamp, readCommitted, only);
      } catch (error) {
        const names = protocolErrors(error);
        if (![...names].some((name) => MOVING.has(name)) || performance.now() > until) throw error;
      }
      await sleep(50);
      const [found] = await this.metadata([topic.name]);
      if (found?.identity === topic.identity) now = found;
    }
  }

  async #offsets(
    topic: TopicMetadata,
    timestamp: bigint,
    readCommitted: boolean,
    only?: readonly number[],
  ): Promise<ReadonlyMap<number, number>> {
    const byLeader = new Map<number, number[]>();
    for (const { partition, leader } of topic.partitions) {
      if (only !== undefined && !only.includes(partition)) continue;
      const list = byLeader.get(leader);
      if (list === undefined) byLeader.set(leader, [partition]);
      else list.push(partition);
    }
    const offsets = new Map<number, number>();
    await Promise.all(
      [...byLeader].map(async ([leader, partitions]) => {
        const asked = partitions.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp }));
        const response = await this.request(`asking for offsets of topic "${topic.name}"`, leader, (connection) =>
          listOffsetsV7.api.async(connection, -1, readCommitted ? 1 : 0, [{ name: topic.name, partitions: asked }]),
        );
        for (const one of response.topics[0]!.partitions) offsets.set(one.partitionIndex, Number(one.offset));
      }),
    );
    return offsets;
  }

  /** undefined: for ever, or not for this user to know. */
  async retentionMs(topic: string): Promise<number | undefined> {
    const resource = { resourceType: TOPIC_RESOURCE, resourceName: topic, configurationKeys: ['retention.ms'] };
    try {
      const response = await this.request(`reading the settings of topic "${topic}"`, 'any', (connection) =>
        describeConfigsV4.api.async(connection, [resource], false, false),
      );
      const value = Number(response.results[0]?.configs.find((config) => config.name === 'retention.ms')?.value ?? -1);
      return value < 0 ? undefined : value;
    } catch (error) {
      // reading messages needs no right to see the settings
      if (error instanceof Fault && error.code === 'kafka_rights') return undefined;
      throw error;
    }
  }

  /** Runs a request at the broker that keeps a group's offsets or a transaction's state; finds it anew after an error. */
  async coordinate<T>(
    of: 'group' | 'transaction',
    name: string,
    doing: string,
    send: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const key = `${of} ${name}`;
    try {
      let broker = this.#coordinators.get(key);
      if (broker === undefined) {
        const response = await this.request(`looking for the coordinator of ${key}`, 'any', (connection) =>
          findCoordinatorV4.api.async(connection, COORDINATOR_OF[of], [name]),
        );
        const { nodeId, host, port } = response.coordinators[0]!;
        this.#addresses.set(nodeId, { host, port });
        this.#coordinators.set(key, nodeId);
        broker = nodeId;
      }
      return await this.request(doing, broker, send);
    } catch (error) {
      this.#coordinators.delete(key);
      throw error;
    }
  }

  async close(): Promise<void> {
    const all = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.allSettled(all.map(async (connection) => (await connection).close()));
  }

  async #broker(id: number): Promise<Connection> {
    const address = this.#addresses.get(id);
    if (address === undefined)
      throw new Fault('retry', 'kafka_no_leader', `Kafka at ${this.target} has no leader for a partition now.`);
    return this.#open(address.host, address.port);
  }

  /** A connection that is open, else the first broker that answers: known ones, then those of the profile. */
  async #any(): Promise<Connection> {
    const places = [...this.#addresses.values(), ...this.#profile.brokers];
    let failure: unknown;
    for (const { host, port } of places) {
      try {
        return await this.#open(host, port);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #open(host: string, port: number): Promise<Connection> {
    const key = `${host}:${port}`;
    const known = this.#connections.get(key);
    if (known !== undefined) {
      const connection = await known.catch(() => undefined);
      if (connection?.isConnected() === true) return connection;
      if (this.#connections.get(key) === known) this.#connections.delete(key);
      return this.#open(host, port);
    }
    const opening = this.#connect(host, port);
    this.#connections.set(key, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#connections.get(key) === opening) this.#connections.delete(key);
      throw error;
    }
  }

  async #connect(host: string, port: number): Promise<Connection> {
    const { tls, sasl } = this.#profile;
    const connection = new Connection('telemetra', {
      connectTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxInflights: 16,
      tlsServerName: isIP(host) === 0,
      ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
      ...(sasl === undefined
        ? {}
        : { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() } }),
    });
    // failures reach the caller through each request's own callback; without a listener they would end the process
    connection.on('error', () => undefined);
    await connection.connect(host, port);
    return connection;
  }
}

export function tlsOptions(tls: NonNullable<KafkaProfile['tls']>): { ca?: string[]; cert?: string; key?: string } {
  return {
    ...(tls.ca === undefined ? {} : { ca: [tls.ca] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
  };
}

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const TOPIC_AUTHORIZATION_FAILED = 29;
const TOPIC_RESOURCE = 2 as const;
const COORDINATOR_OF = { group: 0, transaction: 1 } as const;
