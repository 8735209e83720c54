import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { RE2JS } from 're2js';

/** One instance of V5's "ajv decides": a compiled schema. */
export interface CompiledSchema {
  /** undefined: accepted */
  firstError(value: unknown): ErrorObject | undefined;
}

export type SchemaMistake = {
  readonly code: 'bad_schema' | 'bad_pattern' | 'unresolved_ref' | 'unsupported_draft';
  readonly sentence: string;
};

type Engine = Ajv | Ajv2020;
type AddFormats = (ajv: Engine) => void;
// the package is CommonJS: its function is the module or the module's default, depending on the loader
const loaded = addFormatsModule as unknown as AddFormats & { default?: AddFormats };
const addFormats: AddFormats = loaded.default ?? loaded;

class PatternError extends Error {}

/** [V5] `pattern` by RE2: linear time whatever the pattern. */
function re2(pattern: string): { test(text: string): boolean; toString(): string } {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (cause) {
    throw new PatternError(`the pattern ${JSON.stringify(pattern)} cannot be run by RE2: ${(cause as Error).message}`);
  }
  return { test: (text) => compiled.matcher(text).find(), toString: () => `re2:${pattern}` };
}
const regExp = Object.assign(re2, { code: 'new RegExp' }) as unknown as { (pattern: string, flags: string): RegExp; code: string };

/** Equal JSON values have equal texts: keys sorted. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return Object.is(value, -0) ? '0' : JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

function engine(is2020: boolean): Engine {
  const options = {
    strict: false,
    // without it `required: ["constructor"]` is satisfied by Object.prototype
    ownProperties: true,
    validateSchema: false,
    logger: false as const,
    code: { regExp },
  };
  const ajv: Engine = is2020 ? new Ajv2020(options) : new Ajv(options);
  addFormats(ajv);
  // ajv compares every pair, which a message of 1 MiB turns into minutes
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (unique: boolean, data: readonly unknown[]) => !unique || new Set(data.map(canonical)).size === data.length,
  });
  return ajv;
}

// kept for validateSchema only: compiling a meta-schema takes 20 ms, compiling a schema 1 ms
let draft7: Engine | undefined;
let draft2020: Engine | undefined;

const cache = new Map<string, CompiledSchema | SchemaMistake>();
const CACHED = 64;

/** Compiles a schema, or says why it cannot be used. Nothing is fetched. */
export function compileSchema(schema: unknown): CompiledSchema | SchemaMistake {
  const text = JSON.stringify(schema) ?? 'undefined';
  let result = cache.get(text);
  if (result === undefined) {
    result = compileFresh(schema);
    if (cache.size >= CACHED) cache.delete(cache.keys().next().value!);
    cache.set(text, result);
  }
  return result;
}

export function isMistake(compiled: CompiledSchema | SchemaMistake): compiled is SchemaMistake {
  return 'code' in compiled;
}

function compileFresh(schema: unknown): CompiledSchema | SchemaMistake {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) {
    return { code: 'bad_schema', sentence: 'the schema is not a JSON Schema object' };
  }
  const record = schema as Readonly<Record<string, unknown>>;
  if (record.$async !== undefined) return { code: 'bad_schema', sentence: '"$async" schemas cannot be used' };
  if (record.$schema !== undefined && typeof record.$schema !== 'string')
    return { code: 'bad_schema', sentence: '"$schema" is not a text' };
  const draft = record.$schema === undefined ? 'http://json-schema.org/draft-07/schema' : record.$schema.replace(/#$/, '');
  const is2020 = draft === 'https://json-schema.org/draft/2020-12/schema';
  if (!is2020 && !/^https?:\/\/json-schema\.org\/draft-07\/schema$/.test(draft)) {
    return { code: 'unsupported_draft', sentence: `the schema is written in ${draft}; draft-07 and 2020-12 are understood` };
  }
  try {
    const checker = is2020 ? (draft2020 ??= engine(true)) : (draft7 ??= engine(false));
    if (checker.validateSchema({ ...record, $schema: is2020 ? draft : 'http://json-schema.org/draft-07/schema' }) !== true) {
      const error = checker.errors?.[0];
      const keyword =
        error?.instancePath === '' || error === undefined ? 'the schema' : error.instancePath.slice(1).replaceAll('/', '.');
      return { code: 'bad_schema', sentence: `not a valid JSON Schema: ${keyword} ${error?.message ?? 'is not valid'}` };
    }
    const { $schema: _draft, ...rest } = record;
    const validate = engine(is2020).compile(rest) as ValidateFunction;
    return { firstError: (value) => (validate(value) ? undefined : validate.errors?.[0]) };
  } catch (cause) {
    const message = (cause as Error).message;
    if (cause instanceof PatternError) return { code: 'bad_pattern', sentence: message };
    if (/can't resolve reference|no schema with key or ref/.test(message)) {
      return { code: 'unresolved_ref', sentence: `${message}; references to other documents are not fetched` };
    }
    return { code: 'bad_schema', sentence: `the schema cannot be used: ${message}` };
  }
}
