import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DeadLetterRing, type StoredDeadLetter } from '../../../engine/host/dead-letter-ring.ts';
import { SqliteStore, STATE_FILE } from '../../../engine/host/sqlite-store.ts';
import { Fault } from '../../../engine/model/fault.ts';
import { formatTimestamp } from '../../../engine/model/timestamp.ts';
import { catalog } from '../../../nodes/catalog.ts';
import { EXIT } from '../exit-codes.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { printProblems } from '../print-problems.ts';
import { planReplay, sendReplay } from '../../../engine/host/replay.ts';
import { count, counted } from '../progress-line.ts';

export interface DeadFlags {
  readonly stateDirectory: string;
  readonly node?: string | undefined;
  readonly code?: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

function withRing<T>(directory: string, work: (ring: DeadLetterRing) => T): T | undefined {
  if (!existsSync(join(directory, STATE_FILE))) {
    process.stdout.write(`No stored state in ${directory}, so no dead letters.\n`);
    return undefined;
  }
  const database = new DatabaseSync(join(directory, STATE_FILE), { timeout: 5000 });
  try {
    return work(new DeadLetterRing(database));
  } finally {
    database.close();
  }
}

/** `telemetra dead ls`: counts by node and code, then the newest ones. */
export function deadLs(flags: DeadFlags): number {
  withRing(flags.stateDirectory, (ring) => {
    const letters = ring.list({ node: flags.node, code: flags.code, limit: flags.limit });
    if (flags.json) {
      for (const letter of letters) process.stdout.write(`${JSON.stringify(plain(letter))}\n`);
      return;
    }
    const { count: total, dropped } = ring.totals();
    process.stdout.write(`${counted(total, 'dead letter')} kept${dropped > 0 ? `, ${count(dropped)} older dropped` : ''}\n`);
    for (const group of ring.byCode()) process.stdout.write(`  ${group.node}  ${group.code}  ${count(group.count)}\n`);
    for (const letter of letters) {
      process.stdout.write(
        `#${letter.id}  ${letter.node}  ${letter.code}  ${letter.source}/${letter.partition} offset ${letter.offset}  ${letter.sentence}\n`,
      );
    }
  });
  return EXIT.done;
}

/** `telemetra dead show ID`: one dead letter whole, with its bytes. */
export function deadShow(flags: DeadFlags, id: number): number {
  checkIds([id]);
  const letter = withRing(flags.stateDirectory, (ring) => ring.get(id) ?? missing(id));
  if (letter === undefined) return EXIT.failed;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(plain(letter))}\n`);
    return EXIT.done;
  }
  const text = Buffer.from(letter.raw).toString('utf8');
  const lines = [
    `#${letter.id}  ${letter.code} at ${letter.node}`,
    letter.sentence,
    `from ${letter.source}/${letter.partition}, offset ${letter.offset}, seen ${formatTimestamp(letter.at * 1000)}` +
      (letter.eventTime === undefined ? '' : `, event time ${formatTimestamp(letter.eventTime)}`),
    `${counted(letter.rawLength, 'byte')}${letter.rawLength > letter.raw.length ? `, the first ${count(letter.raw.length)} are kept` : ''}:`,
    text,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.done;
}

/** `telemetra dead replay`: letters once more through their source, as new input (V7). Says before sending which will be late. */
export async function deadReplay(
  file: string,
  flags: DeadFlags,
  ids: readonly number[],
  text: string | undefined,
  dryRun: boolean,
): Promise<number> {
  const { compiled, problems } = await loadPipeline(file, process.env);
  if (compiled?.plan === undefined) {
    printProblems(problems, file, process.stderr);
    return EXIT.notValid;
  }
  checkIds(ids);
  if (text !== undefined && ids.length !== 1) {
    throw new Fault(
      'fatal',
      'bad_option',
      `--text replaces the bytes of one dead letter, but ${ids.length === 0 ? 'none is' : `${ids.length} are`} named.`,
      {
        mend: 'Write telemetra dead replay PIPELINE NUMBER --text TEXT.',
      },
    );
  }
  if (!existsSync(join(flags.stateDirectory, STATE_FILE))) {
    process.stdout.write(`No stored state in ${flags.stateDirectory}, so no dead letters.\n`);
    return EXIT.done;
  }
  const store = new SqliteStore(flags.stateDirectory);
  try {
    const letters =
      ids.length > 0
        ? ids.map((id) => store.deadLetters.get(id) ?? missing(id))
        : store.deadLetters.list({ node: flags.node, code: flags.code, limit: flags.limit }).toReversed();
    if (!dryRun && store.manifest()?.complete === true) {
      throw new Fault(
        'refused',
        'state_complete',
        'This run read its input to the end and takes no more rows, so nothing was sent.',
        {
          mend: 'Mend the input and run again with --fresh.',
        },
      );
    }
    let sent = 0;
    for (const letter of letters) {
      const edited = text === undefined ? undefined : Buffer.from(text);
      const replay = planReplay(compiled.plan, catalog, store.manifest(), letter, edited);
      if (replay.refused !== undefined) process.stdout.write(`#${letter.id} will be a dead letter again: ${replay.refused}\n`);
      if (replay.lateAt.length > 0) process.stdout.write(`#${letter.id} will be late at ${replay.lateAt.join(', ')}\n`);
      if (dryRun) continue;
      sendReplay(store, replay);
      sent++;
    }
    process.stdout.write(
      dryRun
        ? `${counted(letters.length, 'dead letter')} would be sent; nothing was.\n`
        : `${counted(sent, 'dead letter')} sent. A running pipeline reads ${sent === 1 ? 'it' : 'them'} now, else the next start does.\n`,
    );
    return EXIT.done;
  } finally {
    store.close();
  }
}

/** The command line hands numbers over; what was none is NaN. */
function checkIds(ids: readonly number[]): void {
  if (ids.every((id) => Number.isSafeInteger(id) && id > 0)) return;
  throw new Fault('fatal', 'bad_option', 'A dead letter is named by its number, a whole number from 1 on.', {
    mend: 'telemetra dead ls PIPELINE shows the numbers.',
  });
}

function missing(id: number): never {
  throw new Fault('fatal', 'no_dead_letter', `There is no dead letter ${id}; it never was, or it has left the ring.`, {
    mend: 'telemetra dead ls PIPELINE shows those that are kept.',
  });
}

function plain(letter: StoredDeadLetter): Record<string, unknown> {
  return { ...letter, raw: Buffer.from(letter.raw).toString('utf8') };
}
