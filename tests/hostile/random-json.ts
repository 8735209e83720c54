/** Random schemas and messages from one seed: valid, nearly valid and broken ones, written in many ways. For property tests. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** mulberry32: [0, 1) */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

export type JsonSchema = Record<string, unknown>;

const NAMES = [
  'a',
  'b',
  'id',
  'channel',
  'user_id',
  'é',
  'x y',
  'constructor',
  'timestamp',
  'amount',
  'emotes',
  'metadata',
  'a"b',
  '',
];
const TEXTS = [
  '',
  'a',
  'ab',
  'abb',
  'demo_stream',
  'Gg é ✓ 😀',
  'line\nbreak',
  'back\\slash',
  'quote"',
  '/',
  'tier1',
  'x'.repeat(40),
  '\u007f',
  '﻿',
  'null',
  '9f',
  '\u2028',
  'K',
];
const UUIDS = [
  'baa1c6f1-404b-4eaf-962a-01dec28753f8',
  'BAA1C6F1-404B-4EAF-962A-01DEC28753F8',
  'urn:uuid:baa1c6f1-404b-4eaf-962a-01dec28753f8',
  'baa1c6f1404b4eaf962a01dec28753f8',
];
const TIMES = [
  '2026-09-07T07:17:12.250000+00:00',
  '2026-09-07t07:17:12z',
  '2024-02-29T23:59:59.999999999Z',
  '2023-02-29T00:00:00Z',
  '2026-09-07T07:17:60Z',
  '2016-12-31T23:59:60Z',
  '2026-09-07 07:17:12Z',
  '2026-09-07T07:17:12',
  '2026-09-07T07:17:12+0200',
  '2026-09-07T07:17:12-23:59',
  '2026-09-07T24:00:00Z',
  '1683-01-01T00:00:00Z',
  '1684-06-01T00:00:00Z',
  '2255-06-05T23:47:34.740991Z',
  '2255-06-06T00:00:00Z',
  '2026-09-07T07:17:12.1234567891234567891234Z',
  '2026-09-07T07:17:59.99999999999999999999Z',
  '2026-9-7T07:17:12Z',
  '2026-09-07T07:17:12.Z',
  '1970-01-01T00:00:00Z',
  '1969-12-31T23:59:59.9999999-00:00',
];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '5',
  '12',
  '1.0',
  '1e2',
  '1.5',
  '24.99',
  '49.900000000000006',
  '1E+2',
  '1e-2',
  '100',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740992',
];
const ODD_NUMBERS = [
  '1e308',
  '1e309',
  '-1e999',
  '1e-400',
  '0e-999999',
  '0.1e1',
  '123456789012345678',
  '1.00000000000000000000001',
  '4503599627370496.3',
  '0.000001',
  '1e-6',
  '1e15',
  '9007199254740991.0',
  '-0.0',
  '1e99999999999',
  '900719925474099100e-2',
  '3.14159265358979323846264338327950288',
];
const BROKEN_NUMBERS = ['01', '1.', '.5', '+1', '-', '1e', '1e+', 'NaN', 'Infinity', '-Infinity', '0x1', '1_000', '--1'];

export function randomSchema(random: Random): JsonSchema {
  const properties: JsonSchema = {};
  const names = NAMES.filter(() => random.chance(0.5));
  for (const name of names)
    properties[name] = name === 'timestamp' ? { type: 'string', format: 'date-time' } : propertySchema(random, 0);
  const required = names.filter(() => random.chance(0.2));
  if (random.chance(0.05)) required.push('undeclared');
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(random.chance(0.15) ? { additionalProperties: random.pick([false, true, { type: 'string' }, { type: 'object' }]) } : {}),
    ...(random.chance(0.03) ? { minProperties: 2 } : {}),
    ...(names.length > 0 && random.chance(0.15) ? { anyOf: [alternative(random, names), alternative(random, names)] } : {}),
  };
}

/** A branch that asks for one or two keys, rarely for a key that is not declared or for something else. */
function alternative(random: Random, names: readonly string[]): JsonSchema {
  if (random.chance(0.05)) return { maxProperties: 3 };
  const keys = [random.pick(names), random.chance(0.05) ? 'undeclared' : random.pick(names)];
  return { required: [...new Set(keys)] };
}

function propertySchema(random: Random, depth: number): JsonSchema {
  const type = random.pick(['string', 'string', 'integer', 'number', 'boolean', 'array', 'object', 'any', 'enum', 'mixed']);
  const orNull = (name: string): JsonSchema => ({ type: random.chance(0.15) ? [name, 'null'] : name });
  const bounds = (): JsonSchema => ({
    ...(random.chance(0.1) ? { minimum: random.pick([0, 1, -1, 1.5]) } : {}),
    ...(random.chance(0.1) ? { maximum: random.pick([0, 100, 24.99, 9007199254740991]) } : {}),
    ...(random.chance(0.05) ? { exclusiveMinimum: random.pick([0, 1]) } : {}),
    ...(random.chance(0.05) ? { exclusiveMaximum: random.pick([12, 1e300]) } : {}),
    ...(random.chance(0.03) ? { multipleOf: 0.5 } : {}),
  });
  switch (type) {
    case 'string':
      return {
        ...orNull('string'),
        ...(random.chance(0.1) ? { minLength: random.pick([0, 1, 2, 5]) } : {}),
        ...(random.chance(0.1) ? { maxLength: random.pick([1, 3, 10, 100]) } : {}),
        ...(random.chance(0.05) ? { pattern: random.pick(['^ab*$', 'b', '[0-9a-f]+']) } : {}),
        ...(random.chance(0.2) ? { format: random.pick(['uuid', 'date-time', 'date-time', 'ipv4', 'date']) } : {}),
      };
    case 'integer':
      return { ...orNull('integer'), ...bounds() };
    case 'number':
      return { ...orNull('number'), ...bounds() };
    case 'boolean':
      return orNull('boolean');
    case 'array':
      return {
        ...orNull('array'),
        ...(random.chance(0.8)
          ? {
              items:
                random.chance(0.7) || depth > 1
                  ? { type: 'string', ...(random.chance(0.2) ? { maxLength: 3 } : {}) }
                  : propertySchema(random, depth + 1),
            }
          : {}),
        ...(random.chance(0.15) ? { minItems: 1 } : {}),
        ...(random.chance(0.15) ? { maxItems: 2 } : {}),
        ...(random.chance(0.15) ? { uniqueItems: true } : {}),
      };
    case 'object':
      if (depth > 1) return { type: 'object' };
      return {
        ...orNull('object'),
        properties: { a: propertySchema(random, depth + 1), constructor: propertySchema(random, depth + 1) },
        ...(random.chance(0.2) ? { required: random.pick([['a'], ['constructor'], ['toString']]) } : {}),
        ...(random.chance(0.2) ? { additionalProperties: random.chance(0.5) } : {}),
      };
    case 'enum':
      return random.pick<JsonSchema>([
        { enum: ['a', 'tier1', 'quote"', 'back\\slash'] },
        { type: 'string', enum: ['a', 'ab', 'Gg é ✓ 😀'] },
        { type: ['string', 'null'], enum: ['a', null] },
        { const: 'tier1' },
        { enum: [1, 'a', { a: 1 }] },
        { const: 5 },
        { enum: ['a', null] },
      ]);
    case 'mixed':
      return {
        type: random.pick([
          ['string', 'integer'],
          ['number', 'boolean', 'null'],
          ['array', 'object'],
          ['string', 'object'],
        ]),
        ...bounds(),
      };
    default:
      return random.pick<JsonSchema>([{}, { minLength: 2 }, { description: 'anything' }, { minimum: 5 }]);
  }
}

/** A message as text: mostly what the schema wants. */
export function randomMessage(random: Random, schema: JsonSchema): string {
  return objectText(random, schema, 0);
}

function objectText(random: Random, schema: JsonSchema, depth: number): string {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const members: string[] = [];
  for (const [name, inner] of Object.entries(properties)) {
    if (random.chance(0.9))
      members.push(`${stringText(random, name)}${space(random)}:${space(random)}${valueText(random, inner, depth + 1)}`);
  }
  if (random.chance(0.3)) members.push(`${stringText(random, random.pick([...NAMES, 'extra']))}:${anyText(random, depth + 1)}`);
  if (random.chance(0.2)) members.reverse();
  return `{${space(random)}${members.join(`${space(random)},${space(random)}`)}${space(random)}}`;
}

function valueText(random: Random, schema: JsonSchema, depth: number): string {
  if (random.chance(0.02)) return anyText(random, depth);
  const types = ([] as unknown[]).concat(schema.type ?? []);
  if (types.includes('null') && random.chance(0.2)) return 'null';
  if (Array.isArray(schema.enum) && random.chance(0.9)) return JSON.stringify(random.pick(schema.enum));
  if (schema.const !== undefined && random.chance(0.9)) return JSON.stringify(schema.const);
  switch (random.pick(types)) {
    case 'string':
      if (schema.format === 'uuid') return stringText(random, random.chance(0.8) ? UUIDS[0]! : random.pick(UUIDS));
      if (schema.format === 'date-time') return stringText(random, random.chance(0.85) ? TIMES[0]! : random.pick(TIMES));
      return stringText(random, random.pick(TEXTS));
    case 'integer':
    case 'number':
      return random.pick(random.chance(0.7) ? NUMBERS.slice(0, 8) : random.chance(0.7) ? NUMBERS : ODD_NUMBERS);
    case 'boolean':
      return random.pick(['true', 'false']);
    case 'array': {
      const items = (schema.items ?? {}) as JsonSchema;
      const list = Array.from({ length: random.below(4) }, () => valueText(random, items, depth + 1));
      return `[${space(random)}${list.join(`${space(random)},${space(random)}`)}${space(random)}]`;
    }
    case 'object':
      return objectText(random, schema, depth);
    default:
      return anyText(random, depth);
  }
}

function anyText(random: Random, depth: number): string {
  switch (random.below(depth > 3 ? 5 : 8)) {
    case 0:
      return stringText(random, random.pick(TEXTS));
    case 1:
      return random.pick(NUMBERS);
    case 2:
      return random.pick(ODD_NUMBERS);
    case 3:
      return random.pick(['true', 'false', 'null']);
    case 4:
      return stringText(random, random.pick(TIMES));
    case 5:
      return `[${Array.from({ length: random.below(4) }, () => anyText(random, depth + 1)).join(',')}]`;
    case 6:
      return `{"a":${anyText(random, depth + 1)},"b":${anyText(random, depth + 1)}}`;
    default:
      return random.pick([
        ...BROKEN_NUMBERS,
        '"\\ud800"',
        '"\\u0000"',
        '"\\udc00\\ud800"',
        '"\\x"',
        '"\u0001"',
        'tru',
        "'a'",
        'undefined',
      ]);
  }
}

function space(random: Random): string {
  return random.chance(0.7) ? '' : random.pick([' ', ' ', '  ', '\n', '\t', '\r\n']);
}

function stringText(random: Random, text: string): string {
  const plain = JSON.stringify(text);
  if (random.chance(0.85)) return plain;
  return plain.replace(/[a-zéK😀✓/-]/gu, (character) => {
    if (random.chance(0.7)) return character;
    return Array.from({ length: character.length }, (_, i) => {
      const hex = character.charCodeAt(i).toString(16).padStart(4, '0');
      return `\\u${random.chance(0.5) ? hex.toUpperCase() : hex}`;
    }).join('');
  });
}

/** Cuts, flips, doubles or inserts bytes; may leave the message as it was. */
export function mutated(random: Random, message: Uint8Array): Uint8Array {
  const at = random.below(message.length + 1);
  switch (random.below(6)) {
    case 0:
      return message.slice(0, at);
    case 1: {
      const copy = message.slice();
      if (at < copy.length) copy[at] = random.below(256);
      return copy;
    }
    case 2: {
      const to = Math.min(message.length, at + random.below(20));
      return Uint8Array.from([...message.slice(0, to), ...message.slice(at)]);
    }
    case 3: {
      const inserted = random.pick([
        [0],
        [0x22],
        [0x5c],
        [0x7d],
        [0x2c],
        [0xff],
        [0xc0, 0x80],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0xe2, 0x82],
        [0x0a],
        [0x31],
      ]);
      return Uint8Array.from([...message.slice(0, at), ...inserted, ...message.slice(at)]);
    }
    case 4: {
      const to = Math.min(message.length, at + 1 + random.below(8));
      return Uint8Array.from([...message.slice(0, at), ...message.slice(to)]);
    }
    default:
      return message;
  }
}
