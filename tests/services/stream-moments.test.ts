import type { PGlite } from '@electric-sql/pglite';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connections } from '../../connections/connections.ts';
import { isMidRun, killMoments, runOnce, type RunEnd } from '../kill/kill-loop.ts';
import { appendEvents, connectionsOf, createTopics, expectKeys, expectTables, flowIn } from '../kill/moments-setup.ts';
import { expectedRows, openOracle, seedLines, TOPICS } from '../oracle/oracle.ts';
import { missingService } from '../support/services.ts';
import { scratch } from '../support/telemetra.ts';
import { missingBinaries, startServices, type PrivateServices } from './private-services.ts';

const KILLS = 10;
const EPOCHS_APART = 9;

const missing = missingBinaries();

describe('stream moments on Kafka, PostgreSQL and Redis', () => {
  if (missing.length > 0) return missingService(missing.join(', '));
  const directory = scratch('services');
  let services: PrivateServices | undefined;
  let oracle: PGlite;

  beforeAll(async () => {
    [services, oracle] = await Promise.all([
      startServices(directory.path),
      openOracle(Object.fromEntries(TOPICS.map((topic) => [topic, seedLines(topic)]))),
    ]);
  }, 240_000);

  afterAll(async () => {
    await oracle?.close();
    if (services !== undefined) await Promise.all(Object.values(services).map((service) => service.stop()));
    directory.remove();
  });

  test(`[E2] [E5] [D1] ${KILLS} SIGKILLs of the runner and a restart of each service: tables and keys equal the oracle's, each moment stands once in its topic`, async () => {
    const { kafka, postgres, redis } = services!;
    const env = { ...kafka.env, ...postgres.env, ...redis.env };
    const moments = 'moments.out';
    const flow = flowIn(join(directory.path, 'flow'), (document) => ({
      ...document,
      nodes: [
        ...document.nodes,
        { id: 'moments_log', kind: 'kafka-sink', name: '', settings: { topic: moments, key: 'stream_id', partitions: 3 } },
      ],
      edges: [...document.edges, { from: 'all_moments.out', to: 'moments_log.in' }],
    }));
    const connections = connectionsOf(flow, env);
    const log = await connections.kafka('kafka');
    await createTopics(log, flow);
    for (const topic of TOPICS) await appendEvents(log, flow.topic(topic), seedLines(topic));

    const words = [flow.file, '--bounded', '--workspace', flow.workspace, '--batch-rows', '8', '--epoch-ms', '2'];
    const runs: RunEnd[] = [];
    const restarts: Promise<void>[] = [];
    for (const [i, moment] of killMoments(KILLS, EPOCHS_APART, 2).entries()) {
      // a service goes while the runner works; the runner waits for it and goes on
      const service = ({ 2: redis, 4: postgres, 7: kafka } as const)[i as 2 | 4 | 7];
      const onEpoch = (own: number): void => {
        if (own === 1 && service !== undefined) restarts.push(service.restart());
      };
      runs.push(
        await runOnce(words, flow.state, env, service === undefined ? moment : { epochs: EPOCHS_APART, laterMs: 0 }, onEpoch),
      );
      await Promise.all(restarts);
    }
    const last = await runOnce(words, flow.state, env, undefined);

    expect(restarts.length).toBe(3);
    expect(last, last.output).toMatchObject({ code: 0, complete: true });
    expect(runs.map(({ code, output }) => (code === null ? 'killed' : output))).toEqual(runs.map(() => 'killed'));
    expect(runs.filter(isMidRun).length).toBeGreaterThanOrEqual(KILLS / 2);
    await expectTables(connections, oracle);
    await expectKeys(connections, oracle);
    const logged = (await committedMessages(connections, moments)).map((text) => JSON.parse(text) as Record<string, unknown>);
    const name = (row: Readonly<Record<string, unknown>>): string =>
      `${String(row['stream_id'])} ${String(row['moment_type'])} ${String(row['timestamp'])}`;
    expect(logged.map(name).toSorted()).toEqual((await expectedRows(oracle, 'expected_moments', 'timestamp')).map(name).toSorted());
    await connections.close();
  }, 500_000);
});

/** All messages that a read-committed reader sees. */
async function committedMessages(connections: Connections, topic: string): Promise<readonly string[]> {
  const log = await connections.kafka('kafka');
  const reader = await log.reader(topic, { readCommitted: true });
  await reader.layout(0);
  const { partitions } = (await log.describe(topic))!;
  const next = new Map(partitions.map(({ partition, start }) => [partition, start]));
  const texts: string[] = [];
  while (partitions.some(({ partition, end }) => next.get(partition)! < end)) {
    const asks = [...next].map(([partition, offset]) => ({ partition, offset }));
    for (const slice of await reader.fetch(asks, 1_000)) {
      if (slice.kind !== 'messages' || slice.from !== next.get(slice.partition)) continue;
      for (let row = 0; row < slice.count; row++)
        texts.push(Buffer.from(slice.bytes.subarray(slice.start[row], slice.end[row])).toString());
      next.set(slice.partition, slice.next);
    }
  }
  await reader.close();
  return texts;
}
