import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../engine/expression/expression.ts';
import { MAX_FILE_BYTES } from '../engine/model/file-limit.ts';
import type { Problem } from '../engine/model/problem.ts';
import { compilePipeline } from '../engine/plan/compile-pipeline.ts';
import { readPipeline } from '../engine/plan/read-pipeline.ts';
import { catalog } from '../nodes/catalog.ts';

const FOLDER = fileURLToPath(new URL('./problems/', import.meta.url));
const CONNECTIONS = ['kafka', 'postgres', 'redis'].map((name) => ({ service: name, name }));
const codes = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))
  .toSorted();

/** `code: 'unknown_port'`, `refuse('unknown_type', …)`; codes of two words at least, so that nothing else is meant */
const RAISES = /(?:Refusal|refuse|error)\(\s*'([a-z]+(?:_[a-z]+)+)'|\bcode: '([a-z]+(?:_[a-z]+)+)'/g;

/** What checks pipelines. Operators and connectors raise dead letters and faults, decoders too but for these three. */
function raisingFiles(): string[] {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const all = ['engine/plan', 'engine/expression', 'nodes']
    .flatMap((folder) => readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|connector|operator/.test(path))
    .filter((path) => !path.startsWith('nodes/') || /definition|settings|problems|setting/.test(path));
  return [...all, ...['infer-source-schema', 'source-columns', 'json-schema'].map((name) => `engine/decode/${name}.ts`)].map(
    (path) => root + path,
  );
}

beforeAll(loadParser);

/** Every problem of a fixture, as `telemetra check` would tell it. */
function check(code: string): readonly Problem[] {
  const text = readFileSync(`${FOLDER}${code}.json`, 'utf8');
  // padded here, so that the repository holds no 10 MiB of blanks
  const read = readPipeline(code === 'file_too_large' ? text.padEnd(MAX_FILE_BYTES + 1) : text);
  return read.document === undefined
    ? read.problems
    : compilePipeline(read.document, catalog, { connections: CONNECTIONS }).problems;
}

function tell(problem: Problem): string {
  const place = [problem.edge ?? problem.node ?? 'file', problem.field, problem.position]
    .filter((part) => part !== undefined)
    .join(' · ');
  return `${problem.code} (${problem.severity}) at ${place}\n  ${problem.message}\n  ${problem.mend ?? '(no mend)'}\n`;
}

test.each(codes)('fixture %s raises its code and nothing else', (code) => {
  expect(check(code).map((problem) => problem.code)).toEqual([code]);
});

test('places, sentences and mends are the reviewed ones', async () => {
  await expect(codes.map((code) => check(code).map(tell).join('')).join('\n')).toMatchFileSnapshot('./problems/reviewed.txt');
});

describe('docs/problems.md', () => {
  const page = readFileSync(fileURLToPath(new URL('../docs/problems.md', import.meta.url)), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` +\| (error|warning)/gm)].map(([, code, severity]) => ({
    code: code!,
    severity: severity!,
  }));

  test('has each code once, and each code has a fixture', () => {
    expect(rows.map((row) => row.code).toSorted()).toEqual(codes);
  });

  test('has every code that a definition, the compiler or an expression raises', () => {
    const raised = raisingFiles().flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(RAISES)].map((match) => match[1] ?? match[2]!),
    );
    const known = new Set(rows.map((row) => row.code));
    expect(raised.length).toBeGreaterThan(60);
    expect([...new Set(raised)].filter((code) => !known.has(code))).toEqual([]);
  });

  test('names the severity that the fixture raises', () => {
    const raised = rows.map(({ code }) => ({ code, severity: check(code)[0]?.severity }));
    expect(raised).toEqual(rows);
  });
});
