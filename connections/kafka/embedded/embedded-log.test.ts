import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EmbeddedLog } from './embedded-log.ts';

const directory = mkdtempSync(join(tmpdir(), 'telemetra-embedded-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const defaults = { partitions: undefined, retentionMs: undefined };
const openLog = (fileName: string, now: () => number = Date.now): EmbeddedLog =>
  new EmbeddedLog({ directory, fileName, defaults, now });
const message = (
  value: string,
  timestampUs = 0,
): { partition: number; key: undefined; value: Uint8Array; timestampUs: number } => ({
  partition: 0,
  key: undefined,
  value: new TextEncoder().encode(value),
  timestampUs,
});

async function readAll(log: EmbeddedLog, topic: string, partition = 0): Promise<string[]> {
  const reader = await log.reader(topic);
  const values: string[] = [];
  for (let next = (await log.describe(topic))!.partitions[partition]!.start; ;) {
    const [slice] = await reader.fetch([{ partition, offset: next }], 0);
    if (slice?.kind !== 'messages') throw new Error(slice?.kind);
    for (let row = 0; row < slice.count; row++) {
      expect(slice.offsets[row]).toBe(next + row);
      values.push(Buffer.from(slice.bytes.subarray(slice.start[row], slice.end[row])).toString());
    }
    if (slice.count === 0) break;
    next = slice.next;
  }
  await reader.close();
  return values;
}

test('an append drops what is older than the retention, counted from its own append', async () => {
  let now = 1_000_000;
  const log = openLog('retention.sqlite', () => now);
  await log.create('t', { retentionMs: 60_000 });
  await log.append('t', [message('first, of 1970'), message('second')]);
  now += 60_000;
  await log.append('t', [message('third')]);
  expect(await readAll(log, 't')).toEqual(['first, of 1970', 'second', 'third']);
  now += 1;
  await log.append('t', [message('fourth')]);
  expect(await readAll(log, 't')).toEqual(['third', 'fourth']);
  expect((await log.describe('t'))!.partitions[0]).toEqual({ partition: 0, start: 2, end: 4 });
  await log.close();
});

test('a waiting reader hears of an append by another connection', async () => {
  const log = openLog('wait.sqlite');
  await log.create('t', {});
  const reader = await log.reader('t');
  const waiting = reader.fetch([{ partition: 0, offset: 0 }], 10_000);
  await log.append('t', [message('hello')]);
  const [slice] = await waiting;
  expect(slice?.kind === 'messages' && slice.count).toBe(1);
  await log.close();
});

test('[E2] several processes append at once, one is killed inside: whole appends only, each once', async () => {
  const log = openLog('shared.sqlite');
  await log.create('t', {});
  const child = join(directory, 'child.ts');
  writeFileSync(
    child,
    `import { EmbeddedLog } from ${JSON.stringify(new URL('./embedded-log.ts', import.meta.url).href)};
     const [id, count] = process.argv.slice(2);
     const log = new EmbeddedLog({ directory: ${JSON.stringify(directory)}, fileName: 'shared.sqlite', defaults: ${JSON.stringify({})}, now: Date.now });
     const writer = await log.writer('t', { pipelineId: 'p', nodeId: id });
     const fence = { lineage: 'l', owner: 1, epoch: 0 };
     await writer.take(undefined, fence);
     for (let epoch = 1; epoch <= Number(count); epoch++) {
       const rows = Array.from({ length: 7 }, (_, i) => ({ partition: 0, key: undefined, value: new TextEncoder().encode(id + ' ' + epoch + ' ' + i), timestampUs: 0 }));
       await writer.append({ ...fence, epoch: epoch - 1 }, epoch, rows);
       if (epoch === 20) process.send('20');
     }
     await log.close();`,
  );
  const start = (id: string, count: number): { done: Promise<void>; kill: () => void; reached: Promise<void> } => {
    const process = fork(child, [id, String(count)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    return {
      done: new Promise((resolve) => process.once('exit', () => resolve())),
      reached: new Promise((resolve) => process.once('message', () => resolve())),
      kill: () => process.kill('SIGKILL'),
    };
  };
  const a = start('a', 60);
  const b = start('b', 60);
  const killed = start('k', 1_000_000);
  await killed.reached;
  killed.kill();
  await Promise.all([a.done, b.done, killed.done]);
  const rows = (await readAll(log, 't')).map((row) => row.split(' '));
  for (const id of ['a', 'b', 'k']) {
    const mine = rows.filter((row) => row[0] === id).map(([, epoch, i]) => `${epoch} ${i}`);
    const fence = await (await log.writer('t', { pipelineId: 'p', nodeId: id })).fence();
    expect(mine).toEqual(Array.from({ length: fence!.epoch * 7 }, (_, n) => `${Math.floor(n / 7) + 1} ${n % 7}`));
    if (id !== 'k') expect(fence!.epoch).toBe(60);
  }
  await log.close();
});

test('a file that is no database is one sentence', () => {
  writeFileSync(join(directory, 'broken.sqlite'), 'this is not a database, and long enough to be read as one'.repeat(100));
  expect(() => openLog('broken.sqlite')).toThrow(expect.objectContaining({ kind: 'fatal', code: 'log_unusable' }));
});

test('a name that no topic can have is refused', async () => {
  const log = openLog('names.sqlite');
  await expect(log.create('a b', {})).rejects.toMatchObject({ code: 'topic_name' });
  await expect(log.create('..', {})).rejects.toMatchObject({ code: 'topic_name' });
  await log.close();
});

test('what the environment says about new topics comes before the wish', async () => {
  const log = new EmbeddedLog({
    directory,
    fileName: 'defaults.sqlite',
    defaults: { partitions: 4, retentionMs: 1000 },
    now: Date.now,
  });
  await log.create('t', { partitions: 2, retentionMs: 5 });
  const topic = (await log.describe('t'))!;
  expect([topic.partitions.length, topic.retentionMs]).toEqual([4, 1000]);
  await log.close();
});
