import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SqliteStore } from '../../connections/redis/embedded/sqlite-store.ts';
import type { KeyValueStore, KeyWrite } from '../../connections/redis/key-value-store.ts';
import { open } from '../../connections/redis/open.ts';
import { redisProfile } from '../../connections/profile.ts';
import { encodeUtf8 } from '../../engine/model/dictionary.ts';
import { APPEND } from '../../engine/model/schema.ts';
import type { Fence, SinkWriter } from '../../engine/stream/connector.ts';
import type { Outbox } from '../../engine/stream/operator.ts';
import { sink } from '../../nodes/redis-sink/connector.ts';
import { definition, type RedisSinkSettings } from '../../nodes/redis-sink/definition.ts';
import { faultProxy } from '../support/fault-proxy.ts';
import { missingService, runningService } from '../support/services.ts';

const running = runningService('redis');
const owner = (epoch: number, number = 1): Fence => ({ lineage: 'L', owner: number, epoch });
const outbox = (...rows: readonly string[]): Outbox => ({
  rows: rows.length,
  bytes: encodeUtf8(rows.map((row) => `${row}\n`).join('')),
});

let made = 0;
/** a name that no other test, run or machine uses */
const fresh = (): string => `t${process.pid}-${++made}-${Math.trunc(performance.timeOrigin)}`;

function openSink(
  store: KeyValueStore,
  keys: readonly unknown[],
  change: Partial<RedisSinkSettings> & { pipeline?: string; lines?: string[] } = {},
): Promise<SinkWriter> {
  const { pipeline = fresh(), lines, ...rest } = change;
  return sink.open({ ...definition.settings.parse({ keys }), ...rest } as RedisSinkSettings, {
    pipelineId: pipeline,
    nodeId: 'n',
    connections: { redis: async () => store },
    baseDirectory: '/',
    now: () => 0,
    sleep: async () => {},
    random: () => 0,
    signal: new AbortController().signal,
    report: (line) => void lines?.push(line),
    schema: { fields: [], mode: APPEND, keys: [], window: undefined, timed: true },
    fresh: false,
  });
}

/** What every key-value store behind a connection must do, the stand-in as well as Redis. */
function suite(connect: () => Promise<KeyValueStore>): void {
  let store: KeyValueStore;
  beforeAll(async () => {
    store = await connect();
  });
  afterAll(() => store.close());

  test('[E2] one row writes several keys, exact texts, NULL removes a string and leaves a hash field out', async () => {
    const p = fresh();
    const writer = await openSink(store, [
      { template: `${p}:metrics:{s}`, type: 'json', columns: ['s', 'rate', 'j'] },
      { template: `${p}:viewers:{s}`, type: 'string', value: 'viewers' },
      { template: `${p}:hash:{s}`, type: 'hash' },
    ]);
    await writer.take(undefined, owner(0));
    await writer.push(
      owner(0),
      1,
      outbox(
        '{"s":"a","rate":19.90,"viewers":9007199254740991,"j":{"x":[1.50,"a\\"}"]}}',
        '{"s":"é🙂","rate":0.1,"viewers":1,"j":null}',
      ),
    );
    expect(await store.value(`${p}:metrics:a`, 10)).toBe('{"s":"a","rate":19.90,"j":{"x":[1.50,"a\\"}"]}}');
    expect(await store.value(`${p}:viewers:a`, 10)).toBe('9007199254740991');
    expect(await store.value(`${p}:hash:a`, 10)).toEqual({
      s: 'a',
      rate: '19.90',
      viewers: '9007199254740991',
      j: '{"x":[1.50,"a\\"}"]}',
    });
    expect(await store.value(`${p}:hash:é🙂`, 10)).toEqual({ s: 'é🙂', rate: '0.1', viewers: '1' });
    await writer.push(owner(1), 2, outbox('{"s":"a","rate":1,"viewers":null,"j":null}'));
    expect(await store.value(`${p}:viewers:a`, 10)).toBeUndefined();
    expect(await store.value(`${p}:metrics:a`, 10)).toBe('{"s":"a","rate":1,"j":null}');
    expect((await store.keys(`${p}:*`, 100)).map(({ key, type }) => `${key.slice(p.length)} ${type}`)).toEqual([
      ':hash:a hash',
      ':hash:é🙂 hash',
      ':metrics:a string',
      ':metrics:é🙂 string',
      ':viewers:é🙂 string',
    ]);
    expect(await writer.fence()).toEqual(owner(2));
  });

  test('[E2] an epoch that is pushed twice changes nothing', async () => {
    const p = fresh();
    const writer = await openSink(store, [{ template: `${p}:{s}`, type: 'list' }]);
    await writer.take(undefined, owner(0));
    await writer.push(owner(0), 1, outbox('{"s":"a","n":2}', '{"s":"a","n":1}'));
    await writer.push(owner(1), 2, outbox('{"s":"a","n":3}', '{"s":"a","n":2}', '{"s":"a","n":1}'));
    await writer.push(owner(0), 1, outbox('{"s":"a","n":2}', '{"s":"a","n":1}'));
    expect(await store.value(`${p}:a`, 10)).toEqual(['{"s":"a","n":3}', '{"s":"a","n":2}', '{"s":"a","n":1}']);
    expect(await store.value(`${p}:a`, 2)).toEqual(['{"s":"a","n":3}', '{"s":"a","n":2}']);
  });

  test('[E7] the earlier of two owners writes nothing after the later took the fence', async () => {
    const p = fresh();
    const keys = [{ template: `${p}:{s}`, type: 'json' }];
    const zombie = await openSink(store, keys, { pipeline: p });
    await zombie.take(undefined, owner(0));
    const next = await openSink(store, keys, { pipeline: p });
    await next.take(owner(0), owner(0, 2));
    await expect(zombie.push(owner(0), 1, outbox('{"s":"a"}'))).rejects.toMatchObject({ kind: 'fenced' });
    await expect(zombie.take(owner(0), owner(0, 3))).rejects.toMatchObject({ kind: 'fenced' });
    expect(await store.value(`${p}:a`, 1)).toBeUndefined();
  });

  test('[E2] owners that take at once: exactly one has the fence', async () => {
    const pipeline = fresh();
    const writers = await Promise.all([0, 1, 2].map(() => openSink(store, [{ template: '{s}', type: 'json' }], { pipeline })));
    const results = await Promise.allSettled(
      writers.map((writer, i) => writer.take(undefined, { lineage: `L${i}`, owner: 1, epoch: 0 })),
    );
    expect(results.filter((result) => result.status === 'fulfilled').length).toBe(1);
  });

  test('[E3] an epoch that skips one is refused', async () => {
    const writer = await openSink(store, [{ template: '{s}', type: 'json' }]);
    await writer.take(undefined, owner(0));
    await expect(writer.push(owner(5), 6, outbox('{"s":"a"}'))).rejects.toMatchObject({ kind: 'refused', code: 'fence_gap' });
  });

  test('2,500 keys and a list of 1,000 rows go in parts', async () => {
    const p = fresh();
    const writer = await openSink(store, [{ template: `${p}:{s}`, type: 'json' }]);
    await writer.take(undefined, owner(0));
    await writer.push(owner(0), 1, outbox(...Array.from({ length: 2_500 }, (_, i) => `{"s":${i},"pad":"${'x'.repeat(1_000)}"}`)));
    expect((await store.keys(`${p}:*`, 5_000)).length).toBe(2_500);
    const list = await openSink(store, [{ template: `${p}-list:{s}`, type: 'list' }]);
    await list.take(undefined, owner(0));
    await list.push(owner(0), 1, outbox(...Array.from({ length: 3_000 }, (_, i) => `{"s":"a","n":${i}}`)));
    expect(((await store.value(`${p}-list:a`, 5_000)) as string[]).length).toBe(3_000);
  });

  test('keys expire as set, or never', async () => {
    const p = fresh();
    const brief = await openSink(store, [{ template: `${p}:brief:{s}`, type: 'hash' }], { ttl: '5m' });
    await brief.take(undefined, owner(0));
    await brief.push(owner(0), 1, outbox('{"s":"a"}'));
    const forever = await openSink(store, [{ template: `${p}:forever:{s}`, type: 'json' }], { ttl: '' });
    await forever.take(undefined, owner(0));
    await forever.push(owner(0), 1, outbox('{"s":"a"}'));
    const [first, second] = await store.keys(`${p}:*`, 10);
    expect(first!.expiresInMs).toBeGreaterThan(200_000);
    expect(first!.expiresInMs).toBeLessThanOrEqual(300_000);
    expect(second!.expiresInMs).toBeUndefined();
  });

  test('a key that held another type is replaced', async () => {
    const p = fresh();
    for (const type of ['hash', 'list', 'json', 'hash'] as const) {
      const writer = await openSink(store, [{ template: `${p}:{s}`, type }]);
      await writer.take(undefined, owner(0));
      await writer.push(owner(0), 1, outbox('{"s":"a"}'));
    }
    expect(await store.value(`${p}:a`, 1)).toEqual({ s: 'a' });
  });
}

describe('embedded key-value store', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'telemetra-kv-'));
  afterAll(() => rmSync(workspace, { recursive: true }));
  suite(() => open('redis', { profile: undefined, workspace }));

  test('an expired key is gone, and its row with the next write', async () => {
    let now = 1_000;
    const own = mkdtempSync(join(tmpdir(), 'telemetra-kv-'));
    const store = new SqliteStore('redis', own, () => now);
    await store.takeFence('f', undefined, owner(0));
    await store.write('f', owner(0), 1, [{ kind: 'string', key: 'a', value: '1' }], 500);
    now = 1_499;
    expect(await store.value('a', 1)).toBe('1');
    now = 1_500;
    expect(await store.value('a', 1)).toBeUndefined();
    expect(await store.keys('*', 10)).toEqual([]);
    await store.close();
    rmSync(own, { recursive: true });
  });

  test('several processes write at once', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'telemetra-kv-'));
    const script = `
      import { SqliteStore } from ${JSON.stringify(new URL('../../connections/redis/embedded/sqlite-store.ts', import.meta.url).href)};
      const store = new SqliteStore('redis', ${JSON.stringify(shared)});
      const me = process.argv[1];
      await store.takeFence(me, undefined, { lineage: 'L', owner: 1, epoch: 0 });
      for (let e = 0; e < 50; e++) await store.write(me, { lineage: 'L', owner: 1, epoch: e }, e + 1, [{ kind: 'string', key: me + ':' + e, value: me }], 0);
      await store.close();`;
    const exits = await Promise.all(
      ['a', 'b', 'c'].map((me) => {
        const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, me], {
          stdio: 'inherit',
        });
        return new Promise<number | null>((done) => child.once('exit', done));
      }),
    );
    expect(exits).toEqual([0, 0, 0]);
    const store = new SqliteStore('redis', shared);
    expect((await store.keys('*', 1_000)).length).toBe(150);
    await store.close();
    rmSync(shared, { recursive: true });
  });

  test.each([
    ['a*c', 'abbc', true],
    ['a*c', 'abd', false],
    ['h?llo', 'hello', true],
    ['h[ae]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a.b', 'axb', false],
  ])('the pattern %s against %s', async (pattern, key, matches) => {
    const own = mkdtempSync(join(tmpdir(), 'telemetra-kv-'));
    const store = new SqliteStore('redis', own);
    await store.takeFence('f', undefined, owner(0));
    await store.write('f', owner(0), 1, [{ kind: 'string', key, value: '' } satisfies KeyWrite], 0);
    expect((await store.keys(pattern, 1)).length).toBe(matches ? 1 : 0);
    await store.close();
    rmSync(own, { recursive: true });
  });
});

const binary = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

if (running === undefined) missingService('Redis');
else {
  const profile = (change: string = `${running.host}:${running.port}`): ReturnType<typeof redisProfile> =>
    redisProfile('redis', { REDIS_URL: `redis://${change}` });

  describe('real Redis', () => {
    suite(() => open('redis', { profile: profile(), workspace: tmpdir() }));

    test('[E2] connections cut before and after the script was applied change nothing twice', async () => {
      const proxy = await faultProxy(running);
      const store = await open('redis', { profile: profile(`127.0.0.1:${proxy.port}`), workspace: tmpdir() });
      const p = fresh();
      const writer = await openSink(store, [{ template: `${p}:{s}`, type: 'json' }]);
      await writer.take(undefined, owner(0));
      let faults = 0;
      for (let epoch = 1; epoch <= 20; epoch++) {
        let verdict: 'pass' | 'cut' | 'cut-after' = epoch % 2 === 0 ? 'cut' : 'cut-after';
        proxy.onRequest = (bytes) => {
          if (!bytes.includes('eval')) return 'pass';
          const now = verdict;
          verdict = 'pass';
          return now;
        };
        for (let done = false; !done;) {
          try {
            await writer.push(owner(epoch - 1), epoch, outbox(`{"s":"a","e":${epoch}}`));
            done = true;
          } catch (error) {
            expect(error).toMatchObject({ kind: 'retry', code: 'redis_unreachable' });
            faults++;
          }
        }
      }
      expect(faults).toBe(20);
      expect(await store.value(`${p}:a`, 1)).toBe('{"s":"a","e":20}');
      await store.close();
      await proxy.close();
    });

    test('[E10] a server that is not there is tried again', async () => {
      const proxy = await faultProxy(running);
      proxy.refuse = true;
      const store = await open('redis', { profile: profile(`127.0.0.1:${proxy.port}`), workspace: tmpdir() });
      await expect(openSink(store, [{ template: '{s}' }])).rejects.toMatchObject({ kind: 'retry', code: 'redis_unreachable' });
      proxy.refuse = false;
      await expect(openSink(store, [{ template: '{s}' }])).resolves.toBeDefined();
      await store.close();
      await proxy.close();
    });

    test('[E10] a password where none is set, and a database that is not there', async () => {
      const wrong = await open('redis', { profile: profile(`user:secret@${running.host}:${running.port}`), workspace: tmpdir() });
      await expect(openSink(wrong, [{ template: '{s}' }])).rejects.toMatchObject({
        kind: 'fatal',
        code: 'redis_denied',
        mend: expect.stringContaining('REDIS_URL'),
      });
      const nowhere = await open('redis', { profile: profile(`${running.host}:${running.port}/999`), workspace: tmpdir() });
      await expect(openSink(nowhere, [{ template: '{s}' }])).rejects.toMatchObject({ kind: 'fatal', code: 'redis_no_database' });
      await wrong.close();
      await nowhere.close();
    });
  });

  describe.skipIf(!binary)('a Redis of our own', () => {
    let child: ChildProcess;
    let admin: Redis;
    let store: KeyValueStore;
    let port: number;
    beforeAll(async () => {
      port = await freePort();
      child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
        stdio: 'ignore',
      });
      admin = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 50, maxRetriesPerRequest: null });
      admin.on('error', () => {});
      await admin.ping();
      store = await open('redis', { profile: profile(`127.0.0.1:${port}`), workspace: tmpdir() });
    });
    afterAll(async () => {
      await store.close();
      admin.disconnect();
      child.kill();
    });

    test('[E4] a full Redis takes nothing, not half of it, and goes on when there is room', async () => {
      const writer = await openSink(store, [{ template: 'full:{s}', type: 'json' }]);
      await writer.take(undefined, owner(0));
      await admin.config('SET', 'maxmemory', '1mb');
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      const rows = outbox(...Array.from({ length: 400 }, (_, i) => `{"s":${i}}`));
      await expect(writer.push(owner(0), 1, rows)).rejects.toMatchObject({ kind: 'retry', code: 'redis_full' });
      expect((await store.keys('full:*', 1_000)).length).toBe(0);
      expect(await writer.fence()).toEqual(owner(0));
      await admin.config('SET', 'maxmemory', '0');
      await writer.push(owner(0), 1, rows);
      expect((await store.keys('full:*', 1_000)).length).toBe(400);
    });

    test('[E5] a Redis that lost its data while we run: the rows go in, the loss is told once, and the fence waits for the whole view', async () => {
      const lines: string[] = [];
      const writer = await openSink(store, [{ template: 'lost:{s}', type: 'json' }], { lines });
      await writer.take(undefined, owner(0));
      await writer.push(owner(0), 1, outbox('{"s":"a"}'));
      await admin.flushall();
      expect(writer.lost!()).toBe(false);
      await writer.push(owner(1), 2, outbox('{"s":"b"}'));
      expect((await store.keys('lost:*', 10)).map(({ key }) => key)).toEqual(['lost:b']);
      expect([writer.lost!(), writer.lost!()]).toEqual([true, false]);
      expect(lines.join()).toMatch(/lost its data/);
      // whoever starts now sees that the view is missing
      expect(await writer.fence()).toEqual(owner(0));
      await writer.push(owner(2), 3, outbox('{"s":"c"}'));
      expect(await writer.fence()).toEqual(owner(0));
      // lost once more before it was written
      await admin.flushall();
      const view = outbox('{"s":"a"}', '{"s":"b"}', '{"s":"c"}', '{"s":"d"}');
      await writer.push(owner(3), 4, view, true);
      expect(await writer.fence()).toEqual(owner(4));
      expect((await store.keys('lost:*', 10)).map(({ key }) => key)).toEqual(['lost:a', 'lost:b', 'lost:c', 'lost:d']);
      await writer.push(owner(4), 5, outbox('{"s":"e"}'));
      expect([await writer.fence(), writer.lost!(), lines.length]).toEqual([owner(5), false, 1]);
    });

    test('[E10] a password, and a user without rights', async () => {
      await admin.call('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+@read', '+@connection');
      const reader = await open('redis', { profile: profile(`reader:secret@127.0.0.1:${port}`), workspace: tmpdir() });
      const writer = await openSink(reader, [{ template: 'x:{s}', type: 'json' }]);
      await expect(writer.take(undefined, owner(0))).rejects.toMatchObject({ kind: 'fatal', code: 'redis_no_rights' });
      await admin.config('SET', 'requirepass', 'hidden');
      const none = await open('redis', { profile: profile(`127.0.0.1:${port}`), workspace: tmpdir() });
      await expect(openSink(none, [{ template: '{s}' }])).rejects.toMatchObject({ kind: 'fatal', code: 'redis_denied' });
      const right = await open('redis', { profile: profile(`:hidden@127.0.0.1:${port}`), workspace: tmpdir() });
      await expect(openSink(right, [{ template: '{s}' }])).resolves.toBeDefined();
      for (const opened of [reader, none, right]) await opened.close();
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
