import type { RunReport } from './run-report.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import type { CheckpointStore } from '../../engine/stream/checkpoint.ts';
import type { DeadLetter } from '../../engine/stream/dead-letter.ts';
import type { EpochLimits } from '../../engine/stream/epoch-clock.ts';
import { Graph } from '../../engine/stream/graph.ts';
import { recoverSink } from '../../engine/stream/recovery.ts';
import type { RunSay } from '../../engine/stream/run-parts.ts';
import { Run } from '../../engine/stream/run.ts';
import { SinkPump } from '../../engine/stream/sink-pump.ts';
import { SourceFeed } from '../../engine/stream/source-feed.ts';
import { loadKind } from '../../nodes/runtime.ts';
import { letterOfRaw, letterOfRow } from '../../app/headless/dead-letters.ts';
import { planOf, type Fragment } from '../support/fragment.ts';
import { literalSource, type LiteralSettings } from '../support/literal-source.ts';
import type { FakeReader, FakeSink } from './fakes.ts';
import type { VirtualHost } from './virtual-host.ts';

export const SCHEMA: Schema = {
  fields: [
    { name: 'k', type: 'text', nullable: false },
    { name: 't', type: 'timestamp', nullable: false },
  ],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: true,
};

export const SOURCE: LiteralSettings = { schema: SCHEMA, event_time: 't', lateness_us: 0 };

/** Every row into a sink, as it is. */
export const COPY: Omit<Fragment, 'inputs'> = {
  sources: { in: SOURCE },
  nodes: [{ id: 'out', kind: 'file-sink', settings: { path: 'out.jsonl' } }],
  edges: ['in.out -> out.in'],
};

/** Counts by minute and key. */
export const COUNT: Omit<Fragment, 'inputs'> = {
  sources: { in: SOURCE },
  nodes: [
    {
      id: 'minute',
      kind: 'window',
      settings: { window: { kind: 'tumbling', size: '1m' }, by: ['k'], columns: [{ name: 'n', expression: 'count(*)' }] },
    },
    { id: 'out', kind: 'file-sink', settings: { path: 'out.jsonl' } },
  ],
  edges: ['in.out -> minute.in', 'minute.out -> out.in'],
};

export interface LoopOptions {
  readonly fragment: Omit<Fragment, 'inputs'>;
  readonly host: VirtualHost;
  readonly store: CheckpointStore;
  readonly readers: Readonly<Record<string, FakeReader>>;
  readonly sinks: Readonly<Record<string, FakeSink>>;
  readonly limits?: Partial<EpochLimits>;
  readonly bounded?: boolean;
  readonly ceiling?: boolean;
  readonly batchRows?: number;
  /** the clock of the meters; left out: it stands still */
  readonly meterClock?: () => number;
  readonly onSay?: (event: RunSay, run: Run) => void;
}

export interface Loop {
  readonly run: Run;
  readonly graph: Graph;
  readonly report: RunReport;
  readonly feeds: readonly SourceFeed[];
}

/** Graph, feeds, pumps and loop around fakes, put together in the order of the runner. */
export async function loopOf(options: LoopOptions): Promise<Loop> {
  const { host, store, sinks, readers } = options;
  const plan = await planOf({ ...options.fragment, inputs: {} });
  const modules = await Promise.all(plan.steps.map((step) => (step.role === 'source' ? {} : loadKind(step.kind, step.role))));
  const manifest = store.manifest();
  const dead: DeadLetter[] = [];
  const graph: Graph = new Graph(
    plan,
    modules,
    plan.steps.map((step) => step.index),
    {
      monotonicMs: options.meterClock ?? (() => 0),
      dead: (step, batch, row, code, sentence) =>
        dead.push(letterOfRow(batch, undefined, row, { node: step.node, code, sentence, source: step.node, at: host.nowMs() })),
    },
  );
  const report: RunReport = { states: [], lines: [], epochs: [], meters: undefined };
  const pumps = new Map<number, SinkPump>();
  for (const step of plan.steps) {
    if (manifest !== undefined) {
      graph.fates(step.index).load(manifest.counters[step.node]!);
      const { watermark, idle } = manifest.nodes[step.node]!;
      graph.restoreProgress(step.index, watermark === 'end' ? Infinity : (watermark ?? -Infinity), idle);
    }
    if (step.role !== 'sink') continue;
    const writer = sinks[step.node]!.writer();
    const fence = await writer.fence();
    const take = { adopt: false, allowDuplicates: false, keyed: false, rewritable: false };
    const recovery = recoverSink(step.node, store, manifest?.epoch ?? 0, fence, take);
    await writer.take(fence, recovery.next);
    const fates = graph.fates(step.index);
    const pump = new SinkPump(
      step.node,
      writer,
      recovery.next,
      store,
      {
        monotonicMs: () => host.monotonicMs(),
        nowMs: () => host.nowMs(),
        sleep: (ms) => host.sleep(ms),
        random: () => host.random(),
        report: (_level, text) => report.lines.push(text),
      },
      (entry, refused) => {
        fates.held -= entry.inputRows;
        fates.dead += refused.length;
        fates.refused += refused.length;
        store.acknowledged(step.node, entry.epoch, host.nowMs(), []);
      },
    );
    const kept = store.outboxState(step.node).kept.filter(({ epoch }) => recovery.push.includes(epoch));
    fates.held = kept.reduce((sum, entry) => sum + entry.inputRows, 0);
    for (const entry of kept) pump.enqueueStored(entry.epoch, entry.inputRows, entry.bytes);
    pumps.set(step.index, pump);
  }
  if (manifest !== undefined) for (const piece of store.pieces()) graph.restore(piece);
  const sources = plan.steps
    .filter((step) => step.role === 'source')
    .map((step) => {
      const specs = literalSource.decode!(step.settings as LiteralSettings).map((spec) => ({
        ...spec,
        ceiling: options.ceiling ?? false,
      }));
      const onDead: ConstructorParameters<typeof SourceFeed>[3] = (of, partition, raw, row, eventTime, code, sentence) =>
        dead.push(
          letterOfRaw(raw, row, { node: of.node, code, sentence, source: of.node, partition, eventTime, at: host.nowMs() }),
        );
      const feed = new SourceFeed(step, specs, graph, onDead, options.batchRows);
      for (const [number, mark] of Object.entries(manifest?.sources[step.node] ?? {}))
        feed.partition(Number(number), host.monotonicMs()).restore(mark);
      return { feed, reader: readers[step.node]! };
    });
  const run: Run = new Run({
    graph,
    store,
    sources,
    pumps,
    dead,
    epoch: manifest?.epoch ?? 0,
    ceilingUs: manifest?.ceilingUs ?? 0,
    host,
    options: {
      bounded: options.bounded ?? false,
      limits: { ms: 1000, rows: 1_000_000, outboxBytes: 8 << 20, ...options.limits },
      giveUpMs: 30_000,
      stopWithinMs: 25_000,
    },
    say: (event) => {
      if (event.type === 'state') report.states.push(event.state);
      else if (event.type === 'line') report.lines.push(event.text);
      else if (event.type === 'epoch') report.epochs.push(event.report);
      else if (event.type === 'meters') report.meters = event.nodes;
      options.onSay?.(event, run);
    },
  });
  return { run, graph, report, feeds: sources.map(({ feed }) => feed) };
}
