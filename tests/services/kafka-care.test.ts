import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Producer as OtherProducer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog } from '../../connections/kafka/event-log.ts';
import { open } from '../../connections/kafka/open.ts';
import { protocolErrors } from '../../connections/kafka/real/kafka-fault.ts';
import { Cluster } from '../../connections/kafka/real/cluster.ts';
import { Producer } from '../../connections/kafka/real/producer.ts';
import { PROGRESS_TOPIC, progressPartition } from '../../connections/kafka/real/progress.ts';
import { kafkaProfile, type KafkaProfile } from '../../connections/profile.ts';
import { isInstalled, prepareBroker, startBroker, stopBroker, type Broker } from '../../scripts/services-kafka.mjs';
import { kafkaForTests, startedBroker } from './kafka-for-tests.ts';
import { Follower, record, text } from './topic-context.ts';

const real = await kafkaForTests();
const directory = mkdtempSync(join(tmpdir(), 'telemetra-care-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const topicDefaults = { partitions: undefined, retentionMs: undefined };
const connect = (profile: KafkaProfile): Promise<EventLog> => open('kafka', { profile, workspace: directory, topicDefaults });

describe.skipIf(real.profile === undefined)(`real Kafka${real.profile === undefined ? `: ${real.missing}` : ''}`, () => {
  const profile = real.profile!;
  const run = `${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
  let log: EventLog;
  let cluster: Cluster;
  let count = 0;
  const newTopic = async (partitions = 1): Promise<string> => {
    const topic = `care.${run}.${count++}`;
    await log.create(topic, { partitions });
    return topic;
  };

  beforeAll(async () => {
    log = await connect(profile);
    cluster = new Cluster(profile);
  });
  afterAll(async () => {
    for (const topic of await log.topics()) if (topic.startsWith(`care.${run}.`)) await log.remove(topic);
    await log.close();
    await cluster.close();
  });

  test('aborted transactions are never seen, an open one holds the end back until it is decided', async () => {
    const topic = await newTopic();
    const a = await Producer.transactional(cluster, `${topic}-a`);
    await a.send(topic, [record(0, 'aborted 1'), record(0, 'aborted 2')]);
    await log.append(topic, [record(0, 'plain')]);
    const b = await Producer.transactional(cluster, `${topic}-b`);
    await b.send(topic, [record(0, 'committed')]);
    await b.commit();
    const follower = await Follower.open(log, topic);
    await follower.until(({ caughtUp }) => caughtUp.get(0) === true);
    expect(follower.values).toEqual([]);
    // a new producer of the same id aborts what the old one left open
    const again = await Producer.transactional(cluster, `${topic}-a`);
    await again.send(topic, [record(0, 'second try')]);
    await again.commit();
    await follower.until(({ values }) => values.length === 3);
    expect(follower.values).toEqual(['plain', 'committed', 'second try']);
    await follower.until(({ positions, caughtUp }) => caughtUp.get(0) === true && positions.get(0)!.offset > 6);
    const refused = await a.send(topic, [record(0, 'zombie')]).catch((error: unknown) => error);
    expect([...protocolErrors(refused)]).toEqual(['INVALID_PRODUCER_EPOCH']);
    await follower.close();
    // markers stand between the messages: a stored position survives a restart
    const restarted = await Follower.open(log, topic, { positions: follower.positions });
    await log.append(topic, [record(0, 'after')]);
    await restarted.until(({ values }) => values.length === 1);
    expect(restarted.values).toEqual(['after']);
    await restarted.close();
    const bounded = await (await Follower.open(log, topic, { bounded: true })).until(({ ended }) => ended.has(0));
    expect(bounded.values).toEqual(['plain', 'committed', 'second try', 'after']);
    await bounded.close();
  });

  test('a sink that dies inside its transaction leaves nothing, and the next start goes on from the fence', async () => {
    const topic = await newTopic(2);
    const key = { pipelineId: `p-${topic}`, nodeId: 'sink' };
    const first = await log.writer(topic, key);
    await first.fence();
    const one = { lineage: 'l', owner: 1, epoch: 0 };
    await first.take(undefined, one);
    await first.append(one, 1, [record(0, 'epoch 1')]);
    const dying = await Producer.transactional(cluster, `tlm-${key.pipelineId}-${key.nodeId}`);
    await dying.send(topic, [record(0, 'half of epoch 2'), record(1, 'half of epoch 2')]);
    const second = await log.writer(topic, key);
    expect(await second.fence()).toEqual({ ...one, epoch: 1 });
    const two = { lineage: 'l', owner: 2, epoch: 1 };
    await second.take({ ...one, epoch: 1 }, two);
    await second.append(two, 2, [record(0, 'epoch 2'), record(1, 'epoch 2')]);
    await expect(first.append({ ...one, epoch: 1 }, 2, [record(0, 'zombie')])).rejects.toMatchObject({ kind: 'fenced' });
    // the zombie has not shut out the owner
    await second.append({ ...two, epoch: 2 }, 3, [record(0, 'epoch 3')]);
    const follower = await (await Follower.open(log, topic, { bounded: true })).until(({ ended }) => ended.size === 2);
    expect(follower.values.toSorted()).toEqual(['epoch 1', 'epoch 2', 'epoch 2', 'epoch 3']);
    await Promise.all([follower.close(), first.close(), second.close()]);
  });

  test('a transaction of its own that hangs is ended by the sink, it does not wait for the broker to give it up', async () => {
    const topic = await newTopic();
    const key = { pipelineId: `p-${topic}`, nodeId: 'sink' };
    const writer = await log.writer(topic, key);
    const fence = { lineage: 'l', owner: 1, epoch: 0 };
    await writer.take(undefined, fence);
    // as when the connection is lost before the end of the transaction: rows and progress are there, undecided
    const hanging = await Producer.transactional(cluster, `tlm-${key.pipelineId}-${key.nodeId}`);
    await hanging.send(topic, [record(0, 'undecided')]);
    await hanging.send(PROGRESS_TOPIC, [record(progressPartition(key), '{}', { key: 'x' })]);
    await expect(writer.append(fence, 1, [record(0, 'epoch 1')])).rejects.toMatchObject({ kind: 'retry' });
    await writer.append(fence, 1, [record(0, 'epoch 1')]);
    const follower = await (await Follower.open(log, topic, { bounded: true })).until(({ ended }) => ended.has(0));
    expect(follower.values).toEqual(['epoch 1']);
    await Promise.all([follower.close(), writer.close()]);
  }, 45_000);

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'messages that another client has written with codec %s',
    async (compression) => {
      const topic = await newTopic();
      const other = new OtherProducer({
        clientId: 'other',
        bootstrapBrokers: [`${profile.brokers[0]!.host}:${profile.brokers[0]!.port}`],
      });
      for (let i = 0; i < 3; i++) {
        const messages = Array.from({ length: 200 }, (_, n) => ({
          topic,
          partition: 0,
          key: Buffer.from(`k${n}`),
          value: Buffer.from(`${i}-${n} ${'text '.repeat(30)}`),
          headers: new Map([[Buffer.from('n'), Buffer.from(String(n))]]),
        }));
        await other.send({ messages, compression, acks: -1 });
      }
      await other.close();
      const follower = await (await Follower.open(log, topic)).until(({ values }) => values.length === 600);
      expect(follower.values[0]).toBe(`0-0 ${'text '.repeat(30)}`);
      expect(follower.values[599]).toBe(`2-199 ${'text '.repeat(30)}`);
      const batch = follower.batches.find((candidate) => candidate.count > 0)!;
      expect([
        text(batch.keys!.bytes, batch.keys!.start[3]!, batch.keys!.end[3]!),
        text(batch.headers!.bytes, batch.headers!.start[3]!, batch.headers!.end[3]!),
      ]).toEqual(['k3', '{"n":"3"}']);
      await follower.close();
    },
  );

  test('positions are noted as offsets of a group, for tools that show lag', async () => {
    const topic = await newTopic(2);
    await log.append(topic, [record(0, 'a'), record(0, 'b'), record(1, 'c')]);
    const follower = await (await Follower.open(log, topic)).until(({ values }) => values.length === 3);
    await follower.feed.committed(follower.positions);
    const admin = new Admin({ clientId: 'admin', bootstrapBrokers: [`${profile.brokers[0]!.host}:${profile.brokers[0]!.port}`] });
    const groups = await admin.listConsumerGroupOffsets({
      groups: [{ groupId: 'telemetra.p.n', topics: [{ name: topic, partitionIndexes: [0, 1] }] }],
    });
    expect(groups[0]!.topics[0]!.partitions.map(({ committedOffset }) => Number(committedOffset)).toSorted()).toEqual([1, 2]);
    await admin.close();
    await follower.close();
  });

  const secure = startedBroker();
  describe.skipIf(secure?.securePort === undefined)('over SASL_SSL', () => {
    const env = (more: Record<string, string>): KafkaProfile =>
      kafkaProfile('kafka', {
        KAFKA_BOOTSTRAP_SERVERS: `localhost:${secure!.securePort}`,
        KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
        KAFKA_SASL_USERNAME: secure!.user,
        KAFKA_SASL_PASSWORD: secure!.password,
        KAFKA_SSL_CA_FILE: secure!.ca,
        ...more,
      })!;

    test.each(['PLAIN', 'SCRAM-SHA-512'])('%s: reads and writes', async (mechanism) => {
      const topic = await newTopic();
      const safe = await connect(env({ KAFKA_SASL_MECHANISM: mechanism }));
      const own = `${topic}-secure`;
      expect(await safe.create(own, { partitions: 1 })).toBe(true);
      await safe.widen(own, 2);
      expect((await safe.describe(own))?.partitions).toHaveLength(2);
      await safe.remove(own);
      expect(await safe.describe(own)).toBeUndefined();
      await safe.append(topic, [record(0, 'secret')]);
      const follower = await (await Follower.open(safe, topic)).until(({ values }) => values.length === 1);
      await follower.close();
      await safe.close();
    });

    test.each([
      ['a wrong password', 'fatal', { KAFKA_SASL_PASSWORD: 'wrong' }, 'kafka_credentials'],
      ['an unknown authority', 'fatal', { KAFKA_SSL_CA_FILE: '' }, 'kafka_tls'],
      ['no TLS where it is needed', 'retry', { KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT' }, 'kafka_login'],
    ])('%s is %s, with what to check', async (_title, kind, more, code) => {
      const wrong = await connect(env({ KAFKA_SASL_MECHANISM: 'PLAIN', ...more }));
      await expect(wrong.topics()).rejects.toMatchObject({
        kind,
        code,
        mend: expect.stringContaining('KAFKA_') as string,
      });
      await wrong.close();
    });
  });

  test('changes to topics that cannot be made say why, at once', async () => {
    const topic = await newTopic(2);
    await expect(log.widen(topic, 1)).rejects.toMatchObject({ kind: 'fatal', code: 'topic_refused' });
    await expect(log.create('no such name', {})).rejects.toMatchObject({ kind: 'fatal', code: 'topic_refused' });
    await expect(log.widen(`${topic}-absent`, 3)).rejects.toMatchObject({ kind: 'fatal', code: 'topic_missing' });
    await expect(log.remove(`${topic}-absent`)).rejects.toMatchObject({ kind: 'fatal', code: 'topic_missing' });
  });

  test('what the environment says of new topics comes before the wish, and without it the wish holds', async () => {
    const wished = await newTopic(1);
    expect((await log.describe(wished))?.partitions).toHaveLength(1);
    const ruled = await open('kafka', {
      profile,
      workspace: directory,
      topicDefaults: { partitions: 3, retentionMs: 168 * 3_600_000 },
    });
    const topic = `care.${run}.${count++}`;
    await ruled.create(topic, { partitions: 1, retentionMs: 3_600_000 });
    const found = await ruled.describe(topic);
    expect(found?.partitions).toHaveLength(3);
    expect(found?.retentionMs).toBe(168 * 3_600_000);
    await ruled.close();
  });

  test('a broker that is not there is to be tried again', async () => {
    const nobody = await connect(kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' })!);
    await expect(nobody.topics()).rejects.toMatchObject({ kind: 'retry', code: 'kafka_unreachable' });
    await nobody.close();
  });
});

const installed = isInstalled();
if (!installed && process.env['REQUIRE_SERVICES'] === '1') throw new Error('Kafka is required: npm run services -- install kafka');
describe.skipIf(!installed)(
  `a broker of our own${installed ? '' : ': install it with "npm run services -- install kafka"'}`,
  () => {
    let broker: Broker;
    let pid: number;
    beforeAll(async () => {
      broker = await prepareBroker(join(directory, 'broker'));
      pid = await startBroker(broker);
    }, 120_000);
    afterAll(() => stopBroker(pid));

    test('a user without rights: one sentence that says what to grant', async () => {
      const owner = await connect(kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${broker.port}` })!);
      await owner.create('private', { partitions: 1 });
      await owner.close();
      const guest = await connect(
        kafkaProfile('kafka', {
          KAFKA_BOOTSTRAP_SERVERS: `localhost:${broker.securePort}`,
          KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
          KAFKA_SASL_USERNAME: 'guest',
          KAFKA_SASL_PASSWORD: broker.password,
          KAFKA_SSL_CA_FILE: broker.ca,
        })!,
      );
      const denied = { kind: 'fatal', code: 'kafka_rights', mend: expect.stringContaining('Grant') as string };
      await expect(Follower.open(guest, 'private')).rejects.toMatchObject(denied);
      await expect(guest.create('mine', { partitions: 1 })).rejects.toMatchObject(denied);
      const writer = await guest.writer('private', { pipelineId: 'p', nodeId: 'guest' });
      await expect(writer.fence()).rejects.toMatchObject(denied);
      await guest.close();
    });

    test('when a broker dies and returns, readers and sinks go on where they were, nothing twice and nothing lost', async () => {
      const log = await connect(kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${broker.port}` })!);
      await log.create('t', { partitions: 2 });
      const writer = await log.writer('t', { pipelineId: 'p', nodeId: 'sink' });
      expect(await writer.fence()).toBeUndefined();
      const fence = { lineage: 'l', owner: 1, epoch: 0 };
      await writer.take(undefined, fence);
      await writer.append(fence, 1, [record(0, 'one'), record(1, 'two')]);
      const follower = await (await Follower.open(log, 't')).until(({ values }) => values.length === 2);
      await stopBroker(pid, 'SIGKILL');
      await expect(writer.append({ ...fence, epoch: 1 }, 2, [record(0, 'three')])).rejects.toMatchObject({ kind: 'retry' });
      await expect(follower.until(() => false)).rejects.toMatchObject({ kind: 'retry', code: 'kafka_unreachable' });
      pid = await startBroker(broker);
      for (let done = false; !done;) {
        done = await writer.append({ ...fence, epoch: 1 }, 2, [record(0, 'three')]).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ kind: 'retry' });
            return false;
          },
        );
      }
      while (follower.values.length < 3) {
        await follower.poll().catch((error: unknown) => expect(error).toMatchObject({ kind: 'retry' }));
      }
      expect(follower.values.toSorted()).toEqual(['one', 'three', 'two']);
      await follower.close();
      await log.close();
    }, 240_000);
  },
);
