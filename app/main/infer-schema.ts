import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Problem } from '../../engine/model/problem.ts';
import { parseTimestamp } from '../../engine/model/timestamp.ts';
import { tailTopic } from '../../connections/kafka/topics.ts';
import type { Inferred } from '../protocol/browse.ts';
import type { SettingSchema } from '../protocol/catalog.ts';
import { Refused } from './refused.ts';
import type { Studio } from './studio.ts';

/** A JSON Schema proposed from real messages of a source's topic: types seen, required where always there. */
export async function inferSchema(studio: Studio, document: PipelineDocument, nodeId: string, samples: number): Promise<Inferred> {
  const node = document.nodes.find(({ id }) => id === nodeId);
  const definition = studio.catalog.find(({ kind }) => kind === node?.kind);
  const parsed = definition?.settings.safeParse(node?.settings);
  const settings = parsed?.success === true ? (parsed.data as Readonly<Record<string, unknown>>) : node?.settings;
  const connection = parsed?.success === true ? definition?.connection?.(parsed.data) : undefined;
  const topic = settings?.['topic'];
  if (connection?.service !== 'kafka' || typeof topic !== 'string' || topic === '') {
    throw new Refused('not_valid', 'A schema is inferred from a topic; this node reads none.', {
      mend: 'Choose connection and topic first.',
    });
  }
  const log = await studio.connections.kafka(connection.name);
  const texts: string[] = [];
  for await (const message of tailTopic(log, topic, { last: samples, follow: false }))
    if (message.value !== undefined) texts.push(message.value);
  return proposeSchema(texts);
}

interface Seen {
  count: number;
  nulls: number;
  readonly types: Set<'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object'>;
  times: number;
  texts: number;
  /** arrays: every element was a string */
  stringArrays: number;
}

export function proposeSchema(texts: readonly string[]): Inferred {
  const seen = new Map<string, Seen>();
  const notes: Problem[] = [];
  let objects = 0;
  for (const text of texts) {
    const event = objectOf(text);
    if (event === undefined) continue;
    objects++;
    for (const [name, value] of Object.entries(event)) see(seen, name, value);
  }
  if (objects < texts.length) {
    const message = `${texts.length - objects} of ${texts.length} messages are no JSON objects and were left out.`;
    notes.push({ code: 'not_json', severity: 'warning', message, mend: 'They will be dead letters.' });
  }
  const properties: Record<string, SettingSchema> = {};
  const required: string[] = [];
  for (const [name, field] of seen) {
    properties[name] = schemaOf(field);
    if (field.count === objects && field.nulls === 0) required.push(name);
  }
  const times = [...seen].filter(([, field]) => field.times === field.count && field.count > 0).map(([name]) => name);
  const eventTime = times.find((name) => /time|_at$|date/i.test(name)) ?? times[0];
  return { schema: { type: 'object', properties, required }, samples: texts.length, eventTime, notes };
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function see(seen: Map<string, Seen>, name: string, value: unknown): void {
  let field = seen.get(name);
  if (field === undefined) {
    field = { count: 0, nulls: 0, types: new Set(), times: 0, texts: 0, stringArrays: 0 };
    seen.set(name, field);
  }
  field.count++;
  if (value === null) field.nulls++;
  else if (Array.isArray(value)) {
    field.types.add('array');
    if (value.every((each) => typeof each === 'string')) field.stringArrays++;
  } else if (typeof value === 'number') field.types.add(Number.isInteger(value) ? 'integer' : 'number');
  else if (typeof value === 'string') {
    field.types.add('string');
    field.texts++;
    if (parseTimestamp(value) !== undefined) field.times++;
  } else if (typeof value === 'boolean') field.types.add('boolean');
  else field.types.add('object');
}

function schemaOf(field: Seen): SettingSchema {
  if (field.types.has('number')) field.types.delete('integer');
  const types = [...field.types];
  if (types.length !== 1) return types.length === 0 ? {} : { type: [...types, ...(field.nulls > 0 ? ['null'] : [])] };
  const type = field.nulls > 0 ? [types[0]!, 'null'] : types[0]!;
  const more: Record<string, unknown> = {};
  if (types[0] === 'string' && field.times === field.texts) more['format'] = 'date-time';
  if (types[0] === 'array' && field.stringArrays + field.nulls === field.count) more['items'] = { type: 'string' };
  return { type, ...more };
}
