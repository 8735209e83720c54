// Only built-ins of Node 20: this runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Telemetra runs its TypeScript without a build and keeps state in node:sqlite; both need this. */
const NEEDED_MAJOR = 24;

export function major(version = process.versions.node) {
  return Number(version.split('.')[0]);
}

/** Path of the Node that the lockfile brings along; undefined where there is none (macOS, or not installed). */
export function packagedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const folder = join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin');
  return [join(folder, 'node'), join(folder, 'node.exe')].find((path) => existsSync(path));
}

/**
 * true: this process is new enough, go on. Otherwise the script is started again with the packaged Node, and this
 * process ends as that one does; never returns then. Ends with exit code 1 where there is no such Node.
 */
export async function continueWithNode24(script, args) {
  if (major() >= NEEDED_MAJOR) return true;
  const node = packagedNode();
  if (node === undefined) {
    console.error(
      `Telemetra needs Node ${NEEDED_MAJOR} or newer. This is Node ${process.versions.node}, and no packaged Node is there for ` +
        `${process.platform}-${process.arch}. Install Node ${NEEDED_MAJOR} and start again.`,
    );
    process.exit(1);
  }
  // The packaged Node first on PATH: what is started from there finds it too.
  const PATH = `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`;
  const child = spawn(node, [script, ...args], { stdio: 'inherit', env: { ...process.env, PATH } });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // Ctrl-C reaches the whole group: the child answers it, this process only waits.
  process.on('SIGINT', () => {});
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`The packaged Node (${node}) could not be started: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (own, signal) => resolve(own ?? 128 + (constants.signals[signal] ?? 0)));
  });
  process.exit(code);
}

/** What the lockfile asks for and node_modules does not hold: 'node_modules is missing', 'zod is 3.0.0 …'; undefined = complete. */
export function whatIsNotInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  if (wanted === undefined) return 'package-lock.json cannot be read';
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'node_modules is missing';
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '' || optional || installed[path]?.version === version) continue;
    return `${path.replace(/^node_modules\//, '')} should be ${version}, it is ${installed[path]?.version ?? 'missing'}`;
  }
  return undefined;
}

/** Runs `npm ci` where node_modules is not what the lockfile says. Ends this process with its exit code when it fails. */
export function installIfNeeded(say) {
  const reason = whatIsNotInstalled();
  if (reason === undefined) return false;
  say(`installing packages (${reason})`);
  // npm's own path, when npm started us: also right on Windows, where npm is a .cmd that spawn does not find
  const npm = process.env.npm_execpath;
  const [command, args] = npm !== undefined && /\.[cm]?js$/.test(npm) ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  const { status, error } = spawnSync(command, [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(
      `npm ci failed${error === undefined ? '' : `: ${error.message}`}. The packages must be there before Telemetra can start.`,
    );
    process.exit(status ?? 1);
  }
  return true;
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
