import { Dictionary } from '../../../engine/model/dictionary.ts';
import type { AnyDefinition } from '../../../engine/model/definition.ts';
import type { PhysicalField } from '../../../engine/model/batch.ts';
import { physicalForm } from '../../../engine/model/physical-form.ts';
import type { Schema } from '../../../engine/model/schema.ts';
import type { Plan, Step } from '../../../engine/plan/plan.ts';
import { Graph, type StatePiece } from '../../../engine/stream/graph.ts';
import type { FateCounter } from '../../../engine/stream/ledger.ts';
import type { Ledger } from '../../../engine/model/run-event.ts';
import type { OperatorModule } from '../../../engine/stream/operator.ts';
import { batchOf, jsonRows, partitionRows, poison, type InputRow, type JsonRow } from './row-batch.ts';

/** Rows of one input port: per source partition, in offset order. */
export interface Input {
  readonly schema: Schema;
  readonly partitions: readonly (readonly JsonRow[])[];
}

export interface RunOptions {
  readonly batchSize?: number;
  readonly latenessUs?: number;
  /** a barrier after every n-th round; with `restore` the graph is thrown away there and rebuilt from its pieces */
  readonly barrierEvery?: number;
  readonly restore?: boolean;
  /** text that is only passed on: as JSON string bodies (default) or as dictionary ids */
  readonly textAs?: 'bytes' | 'dictionary';
  /** rows of rubbish between the selected ones */
  readonly spread?: boolean;
  /** a new dictionary for every n-th batch */
  readonly rotateEvery?: number;
  /** number in 0 … 1 that picks the partition to read next; default: round robin */
  readonly pick?: (() => number) | undefined;
  /** no end of the input: the last watermark stays where lateness leaves it */
  readonly open?: boolean;
}

export interface RunResult {
  readonly rows: Readonly<Record<string, readonly JsonRow[]>>;
  /** event time of each row, beside `rows` */
  readonly times: Readonly<Record<string, readonly number[]>>;
  readonly ledger: Ledger;
  readonly dead: readonly { readonly code: string; readonly sentence: string }[];
  readonly stateBytes: number;
  readonly inspected: unknown;
  /** pieces of state alive at the end, by key */
  readonly pieces: ReadonlyMap<string, Uint8Array>;
  /** keys of pieces that a second barrier right behind the last one wrote again */
  readonly quietPieces: readonly string[];
}

const NODE = 'node';

/** Runs one operator kind inside the engine's graph on literal rows, one source node for each input port. */
export function runOperator(
  definition: AnyDefinition,
  module: OperatorModule<never>,
  settings: unknown,
  inputs: readonly Input[],
  options: RunOptions = {},
): RunResult {
  const plan = planOf(definition, settings, inputs, options.textAs ?? 'bytes');
  const operatorIndex = inputs.length;
  const step = plan.steps[operatorIndex]!;
  const rows: Record<string, JsonRow[]> = {};
  const times: Record<string, number[]> = {};
  for (const port of step.outputPorts) [rows[port], times[port]] = [[], []];
  const dead: { code: string; sentence: string }[] = [];
  const pieces = new Map<string, StatePiece>();
  const modules = plan.steps.map((own) => ({ operator: own === step ? (module as OperatorModule<unknown>) : listener }));
  const origins = plan.steps.map((own) => own.index);

  const build = (): Graph => {
    const graph = new Graph(plan, modules, origins, {
      monotonicMs: () => 0,
      dead: (_step, _batch, _row, code, sentence) => dead.push({ code, sentence }),
    });
    step.outputPorts.forEach((port, index) => {
      graph.tap(operatorIndex, index, (batch, layout) => {
        rows[port]!.push(...jsonRows(batch, layout));
        for (let i = 0; i < batch.count; i++) times[port]!.push(batch.times[batch.rows[i]!]!);
      });
    });
    return graph;
  };
  const barrier = (graph: Graph): void => {
    for (const piece of graph.barrier().pieces) {
      const key = `${piece.lane}|${piece.key}`;
      if (piece.bytes === undefined) pieces.delete(key);
      else pieces.set(key, { ...piece, bytes: piece.bytes.slice() });
    }
  };

  let graph = build();
  const lanes = inputs.flatMap((input, source) =>
    input.partitions.map((partitionOf, partition) => ({
      source,
      partition,
      rows: partitionRows(input.schema, partitionOf, options.latenessUs ?? 0),
      next: 0,
      watermark: -Infinity,
    })),
  );
  const size = options.batchSize ?? 1_000_000;
  let dictionary = new Dictionary();
  let round = 0;
  for (;;) {
    const open = lanes.filter((lane) => lane.next < lane.rows.length);
    if (open.length === 0) break;
    const lane = open[Math.floor((options.pick?.() ?? 0) * open.length)]!;
    if (options.rotateEvery !== undefined && round % options.rotateEvery === 0) dictionary = new Dictionary();
    const some: InputRow[] = lane.rows.slice(lane.next, lane.next + size);
    lane.next += some.length;
    lane.watermark = some.at(-1)!.watermark;
    const batch = batchOf(
      plan.steps[lane.source]!.wanted[0]!,
      some,
      { source: lane.source, partition: lane.partition },
      dictionary,
      options.spread,
    );
    const own = graph.lane(lane.source, lane.partition);
    graph.feed(own, 0, batch);
    poison(batch);
    graph.advanceLane(own, lane.watermark);
    graph.advance(sourceWatermarks(lanes));
    round++;
    if (options.barrierEvery !== undefined && round % options.barrierEvery === 0) {
      barrier(graph);
      if (options.restore === true) graph = restored(graph, build(), plan, pieces);
    }
  }
  if (options.open !== true) {
    for (const lane of lanes) {
      graph.advanceLane(graph.lane(lane.source, lane.partition), Infinity);
      lane.watermark = Infinity;
    }
    graph.advance(sourceWatermarks(lanes.length > 0 ? lanes : inputs.map((_, source) => ({ source, watermark: Infinity }))));
  }
  barrier(graph);
  const quietPieces = graph.barrier().pieces.map((piece) => piece.key);
  const left = new Map([...pieces].map(([key, piece]) => [key, piece.bytes!]));
  return {
    rows,
    times,
    ledger: graph.fates(operatorIndex).ledger(),
    dead,
    stateBytes: graph.stateBytes(operatorIndex),
    inspected: graph.inspect(operatorIndex, 100),
    pieces: left,
    quietPieces,
  };
}

function restored(old: Graph, fresh: Graph, plan: Plan, pieces: ReadonlyMap<string, StatePiece>): Graph {
  // any order is allowed; the reverse of the order of writing is the least kind one
  for (const piece of [...pieces.values()].toReversed()) {
    if (!fresh.restore(piece)) throw new Error(`piece ${piece.key} belongs to no node`);
  }
  for (const step of plan.steps) {
    const { watermark, idle } = old.progress(step.index);
    fresh.restoreProgress(step.index, watermark, idle);
    const fates: FateCounter = fresh.fates(step.index);
    fates.load(old.fates(step.index).save());
  }
  return fresh;
}

function sourceWatermarks(
  lanes: readonly { readonly source: number; readonly watermark: number }[],
): ReadonlyMap<number, { readonly watermark: number; readonly idle: boolean }> {
  const least = new Map<number, { watermark: number; idle: boolean }>();
  for (const { source, watermark } of lanes) {
    const known = least.get(source);
    least.set(source, { watermark: known === undefined ? watermark : Math.min(known.watermark, watermark), idle: false });
  }
  return least;
}

/** One source step for each input, then the operator. */
function planOf(definition: AnyDefinition, settings: unknown, inputs: readonly Input[], textAs: 'bytes' | 'dictionary'): Plan {
  const schemas = inputs.map((input) => input.schema);
  const { outputs, problems } = definition.infer(settings as never, schemas);
  if (outputs === undefined)
    throw new Error(`infer of ${definition.kind}: ${problems.map((problem) => problem.message).join(' ')}`);
  const reads = definition.reads(settings as never, schemas);
  const sources = schemas.map((schema, index): Step => {
    const wanted = schema.fields.map((field): PhysicalField => {
      const asText = reads[index]?.[field.name] === 'dictionary' ? 'dictionary' : textAs;
      return { ...field, as: physicalForm(field.type, asText) };
    });
    return {
      index,
      node: `source${index}`,
      name: '',
      kind: 'source',
      role: 'source',
      settings: {},
      inputs: [],
      inputPorts: [],
      outputPorts: ['out'],
      outputs: [schema],
      wanted: [wanted],
      horizonUs: 0,
      stateHash: '',
    };
  });
  const ports = definition.ports(settings as never);
  const operator: Step = {
    index: sources.length,
    node: NODE,
    name: '',
    kind: definition.kind,
    role: 'operator',
    settings,
    inputs: sources.map((source) => ({ step: source.index, port: 0 })),
    inputPorts: ports.inputs.map((port) => port.name),
    outputPorts: ports.outputs.map((port) => port.name),
    outputs,
    wanted: [],
    horizonUs: 0,
    stateHash: '',
  };
  // every output has a reader: what becomes of rows whose port is not connected is tested where it matters
  const listeners = operator.outputPorts.map((port, index): Step => ({
    ...operator,
    index: sources.length + 1 + index,
    node: `after_${port}`,
    kind: 'listener',
    settings: {},
    inputs: [{ step: operator.index, port: index }],
    inputPorts: ['in'],
    outputPorts: [],
    outputs: [],
  }));
  return { pipelineId: '', pipelineName: '', hash: '', steps: [...sources, operator, ...listeners] };
}

const listener: OperatorModule<unknown> = {
  prepare: () => ({
    outputs: [],
    whole: false,
    create: () => ({ onBatch() {}, onWatermark() {}, snapshot() {}, restore() {}, inspect: () => ({}), bytes: () => 0 }),
  }),
};
