import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Fault } from '../../../engine/model/fault.ts';
import type { Problem } from '../../../engine/model/problem.ts';
import { EXIT } from '../exit-codes.ts';
import { readFlowTest, TEST_SUFFIX, writeFlowTest, type FlowTest } from '../flow-test.ts';
import { compareRows } from '../flow-test-diff.ts';
import { recordInputs } from '../flow-test-record.ts';
import { runFlowTest, testedEdge } from '../flow-test-run.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { problemText } from '../print-problems.ts';
import { count } from '../progress-line.ts';

export interface TestFlags {
  readonly record?: string | undefined;
  readonly seconds: number;
  readonly name?: string | undefined;
  readonly services: 'env' | 'embedded';
  readonly workspace: string;
  readonly json: boolean;
}

interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'not valid';
  /** what differs, or why it cannot run */
  readonly lines: readonly string[];
  readonly messages: number;
  readonly rows: number;
  readonly tookMs: number;
}

/** `telemetra test`: recorded flow tests. 0 all pass · 1 rows differ · 2 a test or its pipeline is not valid, or there is none. */
export async function test(place: string, flags: TestFlags): Promise<number> {
  if (flags.record !== undefined) return record(place, flags.record, flags);
  const files = testFiles(place);
  if (files.length === 0) {
    process.stderr.write(
      `There is no test (*${TEST_SUFFIX}) for ${place}.\n  Record one: telemetra test PIPELINE --record NODE.PORT --name NAME\n`,
    );
    return EXIT.notValid;
  }
  const outcomes: Outcome[] = [];
  for (const file of files) {
    const outcome = await outcomeOf(file);
    outcomes.push(outcome);
    if (flags.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
    else print(outcome);
  }
  const failed = outcomes.filter(({ result }) => result === 'failed').length;
  const invalid = outcomes.filter(({ result }) => result === 'not valid').length;
  const notValid = invalid === 0 ? '' : `, ${invalid} not valid`;
  if (!flags.json) process.stdout.write(`${outcomes.length - failed - invalid} passed, ${failed} failed${notValid}\n`);
  return invalid > 0 ? EXIT.notValid : failed > 0 ? EXIT.failed : EXIT.done;
}

function print({ file, name, result, lines, messages, rows, tookMs }: Outcome): void {
  const numbers = result === 'not valid' ? '' : `: ${count(messages)} messages, ${count(rows)} rows expected, ${tookMs} ms`;
  process.stdout.write(`${result === 'passed' ? '✓' : '✗'} ${name} (${shown(file)})${numbers}\n`);
  for (const line of lines) process.stdout.write(`    ${line}\n`);
}

/** One test file; the tests of one pipeline; or every test below a directory. */
function testFiles(place: string): readonly string[] {
  if (!existsSync(place))
    throw new Fault('refused', 'bad_option', `There is no ${place}.`, { mend: 'Name a pipeline, a test or a directory.' });
  if (statSync(place).isDirectory()) return below(place);
  if (place.endsWith(TEST_SUFFIX)) return [place];
  return below(dirname(place), false).filter((file) => readFlowTest(file).test?.pipeline === basename(place));
}

function below(directory: string, deep = true): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return deep && !entry.name.startsWith('.') && entry.name !== 'node_modules' ? below(path) : [];
      return entry.name.endsWith(TEST_SUFFIX) ? [path] : [];
    });
}

/** One test file, run in this process. */
export async function outcomeOf(file: string): Promise<Outcome> {
  const began = performance.now();
  const { test: read, problems } = readFlowTest(file);
  const outcome = (result: Outcome['result'], lines: readonly string[], messages = 0): Outcome => ({
    file,
    name: read?.name ?? basename(file, TEST_SUFFIX),
    result,
    lines,
    messages,
    rows: read?.expect.rows.length ?? 0,
    tookMs: Math.round(performance.now() - began),
  });
  if (read === undefined) return outcome('not valid', problemLines(problems));
  const pipelineFile = join(dirname(file), read.pipeline);
  const { compiled, problems: mistakes } = await loadPipeline(pipelineFile, process.env);
  if (compiled?.plan === undefined) return outcome('not valid', problemLines(mistakes));
  try {
    const edge = testedEdge(compiled.plan, read.expect.edge);
    const run = await runFlowTest(compiled.plan, pipelineFile, read, edge);
    const keys = edge.schema.mode.kind === 'updates' ? edge.schema.mode.key : (edge.schema.keys[0] ?? []);
    const lines = compareRows(read.expect.rows, run.rows, keys);
    return outcome(lines.length === 0 ? 'passed' : 'failed', lines, run.messages);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const mend = error.mend === undefined ? [] : [error.mend];
    return outcome(error.code === 'unknown_node' ? 'not valid' : 'failed', [error.message, ...mend]);
  }
}

function problemLines(problems: readonly Problem[]): readonly string[] {
  return problems.filter(({ severity }) => severity === 'error').flatMap((problem) => problemText(problem).split('\n'));
}

/** The last seconds of all sources, and the rows that they make on one edge, as a new test beside the pipeline. */
async function record(pipelineFile: string, edgeName: string, flags: TestFlags): Promise<number> {
  const { compiled, problems } = await loadPipeline(pipelineFile, process.env);
  if (compiled?.plan === undefined) {
    process.stderr.write(`${problemLines(problems).join('\n')}\n`);
    return EXIT.notValid;
  }
  const { plan } = compiled;
  const edge = testedEdge(plan, edgeName);
  const workspace = resolve(flags.workspace);
  const input = await recordInputs(plan, {
    pipelineFile,
    seconds: flags.seconds,
    services: flags.services,
    workspace,
    env: process.env,
  });
  const run = await runFlowTest(plan, pipelineFile, input, edge);
  const name = flags.name ?? edgeName;
  const recorded: FlowTest = {
    telemetra_test: 1,
    name,
    pipeline: basename(pipelineFile),
    ...input,
    expect: { edge: edgeName, rows: [...run.rows] },
  };
  const file = freeName(dirname(pipelineFile), name);
  writeFileSync(file, writeFlowTest(recorded), { flag: 'wx' });
  const command = `npx telemetra test ${shown(file)}`;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ file, inputRows: run.messages, expectedRows: run.rows.length, command })}\n`);
  } else {
    process.stdout.write(
      `${shown(file)}: ${count(run.messages)} messages, ${count(run.rows.length)} rows at ${edgeName}\n  ${command}\n`,
    );
  }
  return EXIT.done;
}

function freeName(directory: string, name: string): string {
  const base =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'test';
  for (let i = 1; ; i++) {
    const file = join(directory, `${base}${i === 1 ? '' : `-${i}`}${TEST_SUFFIX}`);
    if (!existsSync(file)) return file;
  }
}

/** relative to here where that is shorter to read */
function shown(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
