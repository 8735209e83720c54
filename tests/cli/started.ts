import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT, type Ended } from '../support/telemetra.ts';

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** the first match in what it says, as soon as it is said; rejects when it ends without */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

/** A command that goes on until it is told to stop. Services of the environment are hidden unless `env` names them. */
export function startTelemetra(words: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(KAFKA|POSTGRES|REDIS)_/.test(name)));
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'telemetra.mjs'), ...words], {
    cwd: ROOT,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // a test that fails leaves nothing behind
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const heard = (): void => listeners.forEach((listener) => listener());
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    pid: child.pid!,
    ended,
    kill: (signal) => void child.kill(signal),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(`${stdout}\n${stderr}`);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`)), reject);
      }),
  };
}
