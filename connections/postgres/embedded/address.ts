import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../../engine/model/fault.ts';

export interface EmbeddedAddress {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly pid: number;
}

export interface EmbeddedTimes {
  /** the server ends this long after its last connection */
  readonly idleMs: number;
  /** first creation takes seconds; more than this is a failure */
  readonly startMs: number;
}

const TIMES: EmbeddedTimes = { idleMs: 30_000, startMs: 60_000 };
const LOOK_AGAIN_MS = 40;
/** a server that was asked for may be refused by the lock of one that is just ending */
const ASK_AGAIN_MS = 1_500;

/** Where the workspace's embedded PostgreSQL listens; starts it when nobody answers. Safe for many callers in many processes. */
export async function embeddedAddress(workspace: string, times: EmbeddedTimes = TIMES): Promise<EmbeddedAddress> {
  const directory = join(workspace, 'postgres');
  mkdirSync(directory, { recursive: true });
  const deadline = performance.now() + times.startMs;
  let askedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const address = addressIn(directory);
    if (address !== undefined && isAlive(address.pid) && (await answers(address))) return address;
    const now = performance.now();
    if (now > deadline) {
      const log = join(directory, 'server.log');
      throw new Fault('fatal', 'embedded_postgres', `The embedded PostgreSQL did not start within ${times.startMs / 1000} s.`, {
        mend: `Read ${log}; "telemetra reset" starts over with an empty database.`,
      });
    }
    if (now - askedAt > ASK_AGAIN_MS) {
      askedAt = now;
      start(directory, times.idleMs);
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

function addressIn(directory: string): EmbeddedAddress | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8')) as EmbeddedAddress;
  } catch {
    // no file: no server yet
    return undefined;
  }
}

/** A killed server leaves its port file, and its port may be somebody else's by now. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function answers(address: EmbeddedAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port, timeout: 2_000 });
    const done = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

/** The server outlives the process that asked for it. */
function start(directory: string, idleMs: number): void {
  const script = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './server.ts' : './server.js', import.meta.url));
  const log = openSync(join(directory, 'server.log'), 'a');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, directory, String(idleMs)], {
    detached: true,
    stdio: ['ignore', log, log],
    // under Electron the executable is Electron's: this makes it Node
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
  });
  child.on('error', () => {});
  child.unref();
  closeSync(log);
}
