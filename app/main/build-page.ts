import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../engine/model/fault.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PAGE = join(ROOT, 'dist', 'page');
const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');

/** names the process that builds; a build empties the folder first, so two at once would take each other's files away */
const LOCK = join(ROOT, 'dist', 'page.building');
const LOOK_MS = 100;
/** no build takes as long: its process is gone, whatever has its number now */
const ABANDONED_MS = 180_000;

/** Builds the page when it is missing or older than its sources. Returns whether it had to. A build that goes on elsewhere is waited for. */
export async function buildPage(): Promise<boolean> {
  while (!isFresh() || existsSync(LOCK)) {
    if (takeLock()) {
      try {
        if (isFresh()) return false;
        await build();
        return true;
      } finally {
        rmSync(LOCK, { force: true });
      }
    }
    await wait(LOOK_MS);
  }
  return false;
}

function isFresh(): boolean {
  const built = join(PAGE, 'index.html');
  // an image or package brings the page, and neither its tools nor all of its sources
  if (!existsSync(VITE)) return existsSync(built);
  const sources = ['app/renderer', 'app/protocol', 'engine/model', 'vite.config.ts', 'package-lock.json'].map((path) =>
    join(ROOT, path),
  );
  return existsSync(built) && statSync(built).mtimeMs > Math.max(...sources.map(newest));
}

/** false: a living process has it. What a killed one left behind is taken away. */
function takeLock(): boolean {
  try {
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isAbandoned()) rmSync(LOCK, { force: true });
  return false;
}

function isAbandoned(): boolean {
  try {
    const owner = Number(readFileSync(LOCK, 'utf8'));
    // without a number: just made
    return Date.now() - statSync(LOCK).mtimeMs > ABANDONED_MS || (owner > 0 && !isAlive(owner));
  } catch {
    // taken away meanwhile
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Into a folder beside it that takes its place when it is whole: a build that was ended half-way leaves no half page behind. */
async function build(): Promise<void> {
  const fresh = `${PAGE}.new`;
  // a caller's NODE_ENV=test would build React's development version into the page: three times the work for each frame
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [VITE, 'build', '--logLevel', 'warn', '--outDir', fresh, '--emptyOutDir'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Fault('fatal', 'page_build', `The page could not be built:\n${output.trim()}`);
  rmSync(PAGE, { recursive: true, force: true });
  renameSync(fresh, PAGE);
}

/** newest change below a path, ms */
function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
