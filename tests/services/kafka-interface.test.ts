import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog, LogRecord } from '../../connections/kafka/event-log.ts';
import { partitionOfKey } from '../../connections/kafka/murmur2.ts';
import { open } from '../../connections/kafka/open.ts';
import { listTopics, showTopic, tailTopic } from '../../connections/kafka/topics.ts';
import { kafkaForTests } from './kafka-for-tests.ts';
import { Follower, record, text } from './topic-context.ts';

const directory = mkdtempSync(join(tmpdir(), 'telemetra-log-'));
/** recent, so that no broker drops the messages for their age */
const t0 = Date.now() - 60_000;
const noDefaults = { partitions: undefined, retentionMs: undefined };
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const real = await kafkaForTests();

suite('embedded event log', () => open('kafka', { profile: undefined, workspace: directory, topicDefaults: noDefaults }));
if (real.profile !== undefined) {
  const { profile } = real;
  suite('real Kafka', () => open('kafka', { profile, workspace: directory, topicDefaults: noDefaults }));
} else {
  describe.skip(`real Kafka: ${real.missing}`, () => {
    test('the interface suite', () => undefined);
  });
}

function suite(name: string, connect: () => Promise<EventLog>): void {
  describe(name, () => {
    let log: EventLog;
    let count = 0;
    const run = `${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
    const newTopic = async (partitions = 1): Promise<string> => {
      const topic = `test.${run}.${count++}`;
      await log.create(topic, { partitions, retentionMs: 86_400_000 });
      return topic;
    };
    beforeAll(async () => {
      log = await connect();
    });
    afterAll(async () => {
      for (const topic of await log.topics()) if (topic.startsWith(`test.${run}.`)) await log.remove(topic);
      await log.close();
    });

    test('a topic is created once, with its partitions and retention', async () => {
      const topic = await newTopic(3);
      expect(await log.create(topic, { partitions: 5 })).toBe(false);
      const found = await log.describe(topic);
      expect(found?.partitions).toEqual([0, 1, 2].map((partition) => ({ partition, start: 0, end: 0 })));
      expect(found?.retentionMs).toBe(86_400_000);
      expect(await log.topics()).toContain(topic);
      expect(await log.describe(`test.${run}.absent`)).toBeUndefined();
    });

    test('keys, values, headers, nulls and timestamps come back as they were written, padded by 8 bytes', async () => {
      const topic = await newTopic();
      await log.append(topic, [
        record(0, 'one', { key: 'k', timeMs: t0 + 123, headers: { a: '1', b: 'zwei' } }),
        record(0, '', { timeMs: t0 + 124 }),
        { partition: 0, key: new TextEncoder().encode('tomb'), value: undefined, timestampUs: (t0 + 125) * 1000 + 999 },
      ]);
      const follower = await (await Follower.open(log, topic)).until(({ values }) => values.length === 3);
      const batch = follower.batches.find((candidate) => candidate.count === 3)!;
      const column = (ranges: { bytes: Uint8Array; start: Int32Array; end: Int32Array } | undefined): (string | undefined)[] =>
        [0, 1, 2].map((row) => ranges && text(ranges.bytes, ranges.start[row]!, ranges.end[row]!));
      expect(column(batch)).toEqual(['one', '', undefined]);
      expect(column(batch.keys)).toEqual(['k', undefined, 'tomb']);
      expect(column(batch.headers)).toEqual(['{"a":"1","b":"zwei"}', undefined, undefined]);
      expect([...batch.timestamps!]).toEqual([123, 124, 125].map((ms) => (t0 + ms) * 1000));
      expect([...batch.offsets]).toEqual([0, 1, 2]);
      expect(batch.bytes.length - Math.max(...batch.end)).toBeGreaterThanOrEqual(8);
      await follower.close();
    });

    test('[D1] every partition comes in offset order, whatever the size of a poll', async () => {
      const topic = await newTopic(3);
      const written: LogRecord[] = [];
      for (let i = 0; i < 3000; i++) {
        const key = `key ${i % 17}`;
        written.push(record(partitionOfKey(new TextEncoder().encode(key), 3), `${i}`, { key }));
      }
      for (let i = 0; i < written.length; i += 500) await log.append(topic, written.slice(i, i + 500));
      const expected = [0, 1, 2].map((partition) =>
        written.filter((one) => one.partition === partition).map((one) => new TextDecoder().decode(one.value)),
      );
      for (const maxRows of [7, 1000]) {
        const follower = await (await Follower.open(log, topic)).until(({ values }) => values.length === 3000, maxRows);
        const got: string[][] = [[], [], []];
        for (const batch of follower.batches) {
          for (let row = 0; row < batch.count; row++) {
            expect(batch.offsets[row]).toBe(got[batch.partition]!.length);
            got[batch.partition]!.push(text(batch.bytes, batch.start[row]!, batch.end[row]!)!);
          }
        }
        expect(got).toEqual(expected);
        await follower.close();
      }
    });

    test('reading goes on from a stored position and leaves partitions that were not asked for where they are', async () => {
      const topic = await newTopic(2);
      await log.append(topic, [record(0, 'a'), record(0, 'b'), record(0, 'c'), record(1, 'x'), record(1, 'y')]);
      const first = await Follower.open(log, topic);
      while (first.values.length < 2) await first.poll(2, 50, [0]);
      expect(first.values).toEqual(['a', 'b']);
      expect(first.positions.has(1)).toBe(false);
      await first.until(({ positions }) => positions.has(1), 1);
      const stored = new Map([
        [0, first.positions.get(0)!],
        [1, { ...first.positions.get(1)! }],
      ]);
      const before = [...first.values];
      await first.close();
      const second = await (
        await Follower.open(log, topic, { positions: stored })
      ).until(({ values }) => values.length + before.length === 5);
      expect([...before, ...second.values].toSorted()).toEqual(['a', 'b', 'c', 'x', 'y']);
      await second.close();
    });

    test('[T2] the first poll tells where each partition stands, and that an empty one is caught up', async () => {
      const topic = await newTopic(2);
      await log.append(topic, [record(0, 'a')]);
      const follower = await Follower.open(log, topic);
      await follower.poll();
      expect(follower.caughtUp.get(1)).toBe(true);
      expect(follower.positions.get(1)?.offset).toBe(0);
      await follower.until(({ values }) => values.length === 1);
      await follower.until(({ caughtUp }) => caughtUp.get(0) === true);
      const batch = follower.batches.findLast((candidate) => candidate.partition === 0)!;
      expect([batch.logEnd, batch.next.offset]).toEqual([1, 1]);
      await follower.close();
    });

    test('start: latest skips what is there, a time finds its first message, earliest takes all', async () => {
      const topic = await newTopic();
      await log.append(topic, [
        record(0, 'old', { timeMs: t0 + 1_000 }),
        record(0, 'middle', { timeMs: t0 + 2_000 }),
        record(0, 'young', { timeMs: t0 + 3_000 }),
      ]);
      const latest = await Follower.open(log, topic, { start: 'latest' });
      await latest.poll();
      await log.append(topic, [record(0, 'new', { timeMs: t0 + 4_000 })]);
      await latest.until(({ values }) => values.length > 0);
      expect(latest.values).toEqual(['new']);
      await latest.close();
      const from = async (timeUs: number): Promise<readonly string[]> => {
        const follower = await Follower.open(log, topic, { from: { kind: 'time', timeUs }, bounded: true });
        await follower.until(({ ended }) => ended.has(0));
        await follower.close();
        return follower.values;
      };
      expect(await from((t0 + 1_500) * 1000)).toEqual(['middle', 'young', 'new']);
      expect(await from((t0 + 2_000) * 1000)).toEqual(['middle', 'young', 'new']);
      expect(await from((t0 + 9_000) * 1000)).toEqual([]);
      const earliest = await Follower.open(log, topic, { from: { kind: 'earliest' }, start: 'latest' });
      await earliest.until(({ values }) => values.length === 4);
      await earliest.close();
    });

    test('a bounded reader ends at the end it found at its start', async () => {
      const topic = await newTopic(2);
      await log.append(topic, [record(0, 'a'), record(0, 'b')]);
      const follower = await Follower.open(log, topic, { bounded: true });
      await log.append(topic, [record(0, 'later'), record(1, 'later')]);
      await follower.until(({ ended }) => ended.size === 2);
      expect(follower.values).toEqual(['a', 'b']);
      await follower.close();
      await expect(Follower.open(log, `test.${run}.absent`, { bounded: true })).rejects.toMatchObject({
        code: 'topic_missing',
        kind: 'fatal',
      });
    });

    test('an added partition is read from its first message', async () => {
      const topic = await newTopic();
      await log.append(topic, [record(0, 'a')]);
      const clock = { aheadMs: 0 };
      const follower = await (
        await Follower.open(log, topic, { start: 'latest', clock })
      ).until(({ positions }) => positions.size === 1);
      await log.widen(topic, 2);
      await log.append(topic, [record(1, 'first of the new one')]);
      clock.aheadMs = 30_000;
      await follower.until(({ values }) => values.length === 1);
      expect(follower.values).toEqual(['first of the new one']);
      expect(follower.feed.partitions()).toEqual([0, 1]);
      await follower.close();
      const stopped = new Map([[0, follower.positions.get(0)!]]);
      const restarted = await Follower.open(log, topic, { start: 'latest', positions: stopped });
      await restarted.until(({ values }) => values.length === 1);
      await restarted.close();
    });

    test('a topic that comes later is read from its beginning, even by one that starts at the latest', async () => {
      const topic = `test.${run}.${count++}`;
      const clock = { aheadMs: 0 };
      const follower = await Follower.open(log, topic, { start: 'latest', clock });
      expect(follower.feed.partitions()).toEqual([0]);
      expect(follower.lines).toEqual([`Topic "${topic}" is not there yet; waiting for it.`]);
      await follower.poll();
      await log.create(topic, { partitions: 2 });
      await log.append(topic, [record(0, 'a'), record(1, 'b')]);
      clock.aheadMs = 30_000;
      await follower.until(({ values }) => values.length === 2);
      expect(follower.lines.at(-1)).toBe(`Topic "${topic}" is there now.`);
      await follower.close();
    });

    test('messages that are gone before they were read are refused with choices, at start and while running', async () => {
      const topic = await newTopic();
      await log.append(
        topic,
        ['a', 'b', 'c', 'd'].map((value) => record(0, value)),
      );
      const follower = await Follower.open(log, topic);
      while (follower.values.length < 1) await follower.poll(1);
      const stored = new Map(follower.positions);
      await log.truncate(topic, 0, 3);
      expect((await log.describe(topic))?.partitions[0]).toEqual({ partition: 0, start: 3, end: 4 });
      await follower.close();
      await expect(Follower.open(log, topic, { positions: stored })).rejects.toMatchObject({
        kind: 'refused',
        code: 'offset_out_of_range',
      });
      const running = await Follower.open(log, topic, { start: 'latest' });
      await log.append(topic, [record(0, 'e'), record(0, 'f')]);
      await log.truncate(topic, 0, 6);
      await expect(running.until(() => false)).rejects.toMatchObject({ kind: 'refused', code: 'offset_out_of_range' });
      await running.close();
    });

    test('another topic of the same name is refused: shorter, longer, at start and while running', async () => {
      const topic = await newTopic();
      const numbered = (prefix: string, n: number): LogRecord[] => Array.from({ length: n }, (_, i) => record(0, `${prefix}${i}`));
      await log.append(topic, numbered('old', 3));
      const clock = { aheadMs: 0 };
      const follower = await (await Follower.open(log, topic, { clock })).until(({ values }) => values.length === 3);
      const stored = new Map(follower.positions);
      const remake = async (n: number): Promise<void> => {
        await log.remove(topic);
        await expect.poll(() => log.describe(topic), { timeout: 20_000 }).toBeUndefined();
        await log.create(topic, { partitions: 1 });
        await log.append(topic, numbered('new', n));
      };
      await remake(1);
      await expect(Follower.open(log, topic, { positions: stored })).rejects.toMatchObject({
        kind: 'refused',
        code: 'topic_recreated',
      });
      await remake(5);
      await expect(Follower.open(log, topic, { positions: stored })).rejects.toMatchObject({
        kind: 'refused',
        code: 'topic_recreated',
      });
      await expect(follower.until(() => false)).rejects.toMatchObject({ kind: 'refused', code: 'topic_recreated' });
      expect(follower.values).toEqual(['old0', 'old1', 'old2']);
      await follower.close();
    });

    test('a deleted topic pauses its source and says so', async () => {
      const topic = await newTopic();
      await log.append(topic, [record(0, 'a')]);
      const clock = { aheadMs: 0 };
      const follower = await (await Follower.open(log, topic, { clock })).until(({ values }) => values.length === 1);
      await log.remove(topic);
      clock.aheadMs = 30_000;
      await follower.until(({ lines }) => lines.length > 0);
      expect(follower.lines[0]).toBe(`Topic "${topic}" has been deleted: n is paused until it is there again.`);
      await follower.close();
    });

    test('[E2] rows and fence move together; the same epoch twice is written once; another owner is fenced', async () => {
      const topic = await newTopic(2);
      const key = { pipelineId: `p-${topic}`, nodeId: 'sink' };
      const writer = await log.writer(topic, key);
      expect(await writer.fence()).toBeUndefined();
      const first = { lineage: 'l', owner: 1, epoch: 0 };
      await writer.take(undefined, first);
      await writer.append(first, 3, [record(0, 'a'), record(1, 'b')]);
      await writer.append(first, 3, [record(0, 'a'), record(1, 'b')]);
      expect(await writer.fence()).toEqual({ ...first, epoch: 3 });
      const second = await log.writer(topic, key);
      const taken = { lineage: 'l', owner: 2, epoch: 3 };
      await expect(second.take(first, taken)).rejects.toMatchObject({ kind: 'fenced' });
      expect(await second.fence()).toEqual({ ...first, epoch: 3 });
      await second.take({ ...first, epoch: 3 }, taken);
      await expect(writer.append({ ...first, epoch: 3 }, 4, [record(0, 'zombie')])).rejects.toMatchObject({ kind: 'fenced' });
      await second.append(taken, 4, [record(0, 'c')]);
      await second.append({ ...taken, epoch: 4 }, 9, [record(0, 'd')]);
      expect(await second.fence()).toEqual({ ...taken, epoch: 9 });
      await Promise.all([writer.close(), second.close()]);
      const follower = await (await Follower.open(log, topic, { bounded: true })).until(({ ended }) => ended.size === 2);
      expect(follower.values.toSorted()).toEqual(['a', 'b', 'c', 'd']);
      await follower.close();
    });

    test('a large epoch is one transaction', async () => {
      const topic = await newTopic();
      const writer = await log.writer(topic, { pipelineId: `p-${topic}`, nodeId: 'sink' });
      await writer.take(undefined, { lineage: 'l', owner: 1, epoch: 0 });
      const big = 'x'.repeat(900_000);
      const rows = [
        ...Array.from({ length: 12_000 }, (_, i) => record(0, `row ${i}`)),
        ...Array.from({ length: 6 }, () => record(0, big)),
      ];
      await writer.append({ lineage: 'l', owner: 1, epoch: 0 }, 1, rows);
      await writer.close();
      const follower = await (await Follower.open(log, topic, { bounded: true })).until(({ ended }) => ended.size === 1);
      expect(follower.values.length).toBe(12_006);
      expect(follower.values.slice(0, 12_000)).toEqual(Array.from({ length: 12_000 }, (_, i) => `row ${i}`));
      expect(follower.values.at(-1)).toBe(big);
      await follower.close();
    });

    test('topics are listed, shown and tailed', async () => {
      const topic = await newTopic(2);
      await log.append(
        topic,
        [1, 2, 3, 4, 5].map((i) => record(i % 2, `v${i}`, { timeMs: t0 + i, key: `k${i}` })),
      );
      expect((await listTopics(log)).find((own) => own.name === topic)).toEqual({
        name: topic,
        partitions: 2,
        messages: 5,
        retentionMs: 86_400_000,
      });
      expect((await showTopic(log, topic)).partitions.map(({ end }) => end)).toEqual([2, 3]);
      const tailed: (string | undefined)[] = [];
      for await (const message of tailTopic(log, topic, { last: 3, follow: false })) tailed.push(`${message.key}=${message.value}`);
      expect(tailed).toEqual(['k3=v3', 'k4=v4', 'k5=v5']);
      const stop = new AbortController();
      const followed: (string | undefined)[] = [];
      for await (const message of tailTopic(log, topic, { last: 1, follow: true, signal: stop.signal })) {
        followed.push(message.value);
        if (message.value === 'v5') await log.append(topic, [record(0, 'v6')]);
        else stop.abort();
      }
      expect(followed).toEqual(['v5', 'v6']);
      await expect(showTopic(log, `test.${run}.absent`)).rejects.toMatchObject({ code: 'topic_missing' });
    });
  });
}
