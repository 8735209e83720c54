import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Node {
  readonly id: string;
  readonly kind: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export const PIPELINE_ID = '7b1c2d3e-0000-4000-8000-000000000001';

const SCHEMA = {
  type: 'object',
  properties: { at: { type: 'string', format: 'date-time' }, who: { type: 'string' }, n: { type: 'integer' } },
  required: ['at', 'who'],
};

export const FILE_SOURCE: Node = {
  id: 'events',
  kind: 'file-source',
  settings: { path: 'in.jsonl', event_time: 'at', lateness: '10s', schema: SCHEMA },
};
export const KAFKA_SOURCE: Node = {
  id: 'events',
  kind: 'kafka-source',
  settings: { topic: 'events', event_time: 'at', lateness: '10s', schema: SCHEMA },
};
export const MINUTE: Node = {
  id: 'minute',
  kind: 'window',
  settings: { window: { kind: 'tumbling', size: '1m' }, by: ['who'], columns: [{ name: 'c', expression: 'count(*)' }] },
};
export const FILE_SINK: Node = { id: 'rows', kind: 'file-sink', settings: { path: 'out.jsonl' } };

/** Nodes one after the other, by their main ports. */
export function chain(directory: string, nodes: readonly Node[], name = 'p.json', id = PIPELINE_ID): string {
  const edges = nodes.slice(1).map((node, i) => ({ from: `${nodes[i]!.id}.out`, to: `${node.id}.in` }));
  const file = join(directory, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ telemetra: 1, id, name: 'small', nodes, edges }));
  return file;
}

export const INPUT = [
  '{"at":"2026-01-01T00:00:01Z","who":"ann","n":1}',
  '{"at":"2026-01-01T00:00:02Z","who":"bob","n":2}',
  'nonsense',
  '{"at":"2026-01-01T00:02:02Z","who":"bob","n":2}',
  '{"at":"2026-01-01T00:05:02Z","who":"ann","n":"x"}',
  '',
].join('\n');

/** file source → window of a minute → file sink, with its input. */
export function smallPipeline(directory: string): string {
  writeFileSync(join(directory, 'in.jsonl'), INPUT);
  return chain(directory, [FILE_SOURCE, MINUTE, FILE_SINK]);
}
