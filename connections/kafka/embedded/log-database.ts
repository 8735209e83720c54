import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../../../engine/model/fault.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS topics (
    id INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT NULL, name TEXT NOT NULL UNIQUE, retention_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS partitions (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, first INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS batches (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, base INTEGER NOT NULL, count INTEGER NOT NULL,
    newest_ms INTEGER NOT NULL, appended_ms INTEGER NOT NULL, bytes BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS batches_place ON batches (topic, partition, base);
  CREATE TABLE IF NOT EXISTS fences (
    pipeline TEXT NOT NULL, node TEXT NOT NULL, lineage TEXT NOT NULL, owner INTEGER NOT NULL, epoch INTEGER NOT NULL,
    PRIMARY KEY (pipeline, node)
  ) STRICT, WITHOUT ROWID;
`;

/** How long a transaction waits for another process's one; each is a few ms long. */
const BUSY_TIMEOUT_MS = 10_000;

/** One connection to the workspace's log; several processes may hold one at the same time. */
export class LogDatabase {
  readonly #database: DatabaseSync;
  readonly #file: string;

  constructor(directory: string, fileName: string) {
    this.#file = join(directory, fileName);
    this.#database = this.#guard(() => {
      mkdirSync(directory, { recursive: true });
      const database = new DatabaseSync(this.#file, { timeout: BUSY_TIMEOUT_MS });
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;');
      return database;
    });
    if (this.row('SELECT 1 FROM sqlite_schema WHERE name = ?', 'fences') === undefined)
      this.write(() => this.#database.exec(SCHEMA));
  }

  /** One write transaction; a crash inside leaves nothing of it. */
  write<T>(body: () => T): T {
    return this.#transaction('BEGIN IMMEDIATE', body);
  }

  /** One consistent view. */
  read<T>(body: () => T): T {
    return this.#transaction('BEGIN', body);
  }

  run(sql: string, ...values: readonly (string | number | Uint8Array)[]): number {
    return this.#guard(() => Number(this.#prepared(sql).run(...values).changes));
  }

  row(sql: string, ...values: readonly (string | number)[]): Readonly<Record<string, unknown>> | undefined {
    return this.#guard(() => this.#prepared(sql).get(...values));
  }

  rows(sql: string, ...values: readonly (string | number)[]): readonly Readonly<Record<string, unknown>>[] {
    return this.#guard(() => this.#prepared(sql).all(...values));
  }

  /** Row by row, so that the caller can stop. Only inside `read`. */
  each(sql: string, ...values: readonly (string | number)[]): Iterable<Readonly<Record<string, unknown>>> {
    return this.#guard(() => this.#prepared(sql).iterate(...values));
  }

  /** Changes when another connection has committed something. */
  version(): number {
    return this.row('PRAGMA data_version')!['data_version'] as number;
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();

  #prepared(sql: string): ReturnType<DatabaseSync['prepare']> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #transaction<T>(begin: string, body: () => T): T {
    return this.#guard(() => {
      this.#database.exec(begin);
      try {
        const result = body();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** SQLite's errors as faults: busy and full get better, anything else does not. */
  #guard<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof Fault || !(error instanceof Error)) throw error;
      const primary = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
      const busy = primary === 5 || primary === 6;
      if (busy) throw new Fault('retry', 'log_busy', `Another process holds the event log ${this.#file}.`, { cause: error });
      if (primary === 13) {
        throw new Fault('retry', 'disk_full', `The disk is full: the event log ${this.#file} takes no more.`, {
          mend: 'Free disk space.',
          cause: error,
        });
      }
      if (primary === 0 && !('code' in error)) throw error;
      throw new Fault('fatal', 'log_unusable', `The event log ${this.#file} cannot be used: ${error.message}.`, {
        mend: 'Check the rights and the disk of the workspace, or name another one with --workspace.',
        cause: error,
      });
    }
  }
}
