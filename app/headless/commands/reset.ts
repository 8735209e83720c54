import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StateLock } from '../../../engine/host/state-lock.ts';
import { Fault } from '../../../engine/model/fault.ts';
import { stopEmbeddedPostgres } from '../../../connections/postgres/embedded/stop.ts';
import { EXIT } from '../exit-codes.ts';

/** What Telemetra makes in a workspace; log*.sqlite are the embedded logs with SQLite's own files beside them. */
const OURS = /^(state|pipelines|history|runs|postgres|redis|app\.json|log[^/]*\.sqlite(-wal|-shm|-journal)?)$/;

/** `telemetra reset`: the workspace as on the first day. Refused while a runner works in it, and for a directory that is none. */
export async function reset(workspace: string): Promise<number> {
  const root = resolve(workspace);
  if (!existsSync(root)) {
    process.stdout.write(`${root} does not exist; there is nothing to reset.\n`);
    return EXIT.done;
  }
  const foreign = statSync(root).isDirectory() ? readdirSync(root).find((name) => !OURS.test(name)) : '';
  if (foreign !== undefined) {
    const why = foreign === '' ? 'it is a file' : `it holds ${foreign}, which Telemetra did not make`;
    throw new Fault('refused', 'not_a_workspace', `${root} is not a workspace of Telemetra: ${why}. Nothing was removed.`, {
      mend: 'Name a workspace with --workspace, or move that away first.',
    });
  }
  const states = join(root, 'state');
  const locks: StateLock[] = [];
  try {
    for (const name of existsSync(states) ? readdirSync(states) : []) locks.push(new StateLock(join(states, name)));
    await stopEmbeddedPostgres(root);
  } finally {
    for (const lock of locks) lock.release();
  }
  rmSync(root, { recursive: true });
  process.stdout.write(`Removed ${root}.\n`);
  return EXIT.done;
}
