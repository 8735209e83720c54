import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteStore, STATE_FILE } from '../../../engine/host/sqlite-store.ts';
import { StateLock } from '../../../engine/host/state-lock.ts';
import { verifyState } from '../../../engine/host/verify-state.ts';
import { formatTimestamp } from '../../../engine/model/timestamp.ts';
import { EXIT } from '../exit-codes.ts';
import { count } from '../progress-line.ts';

export interface StateFlags {
  readonly workspace: string;
  readonly state?: string | undefined;
}

/** Directories of states: the named one, or all of the workspace, or those of one pipeline id. */
function directories(flags: StateFlags, id: string | undefined): readonly string[] {
  if (flags.state !== undefined) return [resolve(flags.state)];
  const root = join(resolve(flags.workspace), 'state');
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => id === undefined || name === id || name.startsWith(`${id}-`))
    .map((name) => join(root, name))
    .filter((directory) => existsSync(join(directory, STATE_FILE)));
}

export function stateLs(flags: StateFlags): number {
  const found = directories(flags, undefined);
  if (found.length === 0) process.stdout.write('no stored state\n');
  for (const directory of found) {
    const store = new SqliteStore(directory);
    try {
      const manifest = store.manifest();
      const size = statSync(join(directory, STATE_FILE)).size;
      process.stdout.write(`${directory}\n`);
      if (manifest === undefined) {
        process.stdout.write('  nothing stored yet\n');
        continue;
      }
      process.stdout.write(
        `  epoch ${count(manifest.epoch)}, ${formatTimestamp(manifest.at * 1000)}, ${(size / 1048576).toFixed(1)} MiB, lineage ${store.lineage}${manifest.complete ? ', complete' : ''}\n`,
      );
      for (const [node, partitions] of Object.entries(manifest.sources)) {
        const offsets = Object.entries(partitions).map(([number, mark]) => `${number}:${mark.position?.offset ?? '-'}`);
        process.stdout.write(`  ${node}  offsets ${offsets.join(' ')}\n`);
      }
    } finally {
      store.close();
    }
  }
  return EXIT.done;
}

/** Reads everything and compares checksums; exit 1 when something is damaged. */
export function stateVerify(flags: StateFlags, id: string | undefined): number {
  const found = directories(flags, id);
  if (found.length === 0) process.stdout.write('no stored state\n');
  let damaged = 0;
  for (const directory of found) {
    const database = new DatabaseSync(join(directory, STATE_FILE), { readOnly: true });
    try {
      const verdict = verifyState(database);
      damaged += verdict.damaged.length;
      process.stdout.write(`${directory}: ${count(verdict.checked)} values checked, ${verdict.damaged.length} damaged\n`);
      for (const what of verdict.damaged) process.stdout.write(`  ${what}\n`);
    } finally {
      database.close();
    }
  }
  return damaged === 0 ? EXIT.done : EXIT.failed;
}

/** Forgets the state of a pipeline: its next start is a first one. */
export function stateReset(flags: StateFlags, id: string | undefined): number {
  if (flags.state === undefined && id === undefined) {
    process.stderr.write('Say whose state: telemetra state reset PIPELINE-ID, or --state DIR.\n');
    return EXIT.notValid;
  }
  const found = directories(flags, id);
  if (found.length === 0) process.stdout.write('no stored state\n');
  for (const directory of found) {
    const lock = new StateLock(directory);
    lock.release();
    rmSync(directory, { recursive: true });
    process.stdout.write(`removed ${directory}\n`);
  }
  return EXIT.done;
}
