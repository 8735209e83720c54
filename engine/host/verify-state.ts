import type { DatabaseSync } from 'node:sqlite';
import { checksum } from './checksum.ts';

export interface Verdict {
  readonly checked: number;
  /** what does not match its checksum, in words */
  readonly damaged: readonly string[];
}

/** Every stored value of a state database against its CRC, and SQLite's own check of its pages. */
export function verifyState(database: DatabaseSync): Verdict {
  const damaged: string[] = [];
  let checked = 0;
  const check = (what: string, bytes: Uint8Array, crc: number): void => {
    checked++;
    if (checksum(bytes) !== crc) damaged.push(what);
  };
  for (const row of database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]) {
    if (row.integrity_check !== 'ok') damaged.push(row.integrity_check);
  }
  type Piece = { node: string; key: string; crc: number; bytes: Uint8Array };
  for (const row of database.prepare('SELECT node, key, crc, bytes FROM piece').iterate() as Iterable<Piece>) {
    check(`state ${JSON.stringify(row.key)} of ${row.node}`, row.bytes, row.crc);
  }
  type Manifest = { epoch: number; body: string; crc: number };
  for (const row of database.prepare('SELECT epoch, body, crc FROM manifest').iterate() as Iterable<Manifest>) {
    check(`manifest of epoch ${row.epoch}`, Buffer.from(row.body), row.crc);
  }
  type Entry = { node: string; epoch: number; crc: number; bytes: Uint8Array };
  for (const row of database.prepare('SELECT node, epoch, crc, bytes FROM outbox').iterate() as Iterable<Entry>) {
    check(`outbox of ${row.node}, epoch ${row.epoch}`, row.bytes, row.crc);
  }
  return { checked, damaged };
}
