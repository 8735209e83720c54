import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { loadParser } from '../engine/expression/expression.ts';
import { compilePipeline } from '../engine/plan/compile-pipeline.ts';
import { explainPlan } from '../engine/plan/explain-plan.ts';
import { readPipeline } from '../engine/plan/read-pipeline.ts';
import { writePipeline } from '../engine/plan/write-pipeline.ts';
import { catalog } from '../nodes/catalog.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const texts = ['pipelines', 'tests/problems']
  .flatMap((folder) => readdirSync(`${ROOT}${folder}`).map((name) => `${ROOT}${folder}/${name}`))
  .filter((path) => path.endsWith('.json'))
  .map((path) => readFileSync(path, 'utf8'));
const valid = texts.filter((text) => readPipeline(text).document !== undefined);

beforeAll(loadParser);

/** Problems are data: whatever the text, nothing throws, and there is a plan exactly when there is no error. */
function tryText(text: string): void {
  const read = readPipeline(text);
  expect(read.document === undefined).toBe(read.problems.length > 0);
  if (read.document === undefined) return;
  const { plan, problems } = compilePipeline(read.document, catalog, { connections: [] });
  expect(plan === undefined).toBe(problems.some((problem) => problem.severity === 'error'));
  for (const problem of problems) expect(problem.message).not.toMatch(/\bbug\b|undefined|\[object/);
  if (plan !== undefined) explainPlan(plan, catalog);
  const written = writePipeline(read.document, catalog);
  expect(writePipeline(readPipeline(written).document!, catalog)).toBe(written);
}

type Path = readonly (string | number)[];

/** Every place of a JSON value, the value itself left out. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => [[...path, key], ...placesIn(inner, [...path, key])]);
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item, i) => (i === key ? replaced(item, rest, by) : (item as unknown)));
  return { ...(value as object), [key]: replaced((value as Record<string | number, unknown>)[key], rest, by) };
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1e300,
    0.5,
    true,
    [],
    {},
    [null],
    [[]],
    [{}],
    ' ',
    '0s',
    '-1s',
    '1h',
    'in',
    'out',
    'window_end',
    "'",
    '"',
    '{',
    '$1',
    'count(*)',
    'a.out',
    '\u0000',
    '\ud800',
    'é'.repeat(300),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

test('a pipeline with anything in any place is read and checked without a throw', () => {
  const documents = valid.map((text) => JSON.parse(text) as unknown);
  const mutated = fc.nat(documents.length - 1).chain((at) => {
    const places = placesIn(documents[at]);
    const change = fc.tuple(fc.nat(places.length - 1), odd);
    return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
      changes.reduce((document, [place, by]) => {
        const path = places[place]!;
        // an earlier change may have taken the place away
        const exists = path
          .slice(0, -1)
          .reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key], document);
        return typeof exists === 'object' && exists !== null ? replaced(document, path, by) : document;
      }, documents[at]),
    );
  });
  fc.assert(
    fc.property(mutated, (document) => tryText(JSON.stringify(document))),
    { numRuns: 2000 },
  );
});

test('a text that is cut or has a wrong character is refused with a place', () => {
  const cut = fc
    .nat(texts.length - 1)
    .chain((at) =>
      fc
        .tuple(fc.nat(texts[at]!.length), fc.nat(3), fc.constantFrom('', '{', '}', '"', ',', ':', '\\', '\n', '\u0000', '0', 'é'))
        .map(([from, length, by]) => texts[at]!.slice(0, from) + by + texts[at]!.slice(from + length)),
    );
  fc.assert(fc.property(cut, tryText), { numRuns: 2000 });
});

test('our JSON scan and JSON.parse agree on what is JSON', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: fc.constantFrom(...'{}[]",:0-1.eE+ \n\\utfaln') }),
        fc.json().map((text) => text.replace(/.$/, '')),
      ),
      (text) => {
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        expect(readPipeline(text).problems.some((problem) => problem.code === 'not_json')).toBe(!parses);
      },
    ),
    { numRuns: 3000 },
  );
});
