import type { RunEvent } from '../../engine/model/run-event.ts';
import type { RunCommandLine, StartRunner } from './runner-process.ts';

/** What is used of Electron's utility process. */
export interface UtilityChild {
  readonly pid: number | undefined;
  readonly stdout: { on(event: 'data', listener: (data: Uint8Array) => void): unknown } | null;
  readonly stderr: { on(event: 'data', listener: (data: Uint8Array) => void): unknown } | null;
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
}

/** `utilityProcess.fork(entry, words, …)`, with stdout and stderr as pipes */
export type ForkUtility = (words: readonly string[]) => UtilityChild;

const KEPT_STDERR = 8192;

/** Runners as utility processes: the same command line, its messages over the port that Electron gives in place of IPC. */
export function utilityRunner(fork: ForkUtility, killHard: (pid: number) => void): StartRunner {
  return (words, listener) => {
    const child = fork(['run', ...words, '--log', 'json']);
    let stderr = '';
    let ended = false;
    child.stderr?.on('data', (data) => {
      stderr = (stderr + Buffer.from(data).toString('utf8')).slice(-KEPT_STDERR);
    });
    child.on('message', (message) => listener.event(message as RunEvent));
    child.once('exit', (code) => {
      ended = true;
      listener.exit(code, null, stderr);
    });
    return {
      get pid() {
        return child.pid;
      },
      send: (command) => {
        // a process has no origin
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        if (!ended) child.postMessage(command);
      },
      // Electron's own kill is a SIGTERM, which a runner answers with a clean stop
      kill: () => {
        if (!ended && child.pid !== undefined) killHard(child.pid);
      },
    };
  };
}

export function utilityCommand(fork: ForkUtility): RunCommandLine {
  return (words) =>
    new Promise((resolve) => {
      const child = fork(words);
      let stdout = '';
      let stderr = '';
      child.stdout?.on('data', (data) => (stdout += Buffer.from(data).toString('utf8')));
      child.stderr?.on('data', (data) => (stderr += Buffer.from(data).toString('utf8')));
      child.once('exit', (code) => resolve({ code, stdout, stderr }));
    });
}
