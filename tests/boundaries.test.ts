import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PARTS = ['engine', 'nodes', 'connections', 'app', 'bin', 'scripts', 'tests', 'bench'];
const CODE = /\.(ts|tsx|mjs)$/;
const SKIPPED = new Set(['node_modules', 'dist', '.build', 'fixtures']);

/** A word that is also a kind's name but means something else there. */
const KIND_WORDS: readonly { readonly file: string; readonly kind: string; readonly because: string }[] = [
  { file: 'engine/model/definition.ts', kind: 'window', because: 'a family of the palette' },
  { file: 'app/renderer/canvas/flow-parts.ts', kind: 'window', because: 'a family of the palette' },
  { file: 'app/renderer/document/catalog-store.ts', kind: 'window', because: 'a family of the palette' },
  { file: 'app/renderer/event-time/event-time-lane.tsx', kind: 'window', because: 'a family of the palette' },
  { file: 'app/renderer/dock/data-panel.tsx', kind: 'filter', because: 'the name of an icon' },
];

interface Import {
  readonly what: string;
  readonly typesOnly: boolean;
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** text without comments */
  readonly code: string;
  readonly isTest: boolean;
  readonly imports: readonly Import[];
}

const files = PARTS.flatMap((part) => filesIn(part, CODE)).map(read);
const product = files.filter((file) => !file.isTest && !/^(tests|bench)\//.test(file.path));
const architecture = readFileSync(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8');
const arrows = readArrows(architecture);
const isCore = coreFiles();

describe('docs/ARCHITECTURE.md, table of arrows', () => {
  test('names every part', () => {
    expect(arrows.length).toBeGreaterThan(20);
    expect(files.filter((file) => rowOf(file.path) === undefined).map((file) => file.path)).toEqual([]);
  });

  test('every import goes along an arrow', () => {
    const wrong = product.flatMap((file) => file.imports.flatMap((own) => refused(file, own)));
    expect(wrong).toEqual([]);
  });

  test('the reader of the table sees what is forbidden', () => {
    const from = (path: string, what: string, typesOnly = false) => refused({ path } as SourceFile, { what, typesOnly }).length > 0;
    expect(from('engine/stream/x.ts', '../../nodes/kit/values.ts')).toBe(true);
    expect(from('engine/stream/x.ts', '../plan/plan.ts')).toBe(true);
    expect(from('engine/stream/x.ts', '../plan/plan.ts', true)).toBe(false);
    expect(from('nodes/filter/core/x.ts', '../../window/pane.ts')).toBe(true);
    expect(from('nodes/filter/core/x.ts', '../parse.ts')).toBe(false);
    expect(from('app/renderer/canvas/x.tsx', '../inspector/form.tsx')).toBe(true);
    expect(from('app/renderer/canvas/x.tsx', '../ui/button.tsx')).toBe(false);
    expect(from('engine/model/x.ts', 'node:fs')).toBe(true);
    expect(from('app/main/x.ts', '../../nodes/runtime.ts')).toBe(true);
  });

  test('files import each other without circles', () => {
    expect(circles()).toEqual([]);
  });
});

test('electron is imported by the shell alone', () => {
  const shell = /^app\/main\/(electron|preload|electron-preload)\.[cm]?ts$/;
  const users = product.filter((file) => file.imports.some((own) => own.what === 'electron')).map((file) => file.path);
  expect(users.filter((path) => !shell.test(path))).toEqual([]);
});

test('engine and app know no kind by name, and every exception is still needed', () => {
  const kinds = readdirSync(join(ROOT, 'nodes')).filter((name) => exists(join('nodes', name, 'definition.ts')));
  const found = product
    .filter((file) => /^(engine|app)\//.test(file.path))
    .flatMap((file) =>
      kinds
        .filter((kind) => new RegExp(`(['"\`])${kind}\\1`).test(withoutClassNames(file.code)))
        .map((kind) => `${file.path}: ${kind}`),
    );
  expect(found.toSorted()).toEqual(KIND_WORDS.map(({ file, kind }) => `${file}: ${kind}`).toSorted());
});

test('[D4] core takes no clock, no timer and no randomness', () => {
  const taken = /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bperformance\.now\b/;
  expect(product.filter((file) => isCore(file.path) && taken.test(file.code)).map((file) => file.path)).toEqual([]);
});

test('only the theme has colour values', () => {
  const colour = /#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b(?![-\w])|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|color)\(/;
  const styled = filesIn('app/renderer', /\.(ts|tsx|css)$/).filter(
    (path) => !path.startsWith('app/renderer/theme/') && !path.includes('.test.'),
  );
  expect(styled.filter((path) => colour.test(withoutComments(readFileSync(join(ROOT, path), 'utf8'))))).toEqual([]);
});

test('files are named after what they hold', () => {
  const names = /(^|\/)(index|utils?|helpers?|common|misc)\.(ts|tsx|mjs)$/;
  expect(files.filter((file) => names.test(file.path)).map((file) => file.path)).toEqual([]);
});

test('operators have at most 200 lines, other files 400', () => {
  const long = product.flatMap((file) => {
    const lines = file.text.split('\n').length - 1;
    const most = /^nodes\/[^/]+\/operator\.ts$/.test(file.path) ? 200 : 400;
    return lines > most ? [`${file.path}: ${lines} lines`] : [];
  });
  expect(long).toEqual([]);
});

interface Arrow {
  readonly from: string;
  readonly pattern: RegExp;
  /** undefined: everything */
  readonly to: readonly { readonly path: string; readonly typesOnly: boolean }[] | undefined;
  readonly packages: readonly string[];
}

function readArrows(page: string): Arrow[] {
  const section = page.split('\n## Arrows\n')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows
    .map((line): Arrow => {
      const [, from = '', to = '', packages = ''] = line.split('|').map((cell) => cell.trim());
      const path = from.replaceAll('`', '');
      return {
        from: path,
        pattern: patternOf(path),
        to:
          to === 'everything'
            ? undefined
            : [...to.matchAll(/`([^`]+)`( \(types\))?/g)].map(([, target, types]) => ({
                path: target!,
                typesOnly: types !== undefined,
              })),
        packages: [...packages.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
      };
    })
    .toSorted((a, b) => depth(b.from) - depth(a.from) || wild(a.from) - wild(b.from));
}

function depth(path: string): number {
  return path.split('/').length;
}

function wild(path: string): number {
  return path.includes('<') ? 1 : 0;
}

/** `nodes/<kind>` captures the folder's name; a folder stands for all below it. */
function patternOf(path: string): RegExp {
  const body = path.replaceAll('.', '\\.').replace(/<\w+>/, '([^/.]+)').replaceAll('*', '[^/]+');
  return new RegExp(`^${body}(?:$|/)`);
}

function rowOf(path: string): Arrow | undefined {
  return arrows.find((arrow) => arrow.pattern.test(path));
}

function refused(file: SourceFile, own: Import): string[] {
  const row = rowOf(file.path)!;
  const said = `${file.path} imports ${own.what}`;
  if (!own.what.startsWith('.')) return packageAllowed(row, own.what) ? [] : [`${said}: not a package of ${row.from}`];
  if (row.to === undefined) return [];
  const target = targetOf(file.path, own.what);
  const captured = row.pattern.exec(file.path)?.[1];
  const itself = captured === undefined ? row.from : row.from.replace(/<\w+>/, captured);
  const mayImport = [
    { path: itself, typesOnly: false },
    ...row.to.map((to) => ({ ...to, path: captured ? to.path.replace(/<\w+>/, captured) : to.path })),
  ];
  if (mayImport.some((to) => patternOf(to.path).test(target) && (!to.typesOnly || own.typesOnly))) return [];
  return [
    `${said}: ${row.from} may import ${row.to.map((to) => to.path + (to.typesOnly ? ' (types)' : '')).join(', ') || 'nothing'}`,
  ];
}

function packageAllowed(row: Arrow, name: string): boolean {
  return row.packages.some((own) => {
    if (own === '*') return !(name.startsWith('node:') && row.from.startsWith('app/renderer'));
    if (own === 'node:*') return name.startsWith('node:');
    return name === own || name.startsWith(`${own}/`);
  });
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = withoutComments(text);
  return { path, text, code, isTest: /\.test\.tsx?$/.test(path), imports: importsOf(code) };
}

function importsOf(code: string): Import[] {
  const fixed = [...code.matchAll(/^\s*(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s*'([^']+)'/gm)].map(
    ([, type, names, what]) => ({
      what: what!,
      typesOnly: type !== undefined || /^\{(\s*type\s+[\w\s]+,?)+\s*\}$/.test(names!),
    }),
  );
  const bare = [...code.matchAll(/^\s*import\s*'([^']+)'/gm)].map(([, what]) => ({ what: what!, typesOnly: false }));
  const lazy = [...code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)].map(([, what]) => ({ what: what!, typesOnly: false }));
  return [...fixed, ...bare, ...lazy];
}

/** Good enough for our code: block comments, and line comments that do not stand inside a string such as 'http://'. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}(),])\/\/[^\n]*/g, '$1');
}

/** a class in a style sheet is no kind */
function withoutClassNames(code: string): string {
  return code.replace(/\bclassName="[^"]*"/g, '');
}

function targetOf(from: string, what: string): string {
  return relative(ROOT, resolve(ROOT, dirname(from), what))
    .split(sep)
    .join('/');
}

function circles(): string[] {
  const next = new Map(
    product.map((file) => [
      file.path,
      file.imports.filter((own) => own.what.startsWith('.') && !own.typesOnly).map((own) => targetOf(file.path, own.what)),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const other of next.get(path) ?? []) visit(other, [...trail, path]);
    done.add(path);
  };
  for (const path of next.keys()) visit(path, []);
  return found;
}

function coreFiles(): (path: string) => boolean {
  const config = JSON.parse(readFileSync(join(ROOT, 'tsconfig.core.json'), 'utf8')) as { include: string[] };
  const patterns = config.include.map(
    (glob) => new RegExp(`^${glob.replaceAll('.', '\\.').replace('**/*', '@').replaceAll('*', '[^/]+').replace('@', '.+')}$`),
  );
  return (path) => patterns.some((pattern) => pattern.test(path));
}

function filesIn(folder: string, names: RegExp): string[] {
  if (!exists(folder)) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesIn(path, names) : names.test(entry.name) ? [path] : [];
  });
}

function exists(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false }) !== undefined;
}
