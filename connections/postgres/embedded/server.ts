import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/**
 * The embedded PostgreSQL as a process of its own: `node server.ts <directory> <idleMs>`.
 * Whoever holds the exclusive transaction on lock.sqlite is the server; the kernel frees it on kill, so a crash needs no
 * clean-up. Another one started meanwhile ends at once (exit 0). Ends itself `idleMs` after its last connection.
 */
const directory = process.argv[2];
const idleMs = Number(process.argv[3]);
if (directory === undefined || !(idleMs > 0)) throw new Error('usage: server.ts <directory> <idleMs>');

const portFile = join(directory, 'server.json');
const MAX_CONNECTIONS = 64;

mkdirSync(directory, { recursive: true });
const lock = new DatabaseSync(join(directory, 'lock.sqlite'), { timeout: 0 });
try {
  lock.exec('BEGIN EXCLUSIVE');
} catch {
  process.exit(0);
}
// a port file of a server that was killed must not be believed
rmSync(portFile, { force: true });

const database = await PGlite.create(join(directory, 'data'));
await database.exec(`SET TimeZone = 'UTC'`);

// The socket layer stops answering for good after one failed protocol call (a COPY, for one): end, and be started again.
const run = database.execProtocolRawStream.bind(database);
database.execProtocolRawStream = async (...call) => {
  try {
    return await run(...call);
  } catch (error) {
    console.error('embedded PostgreSQL cannot go on:', error);
    rmSync(portFile, { force: true });
    process.exit(1);
  }
};

const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: MAX_CONNECTIONS });
await server.start();
const port = Number(server.getServerConn().split(':').at(-1));
writeFileSync(`${portFile}.new`, JSON.stringify({ host: '127.0.0.1', port, pid: process.pid }));
renameSync(`${portFile}.new`, portFile);

let idleSince = performance.now();
const watch = setInterval(
  () => {
    if (server.getStats().activeConnections > 0) idleSince = performance.now();
    else if (performance.now() - idleSince >= idleMs) void end();
  },
  Math.min(500, idleMs / 2),
);

async function end(): Promise<void> {
  clearInterval(watch);
  rmSync(portFile, { force: true });
  await server.stop();
  await database.close();
  process.exit(0);
}

process.on('SIGTERM', () => void end());
// Ctrl-C in a terminal reaches the whole group; clients still need to commit their last epoch
process.on('SIGINT', () => {});
