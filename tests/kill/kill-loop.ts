import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Manifest } from '../../engine/stream/checkpoint.ts';
import { ROOT } from '../support/telemetra.ts';

/** When a runner is killed: so many of its own epochs after its start, and so much later. */
export interface Moment {
  readonly epochs: number;
  readonly laterMs: number;
  /** left out: SIGKILL */
  readonly signal?: NodeJS.Signals;
}

export interface RunEnd {
  /** null: killed */
  readonly code: number | null;
  readonly output: string;
  /** newest stored epoch before and after; 0 = none */
  readonly before: number;
  readonly after: number;
  readonly complete: boolean;
}

/** A killed run that had advanced the state and had not read everything yet. */
export function isMidRun({ code, before, after, complete }: RunEnd): boolean {
  return code === null && after > before && !complete;
}

/** `telemetra run` in one process (this Node is the packaged one, so nothing stands between the signal and the runner). */
export async function runOnce(
  words: readonly string[],
  state: string,
  env: Readonly<Record<string, string>>,
  kill: Moment | undefined,
  onEpoch: (own: number) => void = () => {},
): Promise<RunEnd> {
  const before = newestManifest(state)?.epoch ?? 0;
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(KAFKA|POSTGRES|REDIS)_/.test(name)));
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'telemetra.mjs'), 'run', ...words, '--log', 'json'], {
    cwd: ROOT,
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let own = 0;
  let armed = false;
  const arm = (): void => {
    if (kill === undefined || armed || own < kill.epochs) return;
    armed = true;
    setTimeout(() => child.kill(kill.signal ?? 'SIGKILL'), kill.laterMs);
  };
  arm();
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (!line.includes('"type":"epoch"')) {
        if (!line.includes('"type":"meters"')) output += `${line}\n`;
        continue;
      }
      own++;
      onEpoch(own);
    }
    arm();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const manifest = newestManifest(state);
  return { code, output, before, after: manifest?.epoch ?? 0, complete: manifest?.complete ?? false };
}

export function newestManifest(state: string): Manifest | undefined {
  const file = join(state, 'state.sqlite');
  if (!existsSync(file)) return undefined;
  // not read-only: the log of a killed writer is to be taken in
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    const row = database.prepare('SELECT body FROM manifest ORDER BY epoch DESC LIMIT 1').get() as { body: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.body) as Manifest);
  } catch {
    // killed before the tables were made
    return undefined;
  } finally {
    database.close();
  }
}

/** Moments spread by a seed: one run in six is killed while it starts, the others after some epochs of their own. */
export function killMoments(count: number, epochsApart: number, seed: number): readonly Moment[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 4294967296;
  };
  return Array.from({ length: count }, (_, i) =>
    i % 6 === 3
      ? { epochs: 0, laterMs: 200 + Math.floor(random() * 900) }
      : { epochs: 1 + Math.floor(random() * 2 * epochsApart), laterMs: Math.floor(random() * 12) },
  );
}
