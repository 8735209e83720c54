import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Fault } from '../model/fault.ts';
import type { CheckpointStore, EpochRecord, Manifest, OutboxEntry, OutboxState } from '../stream/checkpoint.ts';
import type { DeadLetter } from '../stream/dead-letter.ts';
import type { StatePiece } from '../stream/graph.ts';
import { DeadLetterRing } from './dead-letter-ring.ts';
import { ReplayQueue } from './replay-queue.ts';
import { checksum } from './checksum.ts';

/** [E4] delivered outboxes stay at least so long and so many epochs */
const KEEP_DELIVERED_MS = 60_000;
const KEEP_DELIVERED_EPOCHS = 2;
/** [E1] */
const KEEP_MANIFESTS_MS = 7 * 24 * 3600 * 1000;
const FORMAT = 1;

export const STATE_FILE = 'state.sqlite';

const TABLES = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS manifest (epoch INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS piece (node TEXT NOT NULL, lane TEXT NOT NULL, key TEXT NOT NULL, crc INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (node, lane, key)) STRICT;
CREATE TABLE IF NOT EXISTS outbox (node TEXT NOT NULL, epoch INTEGER NOT NULL, rows INTEGER NOT NULL, input_rows INTEGER NOT NULL,
  crc INTEGER NOT NULL, delivered_at INTEGER, size INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (node, epoch)) STRICT;
CREATE TABLE IF NOT EXISTS trimmed (node TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * [E1] The checkpoint of one pipeline: state.sqlite in its state directory. Every epoch is one transaction
 * (WAL, synchronous FULL). Values carry a CRC: SQLite does not notice a flipped byte inside a BLOB.
 */
export class SqliteStore implements CheckpointStore {
  readonly lineage: string;
  readonly #database: DatabaseSync;
  readonly #dead: DeadLetterRing;
  readonly #replay: ReplayQueue;
  readonly #put: StatementSync;
  readonly #drop: StatementSync;
  readonly #delivered: StatementSync;
  /** acknowledgements are hints, so they ride on the next commit */
  readonly #acknowledgements: { node: string; epoch: number; at: number }[] = [];

  /** `lineage`: of a state that is new; else one is made up. */
  constructor(directory: string, lineage: string = randomUUID()) {
    mkdirSync(directory, { recursive: true });
    this.#database = openDatabase(join(directory, STATE_FILE));
    this.lineage = this.#meta('lineage', () => lineage);
    this.#dead = new DeadLetterRing(this.#database);
    this.#replay = new ReplayQueue(this.#database);
    this.#put = this.#database.prepare('INSERT OR REPLACE INTO piece (node, lane, key, crc, bytes) VALUES (?, ?, ?, ?, ?)');
    this.#drop = this.#database.prepare('DELETE FROM piece WHERE node = ? AND lane = ? AND key = ?');
    this.#delivered = this.#database.prepare(
      'UPDATE outbox SET delivered_at = ? WHERE node = ? AND epoch = ? AND delivered_at IS NULL',
    );
  }

  #meta(key: string, make: () => string): string {
    const found = this.#database.prepare('SELECT value FROM meta WHERE key = ?').get(key) as { value: string } | undefined;
    if (found !== undefined) return found.value;
    const value = make();
    this.#database.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(key, value);
    return value;
  }

  get replay(): ReplayQueue {
    return this.#replay;
  }

  get deadLetters(): DeadLetterRing {
    return this.#dead;
  }

  manifest(): Manifest | undefined {
    const row = this.#database.prepare('SELECT body, crc FROM manifest ORDER BY epoch DESC LIMIT 1').get() as
      { body: string; crc: number } | undefined;
    if (row === undefined) return undefined;
    if (checksum(Buffer.from(row.body)) !== row.crc) throw damaged('the newest manifest');
    return JSON.parse(row.body) as Manifest;
  }

  *pieces(): Iterable<StatePiece> {
    const rows = this.#database.prepare('SELECT node, lane, key, crc, bytes FROM piece ORDER BY node, lane, key').iterate();
    for (const row of rows as Iterable<{ node: string; lane: string; key: string; crc: number; bytes: Uint8Array }>) {
      if (checksum(row.bytes) !== row.crc) throw damaged(`state ${row.key} of ${row.node}`);
      yield { node: row.node, lane: row.lane, key: row.key, bytes: row.bytes };
    }
  }

  hasState(node: string): boolean {
    return this.#database.prepare('SELECT 1 FROM piece WHERE node = ? LIMIT 1').get(node) !== undefined;
  }

  forget(node: string): void {
    this.#database.prepare('DELETE FROM piece WHERE node = ?').run(node);
  }

  commit(record: EpochRecord, nowMs: number): { readonly bytes: number } {
    let bytes = 0;
    const database = this.#database;
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const piece of record.pieces) if (piece.bytes === undefined) this.#drop.run(piece.node, piece.lane, piece.key);
      for (const piece of record.pieces) {
        if (piece.bytes === undefined) continue;
        bytes += piece.bytes.length;
        this.#put.run(piece.node, piece.lane, piece.key, checksum(piece.bytes), piece.bytes);
      }
      const add = database.prepare(
        'INSERT INTO outbox (node, epoch, rows, input_rows, crc, delivered_at, size, bytes) VALUES (?, ?, ?, ?, ?, NULL, ?, ?)',
      );
      for (const entry of record.outboxes) {
        bytes += entry.bytes.length;
        add.run(entry.node, entry.epoch, entry.rows, entry.inputRows, checksum(entry.bytes), entry.bytes.length, entry.bytes);
      }
      this.#writeAcknowledgements();
      this.#trim(record.manifest.epoch, nowMs);
      this.#dead.add(record.dead);
      const body = JSON.stringify(record.manifest);
      bytes += body.length;
      database
        .prepare('INSERT INTO manifest (epoch, at, body, crc) VALUES (?, ?, ?, ?)')
        .run(record.manifest.epoch, nowMs, body, checksum(Buffer.from(body)));
      database.prepare('DELETE FROM manifest WHERE at < ?').run(nowMs - KEEP_MANIFESTS_MS);
      database.exec('COMMIT');
      this.#acknowledgements.length = 0;
      return { bytes };
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw storeFault(error);
    }
  }

  #writeAcknowledgements(): void {
    for (const { node, epoch, at } of this.#acknowledgements) this.#delivered.run(at, node, epoch);
  }

  #trim(epoch: number, nowMs: number): void {
    const old = this.#database
      .prepare(
        `SELECT node, max(epoch) AS epoch FROM outbox AS o WHERE delivered_at < ? AND epoch <= ?
         AND epoch NOT IN (SELECT epoch FROM outbox WHERE node = o.node ORDER BY epoch DESC LIMIT ?) GROUP BY node`,
      )
      .all(nowMs - KEEP_DELIVERED_MS, epoch, KEEP_DELIVERED_EPOCHS) as { node: string; epoch: number }[];
    for (const { node, epoch: last } of old) {
      this.#database.prepare('DELETE FROM outbox WHERE node = ? AND epoch <= ?').run(node, last);
      this.#database.prepare('INSERT OR REPLACE INTO trimmed (node, epoch) VALUES (?, ?)').run(node, last);
    }
  }

  outboxState(node: string): OutboxState {
    const trimmed = this.#database.prepare('SELECT epoch FROM trimmed WHERE node = ?').get(node) as { epoch: number } | undefined;
    const kept = this.#database
      .prepare('SELECT epoch, rows, input_rows AS inputRows, size AS bytes FROM outbox WHERE node = ? ORDER BY epoch')
      .all(node) as { epoch: number; rows: number; inputRows: number; bytes: number }[];
    return { trimmed: trimmed?.epoch ?? 0, kept };
  }

  outbox(node: string, epoch: number): OutboxEntry | undefined {
    const row = this.#database
      .prepare('SELECT rows, input_rows AS inputRows, crc, bytes FROM outbox WHERE node = ? AND epoch = ?')
      .get(node, epoch) as { rows: number; inputRows: number; crc: number; bytes: Uint8Array } | undefined;
    if (row === undefined) return undefined;
    if (checksum(row.bytes) !== row.crc) throw damaged(`the outbox of ${node}, epoch ${epoch}`);
    return { node, epoch, rows: row.rows, inputRows: row.inputRows, bytes: row.bytes };
  }

  acknowledged(node: string, epoch: number, nowMs: number, refused: readonly DeadLetter[]): void {
    this.#acknowledgements.push({ node, epoch, at: nowMs });
    if (refused.length > 0) this.#dead.add(refused);
  }

  close(): void {
    try {
      this.#writeAcknowledgements();
    } catch (error) {
      throw storeFault(error);
    } finally {
      this.#database.close();
    }
  }
}

function openDatabase(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { timeout: 5000 });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000');
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version > FORMAT) {
      database.close();
      throw new Fault(
        'refused',
        'state_newer',
        `${file} was written by a newer Telemetra (format ${version}, this one knows ${FORMAT}).`,
        {
          mend: 'Use the newer version, or another --state directory.',
        },
      );
    }
    database.exec(TABLES);
    database.exec(`PRAGMA user_version = ${FORMAT}`);
    return database;
  } catch (error) {
    throw storeFault(error, file);
  }
}

function damaged(what: string): Fault {
  return new Fault(
    'refused',
    'state_damaged',
    `The stored state is damaged: ${what} does not match its checksum. Nothing was written.`,
    {
      mend: 'Restore the state directory from a copy, or start over with --fresh.',
    },
  );
}

/** SQLite's primary result codes: 13 full, 10 I/O, 5 busy → try again; 11 corrupt, 26 not a database → refused. */
export function storeFault(error: unknown, file?: string): unknown {
  if (error instanceof Fault) return error;
  const code = (error as { errcode?: number }).errcode;
  if (code === undefined) return error;
  const where = file === undefined ? 'The state' : file;
  switch (code & 0xff) {
    case 13:
      return new Fault('retry', 'disk_full', `${where} could not be written: the disk is full.`, {
        mend: 'Free some space.',
        cause: error,
      });
    case 5:
    case 6:
      return new Fault('retry', 'state_busy', `${where} is locked by another process.`, { cause: error });
    case 10:
      return new Fault('retry', 'state_io', `${where} could not be written: ${String((error as Error).message)}.`, {
        cause: error,
      });
    case 11:
    case 26:
      return new Fault('refused', 'state_damaged', `${where} is damaged: ${String((error as Error).message)}.`, {
        mend: 'Restore the state directory from a copy, or start over with --fresh.',
        cause: error,
      });
    default:
      return new Fault('fatal', 'state_error', `${where} cannot be used: ${String((error as Error).message)}.`, { cause: error });
  }
}
