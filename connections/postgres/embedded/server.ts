import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PGlite } from '@electric-sql/pglite';
import { WireServer } from './wire-server.ts';

/**
 * The embedded PostgreSQL as a process of its own: `node server.ts <directory> <idleMs>`.
 * Whoever holds the exclusive transaction on lock.sqlite is the server; the kernel frees it on kill, so a crash needs no
 * clean-up. Another one started meanwhile ends at once (exit 0). Ends itself `idleMs` after its last connection.
 */
const directory = process.argv[2];
const idleMs = Number(process.argv[3]);
if (directory === undefined || !(idleMs > 0)) throw new Error('usage: server.ts <directory> <idleMs>');

const portFile = join(directory, 'server.json');

mkdirSync(directory, { recursive: true });
const lock = new DatabaseSync(join(directory, 'lock.sqlite'), { timeout: 0 });
try {
  lock.exec('BEGIN EXCLUSIVE');
} catch {
  process.exit(0);
}
// a port file of a server that was killed must not be believed
rmSync(portFile, { force: true });

// a data directory whose creation was interrupted cannot be opened: it holds nothing yet, so begin again
const data = join(directory, 'data');
const created = join(directory, 'created');
if (!existsSync(created)) rmSync(data, { recursive: true, force: true });
const database = await PGlite.create(data);
writeFileSync(created, '');
await database.exec(`SET TimeZone = 'UTC'`);

const password = randomBytes(24).toString('base64url');
const server = new WireServer(database, password, (error) => {
  // end without a word to the clients: they come back and start a new one
  process.stderr.write(`embedded PostgreSQL cannot go on: ${String(error)}\n`);
  rmSync(portFile, { force: true });
  process.exit(1);
});
const port = await server.listen();
rmSync(`${portFile}.new`, { force: true });
writeFileSync(`${portFile}.new`, JSON.stringify({ host: '127.0.0.1', port, password, pid: process.pid }), { mode: 0o600 });
renameSync(`${portFile}.new`, portFile);

let idleSince = performance.now();
const watch = setInterval(
  () => {
    if (server.clients > 0) idleSince = performance.now();
    else if (performance.now() - idleSince >= idleMs) void end();
  },
  Math.min(500, idleMs / 2),
);

let ending = false;

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  clearInterval(watch);
  rmSync(portFile, { force: true });
  await server.close();
  await database.close();
  // held until here; also keeps the lock from being collected, which would let a second server in
  lock.close();
  process.exit(0);
}

process.on('SIGTERM', () => void end());
// Ctrl-C in a terminal reaches the whole group; clients still need to commit their last epoch
process.on('SIGINT', () => {});
