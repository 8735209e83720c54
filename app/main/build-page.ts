import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../engine/model/fault.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PAGE = join(ROOT, 'dist', 'page');

/** Builds the page when it is missing or older than its sources. Returns whether it had to. */
export async function buildPage(): Promise<boolean> {
  const built = join(PAGE, 'index.html');
  const sources = ['app/renderer', 'app/protocol', 'engine/model', 'vite.config.ts', 'package-lock.json'].map((path) =>
    join(ROOT, path),
  );
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources.map(newest))) return false;
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  // a caller's NODE_ENV=test would build React's development version into the page: three times the work for each frame
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
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
  return true;
}

/** newest change below a path, ms */
function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
