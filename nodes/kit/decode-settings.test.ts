import { expect, test } from 'vitest';
import { z } from 'zod';
import { inferSourceSchema } from '../../engine/decode/decoder.ts';
import { decodeFields, decodeSpecOf } from './decode-settings.ts';

const settings = z.strictObject(decodeFields);

test('every setting has a default, and an empty name is off', () => {
  const spec = decodeSpecOf(settings.parse({}), true);
  expect(spec).toEqual({
    format: 'json',
    schema: { type: 'object', properties: {} },
    eventTime: undefined,
    timeUnits: {},
    decimals: {},
    meta: { key: undefined, headers: undefined, timestamp: undefined, partition: undefined, offset: undefined },
    latenessUs: 120_000_000,
    idleAfterUs: 30_000_000,
    ceiling: true,
  });
});

test('[V5] columns of the log come behind those of the schema', () => {
  const spec = decodeSpecOf(
    settings.parse({
      schema: {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string' }, at: { type: 'string', format: 'date-time' }, price: { type: 'number' } },
      },
      event_time: 'at',
      decimals: { price: 2 },
      key_column: 'k',
      partition_column: 'p',
    }),
    false,
  );
  expect(inferSourceSchema(spec).schema!.fields).toEqual([
    { name: 'a', type: 'text', nullable: false },
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'price', type: 'decimal(2)', nullable: true },
    { name: 'k', type: 'text', nullable: true },
    { name: 'p', type: 'integer', nullable: false },
  ]);
});

test.each([
  [{ event_time: 'when' }, 'unknown_field', 'event_time'],
  [{ event_time: 'a' }, 'wrong_type', 'event_time'],
  [{ decimals: { nothing: 2 } }, 'unknown_field', 'decimals.nothing'],
  [{ decimals: { flag: 2 } }, 'wrong_type', 'decimals.flag'],
  [{ time_units: { a: 'ms' } }, 'wrong_type', 'time_units.a'],
  [{ key_column: 'a' }, 'duplicate_column', 'key_column'],
  [{ schema: { type: 'object', properties: { a: { type: 'strin' } } } }, 'bad_schema', 'schema'],
  [{ schema: { type: 'array' } }, 'bad_schema', 'schema'],
  [{ schema: { properties: { a: { minimum: 0, exclusiveMinimum: true } } } }, 'bad_schema', 'schema'],
  [{ schema: { properties: { a: { $ref: 'https://example.org/a.json' } } } }, 'unresolved_ref', 'schema'],
  [{ schema: { properties: { a: { $ref: '#/definitions/a' } } } }, 'unresolved_ref', 'schema'],
  [{ schema: { properties: { a: { type: 'string', pattern: '(?<=x)y' } } } }, 'bad_pattern', 'schema'],
  [{ schema: { $schema: 'http://json-schema.org/draft-04/schema#' } }, 'unsupported_draft', 'schema'],
  [{ schema: { $async: true } }, 'bad_schema', 'schema'],
])('[V5] %j is one problem, %s at %s', (wrong, code, at) => {
  const schema = { type: 'object', properties: { a: { type: 'string' }, flag: { type: 'boolean' } } };
  const { schema: inferred, problems } = inferSourceSchema(decodeSpecOf(settings.parse({ schema, ...wrong }), false));
  expect(inferred).toBeUndefined();
  expect(problems.map((problem) => [problem.code, problem.field])).toEqual([[code, at]]);
});
