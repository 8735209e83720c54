import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../engine/model/fault.ts';
import type { EmbeddedAddress } from './address.ts';

const STOP_MS = 15_000;

/** Ends the workspace's embedded PostgreSQL and waits until its files are free. Nothing to do when none runs. */
export async function stopEmbeddedPostgres(workspace: string): Promise<void> {
  const directory = join(workspace, 'postgres');
  const deadline = performance.now() + STOP_MS;
  let asked: number | undefined;
  while (isRunning(directory)) {
    const pid = pidIn(directory);
    if (pid !== undefined && pid !== asked) {
      asked = pid;
      process.kill(pid, 'SIGTERM');
    }
    if (performance.now() > deadline) {
      throw new Fault('refused', 'embedded_postgres', `The embedded PostgreSQL in ${directory} does not end.`, {
        mend: 'Stop what still uses this workspace, then try again.',
      });
    }
    await sleep(40);
  }
}

/** The server holds an exclusive transaction on lock.sqlite as long as it lives. */
function isRunning(directory: string): boolean {
  const path = join(directory, 'lock.sqlite');
  if (!existsSync(path)) return false;
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    lock.exec('ROLLBACK');
    return false;
  } catch {
    return true;
  } finally {
    lock.close();
  }
}

function pidIn(directory: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8')) as EmbeddedAddress).pid;
  } catch {
    // still starting: the port file comes when it listens
    return undefined;
  }
}
