import { existsSync, readdirSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteStore, STATE_FILE, storeFault } from '../../../engine/host/sqlite-store.ts';
import { StateLock } from '../../../engine/host/state-lock.ts';
import { verifyState, type Verdict } from '../../../engine/host/verify-state.ts';
import { Fault } from '../../../engine/model/fault.ts';
import { formatTimestamp } from '../../../engine/model/timestamp.ts';
import { EXIT, describeError } from '../exit-codes.ts';
import { count, counted } from '../progress-line.ts';

export interface StateFlags {
  readonly workspace: string;
  readonly state?: string | undefined;
}

/** Directories of states: the named one, or all of the workspace, or those of one pipeline id. Never creates any. */
function directories(flags: StateFlags, id: string | undefined): readonly string[] {
  if (flags.state !== undefined) {
    const directory = resolve(flags.state);
    if (existsSync(join(directory, STATE_FILE))) return [directory];
    throw new Fault('fatal', 'no_state', `There is no stored state in ${directory}.`, {
      mend: 'telemetra state ls shows the states of a workspace.',
    });
  }
  const root = join(resolve(flags.workspace), 'state');
  const all = existsSync(root) ? readdirSync(root).toSorted() : [];
  const found = all
    .filter(
      (name) => id === undefined || name === id || (name.startsWith(`${id}-`) && /^[0-9a-f]{12}$/.test(name.slice(id.length + 1))),
    )
    .map((name) => join(root, name))
    .filter((directory) => existsSync(join(directory, STATE_FILE)));
  if (found.length === 0 && id !== undefined) {
    throw new Fault('fatal', 'no_state', `There is no stored state of a pipeline with id ${id} in ${root}.`, {
      mend: 'telemetra state ls shows the states of a workspace.',
    });
  }
  if (found.length === 0) process.stdout.write(`No stored state in ${root}.\n`);
  return found;
}

/** What is wrong with one state does not hide the others; exit 1 when one cannot be read. */
export function stateLs(flags: StateFlags): number {
  let unreadable = 0;
  for (const directory of directories(flags, undefined)) {
    process.stdout.write(`${directory}\n`);
    try {
      describe(directory);
    } catch (error) {
      unreadable++;
      process.stdout.write(`  ${describeError(error)}\n`);
    }
  }
  return unreadable === 0 ? EXIT.done : EXIT.failed;
}

function describe(directory: string): void {
  const store = new SqliteStore(directory);
  try {
    const manifest = store.manifest();
    if (manifest === undefined) {
      process.stdout.write('  nothing stored yet\n');
      return;
    }
    const size = statSync(join(directory, STATE_FILE)).size;
    const complete = manifest.complete ? ', complete' : '';
    process.stdout.write(
      `  epoch ${count(manifest.epoch)} of ${formatTimestamp(manifest.at * 1000)}, ${(size / 1048576).toFixed(1)} MiB, lineage ${store.lineage}${complete}\n`,
    );
    for (const [node, partitions] of Object.entries(manifest.sources)) {
      const offsets = Object.entries(partitions).map(([number, mark]) => `${number}:${mark.position?.offset ?? '-'}`);
      process.stdout.write(`  ${node}  next offset by partition ${offsets.join(' ')}\n`);
    }
  } finally {
    store.close();
  }
}

/** Reads everything and compares checksums; exit 1 when something is damaged. */
export function stateVerify(flags: StateFlags, id: string | undefined): number {
  let damaged = 0;
  for (const directory of directories(flags, id)) {
    const verdict = verdictOf(directory);
    damaged += verdict.damaged.length;
    process.stdout.write(`${directory}: ${counted(verdict.checked, 'value')} checked, ${count(verdict.damaged.length)} damaged\n`);
    for (const what of verdict.damaged) process.stdout.write(`  ${what}\n`);
  }
  if (damaged > 0) process.stderr.write('Restore the damaged state from a copy, or start over with telemetra run --fresh.\n');
  return damaged === 0 ? EXIT.done : EXIT.failed;
}

function verdictOf(directory: string): Verdict {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(directory, STATE_FILE), { readOnly: true });
    return verifyState(database);
  } catch (error) {
    const fault = storeFault(error, join(directory, STATE_FILE));
    if (!(fault instanceof Fault)) throw error;
    return { checked: 0, damaged: [fault.message] };
  } finally {
    database?.close();
  }
}

/** Forgets the state of a pipeline: its next start is a first one. Removes what Telemetra made, and the directory when it is empty then. */
export function stateReset(flags: StateFlags, id: string | undefined): number {
  if (flags.state === undefined && id === undefined) {
    throw new Fault('fatal', 'bad_option', 'It is not said whose state to forget.', {
      mend: 'Write telemetra state reset PIPELINE-ID, or telemetra state reset --state DIR.',
    });
  }
  for (const directory of directories(flags, id)) {
    const lock = new StateLock(directory);
    try {
      for (const end of ['', '-wal', '-shm', '-journal']) rmSync(join(directory, STATE_FILE + end), { force: true });
    } finally {
      lock.release();
    }
    for (const end of ['', '-journal']) rmSync(join(directory, `lock.sqlite${end}`), { force: true });
    if (readdirSync(directory).length === 0) rmdirSync(directory);
    process.stdout.write(`Removed the state in ${directory}.\n`);
  }
  return EXIT.done;
}
