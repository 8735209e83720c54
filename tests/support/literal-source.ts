import { z } from 'zod';
import type { DecodeSpec } from '../../engine/model/decode-spec.ts';
import { defineNode } from '../../engine/model/definition.ts';
import type { Schema } from '../../engine/model/schema.ts';
import { isDecimal, scaleOf } from '../../engine/model/type.ts';

/** Settings of the test-only source: the schema its rows have, taken as it is. */
export interface LiteralSettings {
  readonly schema: Schema;
  readonly event_time: string;
  readonly lateness_us: number;
}

/** A source whose rows a test writes down. Its messages are decoded like anybody's. */
export const literalSource = defineNode<LiteralSettings>({
  kind: 'literal-source',
  version: 1,
  family: 'source',
  role: 'source',
  title: 'Literal',
  summary: 'rows of a test',
  help: 'Rows of a test.',
  icon: 'flask-conical',
  settings: z.object({ schema: z.custom<Schema>(), event_time: z.string(), lateness_us: z.number() }),
  ports: () => ({ inputs: [], outputs: [{ name: 'out', title: 'Out', role: 'main' }] }),
  infer: (settings) => ({ outputs: [settings.schema], problems: [] }),
  reads: () => [],
  passes: false,
  stateKeys: [],
  guarantee: '',
  migrations: [],
  examples: [],
  caption: () => '',
  decode: (settings) => [decodeSpecOf(settings)],
});

function decodeSpecOf({ schema, event_time, lateness_us }: LiteralSettings): DecodeSpec {
  const properties: Record<string, unknown> = {};
  const required: string[] = [];
  const decimals: Record<string, number> = {};
  for (const field of schema.fields) {
    const type = jsonTypeOf(field.type);
    properties[field.name] = field.nullable && type.type !== undefined ? { ...type, type: [type.type, 'null'] } : type;
    if (!field.nullable) required.push(field.name);
    if (isDecimal(field.type)) decimals[field.name] = scaleOf(field.type);
  }
  return {
    format: 'json',
    schema: { type: 'object', properties, required },
    eventTime: event_time === '' ? undefined : event_time,
    timeUnits: {},
    decimals,
    meta: {},
    latenessUs: lateness_us,
    idleAfterUs: 30_000_000,
    ceiling: false,
  };
}

function jsonTypeOf(type: Schema['fields'][number]['type']): { type?: string; format?: string; items?: unknown } {
  switch (type) {
    case 'text':
      return { type: 'string' };
    case 'integer':
      return { type: 'integer' };
    case 'boolean':
      return { type: 'boolean' };
    case 'timestamp':
      return { type: 'string', format: 'date-time' };
    case 'text[]':
      return { type: 'array', items: { type: 'string' } };
    case 'json':
      return {};
    default:
      return { type: 'number' };
  }
}
