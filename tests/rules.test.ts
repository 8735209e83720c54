import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/telemetra.ts';

const FOLDERS = ['engine', 'nodes', 'connections', 'app', 'scripts', 'tests'];

const page = readFileSync(join(ROOT, 'docs', 'semantics.md'), 'utf8');
/** A rule begins a point of a list, or a sentence of one: `- Z2 … Z3 …`. */
const rules = [...page.matchAll(/(?:^- |[.)] )([A-Z]\d+) /gm)].map(([, id]) => id!);
const sections = [...page.matchAll(/^## ([A-Z])\. /gm)].map(([, letter]) => letter!).join('');

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
).filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('each rule stands on the page once, and every section has some', () => {
  expect(rules.filter((id, i) => rules.indexOf(id) !== i)).toEqual([]);
  expect([...new Set(rules.map((id) => id[0]))].join('')).toBe(sections);
  expect(rules.length).toBeGreaterThan(60);
});

test('each rule has a test whose name begins with its id', () => {
  const named = new Set(
    files
      .filter((path) => path.includes('.test.'))
      .flatMap((path) => [...read(path).matchAll(/['"`](?:\[[A-Z]\d+\] ?)+/g)])
      .flatMap(([ids]) => ids.match(/[A-Z]\d+/g)!),
  );
  expect(rules.filter((id) => !named.has(id))).toEqual([]);
});

test('every rule that the code or a test cites is one of the page', () => {
  const cited = new RegExp(`\\[((?:[${sections}]\\d+(?:, )?)+)\\](?!\\()`, 'g');
  const wrong = files.flatMap((path) =>
    [...read(path).matchAll(cited)]
      .flatMap(([, ids]) => ids!.split(', '))
      .filter((id) => !rules.includes(id))
      .map((id) => `${path}: ${id}`),
  );
  expect(wrong).toEqual([]);
});
