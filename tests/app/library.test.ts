import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { api } from '../../app/protocol/api.ts';
import type { Conflict, Refusal } from '../../app/protocol/refusal.ts';
import { AppServer } from '../support/app-server.ts';
import { scratch } from '../support/telemetra.ts';

const directory = scratch('library');
let app: AppServer;

beforeAll(async () => {
  app = await AppServer.open(directory.path);
});

afterAll(async () => {
  await app.close();
  directory.remove();
});

async function fresh(name: string): ReturnType<typeof create> {
  return create(name);
}

function create(name: string) {
  return app.get(api.create, {}, { name });
}

test('of two pages that save, the second learns what the first has written, and nothing is overwritten', async () => {
  const { document, revision, file } = await fresh('Two pages');
  const id = { id: document.id };
  const first = await app.ask(api.save, id, { document: { ...document, description: 'first' }, baseRevision: revision });
  expect([first.status, first.body.revision]).toEqual([200, revision + 1]);
  const second = await app.ask(api.save, id, { document: { ...document, description: 'second' }, baseRevision: revision });
  expect(second.status).toBe(409);
  const conflict = second.body as unknown as Conflict;
  expect(conflict.theirs).toMatchObject({ revision: revision + 1, by: 'app', document: { description: 'first' } });
  expect(readFileSync(join(app.library, file), 'utf8')).toContain('"first"');
  expect(
    await app.get(api.save, id, { document: { ...document, description: 'second' }, baseRevision: revision + 1 }),
  ).toMatchObject({
    revision: revision + 2,
  });
});

test('a change in another program is noticed, told to open pages, and never overwritten', async () => {
  const { document, revision, file } = await fresh('Edited outside');
  const page = await app.socket();
  const path = join(app.library, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"description": ""', '"description": "by an editor"'));
  const told = await page.until((message) =>
    message.type === 'library' && message.pipelineId === document.id ? message : undefined,
  );
  expect(told).toMatchObject({ by: 'disk', revision: revision + 1 });
  const saved = await app.ask(api.save, { id: document.id }, { document, baseRevision: revision });
  expect([saved.status, (saved.body as unknown as Conflict).theirs.by]).toEqual([409, 'disk']);
  expect((await app.get(api.open, { id: document.id })).document.description).toBe('by an editor');
  page.close();
});

test('a file half written in another program keeps what was open; the list says what is wrong', async () => {
  const { document, file } = await fresh('Half written');
  const path = join(app.library, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, 40));
  const listed = await app.get(api.pipelines);
  expect(listed.find((own) => own.broken !== undefined)).toMatchObject({ file, broken: expect.stringContaining('Line') as string });
  expect((await app.get(api.open, { id: document.id })).document).toEqual(document);
  writeFileSync(path, text);
  expect((await app.get(api.pipelines)).filter((own) => own.broken !== undefined)).toEqual([]);
});

test('saving leaves no other file beside the pipeline, and every earlier revision can be had', async () => {
  const { document, revision, file } = await fresh('History');
  const id = { id: document.id };
  for (let i = 0; i < 3; i++) {
    await app.get(api.save, id, { document: { ...document, description: `version ${i}` }, baseRevision: revision + i });
  }
  expect(readdirSync(app.library).filter((name) => name.startsWith(file))).toEqual([file]);
  const history = await app.get(api.history, id);
  expect(history.map((entry) => entry.revision)).toEqual([revision + 3, revision + 2, revision + 1, revision]);
  expect((await app.get(api.oldRevision, { ...id, revision: revision + 1 })).description).toBe('version 0');
  expect((await app.ask(api.oldRevision, { ...id, revision: 99 })).status).toBe(404);
});

test('rename keeps the id, duplicate and template give a new one, remove removes', async () => {
  const { document, revision } = await fresh('Names');
  const id = { id: document.id };
  await app.get(api.rename, id, { name: 'Other name' });
  expect(await app.get(api.open, id)).toMatchObject({ revision: revision + 1, document: { id: document.id, name: 'Other name' } });
  const twin = await app.get(api.duplicate, id, { name: 'Twin' });
  expect(twin.document.id).not.toBe(document.id);
  const copy = await app.get(api.create, {}, { name: 'From template', template: 'stream-moments' });
  expect(copy.document.nodes.length).toBeGreaterThan(20);
  expect((await app.ask(api.create, {}, { name: 'x', template: '../package' })).status).toBe(404);
  await app.get(api.remove, { id: twin.document.id });
  expect((await app.ask(api.open, { id: twin.document.id })).status).toBe(404);
});

const whole = {
  telemetra: 1,
  id: '6d0f5c1e-52de-4c5c-9b0f-0a1d5a3c0009',
  name: 'Imported',
  nodes: [{ id: 'a', kind: 'kafka-source', settings: { topic: 't' } }],
  edges: [],
};

test.each([
  ['broken JSON', JSON.stringify(whole).slice(0, -3), ['not_json']],
  ['foreign JSON', '{"nodes":[],"wires":[]}', ['not_a_pipeline']],
  ['a newer version', JSON.stringify({ ...whole, telemetra: 99 }), ['newer_version']],
  ['more than 10 MB', JSON.stringify({ ...whole, description: 'x'.repeat(11 * 1024 * 1024) }), ['file_too_large']],
  ['a duplicate id', JSON.stringify({ ...whole, nodes: [whole.nodes[0], whole.nodes[0]] }), ['duplicate_id']],
  [
    'several mistakes',
    JSON.stringify({ ...whole, nodes: [{ id: 'Not an id', kind: 'x' }], edges: [{ from: 'a' }], host: 'db' }),
    ['bad_node_id', 'bad_edge', 'missing_property', 'unknown_property'],
  ],
])('import of %s: every problem in a list, nothing imported, nothing lost', async (_title, text, codes) => {
  const before = readdirSync(app.library);
  const { status, body } = await app.ask(api.importText, {}, { text });
  const refusal = body as unknown as Refusal;
  expect([status, refusal.code]).toEqual([422, 'not_valid']);
  expect(refusal.problems!.map(({ code }) => code)).toEqual(codes);
  for (const problem of refusal.problems!) expect(problem.message.length).toBeGreaterThan(10);
  expect(readdirSync(app.library)).toEqual(before);
});

test('import of unknown kinds keeps their nodes as they are and says which they are', async () => {
  const nodes = [...whole.nodes, { id: 'b', kind: 'from-the-future', settings: { speed: { c: [1, 2] } } }];
  const imported = await app.get(api.importText, {}, { text: JSON.stringify({ ...whole, nodes }), fileName: 'x.json' });
  expect(imported.document.id).not.toBe(whole.id);
  expect(imported.document.nodes.find(({ id }) => id === 'b')).toMatchObject(nodes[1]!);
  expect(imported.problems).toMatchObject([{ code: 'unknown_kind', node: 'b' }]);
  const exported = await app.get(api.exportFile, { id: imported.document.id });
  expect(JSON.parse(exported.text)).toMatchObject({
    nodes: expect.arrayContaining([expect.objectContaining(nodes[1]!)]) as unknown,
  });
});

test('check answers for the revision it was asked for, the same problems as the command line', async () => {
  const { document } = await app.get(api.create, {}, { name: 'Checked', template: 'stream-moments' });
  const good = await app.get(api.check, {}, { document, revision: 7 });
  expect(good).toMatchObject({ revision: 7, planHash: expect.stringMatching(/^[0-9a-f]+$/) as string });
  expect(Object.keys(good.nodes).length).toBe(document.nodes.length);
  const edges = document.edges.filter(({ to }) => !to.startsWith('window_chat.'));
  const bad = await app.get(api.check, {}, { document: { ...document, edges }, revision: 8 });
  expect(bad.planHash).toBeUndefined();
  expect(bad.problems).toContainEqual(expect.objectContaining({ code: 'missing_input', node: 'window_chat' }));
  const wires = await app.get(api.connectable, {}, { document, from: 'window_live.updates' });
  expect(wires.ports['anomaly_chat.in']).toMatchObject({ code: expect.any(String) as string });
});
