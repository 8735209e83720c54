import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './support/telemetra.ts';

const FOLDERS = ['app', 'bench', 'bin', 'connections', 'docs', 'engine', 'nodes', 'packaging', 'pipelines', 'scripts', 'tests'];
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted();
const names = new Set(
  FOLDERS.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,mjs,json,txt,css}`, { cwd: ROOT })).map((path) => basename(path)),
);
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Readonly<Record<string, string>> };

/** `docs/problems.md`, `nodes/<kind>/definition.ts`, `tests/services/kafka-*.test.ts`: a word in angles stands for any. */
function isThere(path: string): boolean {
  const pattern = path.replace(/<[a-z]+>/g, '*').replace(/\/$/, '');
  return globSync(pattern, { cwd: ROOT }).length > 0;
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  // a code span, outside of blocks of code
  const spans = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);

  test('every link leads somewhere', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.split('#')[0]!);
    const local = targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });

  test('every path and every file that it names is there', () => {
    const paths = spans.filter((span) => new RegExp(`^(${FOLDERS.join('|')})/[\\w<>*./-]*$`).test(span));
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
    const bare = spans.filter((span) => /^[\w-]+(\.test)?\.(ts|tsx|mjs)$/.test(span));
    expect(bare.filter((name) => !names.has(name))).toEqual([]);
  });

  test('every script that it runs is one of package.json', () => {
    const run = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script]) => script!);
    expect(run.filter((script) => !(script in scripts))).toEqual([]);
  });
});
