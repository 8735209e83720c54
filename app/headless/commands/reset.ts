import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StateLock } from '../../../engine/host/state-lock.ts';
import { stopEmbeddedPostgres } from '../../../connections/postgres/embedded/stop.ts';
import { EXIT } from '../exit-codes.ts';

/** `telemetra reset`: the workspace as on the first day. Refused while a runner works in it. */
export async function reset(workspace: string): Promise<number> {
  const root = resolve(workspace);
  if (!existsSync(root)) {
    process.stdout.write(`${root} does not exist, nothing to reset\n`);
    return EXIT.done;
  }
  const states = join(root, 'state');
  for (const name of existsSync(states) ? readdirSync(states) : []) new StateLock(join(states, name)).release();
  await stopEmbeddedPostgres(root);
  rmSync(root, { recursive: true });
  process.stdout.write(`removed ${root}\n`);
  return EXIT.done;
}
