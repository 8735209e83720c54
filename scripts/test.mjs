// npm test: everything that shows that it works. Arguments go to vitest and leave lint, format and types out:
// npm test -- engine/plan. Only built-ins of Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLine } from './last-line-reporter.mjs';
import { continueWithNode24, installIfNeeded, major, packagedNode, root } from './packaged-node.mjs';

const args = process.argv.slice(2);
const inCi = process.env.CI === '1' || process.env.CI === 'true';
const counts = { passed: 0, failed: 0, skipped: 0 };

if (installIfNeeded((step) => console.log(step))) console.log('packages are installed');
if (major() < 24 && packagedNode() !== undefined)
  console.log(`Node ${process.versions.node} is too old, going on with the packaged Node.`);
await continueWithNode24(fileURLToPath(import.meta.url), args);

/** A program from node_modules, its output shown as it comes; true when it ended well. */
function run(title, script, words, env = {}) {
  const begun = performance.now();
  console.log(`\n── ${title}`);
  const { status, error } = spawnSync(process.execPath, [script, ...words], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (error !== undefined) console.error(`${title} could not be run: ${error.message}`);
  console.log(`── ${title}: ${status === 0 ? 'good' : 'failed'}, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return status === 0;
}

function tool(name) {
  const folder = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [path] = typeof bin === 'string' ? [bin] : [bin[name] ?? bin[name === 'typescript' ? 'tsc' : name]];
  return join(folder, path);
}

function check(title, script, words) {
  counts[run(title, script, words) ? 'passed' : 'failed']++;
}

const services = join(root, 'scripts', 'services.mjs');
if (inCi) {
  process.env.REQUIRE_SERVICES = '1';
  run('install services', services, ['install']);
  run('start services', services, ['up']);
}

const scratch = mkdtempSync(join(tmpdir(), 'telemetra-test-'));
try {
  if (args.length === 0) {
    check('lint', tool('oxlint'), []);
    check('format', tool('prettier'), ['--check', '--log-level', 'warn', '.']);
    for (const part of ['core', 'node', 'web']) check(`types, ${part}`, tool('typescript'), ['-p', `tsconfig.${part}.json`]);
  }
  const file = join(scratch, 'counts.json');
  const good = run('tests', tool('vitest'), ['run', ...args], { TELEMETRA_TEST_COUNTS: file });
  const tests = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  for (const key of Object.keys(counts)) counts[key] += tests?.[key] ?? 0;
  // vitest itself broke: nothing was counted, yet it did not end well
  if (!good && (tests === undefined || tests.failed === 0)) counts.failed++;
} finally {
  rmSync(scratch, { recursive: true, force: true });
  if (inCi) run('stop services', services, ['down']);
}

process.exitCode = counts.failed === 0 ? 0 : 1;
process.once('exit', () => process.stdout.write(`\n${lastLine(counts)}\n`));
