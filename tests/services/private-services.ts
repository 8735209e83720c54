import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled, prepareBroker, startBroker, stopBroker } from '../../scripts/services-kafka.mjs';

/** A service of one test's own, which it may restart without disturbing other suites: same port, same data. */
export interface PrivateService {
  readonly env: Readonly<Record<string, string>>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface PrivateServices {
  readonly kafka: PrivateService;
  readonly postgres: PrivateService;
  readonly redis: PrivateService;
}

/** Names of what is not installed here. */
export function missingBinaries(): readonly string[] {
  const missing: string[] = [];
  if (!isInstalled()) missing.push('Kafka');
  if (postgresDirectory() === undefined) missing.push('PostgreSQL');
  if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).error !== undefined) missing.push('Redis');
  return missing;
}

export async function startServices(directory: string): Promise<PrivateServices> {
  const [kafka, postgres, redis] = await Promise.all([startKafka(join(directory, 'kafka')), startPostgres(), startRedis()]);
  return { kafka, postgres, redis };
}

async function startKafka(directory: string): Promise<PrivateService> {
  const broker = await prepareBroker(directory);
  let pid = await startBroker(broker);
  return {
    env: { KAFKA_BOOTSTRAP_SERVERS: `${broker.host}:${broker.port}` },
    async restart() {
      await stopBroker(pid);
      pid = await startBroker(broker);
    },
    stop: () => stopBroker(pid, 'SIGKILL'),
  };
}

/** Keeps nothing over a restart: the sink has to notice and write its view again (E5). */
async function startRedis(): Promise<PrivateService> {
  const port = await freePort();
  const start = async (): Promise<ChildProcess> => {
    const child = spawn('redis-server', ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'], {
      cwd: tmpdir(),
      stdio: 'ignore',
    });
    await until(() => answers(port), 'Redis');
    return child;
  };
  let child = await start();
  return {
    env: { REDIS_URL: `redis://127.0.0.1:${port}` },
    async restart() {
      await ended(child, 'SIGKILL');
      child = await start();
    },
    stop: () => ended(child, 'SIGKILL'),
  };
}

async function startPostgres(): Promise<PrivateService> {
  const binaries = postgresDirectory()!;
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'telemetra-own-postgres-'));
  const owner = unprivileged();
  const data = join(directory, 'data');
  mkdirSync(data);
  chmodSync(directory, 0o755);
  if (owner.uid !== undefined && owner.gid !== undefined)
    for (const path of [directory, data]) chownSync(path, owner.uid, owner.gid);
  const run = (command: string, words: readonly string[]): void => {
    const { status, stderr } = spawnSync(join(binaries, command), words, {
      ...owner,
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  };
  run('initdb', ['-D', data, '-U', 'telemetra', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
  const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=`;
  const start = (): void => run('pg_ctl', ['-D', data, '-l', join(directory, 'log'), '-o', options, '-w', '-t', '60', 'start']);
  start();
  // immediate: as after a crash, the server recovers from its log
  const stop = (): void => run('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop']);
  return {
    env: { POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: String(port), POSTGRES_USER: 'telemetra', POSTGRES_DB: 'postgres' },
    async restart() {
      stop();
      start();
    },
    async stop() {
      stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function postgresDirectory(): string | undefined {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).toSorted((a, b) => Number(b) - Number(a)) : [];
  const places = [...versions.map((version) => join(base, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')];
  return places.find((place) => existsSync(join(place, 'initdb')));
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const user = readFileSync('/etc/passwd', 'utf8').includes('\npostgres:') ? 'postgres' : 'telemetra';
  const id = (flag: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await condition());) {
    if (Date.now() > deadline) throw new Error(`${what} did not start`);
    await new Promise((go) => setTimeout(go, 50));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    const done = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', done(true)).once('error', done(false)).once('timeout', done(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
