import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDecoder, inferSourceSchema } from '../../engine/decode/decoder.ts';
import { hostileSpec, namedMessages } from './bad-messages.ts';
import { mutated, Random } from './random-json.ts';
import { decodeAll, decodeSpec, rawBatch, verdicts, wholeLayout } from './raw-batch.ts';
import { referenceDecoder } from './reference-decode.ts';

const bad = namedMessages.filter((entry) => entry.code !== undefined);

describe('named messages', () => {
  test('there are at least 150 bad ones, each with a name of its own', () => {
    expect(bad.length).toBeGreaterThanOrEqual(150);
    expect(new Set(namedMessages.map((entry) => entry.name)).size).toBe(namedMessages.length);
  });

  test.each(namedMessages)('[V1] $name → $code', ({ message, code }) => {
    for (const textAs of ['dictionary', 'bytes'] as const) {
      const [verdict] = decodeAll(hostileSpec, [message], { textAs });
      expect(verdict!.code, verdict!.sentence).toBe(code);
      if (code !== undefined) expect(verdict!.sentence!.length).toBeGreaterThan(10);
      expect(decodeAll(hostileSpec, [message], { textAs, path: 'general' })).toEqual([verdict]);
    }
  });

  test('all in one batch: nothing leaks from one row into the next', () => {
    const all = namedMessages.map((entry) => entry.message);
    const good = '{"id":"good","at":"2026-09-07T07:17:12Z","tags":["a"],"n":1,"maybe":"x"}';
    const mixed = all.flatMap((message) => [good, message]);
    const [alone] = decodeAll(hostileSpec, [good]);
    const together = decodeAll(hostileSpec, mixed);
    namedMessages.forEach((entry, i) => {
      expect(together[i * 2], `before ${entry.name}`).toEqual(alone);
      expect(together[i * 2 + 1]!.code, entry.name).toBe(entry.code);
    });
  });

  test('Object.prototype is as it was', () => {
    decodeAll(
      hostileSpec,
      namedMessages.map((entry) => entry.message),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

const KINDS = [
  ['chat', 'chat_message'],
  ['viewer', 'viewer_count'],
  ['transactions', 'transaction'],
  ['stream_meta', 'stream_meta'],
] as const;

function seedEvents(name: string): string[] {
  return gunzipSync(readFileSync(new URL(`../fixtures/seed/${name}.jsonl.gz`, import.meta.url)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
}

function seedSpec(schema: string): ReturnType<typeof decodeSpec> {
  const parsed = JSON.parse(readFileSync(new URL(`../../pipelines/schemas/${schema}.json`, import.meta.url), 'utf8')) as unknown;
  return decodeSpec(parsed, { eventTime: 'timestamp' });
}

describe("the seed's events", () => {
  test.each(KINDS)('%s: all are rows with the values of JSON.parse', (name, schema) => {
    const events = seedEvents(name);
    const spec = seedSpec(schema);
    const rows = decodeAll(spec, events);
    events.forEach((event, i) => {
      const row = rows[i]!;
      expect(row.code, row.sentence).toBeUndefined();
      const parsed = JSON.parse(event) as Record<string, unknown>;
      for (const [column, value] of Object.entries(row.values!)) {
        if (column === 'timestamp')
          expect(value).toBe(
            Date.parse(String(parsed.timestamp).slice(0, 19) + 'Z') * 1000 + Number(String(parsed.timestamp).slice(20, 26)),
          );
        else expect(value).toEqual(parsed[column] ?? null);
      }
    });
  });

  test.each(KINDS)('%s, mutated: never throws, and the verdict is the slow reference’s', (name, schema) => {
    const events = seedEvents(name).slice(0, 400);
    const spec = seedSpec(schema);
    const reference = referenceDecoder(spec, inferSourceSchema(spec).schema!.fields);
    const decoder = createDecoder(spec, wholeLayout(spec), { shapeAfter: 8 });
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Random(seed);
        const messages = Array.from({ length: 20 }, () => {
          let message: Uint8Array = encoder.encode(random.pick(events));
          for (let i = random.below(4); i > 0; i--) message = mutated(random, message);
          return message;
        });
        const raw = rawBatch(messages);
        verdicts(decoder, raw).forEach((verdict, i) => {
          const expected = reference(messages[i]!);
          expect(
            verdict.code === undefined,
            `${new TextDecoder().decode(messages[i])}: ${verdict.code}, reference ${expected.why}`,
          ).toBe(expected.accepted);
          if (verdict.code !== undefined) return;
          for (const [column, value] of expected.values!)
            expect(JSON.stringify(verdict.values![column])).toBe(JSON.stringify(value));
        });
      }),
      { numRuns: 1_000 },
    );
  });
});
