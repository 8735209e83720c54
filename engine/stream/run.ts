import { Fault } from '../model/fault.ts';
import type { NodeMeter, RunState } from '../model/run-event.ts';
import type { CheckpointStore, OutboxEntry } from './checkpoint.ts';
import type { RawBatch } from './connector.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Graph } from './graph.ts';
import { EpochClock } from './epoch-clock.ts';
import { judgeIdle, restartSilence } from './idleness.ts';
import { makeManifest } from './make-manifest.ts';
import { nodeMeters } from './node-meters.ts';
import { sourceGroups } from './pacing.ts';
import type { Partition } from './partition.ts';
import { CEILING_AHEAD_US, type RunHost, type RunOptions, type RunSay, type RunSource } from './run-parts.ts';
import { RunSinks } from './run-sinks.ts';
import type { SinkPump } from './sink-pump.ts';
import { SourcePolling, type Polling } from './source-polling.ts';
import type { SourceFeed } from './source-feed.ts';

const METERS_EVERY_MS = 250;

/**
 * The loop: poll → stage 1 → stage 2 → barrier → one transaction → push. Everything it needs is handed in.
 * Idle verdicts, wakings and the ceiling change only at barriers and are stored with the epoch before them (D1).
 */
export class Run {
  readonly #graph: Graph;
  readonly #store: CheckpointStore;
  readonly #host: RunHost;
  readonly #options: RunOptions;
  readonly #say: (event: RunSay) => void;
  readonly #polling: SourcePolling;
  readonly #sinks: RunSinks;
  readonly #clock: EpochClock;
  readonly #dead: DeadLetter[];
  #epoch: number;
  #ceilingUs: number;
  #dirty = false;
  #wish: 'run' | 'pause' | 'stop' | 'drain' = 'run';
  #state: RunState = 'starting';
  #signal: (() => void) | undefined;
  #lastMetersMs = 0;
  #heldBy: string | undefined;
  /** false: the sources are not asked, for a pause, a full outbox or a full disk */
  #reading = true;
  #firstRound = true;

  constructor(parts: {
    graph: Graph;
    store: CheckpointStore;
    sources: readonly RunSource[];
    pumps: ReadonlyMap<number, SinkPump>;
    dead: DeadLetter[];
    epoch: number;
    ceilingUs: number;
    host: RunHost;
    options: RunOptions;
    say: (event: RunSay) => void;
  }) {
    this.#graph = parts.graph;
    this.#store = parts.store;
    this.#host = parts.host;
    this.#options = parts.options;
    this.#say = parts.say;
    this.#polling = new SourcePolling(
      parts.sources,
      sourceGroups(parts.graph.plan),
      () => parts.host.monotonicMs(),
      () => this.#wake(),
    );
    this.#sinks = new RunSinks(parts.graph, parts.pumps);
    this.#dead = parts.dead;
    this.#epoch = parts.epoch;
    this.#ceilingUs = parts.ceilingUs;
    this.#clock = new EpochClock(parts.options.limits, parts.host.monotonicMs());
  }

  get epoch(): number {
    return this.#epoch;
  }

  stop(): void {
    this.#want('stop');
  }

  drain(): void {
    this.#want('drain');
  }

  pause(): void {
    if (this.#wish === 'run') this.#want('pause');
  }

  resume(): void {
    if (this.#wish === 'pause') this.#want('run');
  }

  #want(wish: 'run' | 'pause' | 'stop' | 'drain'): void {
    if (this.#wish === 'stop') return;
    this.#wish = wish;
    this.#wake();
  }

  #wake(): void {
    const signal = this.#signal;
    this.#signal = undefined;
    signal?.();
  }

  #enter(state: RunState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#say({ type: 'state', state });
  }

  /** Runs until stopped, drained or, for bounded input, complete. Throws the first Fault that ends the run. */
  async execute(): Promise<'stopped' | 'completed'> {
    await this.#commitCeiling();
    this.#enter('running');
    for (;;) {
      this.#throwFailure();
      if (this.#wish === 'stop') return this.#stopNow();
      if (this.#wish === 'drain') return this.#finish(false);
      this.#enter(this.#wish === 'pause' ? 'paused' : 'running');
      this.#ask();
      const ready = await this.#nextReady();
      if (ready !== undefined) await this.#take(ready);
      if (this.#clock.due(this.#host.monotonicMs(), this.#sinks.bytes()) || (this.#firstRound && this.#polling.allPolled()))
        await this.barrier(false);
      if (this.#polling.allEnded(this.#options.bounded)) return this.#finish(true);
      this.#meters(false);
      await this.#host.breathe();
    }
  }

  /** [T4] The ceiling of the first epoch is stored before the first poll. */
  async #commitCeiling(): Promise<void> {
    if (this.#store.manifest() !== undefined) return;
    this.#ceilingUs = this.#host.nowMs() * 1000 + CEILING_AHEAD_US;
    await this.#commit(false, [], []);
  }

  #ask(): void {
    const full = this.#sinks.full();
    this.#heldBy = full === undefined ? undefined : `the outbox of ${full.node} is full`;
    const reading = full === undefined && this.#wish === 'run';
    if (reading && !this.#reading) restartSilence(this.#polling.feeds, this.#host.monotonicMs());
    this.#reading = reading;
    if (reading) this.#polling.ask();
  }

  /** The polled source with the lowest watermark; waits for one, for control, or for the end of the epoch. */
  async #nextReady(): Promise<Polling | undefined> {
    const found = this.#polling.ready();
    if (found !== undefined) return found;
    const waitMs = Math.max(1, Math.min(this.#clock.remainingMs(this.#host.monotonicMs()), METERS_EVERY_MS));
    await Promise.race([new Promise<void>((resolve) => (this.#signal = resolve)), this.#host.sleep(waitMs)]);
    this.#signal = undefined;
    return this.#polling.ready();
  }

  async #take(polling: Polling): Promise<void> {
    const { feed } = polling.source;
    const batches = polling.ready!;
    this.#polling.meet(polling.source);
    if (batches.some((raw) => raw.count > 0 && feed.partitions.get(raw.partition)!.idle)) {
      // [T3] waking takes effect at an epoch boundary, against the watermark recorded there
      for (const raw of batches) {
        const partition = feed.partitions.get(raw.partition)!;
        if (raw.count === 0 || !partition.idle) continue;
        partition.idle = false;
        partition.watermark = Math.max(partition.watermark, this.#graph.sentBehind(feed.step.index));
        // it has rows, though none has been taken: the verdict of this very barrier must not put it to sleep again
        partition.delivered = true;
        partition.lastRowMs = this.#host.monotonicMs();
      }
      this.#dirty = true;
      await this.barrier(false);
    }
    for (const raw of batches) this.#takeBatch(feed, feed.partitions.get(raw.partition)!, raw);
    polling.ready = undefined;
    this.#advance();
  }

  #takeBatch(feed: SourceFeed, partition: Partition, raw: RawBatch): void {
    const moved = raw.next.offset !== partition.position?.offset;
    const before = partition.watermark;
    feed.take(partition, raw, this.#ceilingUs);
    this.#clock.rows += raw.count;
    partition.caughtUp = raw.caughtUp;
    if (moved) this.#dirty = true;
    if (raw.count > 0) {
      partition.delivered = true;
      partition.lastRowMs = this.#host.monotonicMs();
    }
    if (raw.ended && !partition.ended) {
      partition.ended = true;
      this.#dirty = true;
      this.#graph.advanceLane(partition.lane, Infinity);
    } else if (partition.watermark > before) this.#graph.advanceLane(partition.lane, partition.watermark);
  }

  #advance(): void {
    this.#graph.advance(new Map(this.#polling.feeds.map((feed) => [feed.step.index, feed.progress()])));
  }

  /** End of an epoch: everything since the last one becomes durable, then is on its way to the sinks. */
  async barrier(complete: boolean): Promise<void> {
    this.#firstRound = false;
    const verdicts = this.#reading && judgeIdle(this.#polling.feeds, this.#host.monotonicMs());
    const { outboxes: written, pieces } = this.#graph.barrier();
    const outboxes = this.#sinks.withLostViews(written);
    const changed = this.#dirty || verdicts || complete || outboxes.size > 0 || this.#dead.length > 0;
    this.#clock.restart(this.#host.monotonicMs());
    if (changed) {
      const entries = this.#sinks.entries(outboxes, this.#epoch + 1);
      await this.#commit(complete, pieces, entries);
      this.#sinks.enqueue(entries);
    }
    if (verdicts) this.#advance();
  }

  async #commit(
    complete: boolean,
    pieces: Parameters<CheckpointStore['commit']>[0]['pieces'],
    entries: readonly OutboxEntry[],
  ): Promise<void> {
    const started = this.#host.monotonicMs();
    const nextCeilingUs = Math.max(this.#ceilingUs, this.#host.nowMs() * 1000 + CEILING_AHEAD_US);
    const epoch = this.#epoch + 1;
    const dead = this.#dead.splice(0);
    const manifest = makeManifest({
      graph: this.#graph,
      feeds: this.#polling.feeds,
      epoch,
      at: this.#host.nowMs(),
      ceilingUs: nextCeilingUs,
      complete,
    });
    let backoffMs = 100;
    for (;;) {
      try {
        const { bytes } = this.#store.commit({ manifest, pieces, outboxes: entries, dead }, this.#host.nowMs());
        this.#epoch = epoch;
        this.#ceilingUs = nextCeilingUs;
        this.#dirty = false;
        if (this.#heldBy === 'the disk is full') this.#heldBy = undefined;
        this.#reportEpoch(epoch, this.#host.monotonicMs() - started, bytes);
        return;
      } catch (error) {
        if (!(error instanceof Fault) || error.kind !== 'retry' || this.#wish === 'stop') throw error;
        if (this.#heldBy === undefined)
          this.#say({ type: 'line', level: 'warn', text: `${error.message} The last epoch stays; reading waits.` });
        this.#heldBy = 'the disk is full';
        this.#reading = false;
        await this.#host.sleep(backoffMs);
        backoffMs = Math.min(10_000, backoffMs * 2);
      }
    }
  }

  #reportEpoch(epoch: number, tookMs: number, bytes: number): void {
    let stateBytes = 0;
    let balanced = true;
    for (const step of this.#graph.plan.steps) {
      stateBytes += this.#graph.stateBytes(step.index);
      balanced &&= this.#graph.fates(step.index).balanced;
    }
    this.#say({ type: 'epoch', report: { epoch, tookMs, bytes, stateBytes, balanced } });
    if (!balanced)
      this.#say({
        type: 'line',
        level: 'error',
        text: `The ledger does not balance at epoch ${epoch}: this is a defect of Telemetra.`,
      });
    for (const { source } of this.#polling.pollings) {
      const positions = new Map(
        [...source.feed.partitions.values()].flatMap((p) => (p.position === undefined ? [] : [[p.number, p.position] as const])),
      );
      source.reader.committed?.(positions).catch((error: unknown) => {
        this.#say({
          type: 'line',
          level: 'warn',
          node: source.feed.step.node,
          text: `${source.feed.step.node}: offsets for tools that show lag were not noted (${error instanceof Error ? error.message : String(error)}) Reading goes on without.`,
        });
      });
    }
  }

  #throwFailure(): void {
    if (this.#polling.failure !== undefined) throw this.#polling.failure;
    const failure = this.#sinks.failure(this.#host.monotonicMs(), this.#options.bounded ? this.#options.giveUpMs : undefined);
    if (failure !== undefined) throw failure;
  }

  /** [E9] Stop: what was read is committed, outboxes are pushed for a while, open windows stay open. */
  async #stopNow(): Promise<'stopped'> {
    this.#enter('stopping');
    await this.barrier(false);
    await this.#pushFor(this.#options.stopWithinMs);
    this.#meters(true);
    return 'stopped';
  }

  /** Every window closes and every row becomes final. ended: the input is at its end for ever (+∞); else a drain. */
  async #finish(ended: boolean): Promise<'stopped' | 'completed'> {
    this.#enter('draining');
    if (!ended) {
      const closingUs = this.#closingTimeUs();
      for (const { source } of this.#polling.pollings) {
        for (const partition of source.feed.partitions.values()) {
          partition.watermark = Math.max(partition.watermark, closingUs);
          // an idle partition's watermark does not count, and this one must
          partition.idle = false;
          this.#graph.advanceLane(partition.lane, partition.watermark);
        }
      }
      this.#dirty = true;
    }
    this.#advance();
    await this.barrier(ended);
    while (this.#sinks.pending().length > 0) {
      this.#throwFailure();
      if (this.#wish === 'stop') return this.#stopNow();
      await Promise.race([this.#sinks.settled(), this.#host.sleep(METERS_EVERY_MS)]);
      this.#meters(false);
    }
    this.#throwFailure();
    this.#meters(true);
    return ended ? 'completed' : 'stopped';
  }

  /** Past the end of every window that an event seen so far can be in. */
  #closingTimeUs(): number {
    let newest = -Infinity;
    for (const { source } of this.#polling.pollings)
      for (const partition of source.feed.partitions.values()) newest = Math.max(newest, partition.newest);
    let horizonUs = 0;
    for (const step of this.#graph.plan.steps) horizonUs += step.horizonUs;
    return newest + horizonUs + 1;
  }

  async #pushFor(ms: number): Promise<void> {
    const settled = this.#sinks.settled().then(() => true);
    const until = this.#host.monotonicMs() + ms;
    // in short steps: a timer that is left behind would keep the process alive
    while (this.#host.monotonicMs() < until) {
      if (await Promise.race([settled, this.#host.sleep(METERS_EVERY_MS).then(() => false)])) break;
    }
    this.#throwFailure();
    for (const pump of this.#sinks.pending()) {
      this.#say({
        type: 'line',
        level: 'warn',
        node: pump.node,
        text: `${pump.node}: ${pump.pendingEpochs} epochs wait in the outbox; the next start pushes them.`,
      });
    }
  }

  #meters(force: boolean): void {
    const now = this.#host.monotonicMs();
    if (!force && now - this.#lastMetersMs < METERS_EVERY_MS) return;
    this.#lastMetersMs = now;
    this.#say({ type: 'meters', nodes: this.meters(), epoch: this.#epoch });
  }

  /** Meters of every node, by node id. */
  meters(): Record<string, NodeMeter> {
    return nodeMeters(
      this.#graph,
      this.#sinks.pumps,
      this.#polling.pollings.map(({ source, waitsFor }) => ({
        feed: source.feed,
        heldBy: this.#heldBy ?? (waitsFor === undefined ? undefined : `waits for ${waitsFor}`),
      })),
    );
  }
}
