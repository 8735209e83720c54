import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly threads: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly commit: string;
  /** load of the machine over the last minute when the figures were taken: above `threads`, neighbours took part of the CPU */
  readonly load: number;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    threads: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    commit: commit(),
    load: Math.round(loadavg()[0]! * 10) / 10,
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // an unpacked archive has no history
    return 'unknown';
  }
}

/** Prints machine and command, and keeps the figures as bench/results/<name>.json. */
export function report(name: string, command: string, figures: Readonly<Record<string, unknown>>): void {
  const about = machine();
  const folder = new URL('../results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ command, machine: about, ...figures }, null, 2)}\n`);
  console.log(
    `\n${about.cpu}, ${about.threads} threads, ${about.memoryGiB} GiB, ${about.system}; Node ${about.node} (V8 ${about.v8}); commit ${about.commit}; load ${about.load}`,
  );
  console.log(`${command} → bench/results/${name}.json`);
}

/** ns of this process on the CPU, helper threads of V8 included: neighbours on the machine disturb it less than the clock. */
export function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
