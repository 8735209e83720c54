import type { RowPage } from '../protocol/browse.ts';
import { runningPlan, type Studio } from './studio.ts';

/** [K8] What a chart holds: event time, then the columns that it took. */
interface Held {
  readonly time: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Rows that a node shows and writes nowhere, newest first; none while nothing runs, since they live in the runner's memory. */
export async function viewPage(studio: Studio, pipelineId: string, node: string, limit: number): Promise<RowPage> {
  const step = runningPlan(studio, pipelineId)?.plan.steps.find((own) => own.node === node);
  const input = step?.inputs[0];
  if (input === undefined) return { columns: [], rows: [], total: 0, at: studio.now() };
  const schema = runningPlan(studio, pipelineId)!.plan.steps[input.step]!.outputs[input.port]!;
  const answer = (await studio.inspections.ask(pipelineId, node, limit)) as readonly {
    readonly state: { readonly rows: readonly Held[] };
  }[];
  const held = answer[0]?.state.rows ?? [];
  const shown = schema.fields.filter(({ name }) => held[0] === undefined || name in held[0].values);
  return {
    columns: [{ name: 'event time', type: 'timestamp' }, ...shown.map(({ name, type }) => ({ name, type }))],
    rows: held.map(({ time, values }) => [time, ...shown.map(({ name }) => values[name] ?? null)]).toReversed(),
    total: undefined,
    at: studio.now(),
  };
}
