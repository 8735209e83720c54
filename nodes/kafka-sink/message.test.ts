import { expect, test } from 'vitest';
import { definition, type Settings } from './definition.ts';
import { messageOf } from './message.ts';

function message(
  settings: Partial<Settings>,
  line: string,
): { key: string | undefined; value: string | undefined; timestamp: string | undefined } {
  const full = definition.settings.parse({ topic: 't', ...settings });
  const { key, value, timestamp } = messageOf(full, new TextEncoder().encode(line));
  const text = (bytes: Uint8Array | undefined): string | undefined =>
    bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  return { key: text(key), value: text(value), timestamp };
}

const line =
  '{"id":"a\\"ü,}","n":-0.50,"j":{"x":[1,"}"],"y":null},"t":"2026-01-02T03:04:05Z","b":true,"nothing":null,"list":["p","q"]}';

test('a row is the message as it is, without being looked at', () => {
  expect(message({}, line)).toEqual({ key: undefined, value: line, timestamp: undefined });
});

test('key and timestamp come from columns of the row', () => {
  expect(message({ key: 'id', timestamp_column: 't' }, line)).toEqual({
    key: 'a"ü,}',
    value: line,
    timestamp: '2026-01-02T03:04:05Z',
  });
});

test.each([
  ['id', 'a"ü,}'],
  ['n', '-0.50'],
  ['j', '{"x":[1,"}"],"y":null}'],
  ['b', 'true'],
  ['list', '["p","q"]'],
  ['nothing', undefined],
])('value column %s gives its text, exact to the digit', (column, value) => {
  expect(message({ value: 'column', value_column: column }, line).value).toBe(value);
});

test('a NULL key is no key', () => {
  expect(message({ key: 'nothing' }, line).key).toBeUndefined();
});
