import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report } from './support/machine.ts';

/** From the start of the process to the first row in the sink, by step: stream-moments on recorded files. Median of the runs. */
const RUNS = 5;
const root = fileURLToPath(new URL('..', import.meta.url));
const STEPS = ['command loaded', 'state opened', 'first epoch stored', 'first row written'] as const;

async function once(): Promise<readonly number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'telemetra-start-'));
  const out = join(directory, 'summary.jsonl');
  const began = performance.now();
  const words = ['run', 'pipelines/stream-moments.json', '--bounded', '--workspace', directory, '--log', 'json'];
  const files = ['--read', 'chat=tests/fixtures/seed/chat.jsonl.gz', '--write', `chat_summary_minute=${out}`];
  const child = spawn(process.execPath, [join(root, 'bin', 'telemetra.mjs'), ...words, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const times: (number | undefined)[] = [];
  const mark = (step: number): void => {
    times[step] ??= performance.now() - began;
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    mark(0);
    if (text.includes('"running"')) mark(1);
    if (text.includes('"epoch"')) mark(2);
  });
  const watching = setInterval(() => {
    if ((statSync(out, { throwIfNoEntry: false })?.size ?? 0) > 0) mark(3);
  }, 2);
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watching);
  if ((statSync(out, { throwIfNoEntry: false })?.size ?? 0) > 0) mark(3);
  rmSync(directory, { recursive: true, force: true });
  return STEPS.map((step, i) => {
    if (times[i] === undefined) throw new Error(`"${step}" never came`);
    return times[i];
  });
}

const runs: (readonly number[])[] = [];
for (let run = 0; run < RUNS; run++) runs.push(await once());
const median = (step: number): number => runs.map((times) => times[step]!).toSorted((a, b) => a - b)[RUNS >> 1]!;
const ms = Object.fromEntries(STEPS.map((step, i) => [step, Math.round(median(i))]));
for (const [step, time] of Object.entries(ms))
  console.log(`  ${step.padEnd(20)} ${String(time).padStart(6)} ms after the start of the process`);
report('start', 'npm run bench -- start', { runs: RUNS, medianMs: ms });
