import type { DatabaseSync } from 'node:sqlite';
import type { DeadLetter } from '../stream/dead-letter.ts';

/** [V2] */
const MAX_ROWS = 100_000;
const MAX_BYTES = 256 * 1024 * 1024;

export interface StoredDeadLetter extends DeadLetter {
  readonly id: number;
}

export interface DeadLetterFilter {
  readonly node?: string | undefined;
  readonly code?: string | undefined;
  /** only ids below this one: the next page */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Dead letters of one pipeline, newest last; the oldest leave when there are too many, and are counted. */
export class DeadLetterRing {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`CREATE TABLE IF NOT EXISTS dead (id INTEGER PRIMARY KEY AUTOINCREMENT, node TEXT NOT NULL, code TEXT NOT NULL,
      sentence TEXT NOT NULL, source TEXT NOT NULL, part INTEGER NOT NULL, off INTEGER NOT NULL, event_time INTEGER, at INTEGER NOT NULL,
      raw BLOB NOT NULL, raw_length INTEGER NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS dead_by_node ON dead (node, code);
      CREATE TABLE IF NOT EXISTS dead_total (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL, bytes INTEGER NOT NULL, dropped INTEGER NOT NULL) STRICT;
      `);
    // looked at first: an INSERT OR IGNORE would take the write lock at every opening
    if (database.prepare('SELECT 1 FROM dead_total').get() === undefined)
      database.exec('INSERT INTO dead_total VALUES (1, 0, 0, 0)');
  }

  /** Inside the caller's transaction when there is one. */
  add(letters: readonly DeadLetter[]): void {
    if (letters.length === 0) return;
    const insert = this.#database.prepare(
      'INSERT INTO dead (node, code, sentence, source, part, off, event_time, at, raw, raw_length) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    let bytes = 0;
    for (const letter of letters) {
      bytes += letter.raw.length;
      insert.run(
        letter.node,
        letter.code,
        letter.sentence,
        letter.source,
        letter.partition,
        letter.offset,
        letter.eventTime ?? null,
        letter.at,
        letter.raw,
        letter.rawLength,
      );
    }
    this.#database.prepare('UPDATE dead_total SET count = count + ?, bytes = bytes + ?').run(letters.length, bytes);
    this.#dropOldest();
  }

  #dropOldest(): void {
    for (;;) {
      const { count, bytes } = this.totals();
      if (count <= MAX_ROWS && bytes <= MAX_BYTES) return;
      const take = Math.max(count - MAX_ROWS, bytes > MAX_BYTES ? Math.ceil(count / 20) : 0);
      const gone = this.#database
        .prepare(
          'SELECT count(*) AS count, coalesce(sum(length(raw)), 0) AS bytes, max(id) AS last FROM (SELECT id, raw FROM dead ORDER BY id LIMIT ?)',
        )
        .get(take) as { count: number; bytes: number; last: number };
      this.#database.prepare('DELETE FROM dead WHERE id <= ?').run(gone.last);
      this.#database
        .prepare('UPDATE dead_total SET count = count - ?, bytes = bytes - ?, dropped = dropped + ?')
        .run(gone.count, gone.bytes, gone.count);
    }
  }

  totals(): { readonly count: number; readonly bytes: number; readonly dropped: number } {
    return this.#database.prepare('SELECT count, bytes, dropped FROM dead_total').get() as {
      count: number;
      bytes: number;
      dropped: number;
    };
  }

  byCode(): readonly { readonly node: string; readonly code: string; readonly count: number }[] {
    return this.#database
      .prepare('SELECT node, code, count(*) AS count FROM dead GROUP BY node, code ORDER BY count DESC, node, code')
      .all() as { node: string; code: string; count: number }[];
  }

  /** Newest first. */
  list(filter: DeadLetterFilter): readonly StoredDeadLetter[] {
    const rows = this.#database
      .prepare(
        `SELECT * FROM dead WHERE (?1 IS NULL OR node = ?1) AND (?2 IS NULL OR code = ?2) AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4`,
      )
      .all(filter.node ?? null, filter.code ?? null, filter.before ?? null, filter.limit);
    return rows.map(letterOf);
  }

  get(id: number): StoredDeadLetter | undefined {
    const row = this.#database.prepare('SELECT * FROM dead WHERE id = ?').get(id);
    return row === undefined ? undefined : letterOf(row);
  }
}

function letterOf(row: Record<string, unknown>): StoredDeadLetter {
  return {
    id: row['id'] as number,
    node: row['node'] as string,
    code: row['code'] as string,
    sentence: row['sentence'] as string,
    source: row['source'] as string,
    partition: row['part'] as number,
    offset: row['off'] as number,
    eventTime: (row['event_time'] as number | null) ?? undefined,
    at: row['at'] as number,
    raw: row['raw'] as Uint8Array,
    rawLength: row['raw_length'] as number,
  };
}
