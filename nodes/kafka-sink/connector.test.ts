import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openConnections } from '../../connections/connections.ts';
import { partitionOfKey } from '../../connections/kafka/murmur2.ts';
import { tailTopic, type TailedMessage } from '../../connections/kafka/topics.ts';
import type { Connections } from '../../connections/connections.ts';
import type { SinkContext } from '../../engine/stream/connector.ts';
import type { Outbox } from '../../engine/stream/operator.ts';
import { sink } from './connector.ts';
import { definition, type Settings } from './definition.ts';

const directory = mkdtempSync(join(tmpdir(), 'telemetra-sink-'));
const connections = openConnections({ services: 'embedded', workspace: directory, env: {} });
afterAll(async () => {
  await connections.close();
  rmSync(directory, { recursive: true });
});

const lines: string[] = [];
const context: SinkContext<Connections> = {
  pipelineId: 'p',
  nodeId: 'sink',
  connections,
  baseDirectory: directory,
  now: () => 1_700_000_000_000,
  sleep: async () => undefined,
  random: () => 0.5,
  signal: new AbortController().signal,
  report: (line) => lines.push(line),
  schema: { fields: [], mode: { kind: 'append' }, keys: [], window: undefined, timed: false },
  fresh: false,
};

const settings = (some: Partial<Settings>): Settings => definition.settings.parse(some);

function outbox(rows: readonly unknown[]): Outbox {
  return { rows: rows.length, bytes: new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join('')) };
}

async function messages(topic: string): Promise<TailedMessage[]> {
  const found: TailedMessage[] = [];
  for await (const message of tailTopic(await connections.kafka('kafka'), topic, { last: 1000, follow: false }))
    found.push(message);
  return found;
}

test('rows with a key go to the partition that Kafka would choose, with the column as timestamp', async () => {
  const writer = await sink.open(settings({ topic: 'keyed', key: 'id', timestamp_column: 't', partitions: 3 }), context);
  expect(lines.at(-1)).toBe('Created topic "keyed" (3 partitions, kept 7d) in the embedded log.');
  await writer.take(undefined, { lineage: 'l', owner: 1, epoch: 0 });
  const rows = Array.from({ length: 20 }, (_, i) => ({ id: `k${i % 5}`, t: '2026-01-02T03:04:05.678Z', i }));
  await writer.push({ lineage: 'l', owner: 1, epoch: 0 }, 1, outbox(rows));
  const found = await messages('keyed');
  expect(found.map(({ value }) => JSON.parse(value!) as unknown)).toEqual(expect.arrayContaining(rows));
  for (const { key, partition, timestampUs } of found) {
    expect(partition).toBe(partitionOfKey(new TextEncoder().encode(key), 3));
    expect(timestampUs).toBe(Date.parse('2026-01-02T03:04:05.678Z') * 1000);
  }
  await writer.close();
});

test('[V2] a row that is too large is refused alone, and the epoch goes on', async () => {
  const writer = await sink.open(settings({ topic: 'large' }), { ...context, nodeId: 'large' });
  const fence = { lineage: 'l', owner: 1, epoch: 0 };
  await writer.take(undefined, fence);
  const refused = await writer.push(fence, 1, outbox([{ n: 1 }, { n: 'x'.repeat(1_100_000) }, { n: 3 }]));
  expect(refused).toEqual([{ row: 1, code: 'message_too_large', sentence: expect.stringContaining('1100008 bytes') as string }]);
  expect((await messages('large')).map(({ value }) => value)).toEqual(['{"n":1}', '{"n":3}']);
  await writer.close();
});

test('without a key, messages stay on a partition for a while and reach all of them', async () => {
  const writer = await sink.open(settings({ topic: 'keyless', partitions: 3 }), { ...context, nodeId: 'keyless' });
  await writer.take(undefined, { lineage: 'l', owner: 1, epoch: 0 });
  await writer.push(
    { lineage: 'l', owner: 1, epoch: 0 },
    1,
    outbox(Array.from({ length: 300 }, (_, i) => ({ i, fill: 'x'.repeat(200) }))),
  );
  const topic = await (await connections.kafka('kafka')).describe('keyless');
  expect(topic!.partitions.every(({ end }) => end > 50)).toBe(true);
  await writer.close();
});

test('a missing topic that may not be created is one sentence', async () => {
  await expect(sink.open(settings({ topic: 'absent', create: false }), context)).rejects.toMatchObject({
    kind: 'fatal',
    code: 'topic_missing',
  });
});
