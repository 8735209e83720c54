import { fork, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunCommand, RunEvent } from '../../engine/model/run-event.ts';

/** A runner as the supervisor sees it: the command line's own `run`, in a process of its own. */
export interface RunnerProcess {
  readonly pid: number | undefined;
  send(command: RunCommand): void;
  /** ends it at once, without a last epoch */
  kill(): void;
}

export interface RunnerListener {
  event(event: RunEvent): void;
  /** stderr holds the last lines it printed */
  exit(code: number | null, signal: string | null, stderr: string): void;
}

/** Injected: a child process here, a utility process under Electron. `words` are those of `telemetra run`. */
export type StartRunner = (words: readonly string[], listener: RunnerListener) => RunnerProcess;

export const BIN = fileURLToPath(new URL('../../bin/telemetra.mjs', import.meta.url));
const KEPT_STDERR = 8192;

/** Starts `telemetra run …` with the Node of this process; events and commands travel by IPC. It stops when this process is gone. */
export const startChildRunner: StartRunner = (words, listener) => {
  const child: ChildProcess = fork(BIN, ['run', ...words, '--log', 'json'], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
  });
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_STDERR);
  });
  child.on('message', (message) => listener.event(message as RunEvent));
  let ended = false;
  const end = (code: number | null, signal: string | null): void => {
    if (ended) return;
    ended = true;
    listener.exit(code, signal, stderr);
  };
  child.once('close', end);
  child.once('error', (error) => {
    stderr += error.message;
    end(null, null);
  });
  return {
    pid: child.pid,
    send: (command) => {
      if (child.connected) child.send(command);
    },
    kill: () => void child.kill('SIGKILL'),
  };
};

export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Injected like `StartRunner`: a command of `telemetra` to its end. */
export type RunCommandLine = (words: readonly string[]) => Promise<CommandEnd>;

export const runChildCommand: RunCommandLine = (words) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
