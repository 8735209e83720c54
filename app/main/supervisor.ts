import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { must } from '../../engine/model/assert.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Problem } from '../../engine/model/problem.ts';
import type { RunCommand, RunEvent } from '../../engine/model/run-event.ts';
import { formatTimestamp } from '../../engine/model/timestamp.ts';
import { writePipeline } from '../../engine/plan/write-pipeline.ts';
import type { RunRecord, RunStatus } from '../protocol/run.ts';
import { isAlive, mayMove, RUN_MOVES } from './run-moves.ts';
import { RunRecorder } from './run-recorder.ts';
import type { RunnerProcess, StartRunner } from './runner-process.ts';

export interface StartWish {
  readonly document: PipelineDocument;
  readonly revision: number;
  readonly planHash: string;
  readonly from: 'stored' | 'earliest' | 'latest' | { readonly timeUs: number };
  /** further words of `telemetra run`: --fresh, --fresh-node … */
  readonly words: readonly string[];
}

/** The present or last run of one pipeline. */
export interface SupervisedRun {
  readonly id: string;
  wish: StartWish;
  /** of the newest event that is kept */
  seq: number;
  readonly recorder: RunRecorder;
  readonly process: RunnerProcess;
  readonly startedAt: number;
  state: RunStatus['state'];
  changedAt: number;
  epoch: number;
  cause: Problem | undefined;
  exitCode: number | undefined;
  readonly record: { -readonly [K in keyof RunRecord]: RunRecord[K] };
}

export interface SupervisorListener {
  status(status: RunStatus): void;
  event(pipelineId: string, runId: string, event: RunEvent): void;
}

/** A move that the state of the run does not allow now. */
export class NotNow extends Error {
  readonly mend: string;
  constructor(message: string, mend: string) {
    super(message);
    this.name = 'NotNow';
    this.mend = mend;
  }
}

const KEPT_RECORDS = 50;

/** Starts runner processes and knows how each is doing. It never touches a row. */
export class Supervisor {
  readonly #workspace: string;
  readonly #services: 'env' | 'embedded';
  readonly #startRunner: StartRunner;
  readonly #now: () => number;
  readonly #runs = new Map<string, SupervisedRun>();
  readonly #records = new Map<string, RunRecord[]>();
  readonly #listeners = new Set<SupervisorListener>();
  readonly #exits = new Map<string, (() => void)[]>();

  constructor(options: { workspace: string; services: 'env' | 'embedded'; startRunner: StartRunner; now: () => number }) {
    this.#workspace = options.workspace;
    this.#services = options.services;
    this.#startRunner = options.startRunner;
    this.#now = options.now;
  }

  listen(listener: SupervisorListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  run(pipelineId: string): SupervisedRun | undefined {
    return this.#runs.get(pipelineId);
  }

  status(pipelineId: string): RunStatus | undefined {
    const run = this.#runs.get(pipelineId);
    return run === undefined ? undefined : statusOf(pipelineId, run);
  }

  records(pipelineId: string): readonly RunRecord[] {
    return (this.#records.get(pipelineId) ?? []).toReversed();
  }

  /** The document that the live run works with; undefined: nothing runs. */
  running(pipelineId: string): PipelineDocument | undefined {
    const run = this.#runs.get(pipelineId);
    return run !== undefined && isAlive(run.state) ? run.wish.document : undefined;
  }

  start(wish: StartWish): RunStatus {
    const { id } = wish.document;
    this.#check(id, 'start');
    const directory = join(this.#workspace, 'runs');
    mkdirSync(directory, { recursive: true });
    const file = join(directory, `${id}.json`);
    writeFileSync(file, writePipeline(wish.document));
    const base = join(this.#workspace, 'pipelines');
    const words = [
      file,
      '--workspace',
      this.#workspace,
      '--services',
      this.#services,
      '--base',
      base,
      ...fromWords(wish.from),
      ...wish.words,
    ];
    const startedAt = this.#now();
    const record = {
      runId: randomUUID(),
      revision: wish.revision,
      planHash: wish.planHash,
      startedAt,
      endedAt: undefined,
      from: typeof wish.from === 'string' ? wish.from : formatTimestamp(wish.from.timeUs),
      end: '',
      epochs: 0,
      rowsIn: 0,
      balanced: true,
    };
    const run: SupervisedRun = {
      id: record.runId,
      wish,
      seq: 0,
      recorder: new RunRecorder(),
      process: this.#startRunner(words, {
        event: (event) => this.#see(id, run, event),
        exit: (code, signal, stderr) => this.#exited(id, run, code, signal, stderr),
      }),
      startedAt,
      state: 'starting',
      changedAt: startedAt,
      // a restart goes on from the last epoch; the runner says so a moment later
      epoch: this.#runs.get(id)?.epoch ?? 0,
      cause: undefined,
      exitCode: undefined,
      record,
    };
    this.#runs.set(id, run);
    const records = this.#records.get(id) ?? [];
    records.push(record);
    this.#records.set(id, records.slice(-KEPT_RECORDS));
    this.#tell(id, run);
    return statusOf(id, run);
  }

  /** pause, resume, drain, stop: said to the runner; the new state comes with its events. */
  move(pipelineId: string, move: 'pause' | 'resume' | 'drain' | 'stop'): RunStatus {
    const run = this.#check(pipelineId, move);
    run!.process.send({ type: move });
    return statusOf(pipelineId, run!);
  }

  kill(pipelineId: string): RunStatus {
    const run = this.#check(pipelineId, 'kill');
    run!.process.kill();
    return statusOf(pipelineId, run!);
  }

  /** The document changed in nothing that runs: names and places of nodes. */
  adopt(pipelineId: string, document: PipelineDocument, revision: number): void {
    const run = this.#runs.get(pipelineId);
    if (run === undefined) return;
    run.wish = { ...run.wish, document, revision };
    this.#tell(pipelineId, run);
  }

  command(pipelineId: string, command: RunCommand): boolean {
    const run = this.#runs.get(pipelineId);
    if (run === undefined || !isAlive(run.state)) return false;
    run.process.send(command);
    return true;
  }

  /** Resolves when the run of this pipeline is over; at once when none is alive. */
  async ended(pipelineId: string): Promise<void> {
    const run = this.#runs.get(pipelineId);
    if (run === undefined || !isAlive(run.state)) return;
    await new Promise<void>((resolve) => {
      const waiting = this.#exits.get(run.id) ?? [];
      waiting.push(resolve);
      this.#exits.set(run.id, waiting);
    });
  }

  /** Stops every run cleanly. */
  async close(): Promise<void> {
    const alive = [...this.#runs].filter(([, run]) => isAlive(run.state));
    for (const [, run] of alive) run.process.send({ type: 'stop' });
    await Promise.all(alive.map(([id]) => this.ended(id)));
  }

  #check(pipelineId: string, move: Parameters<typeof mayMove>[1]): SupervisedRun | undefined {
    const run = this.#runs.get(pipelineId);
    if (mayMove(run?.state, move)) return run;
    const state = run === undefined ? 'not started' : run.state;
    const allowed = run === undefined ? ['start'] : RUN_MOVES[run.state];
    throw new NotNow(`The pipeline is ${state}, so it cannot ${move} now.`, `What is possible now: ${allowed.join(', ')}.`);
  }

  /**
   * Events get numbers of their own, so that they have no gaps for who listens: tap rows and answers go to some listeners only and
   * are not kept, so they do not count and carry the number of the event before them.
   */
  #see(pipelineId: string, run: SupervisedRun, said: RunEvent): void {
    const kept = said.type !== 'rows' && said.type !== 'answer';
    if (kept) run.seq++;
    const event: RunEvent = { ...said, seq: run.seq };
    run.recorder.see(event);
    if (event.type === 'state') {
      run.exitCode = event.exitCode ?? run.exitCode;
      run.cause = event.cause ?? run.cause;
      // the end of a run is its process's exit: only then its state directory is free again
      if (isAlive(event.state)) this.#enter(pipelineId, run, event.state);
      else run.record.end = event.state;
    } else if (event.type === 'epoch') {
      run.epoch = event.report.epoch;
      run.record.epochs++;
      run.record.balanced &&= event.report.balanced;
    } else if (event.type === 'meters') {
      run.epoch = event.epoch;
      run.record.rowsIn = Object.values(event.nodes).reduce(
        (sum, node) => sum + (node.partitions === undefined ? 0 : node.ledger.in),
        0,
      );
    }
    for (const listener of this.#listeners) listener.event(pipelineId, run.id, event);
  }

  #exited(pipelineId: string, run: SupervisedRun, code: number | null, signal: string | null, stderr: string): void {
    run.exitCode = code ?? undefined;
    const said = run.record.end;
    const ended = code === 0 ? (said === 'completed' ? 'completed' : 'stopped') : 'failed';
    if (ended === 'failed' && run.cause === undefined) {
      run.cause = exitProblem(code, signal, stderr);
      this.#see(pipelineId, run, { type: 'line', level: 'error', text: run.cause.message, seq: 0, at: this.#now() });
    }
    run.record.endedAt = this.#now();
    run.record.end = ended === 'failed' ? (run.cause?.message ?? 'failed') : ended;
    this.#enter(pipelineId, run, ended);
    for (const resolve of this.#exits.get(run.id) ?? []) resolve();
    this.#exits.delete(run.id);
  }

  #enter(pipelineId: string, run: SupervisedRun, state: RunStatus['state']): void {
    run.state = state;
    run.changedAt = this.#now();
    this.#tell(pipelineId, run);
  }

  #tell(pipelineId: string, run: SupervisedRun): void {
    for (const listener of this.#listeners) listener.status(statusOf(pipelineId, run));
  }
}

function statusOf(pipelineId: string, run: SupervisedRun): RunStatus {
  return {
    runId: run.id,
    pipelineId,
    state: run.state,
    revision: run.wish.revision,
    planHash: run.wish.planHash,
    startedAt: run.startedAt,
    changedAt: run.changedAt,
    epoch: run.epoch,
    nodes: run.wish.document.nodes.length,
    cause: run.cause,
    exitCode: run.exitCode,
    moves: must(RUN_MOVES[run.state], run.state),
  };
}

function fromWords(from: StartWish['from']): readonly string[] {
  if (from === 'stored') return [];
  return ['--from', typeof from === 'string' ? from : formatTimestamp(from.timeUs)];
}

/** A runner that ended without saying why. */
function exitProblem(code: number | null, signal: string | null, stderr: string): Problem {
  const last = stderr.trim().split('\n').slice(0, 3).join(' ');
  const how = signal === null ? `ended with exit code ${code ?? 'unknown'}` : `was ended by ${signal}`;
  return {
    code: 'runner_died',
    severity: 'error',
    message: `The runner ${how}.${last === '' ? '' : ` Its last words: ${last}`} Rows up to the last epoch are safe.`,
    mend: 'Start again: it goes on from the last epoch.',
  };
}
