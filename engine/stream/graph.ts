import { assert, must } from '../model/assert.ts';
import type { Batch, Layout } from '../model/batch.ts';
import { Fault } from '../model/fault.ts';
import type { Plan, Step } from '../plan/plan.ts';
import type { BusyMeter } from './busy-meter.ts';
import type { FateCounter } from './ledger.ts';
import type { Context, Operator, Out, Outbox, SinkOperator } from './operator.ts';
import { prepareStep, type RunningStep, type StepModule } from './running-step.ts';

export interface GraphHost {
  /** ms, for meters only */
  monotonicMs(): number;
  /** an operator or decoder could not use a row; the origin's source is given as plan index */
  dead(step: Step, batch: Batch, row: number, code: string, sentence: string): void;
}

/** One piece of state of one instance. lane '' = the node's single instance, else `source/partition`. */
export interface StatePiece {
  readonly node: string;
  readonly lane: string;
  readonly key: string;
  /** undefined: the piece is gone */
  readonly bytes: Uint8Array | undefined;
}

/** The instances that belong to one source partition (stage 1). */
export interface Lane {
  readonly source: number;
  readonly partition: number;
  readonly id: string;
  readonly instances: (Operator | undefined)[];
}

export type TapListener = (batch: Batch, layout: Layout) => void;

/**
 * The plan as running operators, in memory: who hands rows and watermarks to whom. Knows no kind, does no I/O.
 * Stage 1 instances live in lanes (one per source partition) and see only that partition; stage 2 instances see all.
 * Origin numbers are `origins[step.index]`: stable over edits of the pipeline, so that stored state stays valid.
 */
export class Graph {
  readonly plan: Plan;
  readonly #running: RunningStep[] = [];
  readonly #lanes = new Map<string, Lane>();
  readonly #origins: readonly number[];
  readonly #host: GraphHost;
  readonly #taps: (TapListener[] | undefined)[][] = [];
  #childMs = 0;

  constructor(plan: Plan, modules: readonly StepModule[], origins: readonly number[], host: GraphHost) {
    this.plan = plan;
    this.#origins = origins;
    this.#host = host;
    for (const step of plan.steps) this.#running.push(this.#build(step, must(modules[step.index], `module of ${step.node}`)));
  }

  /** The node with its single instance, where it has one. */
  #build(step: Step, module: StepModule): RunningStep {
    const { running, create } = prepareStep(this.plan, step, module, this.#running);
    this.#taps.push(step.outputPorts.map(() => undefined));
    if (create !== undefined) {
      running.single = create(this.#context(running, this.#origins[step.index]!, 0));
      running.singleOut = this.#out(running, undefined);
    }
    return running;
  }

  #context(running: RunningStep, source: number, partition: number): Context {
    const connected = (port: number): boolean => (running.targets[port]?.length ?? 0) > 0;
    return {
      source,
      partition,
      node: this.#origins[running.step.index]!,
      connected,
      wired: (port) => connected(port) || this.#taps[running.step.index]![port] !== undefined,
    };
  }

  /** Columns that come out of a port, in batch order. */
  layout(step: number, port: number): Layout {
    return this.#running[step]!.layouts[port]!;
  }

  origin(step: number): number {
    return this.#origins[step]!;
  }

  /** Plan step of an origin number. */
  stepOfOrigin(origin: number): Step | undefined {
    const index = this.#origins.indexOf(origin);
    return index < 0 ? undefined : this.plan.steps[index];
  }

  fates(step: number): FateCounter {
    return this.#running[step]!.fates;
  }

  busy(step: number): BusyMeter {
    return this.#running[step]!.busy;
  }

  /** What a node has sent on: its watermark, µs, and whether all its inputs are idle. */
  progress(step: number): { readonly watermark: number; readonly idle: boolean } {
    const { watermark, idle } = this.#running[step]!;
    return { watermark, idle };
  }

  isStateful(step: number): boolean {
    return this.stateBytes(step) > 0;
  }

  stateBytes(step: number): number {
    const running = this.#running[step]!;
    let bytes = running.single?.bytes() ?? 0;
    for (const lane of this.#lanes.values()) bytes += lane.instances[step]?.bytes() ?? 0;
    return bytes;
  }

  inspect(step: number, limit: number): { readonly lane: string; readonly state: unknown }[] {
    const running = this.#running[step]!;
    const found = [];
    if (running.single !== undefined) found.push({ lane: '', state: running.single.inspect(limit) });
    for (const lane of this.#lanes.values()) {
      const instance = lane.instances[step];
      if (instance !== undefined) found.push({ lane: lane.id, state: instance.inspect(limit) });
    }
    return found;
  }

  tap(step: number, port: number, listener: TapListener): () => void {
    const taps = this.#taps[step]!;
    taps[port] = [...(taps[port] ?? []), listener];
    return () => {
      const rest = (taps[port] ?? []).filter((other) => other !== listener);
      taps[port] = rest.length === 0 ? undefined : rest;
    };
  }

  /** The lane of a source partition, made on first use. `source` is a plan index. */
  lane(source: number, partition: number): Lane {
    const id = `${this.plan.steps[source]!.node}/${partition}`;
    let lane = this.#lanes.get(id);
    if (lane === undefined) {
      lane = { source, partition, id, instances: [] };
      this.#lanes.set(id, lane);
    }
    return lane;
  }

  /** Rows of a source partition in; everything that they cause in memory has happened when this returns. */
  feed(lane: Lane, port: number, batch: Batch): void {
    const running = this.#running[lane.source]!;
    this.#send(running, port, batch, lane);
  }

  /** A source partition's own watermark moved: stage 1 hears it. */
  advanceLane(lane: Lane, watermark: number): void {
    for (const running of this.#running) {
      if (running.mode !== 'lane' && running.mode !== 'combine') continue;
      const instance = lane.instances[running.step.index];
      if (instance !== undefined) this.#timed(running, () => instance.onWatermark(watermark, this.#laneOut(running, lane)));
    }
  }

  /**
   * The sources' watermarks after a round: stage 2 hears the minimum over its inputs, in topological order.
   * An idle input is left out while another is active; all idle → hold. Watermarks never go back.
   */
  advance(sources: ReadonlyMap<number, { readonly watermark: number; readonly idle: boolean }>): void {
    for (const running of this.#running) {
      if (running.mode === 'source') {
        const source = sources.get(running.step.index);
        if (source === undefined) continue;
        running.idle = source.idle;
        if (!source.idle) running.watermark = Math.max(running.watermark, source.watermark);
        continue;
      }
      let least = Infinity;
      let active = false;
      for (const input of running.step.inputs) {
        const from = this.#running[input!.step]!;
        if (from.idle) continue;
        active = true;
        least = Math.min(least, from.watermark);
      }
      running.idle = !active;
      if (!active || !(least > running.watermark)) continue;
      const before = running.watermark;
      if (running.mode === 'combine') this.#advanceSecondStagePartials(running, least);
      if (running.single !== undefined) {
        const { single, singleOut } = running;
        this.#timed(running, () => single.onWatermark(least, singleOut!));
      }
      assert(running.watermark === before, 'a watermark moved while it was being forwarded');
      running.watermark = least;
    }
  }

  /** Partials whose origin is a combination have no lane watermark of a source: theirs is the node's own. */
  #advanceSecondStagePartials(running: RunningStep, watermark: number): void {
    for (const lane of this.#lanes.values()) {
      if (this.#running[lane.source]!.mode === 'source') continue;
      const instance = lane.instances[running.step.index];
      if (instance !== undefined) this.#timed(running, () => instance.onWatermark(watermark, this.#laneOut(running, lane)));
    }
  }

  /** Greatest watermark that any node behind this source has already sent: what a woken partition is judged against. */
  sentBehind(source: number): number {
    const reached = new Set([source]);
    let sent = this.#running[source]!.watermark;
    for (const running of this.#running) {
      if (!running.step.inputs.some((input) => input !== undefined && reached.has(input.step))) continue;
      reached.add(running.step.index);
      sent = Math.max(sent, running.watermark);
    }
    return sent;
  }

  /** End of an epoch: interim rows, then outboxes of the sinks, then every changed piece of state. */
  barrier(): { readonly outboxes: ReadonlyMap<number, Outbox>; readonly pieces: readonly StatePiece[] } {
    for (const running of this.#running) {
      const single = running.single as Operator | undefined;
      if (running.mode !== 'sink' && single?.onEpoch !== undefined) this.#timed(running, () => single.onEpoch!(running.singleOut!));
    }
    const outboxes = new Map<number, Outbox>();
    const pieces: StatePiece[] = [];
    for (const running of this.#running) {
      const index = running.step.index;
      if (running.mode === 'sink') {
        const outbox = (running.single as SinkOperator).takeOutbox();
        if (outbox !== undefined) outboxes.set(index, outbox);
      }
      if (running.single !== undefined) this.#snapshot(running, '', running.single, pieces);
      for (const lane of this.#lanes.values()) {
        const instance = lane.instances[index];
        if (instance !== undefined) this.#snapshot(running, lane.id, instance, pieces);
      }
    }
    return { outboxes, pieces };
  }

  #snapshot(running: RunningStep, lane: string, instance: Operator | SinkOperator, into: StatePiece[]): void {
    const node = running.step.node;
    this.#timed(running, () =>
      instance.snapshot({
        put: (key, bytes) => into.push({ node, lane, key, bytes }),
        delete: (key) => into.push({ node, lane, key, bytes: undefined }),
      }),
    );
  }

  /** One stored piece back; all of them before the first batch. False: the piece belongs to no node of this plan. */
  restore(piece: StatePiece): boolean {
    const running = this.#running.find((candidate) => candidate.step.node === piece.node);
    if (running === undefined || piece.bytes === undefined) return false;
    if (piece.lane === '') {
      if (running.single === undefined) return false;
      running.single.restore(piece.key, piece.bytes);
      return true;
    }
    const slash = piece.lane.lastIndexOf('/');
    const source = this.plan.steps.find((step) => step.node === piece.lane.slice(0, slash));
    if (source === undefined || (running.mode !== 'lane' && running.mode !== 'combine')) return false;
    this.#instance(running, this.lane(source.index, Number(piece.lane.slice(slash + 1)))).restore(piece.key, piece.bytes);
    return true;
  }

  restoreProgress(step: number, watermark: number, idle: boolean): void {
    const running = this.#running[step]!;
    running.watermark = watermark;
    running.idle = idle;
  }

  sink(step: number): SinkOperator {
    const running = this.#running[step]!;
    assert(running.mode === 'sink', `${running.step.node} is no sink`);
    return running.single as SinkOperator;
  }

  #instance(running: RunningStep, lane: Lane): Operator {
    const index = running.step.index;
    let instance = lane.instances[index];
    if (instance === undefined) {
      const context = this.#context(running, this.#origins[lane.source]!, lane.partition);
      instance = running.mode === 'combine' ? running.prepared!.partial!(context) : running.prepared!.create(context);
      lane.instances[index] = instance;
    }
    return instance;
  }

  readonly #laneOuts = new Map<Lane, (Out | undefined)[]>();

  #laneOut(running: RunningStep, lane: Lane): Out {
    let outs = this.#laneOuts.get(lane);
    if (outs === undefined) {
      outs = [];
      this.#laneOuts.set(lane, outs);
    }
    return (outs[running.step.index] ??= this.#out(running, lane));
  }

  #out(running: RunningStep, lane: Lane | undefined): Out {
    const { fates, step } = running;
    return {
      emit: (port, batch) => {
        if (batch.count === 0) return;
        fates.out[port]! += batch.count;
        this.#send(running, port, batch, lane);
      },
      filtered: (count) => {
        fates.filtered += count;
        if (running.mode === 'sink') fates.held -= count;
      },
      late: (batch) => {
        if (batch.count === 0) return;
        fates.late += batch.count;
        if (running.latePort < 0) return;
        fates.out[running.latePort]! += batch.count;
        this.#send(running, running.latePort, batch, lane);
      },
      dead: (batch, row, code, sentence) => {
        fates.dead++;
        if (running.mode === 'sink') fates.held--;
        this.#host.dead(step, batch, row, code, sentence);
      },
      held: (change) => {
        fates.held += change;
      },
    };
  }

  /** To everyone who reads the port. What a combination emits has that node's watermark as its own (T3). */
  #send(running: RunningStep, port: number, batch: Batch, lane: Lane | undefined): void {
    const index = running.step.index;
    if (lane === undefined && batch.origin.source === this.#origins[index]) {
      batch.watermarks.fill(running.watermark, 0, batch.length);
      batch.lastWatermark = running.watermark;
    }
    const taps = this.#taps[index]![port];
    if (taps !== undefined) for (const tap of taps) tap(batch, running.layouts[port]!);
    for (const target of running.targets[port]!) this.#deliver(this.#running[target.step]!, target.input, batch, lane);
  }

  #deliver(running: RunningStep, input: number, batch: Batch, lane: Lane | undefined): void {
    running.fates.in += batch.count;
    if (running.mode === 'lane' || running.mode === 'combine') {
      const own = lane ?? this.#secondStageLane(batch);
      const instance = this.#instance(running, own);
      this.#timed(running, () => instance.onBatch(input, batch, this.#laneOut(running, own)));
    } else {
      const { single, singleOut } = running;
      if (running.mode === 'sink') running.fates.held += batch.count;
      this.#timed(running, () => single!.onBatch(input, batch, singleOut!));
    }
  }

  #secondStageLane(batch: Batch): Lane {
    const step = must(this.stepOfOrigin(batch.origin.source), 'the origin of a batch is a step');
    return this.lane(step.index, batch.origin.partition);
  }

  /** Counts what `work` takes as time of that node, without what it causes downstream. */
  timed(step: number, work: () => void): void {
    this.#timed(this.#running[step]!, work);
  }

  #timed(running: RunningStep, work: () => void): void {
    const started = this.#host.monotonicMs();
    const outer = this.#childMs;
    this.#childMs = 0;
    try {
      work();
    } catch (error) {
      // the innermost is the one: an operator that emits runs those after it
      if (error instanceof Fault) error.node ??= running.step.node;
      throw error;
    }
    const elapsed = this.#host.monotonicMs() - started;
    running.busy.add(elapsed - this.#childMs);
    this.#childMs = outer + elapsed;
  }
}
