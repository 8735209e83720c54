import { expect, test } from 'vitest';
import { compileSchema, isMistake } from './json-schema.ts';

function mistake(schema: unknown): string {
  const compiled = compileSchema(schema);
  return isMistake(compiled) ? `${compiled.code}: ${compiled.sentence}` : 'compiles';
}

test('the draft is named by a text', () => {
  expect(mistake({ $schema: 'https://json-schema.org/draft/2020-12/schema' })).toBe('compiles');
  expect(mistake({ $schema: 'http://json-schema.org/draft-07/schema#' })).toBe('compiles');
  for (const odd of [{}, [], null, 7]) expect(mistake({ $schema: odd })).toBe('bad_schema: "$schema" is not a text');
});
