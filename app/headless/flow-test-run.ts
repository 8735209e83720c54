import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemHost } from '../../engine/host/system-host.ts';
import { Fault } from '../../engine/model/fault.ts';
import type { Schema } from '../../engine/model/schema.ts';
import { parseTimestamp } from '../../engine/model/timestamp.ts';
import type { Plan, Step } from '../../engine/plan/plan.ts';
import { catalog } from '../../nodes/catalog.ts';
import { jsonAt } from '../../nodes/kit/values.ts';
import type { FlowTest, TestRow } from './flow-test.ts';
import { FlowTestReader } from './flow-test-reader.ts';
import { Runner } from './runner.ts';

/** a clock that no event is ahead of, ms; its microseconds are still exact */
const END_OF_TIME_MS = 9_000_000_000_000;

export interface TestedEdge {
  readonly step: Step;
  readonly port: number;
  readonly schema: Schema;
}

export interface FlowRun {
  /** in canonical order: by event time, then by text */
  readonly rows: readonly TestRow[];
  readonly messages: number;
  readonly deadLetters: number;
}

/** "node.port" of an output, "node.port" of an input, or the id of a sink → the output whose rows are meant. */
export function testedEdge(plan: Plan, edge: string): TestedEdge {
  const [node = '', portName] = edge.split('.');
  const step = plan.steps.find((own) => own.node === node);
  const found = step === undefined ? undefined : outputOf(step, portName);
  if (found !== undefined) return { ...found, schema: found.step.outputs[found.port]! };
  const known = plan.steps.flatMap((own) => own.outputPorts.map((port) => `${own.node}.${port}`));
  throw new Fault('refused', 'unknown_node', `The pipeline has no edge "${edge}".`, {
    mend: `Its outputs are ${known.join(', ')}.`,
  });

  function outputOf(own: Step, name: string | undefined): { step: Step; port: number } | undefined {
    const port = name === undefined ? -1 : own.outputPorts.indexOf(name);
    if (port >= 0) return { step: own, port };
    const input = own.inputs[name === undefined ? 0 : own.inputPorts.indexOf(name)];
    return input === undefined ? undefined : { step: plan.steps[input.step]!, port: input.port };
  }
}

/**
 * The pipeline as it always runs, but every source reads the messages of the test (none: it is empty), every sink only counts, the
 * clock stands still, and all windows close at the end. State goes to a temporary directory. The sources' schemas, validation and dead
 * letters are their own.
 */
export async function runFlowTest(
  plan: Plan,
  pipelineFile: string,
  test: Pick<FlowTest, 'inputs' | 'at'>,
  edge: TestedEdge,
): Promise<FlowRun> {
  const directory = mkdtempSync(join(tmpdir(), 'telemetra-flow-test-'));
  const nowMs = test.at === undefined ? END_OF_TIME_MS : (parseTimestamp(test.at) ?? END_OF_TIME_MS * 1000) / 1000;
  const rows = new RowCollector(edge.schema);
  let dead = 0;
  try {
    const runner = new Runner({
      plan,
      catalog,
      workspace: directory,
      stateDirectory: join(directory, 'state'),
      baseDirectory: dirname(resolve(pipelineFile)),
      files: { reads: new Map(), writes: new Map() },
      readers: readersOf(plan, test.inputs),
      host: { ...systemHost, nowMs: () => nowMs },
      from: { kind: 'earliest' },
      bounded: true,
      fresh: true,
      freshNodes: [],
      adopt: false,
      allowDuplicates: false,
      services: 'embedded',
      env: {},
      say: (event) => {
        if (event.type === 'meters') dead = Object.values(event.nodes).reduce((sum, node) => sum + node.ledger.dead, 0);
      },
      ready: (graph) => {
        graph.tap(edge.step.index, edge.port, (batch, layout) => {
          for (let i = 0; i < batch.count; i++) {
            const row = batch.rows[i]!;
            rows.add(
              batch.times[row]!,
              Object.fromEntries(layout.map((field, c) => [field.name, jsonAt(batch.columns[c]!, row, field.type)])),
            );
          }
        });
      },
    });
    await runner.execute();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { rows: rows.sorted(), messages: Object.values(test.inputs).reduce((sum, own) => sum + own.length, 0), deadLetters: dead };
}

function readersOf(plan: Plan, inputs: FlowTest['inputs']): ReadonlyMap<string, FlowTestReader> {
  const sources = plan.steps.filter((step) => step.role === 'source').map((step) => step.node);
  const unknown = Object.keys(inputs).find((node) => !sources.includes(node));
  if (unknown !== undefined) {
    throw new Fault('refused', 'unknown_node', `The test has messages for ${unknown}, but the pipeline has no such source.`, {
      mend: `Its sources are ${sources.join(', ')}.`,
    });
  }
  return new Map(sources.map((node) => [node, new FlowTestReader(inputs[node] ?? [])]));
}

/** [D1] Of interim rows only the last of each key is determined, so only that one is kept. */
class RowCollector {
  readonly #key: readonly string[] | undefined;
  readonly #rows = new Map<string, { readonly time: number; readonly row: TestRow; readonly text: string }>();
  #count = 0;

  constructor(schema: Schema) {
    this.#key = schema.mode.kind === 'updates' ? schema.mode.key : undefined;
  }

  add(time: number, row: TestRow): void {
    const id = this.#key === undefined ? String(this.#count++) : JSON.stringify(this.#key.map((column) => row[column]));
    this.#rows.set(id, { time, row, text: JSON.stringify(row) });
  }

  sorted(): readonly TestRow[] {
    return [...this.#rows.values()]
      .toSorted((a, b) => a.time - b.time || (a.text < b.text ? -1 : Number(a.text > b.text)))
      .map(({ row }) => row);
  }
}
