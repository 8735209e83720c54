import { afterAll, beforeAll, expect, test } from 'vitest';
import { api } from '../../app/protocol/api.ts';
import type { LiveMessage } from '../../app/protocol/live.ts';
import type { Refusal } from '../../app/protocol/refusal.ts';
import type { RunEvent, RunState } from '../../engine/model/run-event.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { EventLog } from '../../connections/kafka/event-log.ts';
import { AppServer, type LiveSocket } from '../support/app-server.ts';
import { scratch } from '../support/telemetra.ts';

/** One pipeline through its life: each test goes on where the one before ended. */

const directory = scratch('run');
let app: AppServer;
let page: LiveSocket;
let log: EventLog;
let document: PipelineDocument;
let revision: number;
let id: { readonly id: string };

const schema = {
  type: 'object',
  properties: { at: { type: 'string', format: 'date-time' }, room: { type: 'string' }, words: { type: 'integer', minimum: 0 } },
  required: ['at', 'room', 'words'],
};

const nodes = [
  { id: 'rooms', kind: 'kafka-source', settings: { topic: 'rooms', schema, event_time: 'at', lateness: '1s', idle_after: '1s' } },
  { id: 'loud', kind: 'filter', settings: { condition: 'words >= 1' } },
  {
    id: 'minute',
    kind: 'window',
    settings: { window: { kind: 'tumbling', size: '1m' }, by: ['room'], columns: [{ name: 'words', expression: 'sum(words)' }] },
  },
  {
    id: 'counts',
    kind: 'postgres-sink',
    settings: { table: 'counts', mode: 'upsert', key: ['room', 'window_start', 'window_end'] },
  },
  { id: 'lines', kind: 'chart', settings: { series: 'room' } },
];
const edges = [
  { from: 'rooms.out', to: 'loud.in' },
  { from: 'loud.match', to: 'minute.in' },
  { from: 'minute.out', to: 'counts.in' },
  { from: 'loud.match', to: 'lines.in' },
];

function eventAt(time: string, room: string, words: number): string {
  return JSON.stringify({ at: `2026-01-01T${time}Z`, room, words });
}

async function send(...texts: readonly string[]): Promise<void> {
  const timestampUs = Date.now() * 1000;
  await log.append(
    'rooms',
    texts.map((text) => ({ partition: 0, key: undefined, value: Buffer.from(text), timestampUs })),
  );
}

function untilState(state: RunState, from = 0): Promise<number> {
  return page.until(
    (message) => (message.type === 'status' && message.status.state === state ? page.messages.indexOf(message) : undefined),
    from,
  );
}

function untilEvent<T extends RunEvent['type']>(
  type: T,
  good: (event: Extract<RunEvent, { type: T }>) => boolean,
  from = 0,
): Promise<Extract<RunEvent, { type: T }>> {
  return page.until((message) => {
    if (message.type !== 'event' || message.event.type !== type) return undefined;
    const event = message.event as Extract<RunEvent, { type: T }>;
    return good(event) ? event : undefined;
  }, from);
}

function rowsRead(count: number, from = 0): Promise<unknown> {
  return untilEvent('meters', (event) => (event.nodes['rooms']?.ledger.in ?? 0) >= count, from);
}

/** The rows of the table once it holds what is expected; the page's own way to look at it, after each push. */
async function tableWith(count: number): Promise<readonly (readonly unknown[])[]> {
  for (let from = 0; ;) {
    const { status, body } = await app.ask(api.table, { connection: 'postgres', name: 'counts' });
    if (status === 200 && body.rows.length >= count) return body.rows;
    from = page.messages.length;
    await untilEvent('meters', () => true, from);
  }
}

function withSettings(node: string, settings: Readonly<Record<string, unknown>>): PipelineDocument {
  return {
    ...document,
    nodes: document.nodes.map((own) => (own.id === node ? { ...own, settings: { ...own.settings, ...settings } } : own)),
  };
}

function apply(draft: PipelineDocument, choices: Readonly<Record<string, 'fresh' | 'reprocess' | 'back'>> = {}) {
  return app.ask(api.apply, id, { document: draft, revision: ++revision, choices });
}

beforeAll(async () => {
  app = await AppServer.open(directory.path);
  log = await app.opened.studio.connections.kafka('kafka');
  await log.create('rooms', { partitions: 1 });
  const created = await app.get(api.create, {}, { name: 'Rooms' });
  document = { ...created.document, nodes: nodes.map((node) => ({ name: '', ...node })), edges };
  id = { id: document.id };
  revision = (await app.get(api.save, id, { document, baseRevision: created.revision })).revision;
  page = await app.socket();
  page.say({ type: 'watch', pipelineId: document.id });
  await send(eventAt('10:00:05', 'a', 3), '{"at":"2026-01-01T10:00:06Z","room":"a","words":-1}', eventAt('10:00:20', 'a', 4));
});

afterAll(async () => {
  page.close();
  await app.close();
  directory.remove();
});

test('nothing runs: only a start is possible, everything else is refused in words', async () => {
  expect(await app.get(api.status, id)).toBeNull();
  for (const move of ['pause', 'resume', 'drain', 'stop', 'kill'] as const) {
    const { status, body } = await app.ask(api[move], id);
    expect([status, (body as unknown as Refusal).code]).toEqual([409, 'not_now']);
  }
  const broken = { ...document, edges: edges.slice(1) };
  const { status, body } = await app.ask(api.start, id, { document: broken, revision, from: 'stored' });
  expect([status, (body as unknown as Refusal).problems!.length > 0]).toEqual([422, true]);
});

test('start → running → meters over the socket, numbered without gaps', async () => {
  const started = await app.get(api.start, id, { document, revision, from: 'earliest' });
  expect(started).toMatchObject({ state: 'starting', moves: ['stop', 'kill'] });
  await untilState('running');
  await rowsRead(3);
  const seqs = page.messages.flatMap((message) =>
    message.type === 'event' && message.event.type !== 'rows' ? [message.event.seq] : [],
  );
  expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i));
  expect((await app.ask(api.start, id, { document, revision, from: 'stored' })).status).toBe(409);
  expect((await app.ask(api.remove, id)).status).toBe(409);
});

test('a page that comes back gets exactly what it missed', async () => {
  const other = await app.socket();
  const { runId } = (await app.get(api.status, id))!;
  other.say({ type: 'watch', pipelineId: document.id, runId, after: 2 });
  const event = (message: LiveMessage): RunEvent | undefined => (message.type === 'event' ? message.event : undefined);
  expect((await other.until(event)).seq).toBe(3);
  expect(other.messages.some((message) => message.type === 'gap')).toBe(false);
  other.close();
  const newcomer = await app.socket();
  newcomer.say({ type: 'watch', pipelineId: document.id });
  const history = await newcomer.until((message) => (message.type === 'history' ? message.history : undefined));
  expect(history.at.length).toBeGreaterThan(0);
  // the run's log from its beginning, then its newest meters
  await newcomer.until((message) => (event(message)?.type === 'meters' ? message : undefined));
  const said = newcomer.messages.flatMap((message) => event(message) ?? []);
  expect(said.map(({ seq }) => seq)).toEqual(said.map(({ seq }) => seq).toSorted((a, b) => a - b));
  const told = await app.get(api.log, id);
  expect(told.slice(0, 3)).toMatchObject([
    { type: 'line', level: 'info', text: expect.stringContaining('kafka → embedded') as string },
    { type: 'line', level: 'info', text: expect.stringContaining('postgres → embedded') as string },
    { type: 'state', state: 'starting' },
  ]);
  expect(said.filter(({ type }) => type === 'line' || type === 'state').slice(0, told.length)).toEqual(told);
  newcomer.close();
});

test('a tap shows real rows of an edge; inspection shows open windows; an expression is tried on the latest row', async () => {
  page.say({ type: 'tap', pipelineId: document.id, node: 'rooms', port: 'out' });
  // commands are obeyed in order: with this answer the tap is open
  page.say({ type: 'inspect', id: 40, pipelineId: document.id, node: 'rooms', limit: 1 });
  await page.until((message) => (message.type === 'answer' && message.id === 40 ? message : undefined));
  await send(eventAt('10:00:30', 'b', 5));
  const rows = await untilEvent('rows', ({ node }) => node === 'rooms');
  expect(rows.rows.at(-1)).toMatchObject({ source: 'rooms', partition: 0, values: { room: 'b', words: 5 } });
  page.say({ type: 'inspect', id: 41, pipelineId: document.id, node: 'minute', limit: 10 });
  const answer = await page.until((message) => (message.type === 'answer' && message.id === 41 ? message : undefined));
  expect(answer.value).toContainEqual({ lane: '', state: expect.objectContaining({ keys: 2, open: 1 }) as unknown });
  expect(await app.get(api.evaluate, {}, { document, node: 'loud', field: 'condition' })).toMatchObject({
    type: 'boolean',
    value: true,
  });
});

test('a chart shows the rows that the runner holds, newest first', async () => {
  expect(await app.get(api.targets, id)).toContainEqual({ node: 'lines', service: 'view', name: 'lines', unit: 'rows' });
  const shown = await app.get(api.target, { ...id, node: 'lines' });
  expect(shown.columns.map(({ name }) => name)).toEqual(['event time', 'room', 'words']);
  expect(shown.rows).toEqual([
    ['2026-01-01T10:00:30Z', 'b', 5],
    ['2026-01-01T10:00:20Z', 'a', 4],
    ['2026-01-01T10:00:05Z', 'a', 3],
  ]);
  const { body: checked } = await app.ask(api.check, {}, { document, revision, pipelineId: document.id });
  expect(checked.nodes['lines']!.view).toEqual({ as: 'line', y: ['words'], series: 'room' });
});

test('pause and resume: only legal moves, and nothing is read meanwhile', async () => {
  const from = page.messages.length;
  await app.get(api.pause, id);
  await untilState('paused', from);
  expect((await app.ask(api.pause, id)).status).toBe(409);
  const read = async (): Promise<number> => {
    // the second sample from now on: a poll that was under way has ended by then
    let seen = 0;
    const { nodes: meters } = await untilEvent('meters', () => ++seen === 2, page.messages.length);
    return meters['rooms']!.ledger.in;
  };
  expect(await read()).toBe(4);
  await send(eventAt('10:00:40', 'a', 1));
  expect(await read()).toBe(4);
  await app.get(api.resume, id);
  await untilState('running', from);
  await rowsRead(5, from);
});

test('dead letters: listed by cause, shown whole, replayed, and replayed with new content', async () => {
  const listed = await app.get(api.dead, id);
  expect(listed).toMatchObject({ total: 1, groups: [{ node: 'rooms', count: 1 }] });
  const [letter] = listed.letters;
  const shown = await app.get(api.deadLetter, { ...id, letter: letter!.id });
  expect(Buffer.from(shown.bytes, 'base64').toString()).toContain('"words":-1');
  const from = page.messages.length;
  expect(await app.get(api.replay, id, { id: letter!.id, text: eventAt('10:00:45', 'a', 10) })).toEqual({ sent: 1, late: 0 });
  await rowsRead(6, from);
  expect((await app.get(api.deadLetter, { ...id, letter: letter!.id })).replayed).toBe(true);
  expect(await app.get(api.replay, id, { ids: [letter!.id] })).toMatchObject({ sent: 1 });
  expect((await app.ask(api.deadLetter, { ...id, letter: 999 })).status).toBe(404);
});

test('behind the connections: topics, schema from real events, recorded test', async () => {
  expect(await app.get(api.topics, {}, { connection: 'kafka' })).toContainEqual(
    expect.objectContaining({ name: 'rooms', partitions: 1 }),
  );
  const topic = await app.get(api.topic, { connection: 'kafka', name: 'rooms' }, { limit: 2 });
  expect(topic.rows).toHaveLength(2);
  expect((await app.ask(api.topic, { connection: 'kafka', name: 'nothing' })).status).toBe(503);
  const inferred = await app.get(api.infer, {}, { document, node: 'rooms' });
  expect(inferred).toMatchObject({ settings: {}, schema: { properties: { words: { type: 'integer' } } } });
  const recorded = await app.get(api.record, id, { node: 'loud', port: 'match', seconds: 300, name: 'Loud rooms' });
  expect(recorded).toMatchObject({ inputRows: 5, expectedRows: 4 });
});

test('apply: layout and names change nothing, a setting goes on with its state', async () => {
  const { runId } = (await app.get(api.status, id))!;
  const renamed = { ...document, name: 'Other name' };
  expect((await apply(renamed)).body).toMatchObject({ difference: { change: 'nothing' }, gapMs: 0, status: { runId, revision } });
  document = withSettings('loud', { condition: 'words >= 2' });
  const { status, body } = await apply(document);
  expect(status).toBe(200);
  expect(body.difference).toMatchObject({ change: 'settings', nodes: [{ node: 'loud' }] });
  expect(body.status.state).toBe('running');
  expect(body.rolledBack).toBeUndefined();
  expect(body.gapMs).toBeGreaterThan(0);
  expect(body.status.runId).not.toBe(runId);
});

test('apply: what would lose state is refused before anything stops; going back leaves the node as it runs', async () => {
  const { runId } = (await app.get(api.status, id))!;
  const draft = withSettings('minute', { window: { kind: 'tumbling', size: '2m' } });
  const checked = await app.get(api.check, {}, { document: draft, revision: revision + 1, pipelineId: document.id });
  const minute = checked.difference!.nodes.find(({ node }) => node === 'minute');
  expect(minute!.state).toBe('refused');
  expect(minute!.choices.map(({ choice }) => choice).toSorted()).toEqual(['back', 'fresh', 'reprocess']);
  const refused = await apply(draft);
  expect([refused.status, (refused.body as unknown as Refusal).code]).toEqual([409, 'not_now']);
  expect(await app.get(api.status, id)).toMatchObject({ runId, state: 'running' });
  expect((await apply(draft, { minute: 'back' })).body).toMatchObject({ difference: { change: 'nothing' }, status: { runId } });
});

test('apply: a revision that does not start is rolled back, and the old one runs on with its state', async () => {
  const extra = { id: 'copy', kind: 'file-sink', name: '', settings: { path: '/nowhere/at/all/rows.jsonl' } };
  const draft = {
    ...document,
    nodes: [...document.nodes, extra],
    edges: [...document.edges, { from: 'loud.match', to: 'copy.in' }],
  };
  const { status, body } = await apply(draft);
  expect(status).toBe(200);
  expect(body.rolledBack).toMatchObject({ message: expect.stringContaining('/nowhere/at/all') as string });
  expect(body.status.state).toBe('running');
  expect((await app.get(api.open, id)).running!.nodes.some((node) => node.id === 'copy')).toBe(false);
});

test('apply: other wires', async () => {
  document = {
    ...document,
    nodes: document.nodes.filter((node) => node.id !== 'loud' && node.id !== 'lines'),
    edges: [{ from: 'rooms.out', to: 'minute.in' }, edges[2]!],
  };
  const { status, body } = await apply(document);
  expect(status).toBe(200);
  expect(body.difference.change).toBe('rewire');
  expect(body.difference.nodes.find(({ node }) => node === 'minute')!.state).toBe('kept');
});

test('a runner that dies is a failed run with its cause and the way on; a start goes on from the last epoch', async () => {
  const from = page.messages.length;
  const { pid } = app.opened.studio.supervisor.run(document.id)!.process;
  process.kill(pid!, 'SIGKILL');
  await untilState('failed', from);
  expect(await app.get(api.status, id)).toMatchObject({
    state: 'failed',
    moves: ['start'],
    cause: {
      code: 'runner_died',
      message: expect.stringContaining('SIGKILL') as string,
      mend: expect.stringContaining('Start again') as string,
    },
  });
  await app.get(api.start, id, { document, revision, from: 'stored' });
  await untilState('running', from);
});

test('through all this the window was kept: its row holds every event once', async () => {
  await send(eventAt('10:05:00', 'a', 1));
  const rows = await tableWith(2);
  const [a, b] = ['a', 'b'].map((room) => rows.find((row) => row[0] === room));
  // 3 + 4 + 1 and the mended dead letter
  expect(a!.at(-1)).toBe(18);
  expect(b!.at(-1)).toBe(5);
  expect(await app.get(api.targets, id)).toMatchObject([
    { node: 'counts', service: 'postgres', name: 'counts' },
    { node: 'lines', service: 'view', name: 'lines' },
  ]);
  expect((await app.get(api.target, { ...id, node: 'counts' })).rows).toHaveLength(2);
  expect(await app.get(api.tables, {}, { connection: 'postgres' })).toContainEqual(
    expect.objectContaining({ name: 'counts', key: ['room', 'window_start', 'window_end'] }),
  );
  expect((await app.get(api.keys, { connection: 'redis' })).rows).toEqual([]);
});

test('drain closes every window and ends; the runs are listed', async () => {
  const from = page.messages.length;
  await app.get(api.drain, id);
  await untilState('stopped', from);
  expect((await app.get(api.table, { connection: 'postgres', name: 'counts' })).rows).toHaveLength(3);
  const runs = await app.get(api.runs, id);
  expect(runs.every(({ balanced }) => balanced)).toBe(true);
  expect(runs[0]).toMatchObject({ end: 'stopped', from: 'stored' });
  expect((await app.get(api.metrics, id)).at.length).toBeGreaterThan(0);
});

test('kill ends at once, and that is a failed run', async () => {
  const from = page.messages.length;
  await app.get(api.start, id, { document, revision, from: 'stored' });
  await app.get(api.kill, id);
  await untilState('failed', from);
  // a chart lives in the runner's memory
  expect((await app.get(api.target, { ...id, node: 'lines' })).rows).toEqual([]);
  expect(app.log).toEqual([]);
});
