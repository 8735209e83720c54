import { compileSchema, isMistake } from '../../engine/decode/json-schema.ts';
import type { Problem } from '../../engine/model/problem.ts';
import { parseTimestamp } from '../../engine/model/timestamp.ts';

type JsonType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';

interface Seen {
  /** events that have it */
  count: number;
  nulls: number;
  readonly types: Map<JsonType, number>;
  /** texts that are times */
  times: number;
  /** arrays of which every element is a text */
  stringArrays: number;
}

/** A share of events so small is not what the stream is like, but what is wrong in it: it becomes dead letters, not schema. */
const RARE = 0.02;

type JsonSchema = Readonly<Record<string, unknown>>;

export interface ProposedSchema {
  readonly schema: JsonSchema;
  /** messages looked at */
  readonly samples: number;
  /** a column that nearly always holds a time */
  readonly eventTime: string | undefined;
  readonly notes: readonly Problem[];
}

/** Types that more than a few events have; required what nearly all have. `notes` say how many events do not fit. */
export function proposeSchema(texts: readonly string[]): ProposedSchema {
  const seen = new Map<string, Seen>();
  const notes: Problem[] = [];
  const events = texts.map((text) => objectOf(text)).filter((event) => event !== undefined);
  for (const event of events) for (const [name, value] of Object.entries(event)) see(seen, name, value);
  const rare = RARE * events.length;
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  const times: string[] = [];
  for (const [name, field] of seen) {
    if (field.count <= rare) continue;
    const nearlyAlways = field.count >= events.length - rare;
    const property = schemaOf(field);
    properties[name] = property;
    if (nearlyAlways && field.nulls === 0) required.push(name);
    if (nearlyAlways && 'format' in property) times.push(name);
  }
  const schema = { type: 'object', properties, required };
  const unfit = texts.length - events.length + countUnfit(schema, events);
  if (unfit > 0) {
    const message = `${unfit} of ${texts.length} events ${unfit === 1 ? 'does' : 'do'} not fit it.`;
    notes.push({
      code: 'unfit_events',
      severity: 'warning',
      message,
      mend: 'They will be dead letters; widen the schema to keep them.',
    });
  }
  const eventTime = times.find((name) => /time|_at$|date/i.test(name)) ?? times[0];
  return { schema, samples: texts.length, eventTime, notes };
}

function countUnfit(schema: JsonSchema, events: readonly unknown[]): number {
  const compiled = compileSchema(schema);
  if (isMistake(compiled)) throw new Error(`a proposed schema is no schema: ${compiled.sentence}`);
  return events.filter((event) => compiled.firstError(event) !== undefined).length;
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
    field = { count: 0, nulls: 0, types: new Map(), times: 0, stringArrays: 0 };
    seen.set(name, field);
  }
  field.count++;
  if (value === null) {
    field.nulls++;
    return;
  }
  const type = typeOf(value);
  field.types.set(type, (field.types.get(type) ?? 0) + 1);
  if (type === 'string' && parseTimestamp(value as string) !== undefined) field.times++;
  if (type === 'array' && (value as readonly unknown[]).every((each) => typeof each === 'string')) field.stringArrays++;
}

function typeOf(value: unknown): JsonType {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'string' | 'boolean' | 'object';
}

function schemaOf({ count, nulls, types: counted, times, stringArrays }: Seen): JsonSchema {
  const rare = RARE * (count - nulls);
  const types = [...counted].filter(([, seen]) => seen > rare).map(([type]) => type);
  const known = types.includes('number') ? types.filter((type) => type !== 'integer') : types;
  const orNull = nulls > 0 ? ['null'] : [];
  if (known.length !== 1) return known.length === 0 ? {} : { type: [...known, ...orNull] };
  const [type] = known as [JsonType];
  const ofType = counted.get(type)!;
  return {
    type: nulls > 0 ? [type, ...orNull] : type,
    ...(type === 'string' && times >= ofType - rare ? { format: 'date-time' } : {}),
    ...(type === 'array' && stringArrays >= ofType - rare ? { items: { type: 'string' } } : {}),
  };
}
