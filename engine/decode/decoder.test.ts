import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../model/dictionary.ts';
import type { DecodeSpec } from '../model/decode-spec.ts';
import { compileScanner } from './compile-scanner.ts';
import { createDecoder, inferSourceSchema } from './decoder.ts';
import { sourceColumns } from './source-columns.ts';
import { mutated, Random, randomMessage, randomSchema } from '../../tests/hostile/random-json.ts';
import { decodeAll, decodeSpec, rawBatch, verdicts, wholeLayout } from '../../tests/hostile/raw-batch.ts';
import { referenceDecoder } from '../../tests/hostile/reference-decode.ts';

const decoded = new TextDecoder();

function randomSpec(random: Random): DecodeSpec {
  const schema = randomSchema(random);
  const properties = schema.properties as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const decimals: Record<string, number> = {};
  const timeUnits: Record<string, 's' | 'ms' | 'us'> = {};
  for (const [name, { type, multipleOf }] of Object.entries(properties)) {
    if (multipleOf !== undefined || name === '') continue;
    if (type !== 'number' && type !== 'integer') continue;
    const role = random.next();
    if (role < 0.15) decimals[name] = random.pick([0, 2, 6]);
    else if (role < 0.3) timeUnits[name] = random.pick(['s', 'ms', 'us']);
  }
  const eventTime = properties.timestamp !== undefined && random.chance(0.5) ? 'timestamp' : undefined;
  return decodeSpec(schema, { decimals, timeUnits, eventTime });
}

function randomMessages(random: Random, spec: DecodeSpec, count: number): Uint8Array[] {
  const fresh = (): Uint8Array => encodeUtf8(randomMessage(random, spec.schema as Record<string, unknown>));
  // some of one shape with other values and damages, so that a scanner written for a shape meets its neighbours
  const model = fresh();
  return Array.from({ length: count }, () => {
    const roll = random.next();
    return roll < 0.3 ? model : roll < 0.55 ? mutated(random, model) : roll < 0.7 ? mutated(random, fresh()) : fresh();
  });
}

test('[V5] alternatives of required keys keep the fast path', () => {
  const keys = (...names: string[]): { required: string[] } => ({ required: names });
  const properties = { message_id: { type: 'string' }, event_id: { type: 'string' }, n: { type: 'integer' } };
  const spec = decodeSpec({ type: 'object', properties, anyOf: [keys('message_id'), keys('event_id', 'n')] });
  expect(compileScanner(spec.schema, [])).toBeDefined();
  const texts = [
    '{"message_id":"a"}',
    '{"event_id":"a","n":1}',
    '{"event_id":"a"}',
    '{"n":1}',
    '{}',
    '{"message_id":"a","n":2,"event_id":"b"}',
  ];
  const verdict = (options: { readonly shapeAfter?: number; readonly path?: 'general' }): unknown =>
    decodeAll(spec, [...texts, ...texts].map(encodeUtf8), { textAs: 'bytes', ...options });
  expect(verdict({})).toEqual(verdict({ path: 'general' }));
  expect(verdict({ shapeAfter: 1 })).toEqual(verdict({ path: 'general' }));
  for (const other of [[{ maxProperties: 1 }], [keys('undeclared')], [keys('n'), { required: ['n'], type: 'object' }]]) {
    expect(compileScanner({ ...(spec.schema as object), anyOf: other }, [])).toBeUndefined();
  }
});

test('[V6] what is not required may be missing and is NULL; what is required, or has no null in its type, may not be null', () => {
  const properties = {
    a: { type: 'integer' },
    b: { type: 'string' },
    c: { type: ['number', 'null'] },
    d: { type: ['string', 'null'] },
  };
  const spec = decodeSpec({ type: 'object', required: ['a', 'c'], properties });
  expect(inferSourceSchema(spec).schema!.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['a', false],
    ['b', true],
    ['c', true],
    ['d', true],
  ]);
  const told = (message: string): unknown => {
    const [{ code, values }] = decodeAll(spec, [message]) as [ReturnType<typeof decodeAll>[number]];
    return code ?? values;
  };
  expect(told('{"a":1,"c":null}')).toEqual({ a: 1, b: null, c: null, d: null });
  expect(told('{"a":1,"b":"x","c":0.5,"d":null}')).toEqual({ a: 1, b: 'x', c: 0.5, d: null });
  expect(told('{"c":1}')).toBe('missing_field');
  expect(told('{"a":1}')).toBe('missing_field');
  expect(told('{"a":null,"c":1}')).toBe('wrong_type');
  expect(told('{"a":1,"c":1,"b":null}')).toBe('wrong_type');
});

test('[X6] names of a schema never become code, also where a scanner is generated for the shape of a message', () => {
  const names = [
    '"];globalThis.telemetraPwned=1;//',
    '`${globalThis.telemetraPwned=1}`',
    "'+(globalThis.telemetraPwned=1)+'",
    '*/x/*',
  ];
  const spec = decodeSpec({
    type: 'object',
    required: names,
    properties: Object.fromEntries(names.map((name) => [name, { type: 'integer' }])),
  });
  const event = JSON.stringify(Object.fromEntries(names.map((name, i) => [name, i])));
  const verdicts200 = decodeAll(
    spec,
    Array.from({ length: 200 }, () => event),
    { shapeAfter: 1 },
  );
  expect(verdicts200.map(({ values }) => Object.values(values!))).toEqual(Array.from({ length: 200 }, () => [0, 1, 2, 3]));
  expect((globalThis as Record<string, unknown>)['telemetraPwned']).toBeUndefined();
});

describe('one verdict', () => {
  test('[V5] fast path, scanner of one shape, general path and an independent reference agree on verdict and values', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Random(seed);
        const spec = randomSpec(random);
        const messages = randomMessages(random, spec, 12);
        const { schema } = inferSourceSchema(spec);
        const reference = referenceDecoder(spec, schema!.fields);
        const textAs = random.chance(0.5) ? 'bytes' : 'dictionary';
        const fast = decodeAll(spec, messages, { textAs });
        const general = decodeAll(spec, messages, { textAs, path: 'general' });
        expect(fast).toEqual(general);
        expect(decodeAll(spec, messages, { textAs, shapeAfter: 1 })).toEqual(general);
        messages.forEach((message, i) => {
          const expected = reference(message);
          const verdict = fast[i]!;
          const told = `${decoded.decode(message)} under ${JSON.stringify(spec.schema)}: ${verdict.code ?? 'accepted'} ${verdict.sentence ?? ''}`;
          expect(verdict.code === undefined, `${told}; the reference says ${expected.why ?? 'accepted'}`).toBe(expected.accepted);
          if (verdict.code !== undefined) return;
          accepted++;
          for (const [name, value] of expected.values!) {
            expect(JSON.stringify(verdict.values![name]), `${name} of ${told}`).toBe(JSON.stringify(value));
          }
        });
      }),
      { numRuns: 1_200 },
    );
    // 1,200 × 12 messages, of which about a fifth are good
    expect(accepted).toBeGreaterThan(1_000);
  });

  test('[D1] the split into batches changes nothing', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Random(seed);
        const spec = randomSpec(random);
        const raw = rawBatch(randomMessages(random, spec, 20));
        const layout = wholeLayout(spec);
        const whole = verdicts(createDecoder(spec, layout), raw);
        const parts = createDecoder(spec, layout);
        const split = [];
        for (let from = 0; from < raw.count;) {
          const to = Math.min(raw.count, from + 1 + random.below(6));
          split.push(...verdicts(parts, raw, from, to));
          from = to;
        }
        expect(split).toEqual(whole);
      }),
      { numRuns: 1_000 },
    );
  });

  test('the fast path takes every event of the seed, in any key order and with and without spaces', () => {
    const schema = JSON.parse(
      readFileSync(new URL('../../pipelines/schemas/chat_message.json', import.meta.url), 'utf8'),
    ) as unknown;
    const targets = sourceColumns(decodeSpec(schema)).columns.map((source) => ({ source, buffer: undefined, isTime: false }));
    const scanner = compileScanner(schema, targets)!;
    const gz = readFileSync(new URL('../../tests/fixtures/seed/chat.jsonl.gz', import.meta.url));
    const lines = gunzipSync(gz).toString('utf8').trimEnd().split('\n').slice(0, 500);
    const written = lines.flatMap((line) => {
      const event = JSON.parse(line) as Record<string, unknown>;
      return [line, JSON.stringify(event), JSON.stringify(Object.fromEntries(Object.entries(event).toReversed()))];
    });
    const raw = rawBatch(written);
    scanner.begin(raw.bytes, new Float64Array(raw.count));
    for (let row = 0; row < raw.count; row++) expect(scanner.scan(raw.start[row]!, raw.end[row]!, row), written[row]).toBe(true);
  });

  test('a key that is written with escapes is not met by its bare bytes', () => {
    const spec = decodeSpec({
      type: 'object',
      required: ['a"b'],
      properties: { 'a"b': { type: 'integer' }, 'c\\d': {}, 'e\nf': {} },
    });
    const messages = [
      '{"a"b":0}',
      '{"a\\"b":0}',
      '{"a\\"b":0,"c\\d":1}',
      '{"a\\"b":0,"c\\\\d":1}',
      '{"a\\"b":0,"e\nf":1}',
      '{"a\\"b":0,"e\\nf":1}',
    ];
    for (const shapeAfter of [1, 64]) {
      const codes = decodeAll(spec, messages, { shapeAfter }).map((verdict) => verdict.code);
      expect(codes).toEqual(['invalid_json', undefined, 'invalid_json', undefined, 'invalid_json', undefined]);
    }
  });

  test('a message cut short never borrows from the message behind it', () => {
    const spec = decodeSpec({ type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } } });
    const text = '{"a": "some text", "b": 17}';
    const cuts = Array.from({ length: text.length }, (_, i) => text.slice(0, i));
    for (const cut of cuts) {
      const raw = rawBatch([text]);
      const short = { ...raw, end: Int32Array.from([cut.length]) };
      expect(verdicts(createDecoder(spec, wholeLayout(spec)), short)[0]!.code, cut).toBe('invalid_json');
    }
  });
});
