import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openConnections } from '../../connections/connections.ts';
import { isMidRun, runOnce, type RunEnd } from '../kill/kill-loop.ts';
import { kafkaForTests } from './kafka-for-tests.ts';

const directory = mkdtempSync(join(tmpdir(), 'telemetra-kill-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const real = await kafkaForTests();

const ROWS = 200_000;
const KILLS = 5;

const services = [
  ['embedded', 'embedded event log', {}],
  ...(real.profile === undefined ? [] : [['env', 'real Kafka', { KAFKA_BOOTSTRAP_SERVERS: real.profile.target }] as const]),
] as const;
if (real.profile === undefined) describe.skip(`kills on real Kafka: ${real.missing}`, () => test('the same', () => undefined));

describe.each(services)('%s: %s', (chosen, _title, env) => {
  test(`[E2] [E5] ${KILLS} SIGKILLs of the runner: a reader of committed messages sees every row once`, async () => {
    const topic = `kill.${Date.now().toString(36)}`;
    const workspace = join(directory, chosen);
    writeFileSync(
      join(directory, 'rows.jsonl'),
      Array.from({ length: ROWS }, (_, i) => `row ${i} ${'x'.repeat(i % 97)}\n`).join(''),
    );
    const pipeline = join(directory, `${chosen}.json`);
    writeFileSync(
      pipeline,
      JSON.stringify({
        telemetra: 1,
        id: crypto.randomUUID(),
        name: 'kill',
        nodes: [
          { id: 'rows', kind: 'file-source', settings: { path: 'rows.jsonl', format: 'message', offset_column: 'line' } },
          {
            id: 'out',
            kind: 'kafka-sink',
            settings: { topic, key: 'line', value: 'column', value_column: 'value', partitions: 3 },
          },
        ],
        edges: [{ from: 'rows.out', to: 'out.in' }],
      }),
    );
    const state = join(workspace, 'state');
    // 2,000 rows a poll, so that the input is a hundred epochs long, of which the kills leave more than half
    const more = ['--state', state, '--services', chosen, '--batch-rows', '500', '--epoch-ms', '2'];
    const words = [pipeline, '--bounded', '--workspace', workspace, ...more];
    const runs: RunEnd[] = [];
    for (let i = 0; i < KILLS; i++) runs.push(await runOnce(words, state, env, { epochs: 2 + 3 * i, laterMs: (i * 5) % 13 }));
    const last = await runOnce(words, state, env, undefined);
    expect(last, last.output).toMatchObject({ code: 0, complete: true });
    expect(runs.map(isMidRun), runs.map(({ output }) => output).join('\n')).toEqual(runs.map(() => true));
    const connections = openConnections({ services: chosen, workspace, env });
    const log = await connections.kafka('kafka');
    const reader = await log.reader(topic, { readCommitted: true });
    const seen = new Int32Array(ROWS);
    await reader.layout(0);
    const next = new Map((await log.describe(topic))!.partitions.map(({ partition, start }) => [partition, start]));
    const ends = new Map((await log.describe(topic))!.partitions.map(({ partition, end }) => [partition, end]));
    while ([...next].some(([partition, offset]) => offset < ends.get(partition)!)) {
      for (const slice of await reader.fetch(
        [...next].map(([partition, offset]) => ({ partition, offset })),
        1_000,
      )) {
        if (slice.kind !== 'messages' || slice.from !== next.get(slice.partition)) continue;
        for (let row = 0; row < slice.count; row++) {
          const text = Buffer.from(slice.bytes.subarray(slice.start[row], slice.end[row])).toString();
          seen[Number(text.split(' ')[1])]!++;
        }
        next.set(slice.partition, slice.next);
      }
    }
    expect({ missing: seen.filter((count) => count === 0).length, twice: seen.filter((count) => count > 1).length }).toEqual({
      missing: 0,
      twice: 0,
    });
    await log.remove(topic);
    await connections.close();
  }, 180_000);
});
