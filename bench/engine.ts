import { parseArgs } from 'node:util';
import type { DecodeSpec } from '../engine/model/decode-spec.ts';
import type { Plan } from '../engine/plan/plan.ts';
import type { RawBatch } from '../engine/stream/connector.ts';
import { Graph } from '../engine/stream/graph.ts';
import type { StepModule } from '../engine/stream/running-step.ts';
import { SourceFeed } from '../engine/stream/source-feed.ts';
import { catalog } from '../nodes/catalog.ts';
import { loadKind } from '../nodes/runtime.ts';
import { chatBranch, expectEqualRows, planOf } from './support/chat-branch.ts';
import { chatEvents, type Events } from './support/chat-events.ts';
import { cpuNs, report } from './support/machine.ts';
import { PlainChat } from './support/plain-chat.ts';

/**
 * The chat branch in memory, by stage and whole, beside JSON.parse + objects + Maps with the same rules on the same bytes in the
 * same run. CPU time of the process; least of the rounds, which alternate. Usage: npm run bench -- engine [--events N] [--rounds N]
 */
const { values: flags } = parseArgs({
  options: { events: { type: 'string', default: '500000' }, rounds: { type: 'string', default: '5' }, only: { type: 'string' } },
});
const EVENTS = Number(flags.events);
const ROUNDS = Number(flags.rounds);
/** messages of one poll */
const POLL = 8192;

interface EngineRound {
  readonly ns: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly dead: number;
}

function slice(events: Events, from: number, to: number): RawBatch {
  const count = to - from;
  return {
    partition: 0,
    port: 0,
    count,
    bytes: events.bytes,
    start: events.start.subarray(from, to),
    end: events.end.subarray(from, to),
    offsets: Float64Array.from({ length: count }, (_, i) => from + i),
    timestamps: undefined,
    keys: undefined,
    headers: undefined,
    next: { offset: to },
    caughtUp: to === events.count,
    ended: to === events.count,
    logEnd: events.count,
  };
}

function runEngine(plan: Plan, modules: readonly StepModule[], spec: DecodeSpec, polls: readonly RawBatch[]): EngineRound {
  let dead = 0;
  const graph = new Graph(
    plan,
    modules,
    plan.steps.map((step) => step.index),
    { monotonicMs: () => cpuNs() / 1e6, dead: () => dead++ },
  );
  const source = plan.steps.find((step) => step.role === 'source')!;
  const feed = new SourceFeed(source, [spec], graph, () => dead++);
  const partition = feed.partition(0, 0);
  const began = cpuNs();
  for (const raw of polls) {
    feed.take(partition, raw, Infinity);
    partition.ended = raw.ended;
    graph.advanceLane(partition.lane, raw.ended ? Infinity : partition.watermark);
    graph.advance(new Map([[source.index, feed.progress()]]));
  }
  const { outboxes } = graph.barrier();
  const ns = cpuNs() - began;
  const stages: Record<string, number> = {};
  let nodes = 0;
  for (const step of plan.steps) {
    if (step.role === 'source') continue;
    const busy = graph.busy(step.index).totalMs * 1e6;
    stages[step.node] = busy / EVENTS;
    nodes += busy;
  }
  const [outbox] = [...outboxes.values()];
  const rows = Buffer.from(outbox!.bytes)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return { ns: ns / EVENTS, stages: { 'decode, validate, watermarks': (ns - nodes) / EVENTS, ...stages }, rows, dead };
}

function runPlain(events: Events): { readonly ns: number; readonly plain: PlainChat } {
  const plain = new PlainChat();
  const began = cpuNs();
  for (let i = 0; i < events.count; i++) plain.add(events.bytes.subarray(events.start[i], events.end[i]));
  plain.end();
  return { ns: (cpuNs() - began) / EVENTS, plain };
}

const events = chatEvents(EVENTS);
const plan = await planOf(chatBranch());
const modules = await Promise.all(plan.steps.map((step) => (step.role === 'source' ? {} : loadKind(step.kind, 'operator'))));
const encoders = await Promise.all(
  plan.steps.map(async (step, i) =>
    step.role === 'sink' ? { encoder: (await loadKind(step.kind, 'sink')).encoder } : modules[i]!,
  ),
);
const source = plan.steps.find((step) => step.role === 'source')!;
const [spec] = catalog.find(({ kind }) => kind === source.kind)!.decode!(source.settings as never);
const polls = Array.from({ length: Math.ceil(EVENTS / POLL) }, (_, i) => slice(events, i * POLL, Math.min(EVENTS, (i + 1) * POLL)));

let engine: EngineRound | undefined;
let plain: ReturnType<typeof runPlain> | undefined;
for (let round = 0; round < ROUNDS; round++) {
  const ours = runEngine(plan, encoders, spec!, polls);
  if (engine === undefined || ours.ns < engine.ns) engine = ours;
  if (flags.only === 'engine') continue;
  const theirs = runPlain(events);
  if (round === 0) {
    if (ours.dead !== theirs.plain.dead) throw new Error(`${ours.dead} dead letters instead of ${theirs.plain.dead}`);
    expectEqualRows(ours.rows, theirs.plain.rows);
    console.log(`${ours.rows.length} rows are equal; ${theirs.plain.late} events late, ${ours.dead} dead`);
  }
  if (plain === undefined || theirs.ns < plain.ns) plain = theirs;
}

const size = Math.round((events.end[EVENTS - 1]! - events.start[0]!) / EVENTS);
console.log(
  `\n${EVENTS} chat events of ${size} bytes on average, ${engine!.rows.length} rows out; least CPU time of ${ROUNDS} rounds`,
);
for (const [stage, ns] of Object.entries(engine!.stages))
  console.log(`  ${stage.padEnd(30)} ${ns.toFixed(0).padStart(6)} ns/event`);
console.log(`  ${'whole chat branch'.padEnd(30)} ${engine!.ns.toFixed(0).padStart(6)} ns/event`);
if (plain !== undefined) {
  console.log(
    `  ${'JSON.parse + objects + Maps'.padEnd(30)} ${plain.ns.toFixed(0).padStart(6)} ns/event  (${(plain.ns / engine!.ns).toFixed(1)} ×)`,
  );
  report('engine', `npm run bench -- engine --events ${EVENTS} --rounds ${ROUNDS}`, {
    events: EVENTS,
    bytesPerEvent: size,
    rounds: ROUNDS,
    rows: engine!.rows.length,
    nsPerEvent: { stages: engine!.stages, whole: engine!.ns, plain: plain.ns },
    times: plain.ns / engine!.ns,
  });
}
