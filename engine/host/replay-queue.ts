import type { DatabaseSync } from 'node:sqlite';

/** A message that is sent once more through its source (V7). */
export interface ReplayMessage {
  readonly id: number;
  readonly port: number;
  readonly bytes: Uint8Array;
}

/**
 * Messages to be read again, by source: a table in the state database, so that they survive a stop and any process may add some.
 * Their ids are the offsets of the source's `replay` partition.
 */
export class ReplayQueue {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`CREATE TABLE IF NOT EXISTS replay (id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, port INTEGER NOT NULL,
      bytes BLOB NOT NULL, letter INTEGER) STRICT;
      CREATE INDEX IF NOT EXISTS replay_by_source ON replay (source, id);`);
  }

  add(source: string, port: number, bytes: Uint8Array, letter: number | undefined): number {
    const result = this.#database
      .prepare('INSERT INTO replay (source, port, bytes, letter) VALUES (?, ?, ?, ?)')
      .run(source, port, bytes, letter ?? null);
    return Number(result.lastInsertRowid);
  }

  isReplayed(letter: number): boolean {
    return this.#database.prepare('SELECT 1 FROM replay WHERE letter = ?').get(letter) !== undefined;
  }

  /** Messages of a source from id `from` on, ascending. */
  read(source: string, from: number, limit: number): readonly ReplayMessage[] {
    return this.#database
      .prepare('SELECT id, port, bytes FROM replay WHERE source = ? AND id >= ? ORDER BY id LIMIT ?')
      .all(source, from, limit) as unknown as ReplayMessage[];
  }

  hasAny(source: string): boolean {
    return this.#database.prepare('SELECT 1 FROM replay WHERE source = ? LIMIT 1').get(source) !== undefined;
  }
}
