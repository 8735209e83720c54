import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPipeline } from '../../app/headless/load-pipeline.ts';
import { Runner, type Outcome } from '../../app/headless/runner.ts';
import type { EventLog } from '../../connections/kafka/event-log.ts';
import { open as openLog } from '../../connections/kafka/open.ts';
import { STATE_FILE } from '../../engine/host/sqlite-store.ts';
import { systemHost } from '../../engine/host/system-host.ts';
import { catalog } from '../../nodes/catalog.ts';
import { freePorts } from '../../scripts/services-kafka.mjs';
import { FILE_SINK, KAFKA_SOURCE, PIPELINE_ID } from '../cli/small-pipeline.ts';
import { faultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { missingService } from '../support/services.ts';
import { scratch } from '../support/telemetra.ts';
import { record } from './topic-context.ts';

const WAIT_MS = 20_000;
type Node = typeof FILE_SINK;
const REDIS_SINK: Node = { id: 'keys', kind: 'redis-sink', settings: { keys: [{ template: 'k:{who}' }], ttl: '' } };
const installed = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).error === undefined;

async function until(condition: () => Promise<boolean> | boolean, what: () => string): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; !(await condition());) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what()}`);
    await sleep(20);
  }
}

/** Whole runs into a Redis of their own, which fails in the ways of a Redis. */
describe('a run into Redis', () => {
  if (!installed) return missingService('Redis');
  const directory = scratch('redis-run');
  let child: ChildProcess;
  let admin: Redis;
  let proxy: FaultProxy;
  /** added to both clocks of the runner */
  let aheadMs = 0;

  beforeAll(async () => {
    const [port] = await freePorts(1);
    child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
      cwd: tmpdir(),
      stdio: 'ignore',
    });
    admin = new Redis({ host: '127.0.0.1', port: port!, retryStrategy: () => 50, maxRetriesPerRequest: null });
    admin.on('error', () => {}); // until it answers
    await admin.ping();
    proxy = await faultProxy({ host: '127.0.0.1', port: port! });
  });
  afterAll(async () => {
    admin.disconnect();
    await proxy.close();
    child.kill();
    directory.remove();
  });

  interface Going {
    readonly lines: readonly string[];
    stop(): Promise<Outcome>;
  }

  /** kafka-source (the embedded log) → the sinks, in this process. */
  async function start(at: string, sinks: readonly Node[] = [REDIS_SINK]): Promise<Going> {
    const file = join(at, 'p.json');
    const edges = sinks.map(({ id }) => ({ from: 'events.out', to: `${id}.in` }));
    writeFileSync(file, JSON.stringify({ telemetra: 1, id: PIPELINE_ID, name: 'p', nodes: [KAFKA_SOURCE, ...sinks], edges }));
    const { compiled, problems } = await loadPipeline(file, {});
    if (compiled?.plan === undefined) throw new Error(JSON.stringify(problems));
    const stateDirectory = join(at, 'state');
    mkdirSync(stateDirectory, { recursive: true });
    const lines: string[] = [];
    const runner = new Runner({
      plan: compiled.plan,
      catalog,
      workspace: at,
      stateDirectory,
      baseDirectory: at,
      files: { reads: new Map(), writes: new Map() },
      from: undefined,
      bounded: false,
      fresh: false,
      freshNodes: [],
      adopt: false,
      allowDuplicates: false,
      services: 'env',
      env: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` },
      epochMs: 20,
      say: (event) => {
        if (event.type === 'line') lines.push(event.text);
      },
      host: {
        ...systemHost,
        nowMs: () => Math.trunc(Date.now() + aheadMs),
        monotonicMs: () => performance.now() + aheadMs,
        // who waits lets the clock run ahead instead
        sleep: async (ms) => {
          await systemHost.sleep(Math.min(ms, 20));
          aheadMs += Math.max(0, ms - 20);
        },
      },
    });
    const ended = runner.execute();
    ended.catch((error: unknown) => lines.push(String(error)));
    return {
      lines,
      stop() {
        runner.stop();
        return ended;
      },
    };
  }

  let places = 0;
  async function place(): Promise<{ at: string; log: EventLog; send: (who: string) => Promise<void> }> {
    const at = join(directory.path, String(++places));
    mkdirSync(at);
    const log = await openLog('kafka', {
      profile: undefined,
      workspace: at,
      topicDefaults: { partitions: undefined, retentionMs: undefined },
    });
    await log.create('events', { partitions: 1 });
    const send = (who: string): Promise<void> =>
      log.append('events', [record(0, JSON.stringify({ at: '2026-01-01T00:00:01Z', who }))]);
    return { at, log, send };
  }

  const keys = async (): Promise<string> => (await admin.keys('k:*')).toSorted().join(' ');

  test('[E5] Redis loses its data and the runner dies before it has written the view: the next start writes it', async () => {
    const { at, log, send } = await place();
    const first = await start(at);
    const sent: string[] = [];
    const delivered = async (who: string): Promise<void> => {
      await send(who);
      sent.push(`k:${who}`);
      const wanted = sent.toSorted().join(' ');
      await until(
        async () => (await keys()) === wanted,
        () => `${wanted}: ${first.lines.join('\n')}`,
      );
    };
    // until rows that Redis had are nowhere but in the view
    const state = new DatabaseSync(join(at, 'state', STATE_FILE), { readOnly: true });
    for (let i = 0; state.prepare('SELECT epoch FROM trimmed').get() === undefined; i++) {
      aheadMs += 61_000;
      await delivered(`a${i}`);
    }
    state.close();

    await admin.flushall();
    // what holds more than the one new key does not come through any more
    proxy.onRequest = (bytes) => (bytes.includes('k:a0') ? 'cut' : 'pass');
    await send('z');
    await until(
      () => first.lines.some((line) => /Its rows wait in the outbox/.test(line)),
      () => first.lines.join('\n'),
    );
    expect(await keys()).toBe('k:z');
    expect(await first.stop()).toBe('stopped');
    expect(await keys()).toBe('k:z');

    proxy.onRequest = () => 'pass';
    const second = await start(at);
    const whole = [...sent, 'k:z'].toSorted().join(' ');
    await until(
      async () => (await keys()) === whole,
      () => `${whole}: ${second.lines.join('\n')}`,
    );
    expect(second.lines).toContain('keys: the sink had lost its rows; its whole view is written again.');
    expect(await second.stop()).toBe('stopped');
    await log.close();
  });

  test('[E4] [E10] Redis is full: one line, its rows wait, the other sink goes on; with room again everything arrives', async () => {
    const { at, log, send } = await place();
    await admin.flushall();
    await admin.config('SET', 'maxmemory', '1');
    const going = await start(at, [REDIS_SINK, FILE_SINK]);
    // taking the fence needs room already
    await until(
      () => going.lines.length > 0,
      () => 'a line',
    );
    expect(going.lines).toEqual([
      expect.stringMatching(/^keys: Redis \(127\.0\.0\.1:\d+\/0\) is full and takes nothing: OOM .*[^.]\. Trying again\.$/),
    ]);
    await admin.config('SET', 'maxmemory', '0');
    await send('a');
    await until(
      async () => (await keys()) === 'k:a',
      () => going.lines.join('\n'),
    );

    await admin.config('SET', 'maxmemory', '1');
    const rows = (): number => readFileSync(join(at, 'out.jsonl'), 'utf8').split('\n').length - 1;
    for (let i = 2; i <= 4; i++) {
      await send(`b${i}`);
      await until(
        () => rows() === i,
        () => `${i} rows: ${going.lines.join('\n')}`,
      );
    }
    expect(await keys()).toBe('k:a');
    expect(going.lines.slice(1)).toEqual([
      'keys: reached again.',
      expect.stringMatching(
        /^keys: Redis .* is full and takes nothing: .* Its rows wait in the outbox, none is lost; trying again\.$/,
      ),
    ]);
    await admin.config('SET', 'maxmemory', '0');
    await until(
      async () => (await keys()) === 'k:a k:b2 k:b3 k:b4',
      () => going.lines.join('\n'),
    );
    expect(await going.stop()).toBe('stopped');
    expect(going.lines.at(-1)).toBe('keys: the sink takes rows again.');
    await log.close();
  });
});
