import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { checkStoredState } from '../../app/headless/stored-state.ts';
import { SqliteStore, STATE_FILE } from '../../engine/host/sqlite-store.ts';
import { StateLock } from '../../engine/host/state-lock.ts';
import { verifyState } from '../../engine/host/verify-state.ts';
import { Fault } from '../../engine/model/fault.ts';
import type { EpochRecord, Manifest } from '../../engine/stream/checkpoint.ts';
import { planOf } from '../support/fragment.ts';
import { ROOT, scratch } from '../support/telemetra.ts';
import { COUNT } from './loop.ts';

const directory = scratch('store');
afterAll(() => directory.remove());
let count = 0;

function fresh(): string {
  const path = join(directory.path, String(++count));
  mkdirSync(path);
  return path;
}

const DAY_MS = 86_400_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function manifest(epoch: number, more: Partial<Manifest> = {}): Manifest {
  return {
    epoch,
    at: 0,
    planHash: 'p',
    ceilingUs: 0,
    sources: {},
    nodes: {},
    counters: {},
    origins: {},
    stateHashes: {},
    complete: false,
    ...more,
  };
}

function commit(store: SqliteStore, epoch: number, nowMs = epoch * 1000): void {
  store.commit(
    {
      manifest: manifest(epoch),
      pieces: [{ node: 'window', lane: '', key: 'one', bytes: bytes(`the state of epoch ${epoch}, long enough to be found`) }],
      outboxes: [{ node: 'out', epoch, rows: 1, inputRows: 1, bytes: bytes(`{"row":${epoch}}\n`) }],
      dead: [],
    },
    nowMs,
  );
}

describe('the state file', () => {
  test('[E1] what was committed is there again; the newest epoch counts', () => {
    const path = fresh();
    const first = new SqliteStore(path);
    for (const epoch of [1, 2, 3]) commit(first, epoch);
    first.close();
    const store = new SqliteStore(path);
    expect(store.lineage).toBe(first.lineage);
    expect(store.manifest()).toMatchObject({ epoch: 3 });
    expect([...store.pieces()].map(({ key, bytes: value }) => [key, Buffer.from(value!).toString()])).toEqual([
      ['one', 'the state of epoch 3, long enough to be found'],
    ]);
    expect(store.outboxState('out')).toMatchObject({ trimmed: 0, kept: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }] });
    store.close();
  });

  test('[E1] an epoch is stored whole or not at all', () => {
    const path = fresh();
    const store = new SqliteStore(path);
    commit(store, 1);
    const outbox = { node: 'out', epoch: 2, rows: 1, inputRows: 1, bytes: bytes('{}') };
    const record: EpochRecord = {
      manifest: manifest(2),
      pieces: [
        { node: 'window', lane: '', key: 'one', bytes: undefined },
        { node: 'window', lane: '', key: 'two', bytes: bytes('new') },
      ],
      // the same rows twice: the second of them cannot be stored
      outboxes: [outbox, outbox],
      dead: [],
    };
    expect(() => store.commit(record, 2000)).toThrow(Fault);
    expect(store.manifest()).toMatchObject({ epoch: 1 });
    expect([...store.pieces()].map(({ key }) => key)).toEqual(['one']);
    expect(store.outboxState('out').kept.map(({ epoch }) => epoch)).toEqual([1]);
    store.commit({ ...record, outboxes: [outbox] }, 2000);
    expect([...store.pieces()].map(({ key }) => key)).toEqual(['two']);
    store.close();
  });

  test('[E1] manifests stay seven days', () => {
    const path = fresh();
    const store = new SqliteStore(path);
    for (const [epoch, days] of [1, 2, 8, 9].entries()) commit(store, epoch + 1, days * DAY_MS);
    store.close();
    const file = new DatabaseSync(join(path, STATE_FILE));
    expect(file.prepare('SELECT epoch FROM manifest ORDER BY epoch').all()).toEqual([2, 3, 4].map((epoch) => ({ epoch })));
    file.close();
  });

  test.each(['piece', 'manifest', 'outbox'] as const)(
    '[E10] a flipped byte in %s is seen when it is read and by verify',
    (table) => {
      const path = fresh();
      const first = new SqliteStore(path);
      commit(first, 1);
      first.close();
      const file = new DatabaseSync(join(path, STATE_FILE));
      const column = table === 'manifest' ? 'body' : 'bytes';
      const stored = (file.prepare(`SELECT CAST(${column} AS BLOB) AS b FROM ${table}`).get() as { b: Uint8Array }).b;
      const flipped = stored.slice();
      flipped[5]! ^= 1;
      const value = table === 'manifest' ? Buffer.from(flipped).toString() : flipped;
      file.prepare(`UPDATE ${table} SET ${column} = ?`).run(value);
      expect(verifyState(file).damaged).toHaveLength(1);
      file.close();
      const store = new SqliteStore(path);
      const read = { piece: () => [...store.pieces()], manifest: () => store.manifest(), outbox: () => store.outbox('out', 1) }[
        table
      ];
      expect(read).toThrow(expect.objectContaining({ kind: 'refused', code: 'state_damaged' }));
      store.close();
    },
  );

  test('[E10] a truncated file and one that is no database are refused as damaged', () => {
    const path = fresh();
    const first = new SqliteStore(path);
    for (let epoch = 1; epoch <= 50; epoch++) commit(first, epoch);
    first.close();
    const file = join(path, STATE_FILE);
    truncateSync(file, readFileSync(file).length / 2);
    const readAll = (): void => {
      const store = new SqliteStore(path);
      try {
        store.manifest();
        for (const piece of store.pieces()) void piece;
        for (const { epoch } of store.outboxState('out').kept) store.outbox('out', epoch);
      } finally {
        store.close();
      }
    };
    expect(readAll).toThrow(expect.objectContaining({ code: 'state_damaged' }));
    const other = fresh();
    writeFileSync(join(other, STATE_FILE), 'this is no database, and long enough to be looked at as one'.repeat(20));
    expect(() => new SqliteStore(other)).toThrow(expect.objectContaining({ kind: 'refused', code: 'state_damaged' }));
  });

  test('[E10] a state of a newer format is refused', () => {
    const path = fresh();
    new SqliteStore(path).close();
    const file = new DatabaseSync(join(path, STATE_FILE));
    file.exec('PRAGMA user_version = 99');
    file.close();
    expect(() => new SqliteStore(path)).toThrow(expect.objectContaining({ kind: 'refused', code: 'state_newer' }));
  });

  test('[E4] delivered outboxes stay at least 60 s and two epochs; what is not delivered stays', () => {
    const store = new SqliteStore(fresh());
    for (const epoch of [1, 2, 3, 4]) commit(store, epoch, 0);
    for (const epoch of [1, 2, 3]) store.acknowledged('out', epoch, 0, []);
    commit(store, 5, 60_000);
    expect(store.outboxState('out').trimmed).toBe(0);
    commit(store, 6, 60_001);
    expect(store.outboxState('out')).toMatchObject({ trimmed: 3, kept: [{ epoch: 4 }, { epoch: 5 }, { epoch: 6 }] });
    for (const epoch of [4, 5, 6]) store.acknowledged('out', epoch, 60_001, []);
    store.commit({ manifest: manifest(7), pieces: [], outboxes: [], dead: [] }, DAY_MS);
    store.commit({ manifest: manifest(8), pieces: [], outboxes: [], dead: [] }, 2 * DAY_MS);
    expect(store.outboxState('out')).toMatchObject({ trimmed: 4, kept: [{ epoch: 5 }, { epoch: 6 }] });
    store.close();
  });

  test('[E7] a second process is refused as long as the first one lives, and not after its SIGKILL', async () => {
    const path = fresh();
    const module = JSON.stringify(join(ROOT, 'engine', 'host', 'state-lock.ts'));
    const text = `const { StateLock } = await import(${module}); globalThis.lock = new StateLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    expect(() => new StateLock(path)).toThrow(expect.objectContaining({ kind: 'refused', code: 'state_in_use' }));
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    new StateLock(path).release();
  });
});

test('[E8] state that an edit would lose is refused with its choices, before anything is read; --fresh-node forgets it', async () => {
  const plan = await planOf({ ...COUNT, inputs: {} });
  const store = new SqliteStore(fresh());
  commit(store, 1);
  store.commit(
    { manifest: manifest(2), pieces: [{ node: 'minute', lane: '', key: 'k', bytes: bytes('x') }], outboxes: [], dead: [] },
    0,
  );
  const hash = (node: string): string => plan.steps.find((step) => step.node === node)!.stateHash;
  const same = manifest(2, { stateHashes: { minute: hash('minute'), out: hash('out') } });
  checkStoredState(plan, same, store, []);
  const other = { ...same, stateHashes: { ...same.stateHashes, minute: 'other' } };
  expect(() => checkStoredState(plan, other, store, [])).toThrow(
    expect.objectContaining({ kind: 'refused', code: 'state_would_be_lost' }),
  );
  expect(() => checkStoredState(plan, { ...same, stateHashes: { ...same.stateHashes, window: 'gone' } }, store, [])).toThrow(
    expect.objectContaining({ message: expect.stringContaining('window is no longer in the pipeline') as string }),
  );
  // the runner forgets it once everything else is in order
  expect(checkStoredState(plan, other, store, ['minute'])).toEqual(['minute']);
  expect(store.hasState('minute')).toBe(true);
  store.forget('minute');
  expect(store.hasState('minute')).toBe(false);
  store.close();
});
