import { readFileSync } from 'node:fs';
import { loadParser } from '../../engine/expression/expression.ts';
import { pipelineSchema, type PipelineDocument } from '../../engine/model/pipeline.ts';
import { isError } from '../../engine/model/problem.ts';
import { compilePipeline } from '../../engine/plan/compile-pipeline.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import { catalog } from '../../nodes/catalog.ts';
import type { SummaryRow } from './plain-chat.ts';

const NODES = ['chat', 'chat_keyed', 'chat_sentiment', 'window_chat', 'anomaly_chat', 'chat_summary_minute'];

/** The chat branch of pipelines/stream-moments.json with its own settings: source → key → sentiment → window → z-score → sink. */
export function chatBranch(settings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {}): PipelineDocument {
  const whole = pipelineSchema.parse(
    JSON.parse(readFileSync(new URL('../../pipelines/stream-moments.json', import.meta.url), 'utf8')),
  );
  const ports: Readonly<Record<string, string>> = {};
  return {
    ...whole,
    id: '5b0f3a52-1d1e-4c0e-9a55-7d5c2f1a9e99',
    name: 'Chat branch',
    nodes: whole.nodes
      .filter((node) => NODES.includes(node.id))
      .map((node) => ({ ...node, settings: { ...(node.settings as object), ...settings[node.id] } })),
    edges: NODES.slice(1).map((node, i) => ({ from: `${NODES[i]!}.${ports[NODES[i]!] ?? 'out'}`, to: `${node}.in` })),
  } as PipelineDocument;
}

export async function planOf(document: PipelineDocument): Promise<Plan> {
  await loadParser();
  const { plan, problems } = compilePipeline(document, catalog);
  if (plan === undefined) {
    throw new Error(
      problems
        .filter(isError)
        .map((problem) => problem.message)
        .join('\n'),
    );
  }
  return plan;
}

function near(a: number | null, b: number | null, bound: number): boolean {
  return a === b || (a !== null && b !== null && Math.abs(a - b) <= bound * Math.max(1, Math.abs(a), Math.abs(b)));
}

/** Rows of the engine (JSON, RFC 3339 times) against the plain ones: counts and texts equal, floats within 1e-12, z within 1e-9. */
export function expectEqualRows(engine: readonly Readonly<Record<string, unknown>>[], plain: readonly SummaryRow[]): void {
  const name = (stream: unknown, start: number): string => `${String(stream)} ${new Date(start).toISOString()}`;
  const byName = new Map(plain.map((row) => [name(row.stream_id, row.window_start), row]));
  if (engine.length !== plain.length || byName.size !== plain.length)
    throw new Error(`${engine.length} rows instead of ${plain.length}`);
  for (const row of engine) {
    const id = name(row['stream_id'], Date.parse(String(row['window_start'])));
    const other = byName.get(id);
    if (other === undefined) throw new Error(`${id} has no counterpart`);
    const same =
      row['chat_count'] === other.chat_count &&
      row['unique_chatters'] === other.unique_chatters &&
      JSON.stringify(row['top_emotes']) === JSON.stringify(other.top_emotes) &&
      near(row['sentiment_score'] as number, other.sentiment_score, 1e-12) &&
      row['positive_count'] === other.positive_count &&
      row['negative_count'] === other.negative_count &&
      near(row['chat_rate'] as number, other.chat_rate, 1e-12) &&
      near(row['z_score'] as number | null, other.z_score, 1e-9) &&
      row['is_anomaly'] === other.is_anomaly;
    if (!same) throw new Error(`${id} differs:\n${JSON.stringify(row)}\n${JSON.stringify(other)}`);
  }
}
