import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must } from '../../engine/model/assert.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { loadParser } from '../../engine/expression/expression.ts';
import { compilePipeline } from '../../engine/plan/compile-pipeline.ts';
import { readPipeline } from '../../engine/plan/read-pipeline.ts';
import { writePipeline } from '../../engine/plan/write-pipeline.ts';
import { readFlowTest, TEST_SUFFIX } from '../../app/headless/flow-test.ts';
import { catalog } from '../../nodes/catalog.ts';
import { jsonLines, ROOT, scratch, telemetra } from '../support/telemetra.ts';

const FOLDER = join(ROOT, 'pipelines');
const CONNECTIONS = ['kafka', 'postgres', 'redis'].map((name) => ({ service: name, name }));
/** px of the canvas: least and greatest width of a card, its height with one port on each side, and what each further port adds */
const CARD = { least: 152, most: 208, height: 96, port: 24 };
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const pipelines = files.filter((name) => !name.endsWith(TEST_SUFFIX));
const tests = files.filter((name) => name.endsWith(TEST_SUFFIX));
/** Its events depend on the clock; the tests of the generator and the oracle of stream moments prove these two. */
const PROVEN_ELSEWHERE = ['producer.json', 'stream-moments.json'];

const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const read = (name: string): PipelineDocument => must(readPipeline(text(name)).document, `${name} is a pipeline`);

beforeAll(loadParser);

describe.each(pipelines)('%s', (name) => {
  test('stands in canonical form', () => {
    expect(writePipeline(read(name), catalog)).toBe(text(name));
  });

  test('[K9] has no problem, and no warning either', () => {
    expect(compilePipeline(read(name), catalog, { connections: CONNECTIONS }).problems).toEqual([]);
  });

  test('says what it does and is connected throughout', () => {
    const { description, nodes, edges } = read(name);
    expect(description.length).toBeGreaterThan(40);
    const wired = new Set(edges.flatMap(({ from, to }) => [from, to].map((end) => end.slice(0, end.indexOf('.')))));
    expect(nodes.filter(({ id }) => !wired.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test('has a place for every node, on the grid, and no card over another', () => {
    const { nodes, layout } = read(name);
    const widths = new Map(nodes.map((node) => [node.id, widthOf(node.name || node.id)]));
    const heights = new Map(nodes.map(({ id, kind, settings }) => [id, heightOf(kind, settings)]));
    const below = (upper: string, lower: string): number => layout.nodes[lower]!.y - layout.nodes[upper]!.y - heights.get(upper)!;
    expect(Object.keys(layout.nodes).toSorted()).toEqual(nodes.map(({ id }) => id).toSorted());
    const places = Object.entries(layout.nodes);
    expect(places.filter(([, { x, y }]) => x % 8 !== 0 || y % 8 !== 0)).toEqual([]);
    const covered = places.flatMap(([a, one], i) =>
      places
        .slice(i + 1)
        .filter(
          ([b, other]) =>
            other.x - one.x < widths.get(a)! && one.x - other.x < widths.get(b)! && below(a, b) < 0 && below(b, a) < 0,
        )
        .map(([b]) => `${a} ${b}`),
    );
    expect(covered).toEqual([]);
  });
});

/** at least as wide as the page draws it: 7.6 px a letter; a long caption needs 152 */
function widthOf(name: string): number {
  return Math.min(CARD.most, Math.max(CARD.least, name.length * 7.6 + 54));
}

function heightOf(kind: string, settings: unknown): number {
  const definition = must(
    catalog.find((entry) => entry.kind === kind),
    `${kind} is a kind`,
  );
  const { inputs, outputs } = definition.ports(definition.settings.parse(settings) as never);
  return CARD.height + CARD.port * (Math.max(inputs.length, outputs.length) - 1);
}

test('each pipeline has an id of its own', () => {
  const ids = pipelines.map((name) => read(name).id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('each template has a recorded test', () => {
  const tested = tests.map((name) => must(readFlowTest(join(FOLDER, name)).test, `${name} is a test`).pipeline);
  expect([...new Set([...tested, ...PROVEN_ELSEWHERE])].toSorted()).toEqual(pipelines);
});

describe('run to the end of its recorded messages, through files', () => {
  const directory = scratch('templates');
  afterAll(() => directory.remove());

  test.each(tests)('%s', async (name) => {
    const recorded = must(readFlowTest(join(FOLDER, name)).test, `${name} is a test`);
    const sink = recorded.expect.edge;
    const out = join(directory.path, `${name}-out.jsonl`);
    const inputs = Object.entries(recorded.inputs).map(([source, messages]) => {
      const file = join(directory.path, `${name}-${source}.jsonl`);
      writeFileSync(file, messages.map((message) => `${message.text}\n`).join(''));
      return ['--read', `${source}=${file}`];
    });
    const ended = await telemetra([
      'run',
      join(FOLDER, recorded.pipeline),
      '--bounded',
      '--workspace',
      join(directory.path, name),
      ...inputs.flat(),
      '--write',
      `${sink}=${out}`,
    ]);
    expect(ended).toMatchObject({ code: 0 });
    expect(jsonLines(out)).toEqual(recorded.expect.rows);
  });
});
