import { closeSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openConnections } from '../../../connections/connections.ts';
import { systemHost } from '../../../engine/host/system-host.ts';
import { Fault } from '../../../engine/model/fault.ts';
import type { RunCommand, RunEvent } from '../../../engine/model/run-event.ts';
import { isError } from '../../../engine/model/problem.ts';
import { parseTimestamp } from '../../../engine/model/timestamp.ts';
import type { Plan } from '../../../engine/plan/plan.ts';
import type { StartFrom } from '../../../engine/stream/connector.ts';
import { catalog } from '../../../nodes/catalog.ts';
import { RunControl, numbered } from '../control.ts';
import { EXIT, describeError, exitCodeOf } from '../exit-codes.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { printProblems } from '../print-problems.ts';
import { MetricsServer } from '../metrics-server.ts';
import { ProgressLine, count, counted } from '../progress-line.ts';
import { Runner, type Outcome } from '../runner.ts';
import { makeDirectory } from '../make-directory.ts';
import { chooseOutsides } from '../stand-ins.ts';
import { statePath } from '../state-path.ts';
import { systemReason } from '../system-error.ts';

export interface RunFlags {
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly from?: string | undefined;
  readonly bounded: boolean;
  readonly workspace: string;
  readonly state?: string | undefined;
  readonly fresh: boolean;
  readonly freshNode: readonly string[];
  readonly adopt: boolean;
  readonly allowDuplicates: boolean;
  readonly services: 'env' | 'embedded';
  readonly batchRows?: number | undefined;
  readonly epochMs?: number | undefined;
  readonly log: 'json' | 'pretty';
  readonly paused: boolean;
  readonly base?: string | undefined;
  readonly metricsPort?: number | undefined;
  readonly metricsHost: string;
}

const FLUSH_TAPS_MS = 250;
const ALREADY_COMPLETE = 'complete; the input was read to its end before, use --fresh to read it again';

/** `telemetra run`: one pipeline in this process until it ends, SIGTERM or Ctrl-C stop it (E9). Returns the exit code. */
export async function run(file: string, flags: RunFlags): Promise<number> {
  const { document, compiled, problems } = await loadPipeline(file, process.env);
  if (compiled?.plan === undefined || document === undefined) {
    printProblems(problems, file, process.stderr);
    return EXIT.notValid;
  }
  const report = flags.log === 'json' ? jsonReport() : prettyReport();
  for (const problem of problems) if (!isError(problem)) report.warning(problem.message);
  try {
    return await execute(compiled.plan, file, flags, report);
  } catch (error) {
    report.failed(error);
    return exitCodeOf(error);
  } finally {
    report.close();
  }
}

async function execute(plan: Plan, file: string, flags: RunFlags, report: Report): Promise<number> {
  const workspace = resolve(flags.workspace);
  const files = { reads: nodeFiles('--read', flags.read), writes: nodeFiles('--write', flags.write) };
  const stateDirectory =
    flags.state === undefined ? statePath(workspace, plan.pipelineId, files, flags.bounded) : resolve(flags.state);
  checkInputs(files.reads);
  for (const node of flags.freshNode) {
    if (plan.steps.some((step) => step.node === node)) continue;
    throw new Fault('refused', 'unknown_node', `--fresh-node names ${node}, but the pipeline has no node of that id.`, {
      mend: `Its nodes are ${plan.steps.map((step) => step.node).join(', ')}.`,
    });
  }
  const from = flags.from === undefined ? undefined : startFrom(flags.from);
  chooseOutsides(plan, catalog, files);
  makeDirectory(workspace, '--workspace');
  makeDirectory(stateDirectory, flags.state === undefined ? '--workspace' : '--state');
  reportConnections(plan, workspace, flags, files, report);
  const runner = new Runner({
    plan,
    catalog,
    workspace,
    stateDirectory,
    baseDirectory: flags.base === undefined ? dirname(resolve(file)) : resolve(flags.base),
    files,
    from,
    bounded: flags.bounded,
    fresh: flags.fresh,
    freshNodes: flags.freshNode,
    adopt: flags.adopt,
    allowDuplicates: flags.allowDuplicates,
    services: flags.services,
    env: process.env,
    batchRows: flags.batchRows,
    epochMs: flags.epochMs,
    say: (event) => say(event),
  });
  const metrics =
    flags.metricsPort === undefined
      ? undefined
      : await MetricsServer.listen(plan.pipelineName, flags.metricsPort, flags.metricsHost, systemHost.nowMs);
  if (metrics !== undefined) report.note(`metrics on http://${flags.metricsHost}:${metrics.port}/metrics`);
  const say = numbered((event) => {
    metrics?.see(event);
    report.event(event);
  }, systemHost.nowMs);
  const control = new RunControl(runner, say, systemHost.monotonicMs);
  const flushing = setInterval(() => control.flushTaps(), FLUSH_TAPS_MS);
  if (flags.paused) runner.pause();
  const stopListening = listen(runner, control);
  try {
    const outcome = await runner.execute();
    control.flushTaps();
    say({ type: 'state', state: outcome === 'stopped' ? 'stopped' : 'completed', exitCode: EXIT.done });
    report.ended(outcome);
    return EXIT.done;
  } catch (error) {
    const code = error instanceof Fault ? error.code : 'defect';
    const mend = error instanceof Fault ? error.mend : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const node = error instanceof Fault ? error.node : undefined;
    say({ type: 'state', state: 'failed', exitCode: exitCodeOf(error), cause: { code, severity: 'error', message, node, mend } });
    throw error;
  } finally {
    clearInterval(flushing);
    stopListening();
    await metrics?.close();
  }
}

/** SIGTERM and Ctrl-C stop; a second one ends at once. A parent process may send commands by IPC; when it is gone, the run stops. */
function listen(runner: Runner, control: RunControl): () => void {
  let asked = 0;
  const onSignal = (): void => {
    if (++asked > 1) process.exit(EXIT.failed);
    runner.stop();
  };
  const onMessage = (message: unknown): void => control.obey(message as RunCommand);
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  if (process.send !== undefined) {
    process.on('message', onMessage);
    process.on('disconnect', onSignal);
  }
  return () => {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
    process.off('message', onMessage);
    process.off('disconnect', onSignal);
    if (process.connected) process.disconnect();
  };
}

function nodeFiles(option: string, values: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const value of values) {
    const equals = value.indexOf('=');
    if (equals <= 0 || equals === value.length - 1) {
      throw new Fault('refused', 'bad_option', `${option} ${value} does not say which node and file.`, {
        mend: `Write ${option} NODE=FILE.`,
      });
    }
    const node = value.slice(0, equals);
    if (files.has(node)) {
      throw new Fault('refused', 'bad_option', `${option} names ${node} twice.`, { mend: 'Name one file for each node.' });
    }
    files.set(node, resolve(value.slice(equals + 1)));
  }
  return files;
}

/** Before anything is created: a run that cannot read its input must not own sinks. */
function checkInputs(reads: ReadonlyMap<string, string>): void {
  for (const [node, file] of reads) {
    try {
      closeSync(openSync(file, 'r'));
      if (!statSync(file).isDirectory()) continue;
    } catch (error) {
      throw unreadable(node, file, systemReason(error) ?? String(error));
    }
    throw unreadable(node, file, 'it is a directory');
  }
}

function unreadable(node: string, file: string, why: string): Fault {
  return new Fault('refused', 'bad_option', `--read ${node}: ${file} cannot be read: ${why}.`, {
    mend: 'Give the path of a readable file.',
  });
}

function startFrom(text: string): StartFrom {
  if (text === 'earliest' || text === 'latest' || text === 'stored') return { kind: text };
  const timeUs = parseTimestamp(text);
  if (timeUs === undefined) {
    throw new Fault('refused', 'bad_option', `--from ${text} is neither earliest, latest, stored nor a time.`, {
      mend: 'Write a time such as 2026-09-07T07:17:12Z.',
    });
  }
  return { kind: 'time', timeUs };
}

/** One line per connection before anything is written. */
function reportConnections(
  plan: Plan,
  workspace: string,
  flags: RunFlags,
  files: { reads: ReadonlyMap<string, string>; writes: ReadonlyMap<string, string> },
  report: Report,
): void {
  const used = plan.steps.flatMap((step) => {
    const replaced = step.role === 'source' ? files.reads.size > 0 : files.writes.size > 0;
    const definition = catalog.find((candidate) => candidate.kind === step.kind);
    const connection = replaced ? undefined : definition?.connection?.(step.settings as never);
    return connection === undefined ? [] : [connection];
  });
  const unique = used.filter(
    (connection, i) => used.findIndex((other) => other.name === connection.name && other.service === connection.service) === i,
  );
  const connections = openConnections({ services: flags.services, workspace, env: process.env });
  for (const { name, service, target } of connections.describe(unique)) report.connection(name, service, target);
}

/** How a run shows itself: lines on a terminal, or JSON lines for programs. */
interface Report {
  connection(name: string, service: string, target: string): void;
  warning(text: string): void;
  note(text: string): void;
  event(event: RunEvent): void;
  ended(outcome: Outcome): void;
  failed(error: unknown): void;
  close(): void;
}

function jsonReport(): Report {
  const line = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  const event = (said: RunEvent): void => {
    if (process.send !== undefined) process.send(said);
    else line(said);
  };
  // before and after the run: outside of its numbers
  const say = (level: 'info' | 'warn', text: string): void => event({ type: 'line', level, text, seq: 0, at: Date.now() });
  return {
    connection: (name, service, target) => {
      if (process.send === undefined) line({ type: 'connection', name, service, target });
      else say('info', `${name} → ${target}`);
    },
    warning: (text) => say('warn', text),
    note: (text) => say('info', text),
    event,
    ended: (outcome) => {
      if (outcome === 'already-complete') say('info', ALREADY_COMPLETE);
    },
    failed: (error) => void process.stderr.write(`${describeError(error)}\n`),
    close: () => undefined,
  };
}

function prettyReport(): Report {
  const live = process.stderr.isTTY === true;
  const progress = new ProgressLine(
    { write: (text) => void process.stderr.write(text), columns: process.stderr.columns ?? 100 },
    systemHost.monotonicMs,
  );
  const print = (text: string): void => progress.print(text);
  let read = 0;
  let wrote = 0;
  let late = 0;
  let dead = 0;
  return {
    connection: (name, service, target) => print(`${name} → ${target === 'embedded' ? `embedded ${service}` : target}`),
    warning: (text) => print(`warning: ${text}`),
    note: print,
    event: (event) => {
      if (event.type === 'meters') {
        const nodes = Object.values(event.nodes);
        read = nodes.reduce((sum, node) => sum + (node.partitions === undefined ? 0 : node.ledger.in), 0);
        wrote = nodes.reduce((sum, node) => sum + (node.outbox === undefined ? 0 : node.ledger.used), 0);
        late = nodes.reduce((sum, node) => sum + node.ledger.late, 0);
        dead = nodes.reduce((sum, node) => sum + node.ledger.dead, 0);
        if (live) progress.meters(event);
      } else if (event.type === 'line') print(event.level === 'info' ? event.text : `${event.level}: ${event.text}`);
    },
    ended: (outcome) => {
      if (outcome === 'already-complete') print(ALREADY_COMPLETE);
      else {
        const parts = [`${counted(read, 'event')} read`, `${counted(wrote, 'row')} written`];
        if (late > 0) parts.push(`${count(late)} late`);
        if (dead > 0) parts.push(`${counted(dead, 'dead letter')} (telemetra dead ls shows ${dead === 1 ? 'it' : 'them'})`);
        print(`${outcome}: ${parts.join(', ')}`);
      }
    },
    failed: (error) => print(describeError(error)),
    close: () => progress.clear(),
  };
}
