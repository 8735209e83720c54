import { assert } from '../model/assert.ts';
import type { DecodeSpec, TimeUnit } from '../model/decode-spec.ts';
import type { LocalProblem } from '../model/definition.ts';
import type { Field } from '../model/schema.ts';
import { MAX_DECIMAL_SCALE, type DecimalType, type Type } from '../model/type.ts';
import { encodeUtf8 } from '../model/dictionary.ts';

export type ColumnOrigin = 'property' | 'key' | 'value' | 'headers' | 'timestamp' | 'partition' | 'offset';

/** One column a source can deliver, and where its value comes from. */
export interface SourceColumn extends Field {
  readonly from: ColumnOrigin;
  /** how a timestamp is written; undefined: it is none, or it comes from the log */
  readonly unit: TimeUnit | undefined;
  /** the property must be there */
  readonly required: boolean;
}

// V5: with one of these alone a property's value keeps its own type; annotations change nothing
const UNDERSTOOD = new Set(
  'type required properties enum const minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern format items minItems maxItems uniqueItems additionalProperties'.split(
    ' ',
  ),
);
const ANNOTATIONS = new Set(
  'title description default examples $comment $schema $id readOnly writeOnly deprecated definitions $defs'.split(' '),
);

export function isUnderstood(keyword: string): boolean {
  return UNDERSTOOD.has(keyword) || ANNOTATIONS.has(keyword);
}

const MAX_NAME_BYTES = 63;

export function ownRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** Types a schema names, without `null`; undefined: it names none. */
export function typesOf(schema: Readonly<Record<string, unknown>>): { types: readonly string[] | undefined; nullable: boolean } {
  const { type } = schema;
  if (type === undefined) return { types: undefined, nullable: true };
  const all = Array.isArray(type) ? (type as readonly string[]) : [String(type)];
  return { types: all.filter((name) => name !== 'null'), nullable: all.includes('null') };
}

function typeOf(
  schema: unknown,
  name: string,
  spec: DecodeSpec,
): { type: Type; unit: TimeUnit | undefined; problem?: LocalProblem } {
  const record = ownRecord(schema);
  if (record === undefined) return { type: 'json', unit: undefined };
  const { types } = typesOf(record);
  const foreign = Object.keys(record).find((keyword) => !isUnderstood(keyword));
  const scale = own(spec.decimals, name);
  const unit = own(spec.timeUnits, name);
  const only = foreign === undefined && types?.length === 1 ? types[0] : undefined;
  if (scale !== undefined) {
    const numeric =
      foreign === undefined &&
      types !== undefined &&
      types.every((type) => type === 'number' || type === 'integer' || type === 'string');
    if (!numeric)
      return { type: 'json', unit: undefined, problem: cannotBe('decimals', name, 'a decimal', foreign, 'number or string') };
    return { type: `decimal(${scale})` as DecimalType, unit: undefined };
  }
  if (unit !== undefined) {
    const fits = unit === 'rfc3339' ? only === 'string' : only === 'number' || only === 'integer';
    if (!fits) {
      return {
        type: 'json',
        unit: undefined,
        problem: cannotBe('time_units', name, 'a timestamp', foreign, unit === 'rfc3339' ? 'string' : 'number'),
      };
    }
    return { type: 'timestamp', unit };
  }
  switch (only) {
    case 'string':
      return record.format === 'date-time' ? { type: 'timestamp', unit: 'rfc3339' } : { type: 'text', unit: undefined };
    case 'integer':
      return { type: 'integer', unit: undefined };
    case 'number':
      return { type: 'float', unit: undefined };
    case 'boolean':
      return { type: 'boolean', unit: undefined };
    case 'array': {
      const items = ownRecord(record.items);
      const plain = items !== undefined && Object.keys(items).every(isUnderstood) && typesOf(items);
      return { type: plain && plain.types?.length === 1 && plain.types[0] === 'string' ? 'text[]' : 'json', unit: undefined };
    }
    default:
      return { type: 'json', unit: undefined };
  }
}

function cannotBe(setting: string, name: string, what: string, foreign: string | undefined, needed: string): LocalProblem {
  return {
    code: 'wrong_type',
    severity: 'error',
    message:
      foreign === undefined
        ? `${name} cannot be ${what}: its schema does not say type ${needed}`
        : `${name} cannot be ${what}: its schema uses "${foreign}", which makes it a json column`,
    field: `${setting}.${name}`,
    mend: `Declare ${name} with "type": "${needed.split(' ')[0]}" or take it out of ${setting}.`,
  };
}

export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** [V5] All columns of a source in order: properties as declared, then those taken from the log. */
export function sourceColumns(spec: DecodeSpec): { columns: readonly SourceColumn[]; problems: readonly LocalProblem[] } {
  const columns: SourceColumn[] = [];
  const problems: LocalProblem[] = [];
  const isMessage = spec.format === 'message';
  if (!isMessage) addProperties(spec, columns, problems);

  const add = (name: string | undefined, from: ColumnOrigin, type: Type, nullable: boolean): void => {
    if (name === undefined || name === '') return;
    if (columns.some((column) => column.name === name)) {
      problems.push({
        code: 'duplicate_column',
        severity: 'error',
        message: `two columns would be named ${name}`,
        field: `${from}_column`,
        mend: `Choose another name for the ${from} column.`,
      });
      return;
    }
    columns.push({ name, type, nullable: nullable && name !== spec.eventTime, from, unit: undefined, required: false });
  };
  add(spec.meta.key ?? (isMessage ? 'key' : undefined), 'key', 'text', true);
  if (isMessage) add('value', 'value', 'text', true);
  add(spec.meta.timestamp ?? (isMessage ? 'timestamp' : undefined), 'timestamp', 'timestamp', true);
  add(spec.meta.headers, 'headers', 'json', true);
  add(spec.meta.partition, 'partition', 'integer', false);
  add(spec.meta.offset, 'offset', 'integer', false);
  return { columns, problems };
}

function addProperties(spec: DecodeSpec, columns: SourceColumn[], problems: LocalProblem[]): void {
  const root = ownRecord(spec.schema);
  const required = Array.isArray(root?.required) ? (root.required as readonly unknown[]) : [];
  for (const [name, schema] of Object.entries(ownRecord(root?.properties) ?? {})) {
    const bytes = encodeUtf8(name).length;
    if (bytes === 0 || bytes > MAX_NAME_BYTES || name.includes('\0') || name === '__proto__') {
      problems.push({
        code: 'property_without_column',
        severity: 'warning',
        message: `the property ${JSON.stringify(name.slice(0, 80))} is checked but gets no column: a column name has 1 to ${MAX_NAME_BYTES} bytes`,
        field: 'schema',
      });
      continue;
    }
    const { type, unit, problem } = typeOf(schema, name, spec);
    if (problem !== undefined) problems.push(problem);
    const isRequired = required.includes(name);
    const record = ownRecord(schema);
    const nullable = (record === undefined || typesOf(record).nullable || !isRequired) && name !== spec.eventTime;
    columns.push({ name, type, nullable, from: 'property', unit, required: isRequired });
  }
  for (const [setting, names] of [
    ['decimals', spec.decimals],
    ['time_units', spec.timeUnits],
  ] as const) {
    for (const name of Object.keys(names)) {
      if (!columns.some((column) => column.name === name)) {
        problems.push({
          code: 'unknown_field',
          severity: 'error',
          message: `${setting} names ${name}, which the schema does not declare`,
          field: `${setting}.${name}`,
          mend: `Declare ${name} in the schema or take it out of ${setting}.`,
        });
      }
    }
  }
  for (const scale of Object.values(spec.decimals)) {
    assert(Number.isInteger(scale) && scale >= 0 && scale <= MAX_DECIMAL_SCALE, `a decimal of scale ${scale}`);
  }
}
