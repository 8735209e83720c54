import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openConnections } from '../../connections/connections.ts';
import type { LogRecord } from '../../connections/kafka/event-log.ts';
import type { Recorded } from '../../app/protocol/browse.ts';
import { outcomeOf } from '../../app/headless/commands/test.ts';
import { compareRows } from '../../app/headless/flow-test-diff.ts';
import { readFlowTest, writeFlowTest } from '../../app/headless/flow-test.ts';
import { ROOT, scratch, telemetra } from '../support/telemetra.ts';

const directory = scratch('flow-test');
const pipeline = join(directory.path, 'counts.json');
const fixture = join(directory.path, 'two-minutes.test.json');

const schema = {
  type: 'object',
  properties: { at: { type: 'string', format: 'date-time' }, room: { type: 'string' }, words: { type: 'integer', minimum: 0 } },
  required: ['at', 'room', 'words'],
};

/** rooms → words a minute → a table */
const document = {
  telemetra: 1,
  id: '6d0f5c1e-52de-4c5c-9b0f-0a1d5a3c0001',
  name: 'Counts',
  nodes: [
    { id: 'rooms', kind: 'kafka-source', settings: { topic: 'rooms', schema, event_time: 'at', lateness: '10s' } },
    {
      id: 'minute',
      kind: 'window',
      settings: {
        window: { kind: 'tumbling', size: '1m' },
        by: ['room'],
        columns: [{ name: 'words', expression: 'sum(words)' }],
      },
    },
    {
      id: 'counts',
      kind: 'postgres-sink',
      settings: { table: 'counts', mode: 'upsert', key: ['room', 'window_start', 'window_end'] },
    },
  ],
  edges: [
    { from: 'rooms.out', to: 'minute.in' },
    { from: 'minute.out', to: 'counts.in' },
  ],
};

function event(at: string, room: string, words: number): string {
  return JSON.stringify({ at: `2026-01-01T${at}Z`, room, words });
}

const messages = [
  { partition: 0, text: event('10:00:05', 'a', 3) },
  { partition: 1, text: event('10:00:10', 'b', 4) },
  { partition: 0, text: event('10:00:50', 'a', 5) },
  // no schema allows it, so it is a dead letter of the source
  { partition: 0, text: event('10:00:55', 'a', -1) },
  { partition: 0, text: event('10:02:00', 'a', 7) },
  // its own partition is past the window by then
  { partition: 0, text: event('10:00:56', 'a', 100) },
];

const expected = [
  { room: 'a', window_start: '2026-01-01T10:00:00Z', window_end: '2026-01-01T10:01:00Z', words: 8 },
  { room: 'b', window_start: '2026-01-01T10:00:00Z', window_end: '2026-01-01T10:01:00Z', words: 4 },
  { room: 'a', window_start: '2026-01-01T10:02:00Z', window_end: '2026-01-01T10:03:00Z', words: 7 },
];

function writeFixture(rows: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): void {
  const file = {
    telemetra_test: 1,
    name: 'Two minutes',
    pipeline: 'counts.json',
    inputs: { rooms: messages },
    expect: { edge: 'counts', rows },
  };
  writeFileSync(fixture, JSON.stringify({ ...file, ...more }));
}

beforeAll(() => {
  writeFileSync(pipeline, JSON.stringify(document));
});

afterAll(() => directory.remove());

test('a fixture passes when every row at the edge is there: late rows and dead letters of the source stay what they are', async () => {
  writeFixture(expected);
  const { code, stdout } = await telemetra(['test', pipeline]);
  expect(stdout).toMatch(/^✓ Two minutes .*: 6 messages, 3 rows expected, \d+ ms\n1 passed, 0 failed\n$/);
  expect(code).toBe(0);
});

test('what differs is shown by key and column, and the exit code is 1', async () => {
  writeFixture([{ ...expected[0], words: 9 }, expected[1], { ...expected[2], room: 'c' }]);
  const { result, lines } = await outcomeOf(fixture);
  expect(result).toBe('failed');
  expect(lines).toEqual([
    '~ room=a window_start=2026-01-01T10:00:00Z window_end=2026-01-01T10:01:00Z: words 9 expected, 8 came',
    '- {"room":"c","window_start":"2026-01-01T10:02:00Z","window_end":"2026-01-01T10:03:00Z","words":7}',
    '+ {"room":"a","window_start":"2026-01-01T10:02:00Z","window_end":"2026-01-01T10:03:00Z","words":7}',
  ]);
  // the command prints the same and ends with 1
  expect(await telemetra(['test', fixture])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('\n0 passed, 1 failed\n') as string,
  });
});

test('a test that cannot run says why, and the exit code is 2', async () => {
  const said = async (more: Readonly<Record<string, unknown>>): Promise<string> => {
    writeFixture(expected, more);
    const { result, lines } = await outcomeOf(fixture);
    expect(result).toBe('not valid');
    return lines.join(' ');
  };
  expect(await said({ expect: { edge: 'minute.nothing', rows: [] } })).toContain('has no edge "minute.nothing"');
  expect(await said({ pipeline: 'gone.json' })).toContain('cannot be read');
  expect(await said({ inputs: { strangers: [] } })).toContain('has messages for strangers');
  expect(await said({ inputs: { rooms: [{ partition: 0 }] } })).toContain('inputs.rooms.0: give either text or base64');
  expect((await telemetra(['test', join(ROOT, 'scripts')])).code).toBe(2);
});

test('a recorded test passes at once and holds the bytes of broken messages', async () => {
  const workspace = join(directory.path, 'workspace');
  const connections = openConnections({ services: 'embedded', workspace, env: {} });
  const nowUs = Date.now() * 1000;
  const record = (partition: number, value: Uint8Array, secondsAgo: number): LogRecord => ({
    partition,
    key: Buffer.from('k'),
    value,
    timestampUs: nowUs - secondsAgo * 1e6,
  });
  try {
    const log = await connections.kafka('kafka');
    await log.create('rooms', { partitions: 2 });
    const old = record(0, Buffer.from(event('09:00:00', 'a', 50)), 300);
    const broken = record(1, Uint8Array.of(0x7b, 0xff), 5);
    await log.append('rooms', [old, broken, ...messages.map(({ partition, text }) => record(partition, Buffer.from(text), 5))]);
  } finally {
    await connections.close();
  }
  const words = ['test', pipeline, '--record', 'minute.out', '--seconds', '120', '--name', 'From the topic'];
  const { code, stdout, stderr } = await telemetra([...words, '--workspace', workspace, '--services', 'embedded', '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const recorded = JSON.parse(stdout) as Recorded;
  expect(recorded).toMatchObject({ file: join(directory.path, 'from-the-topic.test.json'), inputRows: 7, expectedRows: 3 });
  const { test: read } = readFlowTest(recorded.file);
  expect(read!.expect.rows).toEqual(expected);
  expect(read!.inputs['rooms']!.filter(({ base64 }) => base64 !== undefined)).toMatchObject([
    { partition: 1, base64: 'e/8=', key: 'k' },
  ]);
  expect(await telemetra(['test', recorded.file])).toMatchObject({ code: 0 });
});

test('rows compare as sets with repetition; members of an object in any order', () => {
  expect(compareRows([{ a: { x: 1, y: 2 } }, { a: 1 }], [{ a: 1 }, { a: { y: 2, x: 1 } }], [])).toEqual([]);
  expect(compareRows([{ a: 1 }, { a: 1 }], [{ a: 1 }], [])).toEqual(['- {"a":1}']);
  const many = Array.from({ length: 30 }, (_, a) => ({ a }));
  expect(compareRows([], many, []).at(-1)).toBe('… and 10 more');
});

test('a written test reads back the same, one message and one row a line', () => {
  writeFixture(expected);
  const { test: read } = readFlowTest(fixture);
  writeFileSync(fixture, writeFlowTest(read!));
  expect(readFlowTest(fixture).test).toEqual(read);
  expect(readFileSync(fixture, 'utf8').split('\n').length).toBeGreaterThan(messages.length + expected.length);
});
