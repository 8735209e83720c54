import { encodeUtf8 } from '../model/dictionary.ts';
import { scaleOf } from '../model/type.ts';
import type { Target } from './general-path.ts';
import { compileSchema, isMistake } from './json-schema.ts';
import { Scanner } from './scanner.ts';
import { ARRAY, BOOLEAN, Check, INTEGER, NULL, NUMBER, OBJECT, Shape, STRING, type Field, type Reading } from './shape.ts';
import { isUnderstood, own, ownRecord, typesOf } from './source-columns.ts';

export type { Scanner } from './scanner.ts';

/** A schema that the scanner cannot check as cheaply as ajv would. */
class Unsupported extends Error {}

const BITS: Readonly<Record<string, number>> = {
  string: STRING,
  number: NUMBER,
  integer: INTEGER,
  boolean: BOOLEAN,
  array: ARRAY,
  object: OBJECT,
  null: NULL,
};

/** The fast path for a schema, or undefined when some keyword of it needs ajv for every message. */
export function compileScanner(schema: unknown, targets: readonly Target[], shapeAfter = 64): Scanner | undefined {
  const make = (): Shape => {
    const root = checkOf(schema, targets);
    if ((root.types & OBJECT) === 0) throw new Unsupported();
    return (root.shape ??= new Shape(new Check()));
  };
  try {
    make();
  } catch (reason) {
    if (reason instanceof Unsupported) return undefined;
    throw reason;
  }
  return new Scanner(make, shapeAfter);
}

function checkOf(schema: unknown, targets: readonly Target[]): Check {
  const check = new Check();
  if (schema === true) return check;
  const record = ownRecord(schema);
  if (record === undefined) throw new Unsupported();
  const alternatives = alternativesOf(record);
  if (!Object.keys(record).every((key) => isUnderstood(key) || (key === 'anyOf' && alternatives !== undefined)))
    throw new Unsupported();
  if (record.type !== undefined) {
    const { types, nullable } = typesOf(record);
    check.types = (types ?? []).reduce((bits, type) => bits | BITS[type]!, nullable ? NULL : 0);
  }
  const options = record.const !== undefined ? [record.const] : (record.enum as readonly unknown[] | undefined);
  if (record.const !== undefined && record.enum !== undefined) throw new Unsupported();
  if (options !== undefined) {
    if (!options.every((option) => typeof option === 'string' || option === null)) throw new Unsupported();
    check.types &= options.includes(null) ? STRING | NULL : STRING;
    check.options = options.filter((option) => typeof option === 'string').map(encodeUtf8);
  }
  textLimits(check, record);
  check.minimum = numberOf(record, 'minimum', -Infinity);
  check.maximum = numberOf(record, 'maximum', Infinity);
  check.above = numberOf(record, 'exclusiveMinimum', -Infinity);
  check.below = numberOf(record, 'exclusiveMaximum', Infinity);
  check.minItems = numberOf(record, 'minItems', 0);
  check.maxItems = numberOf(record, 'maxItems', Infinity);
  check.unique = record.uniqueItems === true;
  if (record.items !== undefined) check.items = checkOf(record.items, []);
  shapeOf(check, record, alternatives ?? [], targets);
  return check;
}

/** `anyOf` that only says which keys must be there: one of these lists, whole; undefined: it says something else. */
function alternativesOf(record: Readonly<Record<string, unknown>>): readonly (readonly string[])[] | undefined {
  if (record.anyOf === undefined) return [];
  const lists: (readonly string[])[] = [];
  for (const branch of record.anyOf as readonly unknown[]) {
    const alone = ownRecord(branch);
    if (alone === undefined || Object.keys(alone).length !== 1 || alone.required === undefined) return undefined;
    lists.push(alone.required as readonly string[]);
  }
  return lists;
}

function textLimits(check: Check, record: Readonly<Record<string, unknown>>): void {
  check.minLength = numberOf(record, 'minLength', 0);
  check.maxLength = numberOf(record, 'maxLength', Infinity);
  const { format, pattern } = record;
  if (format === 'uuid') check.isUuid = true;
  else if (format === 'date-time') check.isTime = true;
  const needsAjv = {
    ...(pattern === undefined ? {} : { pattern }),
    ...(format === undefined || check.isUuid || check.isTime ? {} : { format }),
  };
  if (Object.keys(needsAjv).length === 0) return;
  // some formats are about numbers
  if (format !== undefined && (check.types & (NUMBER | INTEGER)) !== 0) throw new Unsupported();
  const compiled = compileSchema({ type: 'string', ...needsAjv });
  if (isMistake(compiled)) throw new Unsupported();
  check.test = (text) => compiled.firstError(text) === undefined;
}

function numberOf(record: Readonly<Record<string, unknown>>, keyword: string, absent: number): number {
  const value = record[keyword];
  return typeof value === 'number' ? value : absent;
}

function shapeOf(
  check: Check,
  record: Readonly<Record<string, unknown>>,
  alternatives: readonly (readonly string[])[],
  targets: readonly Target[],
): void {
  const { properties, required, additionalProperties } = record;
  if (
    [properties, required, additionalProperties].every((each) => each === undefined) &&
    targets.length + alternatives.length === 0
  )
    return;
  const extra = additionalProperties === false ? undefined : checkOf(additionalProperties ?? true, []);
  const shape = new Shape(extra);
  const declared = ownRecord(properties) ?? {};
  for (const [name, schema] of Object.entries(declared)) {
    // ajv leaves the first out; the second cannot be met as bytes
    if (name === '__proto__' || !name.isWellFormed()) throw new Unsupported();
    const inner = checkOf(schema, []);
    const target = targets.find((candidate) => candidate.source.name === name);
    shape.declare(
      name,
      inner,
      target === undefined ? 'value' : readingOf(target),
      target,
      target === undefined ? 0 : keptDigits(target),
    );
  }
  for (const name of (required as readonly string[] | undefined) ?? []) {
    const field = own(declared, name) === undefined ? undefined : shape.fields.find((candidate) => sameName(candidate.key, name));
    if (field !== undefined) field.required = true;
    else if (extra === undefined) throw new Unsupported();
    else if (!shape.fields.some((candidate) => candidate.required && sameName(candidate.key, name))) {
      shape.declare(name, extra).required = true;
    }
    shape.hasRequired = true;
  }
  for (const names of alternatives) shape.alternatives.push(names.map((name) => declaredField(shape, name)));
  check.shape = shape;
}

function declaredField(shape: Shape, name: string): Field {
  const field = shape.fields.find((candidate) => sameName(candidate.key, name));
  if (field === undefined) throw new Unsupported();
  return field;
}

function sameName(key: Uint8Array, name: string): boolean {
  const bytes = encodeUtf8(name);
  return key.length === bytes.length + 1 && bytes.every((byte, i) => byte === key[i]);
}

function readingOf(target: Target): Reading {
  const { type, unit } = target.source;
  switch (type) {
    case 'text':
      return 'text';
    case 'integer':
      return 'integer';
    case 'float':
      return 'float';
    case 'boolean':
      return 'boolean';
    case 'timestamp':
      return unit === 'rfc3339' ? 'time' : 'time-number';
    case 'text[]':
      return 'list';
    case 'json':
      return 'value';
    default:
      return 'decimal';
  }
}

function keptDigits(target: Target): number {
  const { type, unit } = target.source;
  if (type === 'timestamp') return unit === 's' ? 6 : unit === 'ms' ? 3 : 0;
  return scaleOf(type);
}
