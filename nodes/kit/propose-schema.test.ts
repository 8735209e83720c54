import { expect, test } from 'vitest';
import { proposeSchema } from './propose-schema.ts';

const event = (i: number, more: object = {}) =>
  JSON.stringify({ at: `2026-01-01T00:00:${10 + (i % 50)}Z`, n: i, tags: ['a'], ...more });
const events = (count: number, more?: object) => Array.from({ length: count }, (_, i) => event(i, more));

test('types as they are seen; a time that is always there is the event time', () => {
  expect(proposeSchema(events(3, { note: null, size: 1.5 }))).toEqual({
    schema: {
      type: 'object',
      properties: {
        at: { type: 'string', format: 'date-time' },
        n: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' } },
        note: {},
        size: { type: 'number' },
      },
      required: ['at', 'n', 'tags', 'size'],
    },
    samples: 3,
    eventTime: 'at',
    notes: [],
  });
});

test('what a few events have wrong is counted, and makes no schema wider', () => {
  const broken = [
    '{"at":"2026-01-01T00:00:10Z","n":"seven","tags":["a"]}',
    '{"at":"yesterday","n":1,"tags":["a"]}',
    '{"n":1,"tags":["a"]}',
    '{"at":"2026-01',
    '{"at":"2026-01-01T00:00:10Z","n":1,"tags":["a"],"extra":1}',
  ];
  const { schema, eventTime, notes } = proposeSchema([...events(295), ...broken]);
  expect(schema).toEqual({
    type: 'object',
    properties: {
      at: { type: 'string', format: 'date-time' },
      n: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
    },
    required: ['at', 'n', 'tags'],
  });
  expect(eventTime).toBe('at');
  expect(notes.map(({ message }) => message)).toEqual(['4 of 300 events do not fit it.']);
});

test('two types that are both common stand side by side, and nothing is required that is often missing', () => {
  const { schema } = proposeSchema([...events(10, { id: 1 }), ...events(10, { id: 'x' }), ...events(5)]);
  expect(schema).toMatchObject({ properties: { id: { type: ['integer', 'string'] } }, required: ['at', 'n', 'tags'] });
});
