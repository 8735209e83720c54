import { loadParser } from '../../engine/expression/expression.ts';
import type { Layout } from '../../engine/model/batch.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { pipelineSchema } from '../../engine/model/pipeline.ts';
import { isError } from '../../engine/model/problem.ts';
import type { Ledger } from '../../engine/model/run-event.ts';
import { compilePipeline } from '../../engine/plan/compile-pipeline.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import { Graph, type StatePiece } from '../../engine/stream/graph.ts';
import type { StepModule } from '../../engine/stream/running-step.ts';
import { SourceFeed } from '../../engine/stream/source-feed.ts';
import { catalog } from '../../nodes/catalog.ts';
import { jsonAt } from '../../nodes/kit/values.ts';
import { loadKind } from '../../nodes/runtime.ts';
import { literalSource, type LiteralSettings } from './literal-source.ts';
import { rawRows } from './raw-rows.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface FragmentNode {
  readonly id: string;
  readonly kind: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A graph fragment as a test writes it; `sources` are literal sources, the rest comes from the catalogue. */
export interface Fragment {
  readonly sources: Readonly<Record<string, LiteralSettings>>;
  readonly nodes: readonly FragmentNode[];
  /** "a.out -> b.in" */
  readonly edges: readonly string[];
  /** source → partitions → rows in offset order (JSON objects, or raw messages as text) */
  readonly inputs: Readonly<Record<string, readonly (readonly (Row | string)[])[]>>;
}

export interface FragmentOptions {
  readonly batchRows?: number;
  /** a barrier after so many rows over all partitions; left out: one at the end */
  readonly barrierEvery?: number;
  /** at every barrier a new graph goes on from the stored pieces */
  readonly restore?: boolean;
  /** picks the next partition to read from; default: round robin */
  readonly choose?: (open: number) => number;
  /** rows read from a partition at a time; default: all */
  readonly chunk?: number;
  /** leave windows open at the end */
  readonly open?: boolean;
}

export interface FragmentResult {
  /** "node.port" → rows in order of emission, as JSON data; a sink's rows stand under "node" */
  readonly rows: Readonly<Record<string, readonly Row[]>>;
  readonly ledgers: Readonly<Record<string, Ledger>>;
  readonly dead: readonly { readonly node: string; readonly code: string; readonly sentence: string; readonly offset: number }[];
  /** stored pieces at the end */
  readonly pieces: number;
}

/** Drives a fragment from its JSON through compiler, decoder and operators, without a clock and without a disk. */
export async function runFragment(fragment: Fragment, options: FragmentOptions = {}): Promise<FragmentResult> {
  const plan = await planOf(fragment);
  const modules = await Promise.all(
    plan.steps.map((step): Promise<StepModule> | StepModule => (step.role === 'source' ? {} : loadModule(step.kind, step.role))),
  );
  return new FragmentRun(plan, modules, fragment, options).run();
}

async function loadModule(kind: string, role: 'operator' | 'sink'): Promise<StepModule> {
  if (role === 'operator') return loadKind(kind, role);
  const { encoder } = (await import(`../../nodes/${kind}/operator.ts`)) as StepModule;
  return { encoder };
}

export async function planOf(fragment: Fragment): Promise<Plan> {
  await loadParser();
  const kinds = [...catalog, literalSource as unknown as AnyDefinition];
  const document = pipelineSchema.parse({
    telemetra: 1,
    id: '00000000-0000-4000-8000-000000000000',
    name: 'fragment',
    nodes: [
      ...Object.entries(fragment.sources).map(([id, settings]) => ({ id, kind: 'literal-source', settings })),
      ...fragment.nodes.map((node) => ({ ...node, settings: node.settings ?? {} })),
    ],
    edges: fragment.edges.map((edge) => {
      const [from, to] = edge.split(' -> ');
      return { from, to };
    }),
  });
  const { plan, problems } = compilePipeline(document, kinds);
  if (plan === undefined)
    throw new Error(
      `the fragment does not compile:\n${problems
        .filter(isError)
        .map((p) => `${p.code} ${p.node ?? ''} ${p.message}`)
        .join('\n')}`,
    );
  return plan;
}

class FragmentRun {
  readonly #plan: Plan;
  readonly #modules: readonly StepModule[];
  readonly #fragment: Fragment;
  readonly #options: FragmentOptions;
  readonly #rows: Record<string, Row[]> = {};
  readonly #dead: { node: string; code: string; sentence: string; offset: number }[] = [];
  readonly #pieces = new Map<string, StatePiece>();
  #graph: Graph;
  #feeds: SourceFeed[] = [];

  constructor(plan: Plan, modules: readonly StepModule[], fragment: Fragment, options: FragmentOptions) {
    this.#plan = plan;
    this.#modules = modules;
    this.#fragment = fragment;
    this.#options = options;
    for (const step of plan.steps) {
      if (step.role === 'sink') this.#rows[step.node] = [];
      for (const port of step.outputPorts) this.#rows[`${step.node}.${port}`] = [];
    }
    this.#graph = this.#build();
  }

  #build(): Graph {
    const graph = new Graph(
      this.#plan,
      this.#modules,
      this.#plan.steps.map((step) => step.index),
      {
        monotonicMs: () => 0,
        dead: (step, batch, row, code, sentence) =>
          this.#dead.push({ node: step.node, code, sentence, offset: batch.offsets[row]! }),
      },
    );
    for (const step of this.#plan.steps) {
      step.outputPorts.forEach((port, index) => {
        const rows = this.#rows[`${step.node}.${port}`]!;
        graph.tap(step.index, index, (batch, layout) => {
          for (let i = 0; i < batch.count; i++) rows.push(rowOf(batch.columns, layout, batch.rows[i]!));
        });
      });
    }
    this.#feeds = this.#plan.steps
      .filter((step) => step.role === 'source')
      .map((step) => {
        const specs = literalSource.decode!(step.settings as LiteralSettings);
        return new SourceFeed(
          step,
          specs,
          graph,
          (of, _partition, raw, row, _time, code, sentence) =>
            this.#dead.push({ node: of.node, code, sentence, offset: raw.offsets[row]! }),
          this.#options.batchRows ?? 2048,
        );
      });
    return graph;
  }

  run(): FragmentResult {
    const open = Object.entries(this.#fragment.inputs).flatMap(([source, partitions]) =>
      partitions.map((rows, partition) => ({ source, partition, rows, at: 0 })),
    );
    for (const { source, partition } of open) this.#feed(source).partition(partition, 0);
    const chunk = this.#options.chunk ?? Infinity;
    const every = this.#options.barrierEvery ?? Infinity;
    let turn = 0;
    let sinceBarrier = 0;
    while (open.length > 0) {
      const pick = this.#options.choose?.(open.length) ?? turn++ % open.length;
      const next = open[pick]!;
      const take = next.rows.slice(next.at, Math.min(next.at + chunk, next.at + every - sinceBarrier));
      const last = next.at + take.length >= next.rows.length;
      this.#take(next.source, next.partition, take, next.at, last && this.#options.open !== true);
      next.at += take.length;
      sinceBarrier += take.length;
      if (last) open.splice(pick, 1);
      if (sinceBarrier >= every) {
        sinceBarrier = 0;
        this.#barrier();
      }
    }
    this.#barrier();
    const ledgers: Record<string, Ledger> = {};
    for (const step of this.#plan.steps) ledgers[step.node] = this.#graph.fates(step.index).ledger();
    return { rows: this.#rows, ledgers, dead: this.#dead, pieces: this.#pieces.size };
  }

  #feed(source: string): SourceFeed {
    return this.#feeds.find((feed) => feed.step.node === source)!;
  }

  #take(source: string, number: number, rows: readonly (Row | string)[], firstOffset: number, ended: boolean): void {
    const feed = this.#feed(source);
    const partition = feed.partition(number, 0);
    const messages = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)));
    feed.take(partition, rawRows(messages, { partition: number, firstOffset }), Infinity);
    partition.ended = ended;
    this.#graph.advanceLane(partition.lane, ended ? Infinity : partition.watermark);
    this.#graph.advance(new Map(this.#feeds.map((each) => [each.step.index, each.progress()])));
  }

  #barrier(): void {
    const { outboxes, pieces } = this.#graph.barrier();
    for (const [step, outbox] of outboxes) {
      const rows = this.#rows[this.#plan.steps[step]!.node]!;
      for (const line of Buffer.from(outbox.bytes).toString('utf8').split('\n'))
        if (line !== '') rows.push(JSON.parse(line) as Row);
    }
    for (const piece of pieces) {
      const id = JSON.stringify([piece.node, piece.lane, piece.key]);
      if (piece.bytes === undefined) this.#pieces.delete(id);
      else this.#pieces.set(id, { ...piece, bytes: piece.bytes.slice() });
    }
    if (this.#options.restore === true) this.#restart();
  }

  /** A new graph from the stored pieces, as after a crash right behind the barrier. */
  #restart(): void {
    const old = this.#graph;
    const marks = this.#feeds.map((feed) =>
      [...feed.partitions.values()].map((partition) => [partition.number, partition.mark()] as const),
    );
    this.#graph = this.#build();
    for (const step of this.#plan.steps) {
      const { watermark, idle } = old.progress(step.index);
      this.#graph.restoreProgress(step.index, watermark, idle);
      this.#graph.fates(step.index).load(old.fates(step.index).save());
    }
    for (const piece of this.#pieces.values()) {
      if (!this.#graph.restore(piece)) throw new Error(`a piece of ${piece.node} (${piece.lane}) belongs to nobody`);
    }
    marks.forEach((partitions, i) => {
      for (const [number, mark] of partitions) this.#feeds[i]!.partition(number, 0).restore(mark);
    });
  }
}

function rowOf(columns: readonly Parameters<typeof jsonAt>[0][], layout: Layout, row: number): Row {
  return Object.fromEntries(layout.map((field, i) => [field.name, jsonAt(columns[i]!, row, field.type)]));
}
