import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { openConnections } from '../../connections/connections.ts';
import { kafkaForTests } from './kafka-for-tests.ts';

const command = fileURLToPath(new URL('../../bin/telemetra.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'telemetra-kill-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const real = await kafkaForTests();

const ROWS = 200_000;
const KILLS = 5;

/** Runs the command; kills it `afterMs` after it has committed its first own epoch. Gives the exit code, or undefined when killed. */
function run(words: readonly string[], env: NodeJS.ProcessEnv, afterMs: number | undefined): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, 'run', ...words], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let armed = false;
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      if (afterMs === undefined || armed || !/"type":"epoch"/.test(said)) return;
      armed = true;
      setTimeout(() => child.kill('SIGKILL'), afterMs);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => {
      if (code !== null && code !== 0) reject(new Error(`exit ${code}: ${said.slice(-2000)}`));
      else resolve(code ?? undefined);
    });
  });
}

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
    const words = [pipeline, '--bounded', '--workspace', workspace, '--services', chosen, '--log', 'json'];
    let kills = 0;
    for (let i = 0; i < KILLS; i++) if ((await run(words, env, (i * 137) % 400)) === undefined) kills++;
    await run(words, env, undefined);
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
    expect(kills).toBeGreaterThan(0);
    expect({ missing: seen.filter((count) => count === 0).length, twice: seen.filter((count) => count > 1).length }).toEqual({
      missing: 0,
      twice: 0,
    });
    await log.remove(topic);
    await connections.close();
  }, 180_000);
});
