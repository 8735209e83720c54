import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../../../engine/model/fault.ts';
import { globPattern } from '../glob-pattern.ts';
import {
  FENCE_PREFIX,
  type KeyInfo,
  type KeyValue,
  type KeyValueStore,
  type KeyWrite,
  type StoredFence,
  type WriteAnswer,
} from '../key-value-store.ts';

/** waiting for another process that writes */
const BUSY_MS = 10_000;

interface Entry {
  readonly key: string;
  readonly type: 'string' | 'hash' | 'list';
  /** the text; hash: JSON object; list: JSON array */
  readonly value: string;
  /** wall clock, ms; null: never */
  readonly expires: number | null;
}

/**
 * Redis for those who have none, as far as the Redis sink goes: strings, hashes, lists, expiry, fences. One SQLite file per
 * workspace; every write is one transaction, so any number of processes may share it. Expired keys are gone for readers at
 * once and from the file with a later write.
 */
export class SqliteStore implements KeyValueStore {
  readonly name: string;
  readonly target = 'embedded';
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  constructor(name: string, workspace: string, now: () => number = Date.now) {
    this.name = name;
    this.#now = now;
    const directory = join(workspace, 'redis');
    mkdirSync(directory, { recursive: true });
    this.#database = new DatabaseSync(join(directory, 'store.sqlite'), { timeout: BUSY_MS });
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, type TEXT NOT NULL, value TEXT NOT NULL, expires INTEGER) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires) WHERE expires IS NOT NULL;
      CREATE TABLE IF NOT EXISTS fence (key TEXT PRIMARY KEY, lineage TEXT NOT NULL, owner INTEGER NOT NULL, epoch INTEGER NOT NULL) WITHOUT ROWID`);
  }

  async readFence(fenceKey: string): Promise<StoredFence | undefined> {
    return this.#guarded(() => this.#fence(fenceKey));
  }

  async takeFence(fenceKey: string, expected: StoredFence | undefined, next: StoredFence): Promise<boolean> {
    return this.#atomically(() => {
      const now = this.#fence(fenceKey);
      if (now?.lineage !== expected?.lineage || now?.owner !== expected?.owner || now?.epoch !== expected?.epoch) return false;
      this.#setFence(fenceKey, next);
      return true;
    });
  }

  async write(
    fenceKey: string,
    from: StoredFence,
    epoch: number,
    writes: readonly KeyWrite[],
    ttlMs: number,
  ): Promise<WriteAnswer> {
    return this.#atomically(() => {
      const fence = this.#fence(fenceKey);
      if (fence === undefined) return 'lost';
      if (fence.lineage !== from.lineage || fence.owner !== from.owner) return 'fenced';
      if (fence.epoch > from.epoch) return 'already';
      if (fence.epoch !== from.epoch) return 'gap';
      const now = this.#now();
      const put = this.#database.prepare('INSERT OR REPLACE INTO entry (key, type, value, expires) VALUES (?, ?, ?, ?)');
      const remove = this.#database.prepare('DELETE FROM entry WHERE key = ?');
      const expires = ttlMs > 0 ? now + Math.ceil(ttlMs) : null;
      for (const write of writes) {
        const value = textOf(write);
        if (value === undefined) remove.run(write.key);
        else put.run(write.key, write.kind, value, expires);
      }
      this.#database.prepare('DELETE FROM entry WHERE expires <= ?').run(now);
      this.#setFence(fenceKey, { ...from, epoch });
      return 'applied';
    });
  }

  async keys(pattern: string, limit: number): Promise<readonly KeyInfo[]> {
    const now = this.#now();
    const matches = globPattern(pattern);
    return this.#guarded(() => {
      const infos: KeyInfo[] = [];
      const rows = this.#database
        .prepare('SELECT key, type, expires FROM entry WHERE expires IS NULL OR expires > ? ORDER BY key')
        .iterate(now);
      for (const row of rows) {
        const { key, type, expires } = row as unknown as Entry;
        if (key.startsWith(FENCE_PREFIX) || !matches(key)) continue;
        infos.push({ key, type, expiresInMs: expires === null ? undefined : expires - now });
        if (infos.length >= limit) break;
      }
      return infos;
    });
  }

  async value(key: string, limit: number): Promise<KeyValue> {
    return this.#guarded(() => {
      const entry = this.#database.prepare('SELECT type, value, expires FROM entry WHERE key = ?').get(key) as Entry | undefined;
      if (entry === undefined || (entry.expires !== null && entry.expires <= this.#now())) return undefined;
      if (entry.type === 'string') return entry.value;
      if (entry.type === 'list') return (JSON.parse(entry.value) as string[]).slice(0, limit);
      return Object.fromEntries(JSON.parse(entry.value) as [string, string][]);
    });
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #fence(key: string): StoredFence | undefined {
    const row = this.#database.prepare('SELECT lineage, owner, epoch FROM fence WHERE key = ?').get(key);
    return row === undefined ? undefined : ({ ...row } as unknown as StoredFence);
  }

  #setFence(key: string, fence: StoredFence): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO fence (key, lineage, owner, epoch) VALUES (?, ?, ?, ?)')
      .run(key, fence.lineage, fence.owner, fence.epoch);
  }

  #atomically<T>(work: () => T): T {
    return this.#guarded(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Fault) throw error;
      const { errcode, message } = error as { errcode?: number; message: string };
      if (errcode === undefined) throw error;
      // 5 busy, 13 disk full
      const passes = [5, 13].includes(errcode & 0xff);
      throw new Fault(passes ? 'retry' : 'fatal', 'embedded_redis', `The embedded key-value store cannot be used: ${message}.`, {
        mend: passes ? 'Free space on the disk.' : '"telemetra reset" starts over with an empty store.',
        cause: error,
      });
    }
  }
}

/** undefined: the key goes. */
function textOf(write: KeyWrite): string | undefined {
  switch (write.kind) {
    case 'delete':
      return undefined;
    case 'string':
      return write.value;
    case 'hash':
      return write.fields.length === 0 ? undefined : JSON.stringify(write.fields);
    case 'list':
      return write.values.length === 0 ? undefined : JSON.stringify(write.values);
  }
}
