// Real services for tests and benchmarks, on loopback, under .services/: npm run services -- install|up|down|status [name …]
// Only Node built-ins: it runs before anything is installed.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const directory = join(root, '.services');
const stateFile = join(directory, 'state.json');

/** @returns {Record<string, any>} what runs: {postgres: {host, port, user, password, database, pid}, …} */
export function readState() {
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeState(change) {
  mkdirSync(directory, { recursive: true });
  const state = { ...readState(), ...change };
  for (const [name, value] of Object.entries(state)) if (value === undefined) delete state[name];
  writeFileSync(`${stateFile}.${process.pid}`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${stateFile}.${process.pid}`, stateFile);
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    // an ended process that nobody has waited for answers signal 0 as well
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function answers(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const done = (is) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

async function until(condition, seconds, what) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (await condition()) return;
    await new Promise((go) => setTimeout(go, 100));
  }
  throw new Error(`${what} did not come within ${seconds} s`);
}

/** The first of these commands on the PATH or in these directories. */
function find(command, places = []) {
  for (const place of [...places, ...(process.env.PATH ?? '').split(':')]) {
    const path = join(place, command);
    if (existsSync(path)) return path;
  }
  return undefined;
}

const isRoot = process.getuid?.() === 0;

function apt(packages) {
  if (find('apt-get') === undefined) throw new Error(`no apt-get here: install ${packages.join(' ')} by hand`);
  const sudo = isRoot ? [] : ['sudo', '-n'];
  const run = (...words) => {
    const [command, ...rest] = [...sudo, ...words];
    const { status } = spawnSync(command, rest, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    if (status !== 0) throw new Error(`${words.join(' ')} failed${isRoot ? '' : ' (it needs root)'}`);
  };
  run('apt-get', 'update', '-q');
  run('apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages);
}

/** Docker is used only where its engine answers. */
function dockerAnswers() {
  if (find('docker') === undefined) return false;
  return spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5000, stdio: 'ignore' }).status === 0;
}

async function dockerRun(name, image, inside, environment = {}, command = []) {
  const port = await freePort();
  const container = `telemetra-${name}-${port}`;
  const env = Object.entries(environment).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  execFileSync(
    'docker',
    ['run', '-d', '--rm', '--name', container, '-p', `127.0.0.1:${port}:${inside}`, ...env, image, ...command],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return { port, container };
}

// ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function postgresPlaces() {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(base, version, 'bin'));
}

function postgresBinaries() {
  const places = postgresPlaces();
  const initdb = find('initdb', places);
  const pgCtl = find('pg_ctl', places);
  return initdb === undefined || pgCtl === undefined ? undefined : { initdb, pgCtl };
}

/** PostgreSQL refuses to run as root: {uid, gid} of an unprivileged user, {} when we are one. */
function postgresUser() {
  if (!isRoot) return {};
  const id = (flag, user) => Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const user of ['postgres', 'telemetra']) {
    try {
      return { uid: id('-u', user), gid: id('-g', user) };
    } catch {
      // no such user: the next one, or a new one
    }
  }
  execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'telemetra']);
  return { uid: id('-u', 'telemetra'), gid: id('-g', 'telemetra') };
}

/** The cluster of an unprivileged user cannot lie under a root-only directory. */
function clusterDirectory(owner) {
  if (owner.uid === undefined) return join(directory, 'postgres');
  const known = readState().postgresCluster;
  if (known !== undefined && existsSync(known)) return known;
  const fresh = join(tmpdir(), `telemetra-postgres-${randomBytes(6).toString('hex')}`);
  writeState({ postgresCluster: fresh });
  return fresh;
}

const postgres = {
  async install() {
    if (postgresBinaries() !== undefined || dockerAnswers()) return 'is installed';
    apt(['postgresql']);
    return 'installed';
  },
  async up() {
    const password = randomBytes(16).toString('hex');
    const login = { host: '127.0.0.1', user: 'telemetra', password, database: 'telemetra' };
    const binaries = postgresBinaries();
    if (dockerAnswers()) {
      const started = await dockerRun('postgres', 'postgres:17', 5432, {
        POSTGRES_USER: login.user,
        POSTGRES_PASSWORD: password,
        POSTGRES_DB: login.database,
      });
      writeState({ postgres: { ...login, ...started } });
      const ready = () =>
        spawnSync('docker', ['exec', started.container, 'pg_isready', '-h', '127.0.0.1'], { stdio: 'ignore' }).status === 0;
      await until(ready, 60, 'PostgreSQL in Docker');
      return;
    }
    if (binaries === undefined) throw new Error('no PostgreSQL binaries here: npm run services -- install postgres');
    const owner = postgresUser();
    const cluster = clusterDirectory(owner);
    const data = join(cluster, 'data');
    const run = (command, words) => {
      const { status, stderr } = spawnSync(command, words, {
        ...owner,
        cwd: '/',
        encoding: 'utf8',
        env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      if (status !== 0) throw new Error(`${command.split('/').at(-1)} failed: ${stderr.trim().split('\n').at(-1)}`);
    };
    rmSync(cluster, { recursive: true, force: true });
    mkdirSync(cluster, { recursive: true, mode: 0o700 });
    const passwordFile = join(cluster, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (owner.uid !== undefined) for (const path of [cluster, passwordFile]) chownSync(path, owner.uid, owner.gid);
    run(binaries.initdb, [
      '-D',
      data,
      '-U',
      login.user,
      `--pwfile=${passwordFile}`,
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
    ]);
    rmSync(passwordFile);
    const port = await freePort();
    const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories= -c max_connections=60`;
    run(binaries.pgCtl, ['-D', data, '-l', join(cluster, 'log'), '-o', options, '-w', '-t', '60', 'start']);
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    writeState({ postgres: { ...login, port, pid } });
    await createDatabase({ ...login, port });
  },
  async down(state) {
    if (state.container !== undefined) execFileSync('docker', ['stop', state.container], { stdio: 'ignore' });
    else if (isAlive(state.pid)) {
      process.kill(state.pid, 'SIGINT'); // fast shutdown: sessions end, nothing is lost
      await until(() => !isAlive(state.pid), 30, 'the end of PostgreSQL');
    }
    const cluster = readState().postgresCluster ?? join(directory, 'postgres');
    rmSync(cluster, { recursive: true, force: true });
    writeState({ postgresCluster: undefined });
  },
  running: (state) => (state.pid === undefined || isAlive(state.pid)) && answers(state.port),
  describe: (state) => `${state.host}:${state.port}/${state.database}`,
};

/** initdb makes only the database `postgres`, which serves as well where psql is missing. */
async function createDatabase(login) {
  const psql = find('psql', postgresPlaces());
  if (psql === undefined) {
    writeState({ postgres: { ...readState().postgres, database: 'postgres' } });
    return;
  }
  const words = [
    '-h',
    login.host,
    '-p',
    String(login.port),
    '-U',
    login.user,
    '-d',
    'postgres',
    '-c',
    `CREATE DATABASE ${login.database}`,
  ];
  execFileSync(psql, words, { env: { ...process.env, PGPASSWORD: login.password }, stdio: ['ignore', 'ignore', 'pipe'] });
}

// ── Redis ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

const redis = {
  async install() {
    if (find('redis-server') !== undefined || dockerAnswers()) return 'is installed';
    apt(['redis-server']);
    return 'installed';
  },
  async up() {
    if (dockerAnswers()) {
      const started = await dockerRun('redis', 'redis:7', 6379);
      writeState({ redis: { host: '127.0.0.1', ...started } });
      await until(() => answers(started.port), 30, 'Redis in Docker');
      return;
    }
    const server = find('redis-server');
    if (server === undefined) throw new Error('no redis-server here: npm run services -- install redis');
    const home = join(directory, 'redis');
    mkdirSync(home, { recursive: true });
    const port = await freePort();
    const log = openSync(join(home, 'log'), 'a');
    const child = spawn(
      server,
      ['--bind', '127.0.0.1', '--port', String(port), '--dir', home, '--save', '', '--appendonly', 'no'],
      {
        detached: true,
        stdio: ['ignore', log, log],
      },
    );
    child.on('error', () => {}); // seen below: the port never answers
    child.unref();
    writeState({ redis: { host: '127.0.0.1', port, pid: child.pid } });
    await until(() => answers(port), 20, 'Redis');
  },
  async down(state) {
    if (state.container !== undefined) execFileSync('docker', ['stop', state.container], { stdio: 'ignore' });
    else if (isAlive(state.pid)) {
      process.kill(state.pid, 'SIGTERM');
      await until(() => !isAlive(state.pid), 20, 'the end of Redis');
    }
  },
  running: (state) => (state.pid === undefined || isAlive(state.pid)) && answers(state.port),
  describe: (state) => `${state.host}:${state.port}`,
};

// ── Chromium and Java: nothing runs, they are only there or not ─────────────────────────────────────────────────────────

const chromium = {
  path: () => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => find(name)).find(Boolean),
  async install() {
    if (this.path() !== undefined) return 'is installed';
    apt(['chromium']);
    return 'installed';
  },
};

const java = {
  path: () => find('java'),
  async install() {
    if (this.path() !== undefined) return 'is installed';
    apt(['openjdk-17-jre-headless']);
    return 'installed';
  },
};

/** install/up/down/status of Kafka live in services-kafka.mjs. */
async function kafkaService() {
  const script = join(root, 'scripts', 'services-kafka.mjs');
  if (!existsSync(script)) return undefined;
  const { kafka } = await import(pathToFileURL(script).href);
  return kafka;
}

// ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function main([action, ...names]) {
  if (!['install', 'up', 'down', 'status'].includes(action)) {
    console.error('usage: npm run services -- install|up|down|status [postgres] [redis] [kafka] [chromium] [java]');
    return 2;
  }
  const services = { postgres, redis, java, kafka: await kafkaService(), chromium };
  const unknown = names.filter((name) => !(name in services));
  if (unknown.length > 0) {
    console.error(`There is no service ${unknown.join(', ')}; there are ${Object.keys(services).join(', ')}.`);
    return 2;
  }
  let failed = 0;
  for (const [name, service] of Object.entries(services)) {
    if (service === undefined || (names.length > 0 && !names.includes(name))) continue;
    try {
      console.log(`${name.padEnd(9)} ${await perform(action, name, service)}`);
    } catch (error) {
      failed++;
      console.log(`${name.padEnd(9)} could not ${action === 'status' ? 'be looked at' : action}: ${error.message}`);
    }
  }
  return failed === 0 ? 0 : 1;
}

async function perform(action, name, service) {
  if (action === 'install') return service.install();
  if (service.up === undefined) {
    const path = service.path();
    return path ?? `missing: npm run services -- install ${name}`;
  }
  const state = readState()[name];
  const running = state !== undefined && (await service.running(state));
  if (action === 'status') return running ? `runs at ${service.describe(state)}` : 'is down';
  if (action === 'up') {
    if (running) return `runs at ${service.describe(state)}`;
    const start = Date.now();
    const result = await service.up({ directory, writeState });
    if (result !== undefined) writeState({ [name]: result });
    return `runs at ${service.describe(readState()[name])} (${((Date.now() - start) / 1000).toFixed(1)} s)`;
  }
  if (state === undefined) return 'is down';
  await service.down(state);
  writeState({ [name]: undefined });
  return 'stopped';
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2));
}
