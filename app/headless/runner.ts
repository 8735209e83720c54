import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openConnections, type Connections } from '../../connections/connections.ts';
import { SqliteStore, STATE_FILE } from '../../engine/host/sqlite-store.ts';
import { StateLock } from '../../engine/host/state-lock.ts';
import { systemHost } from '../../engine/host/system-host.ts';
import { must } from '../../engine/model/assert.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { DecodeSpec } from '../../engine/model/decode-spec.ts';
import type { Step } from '../../engine/plan/plan.ts';
import type { Manifest } from '../../engine/stream/checkpoint.ts';
import type { ConnectorContext, Fence, SinkWriter, SourceReader } from '../../engine/stream/connector.ts';
import type { DeadLetter } from '../../engine/stream/dead-letter.ts';
import { EPOCH_LIMITS } from '../../engine/stream/epoch-clock.ts';
import { Graph } from '../../engine/stream/graph.ts';
import { recoverSink, type Recovery } from '../../engine/stream/recovery.ts';
import type { StepModule } from '../../engine/stream/running-step.ts';
import { Run } from '../../engine/stream/run.ts';
import type { RunSource } from '../../engine/stream/run-parts.ts';
import { NO_ROWS, SinkPump } from '../../engine/stream/sink-pump.ts';
import { SourceFeed } from '../../engine/stream/source-feed.ts';
import { loadKind, type KindRuntime } from '../../nodes/runtime.ts';
import { letterOfRaw, letterOfRow, letterOfSink } from './dead-letters.ts';
import { REPLAY_PARTITION, ReplayReader } from './replay-reader.ts';
import { RetryingReader, retrying, StoppedWaiting, type RetryHost } from './retrying.ts';
import { chooseOutsides, countingWriter, type Outside } from './stand-ins.ts';
import type { RunnerOptions } from './runner-options.ts';
import { originNumbers } from './origin-numbers.ts';
import { checkStoredState } from './stored-state.ts';

export type Outcome = 'stopped' | 'completed' | 'already-complete';

const UNREACHABLE_GIVE_UP_MS = 30_000;
const STOP_WITHIN_MS = 25_000;

interface OpenedSink {
  readonly step: Step;
  readonly writer: SinkWriter;
  readonly fence: Fence | undefined;
  readonly recovery: Recovery;
  /** closed at the end: the writer, later the pump that has it */
  readonly held: { close: () => Promise<void> };
}

/**
 * One pipeline, one process: assembles plan, state, sources and sinks, and drives the loop. CLI and app start the same.
 * Order matters: lock → state fits → sinks and sources are opened and looked at (E3) → fences are taken → restore → first poll.
 * A start that is refused has changed nothing: no fence is taken before everything has been found in order.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #host: typeof systemHost;
  readonly #abort = new AbortController();
  #run: Run | undefined;
  #graph: Graph | undefined;
  #stopping = false;
  #pauseAtStart = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#host = options.host ?? systemHost;
  }

  /** The graph while it runs, for taps and inspection. */
  get graph(): Graph | undefined {
    return this.#graph;
  }

  stop(): void {
    this.#stopping = true;
    this.#abort.abort();
    this.#run?.stop();
  }

  drain(): void {
    this.#run?.drain();
  }

  pause(): void {
    this.#pauseAtStart = true;
    this.#run?.pause();
  }

  resume(): void {
    this.#pauseAtStart = false;
    this.#run?.resume();
  }

  /** Throws `Fault`; whatever happens, everything that was opened is closed again. */
  async execute(): Promise<Outcome> {
    const { plan, stateDirectory, fresh, say } = this.#options;
    say({ type: 'state', state: 'starting' });
    const outsides = chooseOutsides(plan, this.#options.catalog, this.#options.files, this.#options.readers);
    const lock = new StateLock(stateDirectory);
    const closing: (() => Promise<void> | void)[] = [() => lock.release()];
    try {
      const isNew = fresh || !existsSync(join(stateDirectory, STATE_FILE));
      // --fresh: the old state stays until every sink and source has accepted the new run
      let store = fresh ? undefined : new SqliteStore(stateDirectory);
      closing.push(() => store?.close());
      const manifest = store?.manifest();
      if (manifest?.complete === true) return 'already-complete';
      const forgotten = store && manifest ? checkStoredState(plan, manifest, store, this.#options.freshNodes) : [];
      const lineage = store?.lineage ?? randomUUID();

      const connections = openConnections({
        services: this.#options.services,
        workspace: this.#options.workspace,
        env: this.#options.env,
      });
      closing.push(() => connections.close());
      const dead: DeadLetter[] = [];
      const kinds = await this.#loadKinds(outsides);
      const graph = this.#makeGraph(kinds, manifest, dead);
      this.#graph = graph;
      this.#options.ready?.(graph);
      const known = store ?? { lineage, outboxState: () => ({ trimmed: 0, kept: [] }) };
      const sinks = await this.#openSinks(graph, known, manifest, outsides, kinds, connections, isNew, closing);
      const readers = await this.#openSources(graph, manifest, outsides, kinds, connections, dead, closing);

      if (store === undefined) {
        for (const suffix of ['', '-wal', '-shm']) rmSync(join(stateDirectory, STATE_FILE + suffix), { force: true });
        store = new SqliteStore(stateDirectory, lineage);
      }
      for (const node of forgotten) store.forget(node);
      const pumps = new Map<number, SinkPump>();
      for (const sink of sinks) pumps.set(sink.step.index, await this.#takeSink(graph, store, sink));
      if (manifest !== undefined) for (const piece of store.pieces()) graph.restore(piece);
      for (const { step, recovery } of sinks)
        if (recovery.rewrite) this.#rewrite(graph, step, pumps.get(step.index)!, manifest!.epoch);
      const { replay } = store;
      const sources = readers.map(({ feed, reader }): RunSource => {
        const replayed = feed.partitions.get(REPLAY_PARTITION)?.position?.offset;
        return { feed, reader: new ReplayReader(reader, replay, feed.step.node, replayed, this.#options.bounded) };
      });
      const run = new Run({
        graph,
        store,
        sources,
        pumps,
        dead,
        epoch: manifest?.epoch ?? 0,
        ceilingUs: manifest?.ceilingUs ?? 0,
        host: this.#host,
        options: {
          bounded: this.#options.bounded,
          limits: { ...EPOCH_LIMITS, ms: this.#options.epochMs ?? EPOCH_LIMITS.ms },
          giveUpMs: UNREACHABLE_GIVE_UP_MS,
          stopWithinMs: STOP_WITHIN_MS,
        },
        say,
      });
      this.#run = run;
      if (this.#pauseAtStart) run.pause();
      if (this.#stopping) run.stop();
      return await run.execute();
    } catch (error) {
      if (error instanceof StoppedWaiting) return 'stopped';
      throw error;
    } finally {
      for (const close of closing.toReversed()) await close();
    }
  }

  async #loadKinds(
    outsides: ReadonlyMap<number, Outside>,
  ): Promise<ReadonlyMap<number, { own: KindRuntime; standIn: KindRuntime | undefined }>> {
    const loaded = new Map<number, { own: KindRuntime; standIn: KindRuntime | undefined }>();
    for (const step of this.#options.plan.steps) {
      const outside = outsides.get(step.index)!;
      const standIn = outside.as === 'stand-in' ? await loadKind(outside.kind, step.role) : undefined;
      loaded.set(step.index, { own: await loadKind(step.kind, step.role), standIn });
    }
    return loaded;
  }

  #makeGraph(kinds: ReadonlyMap<number, { own: KindRuntime }>, manifest: Manifest | undefined, dead: DeadLetter[]): Graph {
    const { plan } = this.#options;
    const modules = plan.steps.map((step): StepModule => kinds.get(step.index)!.own);
    const graph: Graph = new Graph(plan, modules, originNumbers(plan, manifest), {
      monotonicMs: () => this.#host.monotonicMs(),
      dead: (step, batch, row, code, sentence) => {
        const layout = inputLayout(graph, step, batch.columns.length);
        const source = graph.stepOfOrigin(batch.origin.source)?.node ?? step.node;
        dead.push(letterOfRow(batch, layout, row, { node: step.node, code, sentence, source, at: this.#host.nowMs() }));
      },
    });
    if (manifest === undefined) return graph;
    const fresh = new Set(this.#options.freshNodes);
    for (const step of plan.steps) {
      const counters = manifest.counters[step.node];
      if (counters !== undefined) graph.fates(step.index).load(counters);
      const progress = manifest.nodes[step.node];
      if (progress === undefined || fresh.has(step.node)) continue;
      graph.restoreProgress(step.index, progress.watermark === 'end' ? Infinity : (progress.watermark ?? -Infinity), progress.idle);
    }
    return graph;
  }

  /** Opens every sink and decides what is to be done with it (E3); nothing is changed yet. */
  async #openSinks(
    graph: Graph,
    known: Pick<SqliteStore, 'lineage' | 'outboxState'>,
    manifest: Manifest | undefined,
    outsides: ReadonlyMap<number, Outside>,
    kinds: ReadonlyMap<number, { own: KindRuntime; standIn: KindRuntime | undefined }>,
    connections: Connections,
    isNew: boolean,
    closing: (() => Promise<void> | void)[],
  ): Promise<readonly OpenedSink[]> {
    const opened: OpenedSink[] = [];
    for (const step of this.#options.plan.steps) {
      if (step.role !== 'sink') continue;
      const writer = await this.#patiently(step.node, () =>
        this.#openSink(graph, step, outsides.get(step.index)!, kinds, connections, isNew),
      );
      const held = { close: () => writer.close() };
      closing.push(() => held.close());
      const definition = must(this.#definition(step.kind), step.kind);
      const fence = await this.#patiently(step.node, () => writer.fence());
      const recovery = recoverSink(step.node, known, manifest?.epoch ?? 0, fence, {
        adopt: this.#options.adopt,
        allowDuplicates: this.#options.allowDuplicates,
        keyed: (definition.sinkKey?.(step.settings as never) ?? []).length > 0,
        rewritable: graph.sink(step.index).rewrite !== undefined,
      });
      opened.push({ step, writer, fence, recovery, held });
    }
    return opened;
  }

  /** Takes the fence; what the sink does not have yet is on its way from now on. */
  async #takeSink(graph: Graph, store: SqliteStore, { step, writer, fence, recovery, held }: OpenedSink): Promise<SinkPump> {
    await this.#patiently(step.node, () => writer.take(fence, recovery.next));
    const fates = graph.fates(step.index);
    const pump: SinkPump = new SinkPump(
      step.node,
      writer,
      recovery.next,
      store,
      { ...this.#host, report: (level, text) => this.#options.say({ type: 'line', level, node: step.node, text }) },
      (entry, refused) => {
        fates.held -= entry.inputRows;
        fates.dead += refused.length;
        fates.refused += refused.length;
        const letters = refused.map((row) => letterOfSink(step.node, entry, row, this.#host.nowMs()));
        store.acknowledged(step.node, entry.epoch, this.#host.nowMs(), letters);
      },
    );
    held.close = () => pump.close();
    const kept = store.outboxState(step.node).kept.filter((entry) => recovery.push.includes(entry.epoch));
    fates.held = kept.reduce((sum, entry) => sum + entry.inputRows, 0);
    for (const entry of kept) pump.enqueueStored(entry.epoch, entry.inputRows, entry.bytes);
    return pump;
  }

  #rewrite(graph: Graph, step: Step, pump: SinkPump, epoch: number): void {
    const view = graph.sink(step.index).rewrite!() ?? NO_ROWS;
    pump.enqueue({ ...view, node: step.node, epoch, inputRows: 0 }, 'whole');
    this.#options.say({
      type: 'line',
      level: 'warn',
      node: step.node,
      text: `${step.node}: the sink had lost its rows; its whole view is written again.`,
    });
  }

  async #openSink(
    graph: Graph,
    step: Step,
    outside: Outside,
    kinds: ReadonlyMap<number, { own: KindRuntime; standIn: KindRuntime | undefined }>,
    connections: Connections,
    isNew: boolean,
  ): Promise<SinkWriter> {
    if (outside.as === 'empty') return countingWriter();
    const kind = kinds.get(step.index)!;
    const module = must((outside.as === 'stand-in' ? kind.standIn : kind.own)?.sink, `connector of ${step.kind}`);
    const from = step.inputs[0]!;
    return module.open(outside.as === 'stand-in' ? outside.settings : step.settings, {
      ...this.#connectorContext(step, connections),
      schema: graph.plan.steps[from.step]!.outputs[from.port]!,
      fresh: this.#options.fresh && isNew,
    });
  }

  async #openSources(
    graph: Graph,
    manifest: Manifest | undefined,
    outsides: ReadonlyMap<number, Outside>,
    kinds: ReadonlyMap<number, { own: KindRuntime; standIn: KindRuntime | undefined }>,
    connections: Connections,
    dead: DeadLetter[],
    closing: (() => Promise<void> | void)[],
  ): Promise<readonly RunSource[]> {
    const sources: RunSource[] = [];
    for (const step of this.#options.plan.steps) {
      if (step.role !== 'source') continue;
      const outside = outsides.get(step.index)!;
      const feed = new SourceFeed(
        step,
        this.#decodeSpecs(step, outside),
        graph,
        (of, partition, raw, row, eventTime, code, sentence) => {
          dead.push(
            letterOfRaw(raw, row, { node: of.node, code, sentence, source: of.node, partition, eventTime, at: this.#host.nowMs() }),
          );
        },
        this.#options.batchRows,
      );
      if (!this.#options.freshNodes.includes(step.node)) {
        for (const [number, mark] of Object.entries(manifest?.sources[step.node] ?? {})) {
          feed.partition(Number(number), this.#host.monotonicMs()).restore(mark);
        }
      }
      const reader = 'reader' in outside ? outside.reader : await this.#openSource(step, outside, kinds, connections, feed);
      closing.push(() => reader.close());
      sources.push({ feed, reader });
    }
    return sources;
  }

  async #openSource(
    step: Step,
    outside: Outside,
    kinds: ReadonlyMap<number, { own: KindRuntime; standIn: KindRuntime | undefined }>,
    connections: Connections,
    feed: SourceFeed,
  ): Promise<SourceReader> {
    const kind = kinds.get(step.index)!;
    const module = must((outside.as === 'stand-in' ? kind.standIn : kind.own)?.source, `connector of ${step.kind}`);
    const positions = new Map(
      [...feed.partitions.values()].flatMap((p) =>
        p.position === undefined || p.number === REPLAY_PARTITION ? [] : [[p.number, p.position] as const],
      ),
    );
    const context = {
      ...this.#connectorContext(step, connections),
      positions,
      from: this.#options.from ?? ({ kind: 'stored' } as const),
      bounded: this.#options.bounded,
    };
    const reader = await this.#patiently(step.node, () =>
      module.open(outside.as === 'stand-in' ? outside.settings : step.settings, context),
    );
    const giveUpMs = this.#options.bounded ? UNREACHABLE_GIVE_UP_MS : Infinity;
    return new RetryingReader(reader, step.node, this.#retryHost(step.node), giveUpMs);
  }

  /** A file in place of a log has no clock to be ahead of (T4). */
  #decodeSpecs(step: Step, outside: Outside): readonly DecodeSpec[] {
    const definition = must(this.#definition(step.kind), step.kind);
    const specs = must(definition.decode, `decode of ${step.kind}`)(step.settings as never);
    return outside.as === 'stand-in' ? specs.map((spec) => ({ ...spec, ceiling: false })) : specs;
  }

  #definition(kind: string): AnyDefinition | undefined {
    return this.#options.catalog.find((definition) => definition.kind === kind);
  }

  #connectorContext(step: Step, connections: Connections): ConnectorContext<Connections> {
    return {
      pipelineId: this.#options.plan.pipelineId,
      nodeId: step.node,
      connections,
      baseDirectory: this.#options.baseDirectory,
      now: () => this.#host.nowMs(),
      sleep: (ms) => this.#host.sleep(ms),
      random: () => this.#host.random(),
      signal: this.#abort.signal,
      report: (text) => this.#options.say({ type: 'line', level: 'info', node: step.node, text }),
    };
  }

  #retryHost(node: string): RetryHost {
    return {
      ...this.#host,
      report: (level, text) => this.#options.say({ type: 'line', level, node, text }),
      stopping: () => this.#stopping,
    };
  }

  #patiently<T>(node: string, work: () => Promise<T>): Promise<T> {
    return retrying(node, this.#retryHost(node), this.#options.bounded ? UNREACHABLE_GIVE_UP_MS : Infinity, work);
  }
}

function inputLayout(graph: Graph, step: Step, columns: number): ReturnType<Graph['layout']> | undefined {
  for (const input of step.inputs) {
    if (input === undefined) continue;
    const layout = graph.layout(input.step, input.port);
    if (layout.length === columns) return layout;
  }
  return undefined;
}
