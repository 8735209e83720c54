import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'telemetra-last-line-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The last line that vitest prints with our reporter over these test files, and its exit code. */
function lastLineOver(files: Readonly<Record<string, string>>): { line: string | undefined; status: number | null } {
  const own = mkdtempSync(join(folder, 'run-'));
  symlinkSync(join(ROOT, 'node_modules'), join(own, 'node_modules'));
  for (const [name, body] of Object.entries(files))
    writeFileSync(join(own, name), `import { test, describe, beforeAll, expect } from 'vitest';\n${body}`);
  const { TELEMETRA_TEST_COUNTS: _, ...env } = process.env;
  const reporter = join(ROOT, 'scripts/last-line-reporter.mjs');
  const words = ['run', '--root', own, '--reporter', 'default', '--reporter', reporter];
  const { stdout, status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...words], {
    cwd: own,
    env,
    encoding: 'utf8',
  });
  return { line: stdout.trimEnd().split('\n').at(-1), status };
}

test('the last line counts what passed, failed and was skipped, and files that broke', () => {
  expect(
    lastLineOver({
      'some.test.ts': `test('a', () => {}); test('b', () => { expect(1).toBe(2); }); test.skip('c', () => {});`,
      'broken.test.ts': `throw new Error('at import');`,
      'hook.test.ts': `describe('s', () => { beforeAll(() => { throw new Error('in a hook'); }); test('d', () => {}); });`,
    }),
  ).toEqual({ line: '1 passed, 3 failed, 2 skipped', status: 1 });
});

test('a good run says so and ends with 0', () => {
  expect(lastLineOver({ 'good.test.ts': `test('a', () => {}); test('b', () => {});` })).toEqual({
    line: '2 passed, 0 failed',
    status: 0,
  });
});
