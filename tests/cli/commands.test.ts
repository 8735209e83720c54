import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/telemetra.ts';
import { commandLine as telemetra } from './command-line.ts';
import { chain, FILE_SINK, FILE_SOURCE, INPUT, MINUTE, PIPELINE_ID, smallPipeline } from './small-pipeline.ts';

const dir = scratch('cli-commands');
afterAll(() => dir.remove());
const at = (...parts: string[]): string => join(dir.path, ...parts);

describe('a pipeline file that cannot be read', () => {
  const cases: readonly [what: string, make: (path: string) => void, sentence: RegExp][] = [
    ['missing', () => undefined, /The pipeline file .* cannot be read: there is no such file or directory\./],
    ['a directory', (path) => mkdirSync(path), /The pipeline file .* cannot be read: it is a directory\./],
    ['empty', (path) => writeFileSync(path, ''), /Line 1, column 1: the text ends in the middle\./],
    ['11 MB', (path) => writeFileSync(path, ' '.repeat(11e6)), /The file is larger than 10 MiB/],
    ['binary', (path) => writeFileSync(path, Buffer.from([0xff, 0, 0xfe, 1])), /Line 1, column 1: a value was expected/],
  ];
  test.each(cases)('%s: run, check, explain, diff, dead say so and exit 2', async (what, make, sentence) => {
    const file = at(`bad-${what.replaceAll(' ', '-')}.json`);
    make(file);
    const workspace = at('never');
    for (const words of [
      ['run', file, '--workspace', workspace],
      ['check', file],
    ]) {
      const { code, stdout, stderr } = await telemetra(words);
      expect([code, `${stdout}${stderr}`]).toEqual([2, expect.stringMatching(sentence)]);
      expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |defect|ENOENT|EISDIR/);
    }
    expect(existsSync(workspace)).toBe(false);
  });

  test('every other command, with a missing file', async () => {
    for (const words of [
      ['explain', at('none.json')],
      ['diff', at('none.json'), at('none.json')],
      ['dead', 'ls', at('none.json')],
      ['dead', 'show', at('none.json'), '1'],
      ['dead', 'replay', at('none.json')],
    ]) {
      const { code, stdout, stderr } = await telemetra(words);
      expect([code, stdout, stderr]).toEqual([
        2,
        '',
        expect.stringContaining('cannot be read: there is no such file or directory.'),
      ]);
      expect(stderr).not.toMatch(/\n\s+at |defect/);
    }
  });
});

test('every problem at once, exit 2, nothing started and nothing created', async () => {
  const file = chain(at('invalid'), [
    { ...FILE_SOURCE, settings: { path: 'in.jsonl', event_time: 'at', surplus: 1 } },
    { ...MINUTE, settings: { ...MINUTE.settings, window: { kind: 'tumbling', size: 'often' } } },
    { ...FILE_SINK, kind: 'fiel-sink' },
  ]);
  const { code, stdout, stderr } = await telemetra(['run', file, '--workspace', at('invalid', 'w'), '--log', 'json']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.match(/^error \w+ at \w+/gm)).toEqual([
    'error unknown_setting at events',
    'error wrong_setting at minute',
    'error unknown_kind at rows',
  ]);
  expect(stderr).toMatch(/p\.json: 3 errors, 0 warnings\n$/);
  expect(existsSync(at('invalid', 'w'))).toBe(false);
  expect(existsSync(at('invalid', 'out.jsonl'))).toBe(false);

  const json = await telemetra(['check', file, '--json']);
  expect(json.code).toBe(2);
  const { problems } = JSON.parse(json.stdout) as { problems: readonly { code: string; message: string; node: string }[] };
  expect(new Set(problems.map((problem) => problem.node))).toEqual(new Set(['events', 'minute', 'rows']));
});

test('commander mistakes: a sentence, exit 2', async () => {
  for (const [words, sentence] of [
    [['bogus'], "unknown command 'bogus'"],
    [['run'], "missing required argument 'pipeline'"],
    [['run', 'p.json', '--surplus'], "unknown option '--surplus'"],
    [['run', 'p.json', '--metrics-port', '99999'], 'a port from 0 to 65535 is expected'],
    [['run', 'p.json', '--log', 'xml'], 'Allowed choices are json, pretty.'],
    [['run', 'p.json', '--services', 'cloud'], 'Allowed choices are env, embedded.'],
  ] as const) {
    const { code, stdout, stderr } = await telemetra(words);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(sentence)]);
    expect(stderr).toMatch(/^error: /);
  }
  expect((await telemetra(['--help'])).code).toBe(0);
});

describe('after a bounded run', () => {
  let pipeline: string;
  let workspace: string;
  beforeAll(async () => {
    mkdirSync(at('done'));
    pipeline = smallPipeline(at('done'));
    workspace = at('done', 'w');
    const { code, stderr } = await telemetra(['run', pipeline, '--bounded', '--workspace', workspace, '--log', 'pretty']);
    expect([code, stderr]).toEqual([
      0,
      'completed: 5 events read, 3 rows written, 2 dead letters (telemetra dead ls shows them)\n',
    ]);
  });
  const run = (...words: string[]): ReturnType<typeof telemetra> => telemetra([...words, '--workspace', workspace]);

  test('the same command again takes no more rows; --fresh begins anew', async () => {
    const before = readFileSync(at('done', 'out.jsonl'), 'utf8');
    expect(before.trim().split('\n')).toHaveLength(3);
    const again = await run('run', pipeline, '--bounded', '--log', 'pretty');
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/^complete; .*--fresh/)]);
    const json = await run('run', pipeline, '--bounded', '--log', 'json');
    expect([json.code, json.stdout]).toEqual([0, expect.stringContaining('"complete; the input was read to its end before')]);
    expect(readFileSync(at('done', 'out.jsonl'), 'utf8')).toBe(before);
    const fresh = await run('run', pipeline, '--bounded', '--fresh', '--log', 'pretty');
    expect([fresh.code, fresh.stderr]).toEqual([0, expect.stringMatching(/^completed: 5 events read, 3 rows written/)]);
    expect(readFileSync(at('done', 'out.jsonl'), 'utf8')).toBe(before);
  });

  test('check, explain, explain --sql, diff', async () => {
    expect(await telemetra(['check', pipeline])).toMatchObject({ code: 0, stdout: `${pipeline}: no problems\n` });
    const explained = await telemetra(['explain', pipeline]);
    expect(explained).toMatchObject({ code: 0, stderr: '' });
    for (const heading of ['Rows on each edge', 'State that survives a stop', 'Guarantees'])
      expect(explained.stdout).toContain(`\n${heading}\n`);
    expect(explained.stdout).not.toMatch(/\n\n$/);
    expect(await telemetra(['explain', '--sql', pipeline])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^minute\n.*count\(\*\)\n$/),
    });
    expect(await telemetra(['diff', pipeline, pipeline])).toMatchObject({
      code: 0,
      stdout: 'the files are equal\nNothing to do.\n',
    });
    const other = chain(at('done'), [FILE_SOURCE, { ...MINUTE, settings: { ...MINUTE.settings, by: [] } }, FILE_SINK], 'q.json');
    const { code, stdout } = await telemetra(['diff', pipeline, other]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('minute')]);
  });

  test('dead ls and show', async () => {
    const { code, stdout } = await run('dead', 'ls', pipeline);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 dead letters kept\n/);
    expect(stdout).toContain('events  invalid_json  1');
    expect(stdout).toMatch(/^#1 .*events\/0 offset 2/m);
    const shown = await run('dead', 'show', pipeline, '1');
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringMatching(/^#1 {2}invalid_json at events\n[^]*\n8 bytes:\nnonsense\n$/),
    ]);
    expect(await run('dead', 'show', pipeline, '99')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^There is no dead letter 99;/),
    });
    expect(await run('dead', 'show', pipeline, 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^A dead letter is named by its number/),
    });
    const lines = (await run('dead', 'ls', pipeline, '--json', '--code', 'wrong_type')).stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual(['wrong_type']);
    expect(await telemetra(['dead', 'ls', pipeline, '--workspace', at('none')])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^No stored state in /),
    });
    expect(existsSync(at('none'))).toBe(false);
  });

  test('state ls, verify', async () => {
    const { code, stdout } = await run('state', 'ls');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /epoch \d+ of 2\S+Z, \d+\.\d MiB, lineage \S+, complete\n {2}events {2}next offset by partition 0:5\n$/,
      ),
    ]);
    expect(await run('state', 'verify')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: \d+ values checked, 0 damaged\n$/),
    });
  });

  test('what is not there is said, and not created', async () => {
    for (const words of [
      ['state', 'ls', '--state', at('nostate')],
      ['state', 'verify', '--state', at('nostate')],
      ['state', 'reset', '--state', at('nostate')],
      ['state', 'reset', 'nope'],
      ['state', 'reset', PIPELINE_ID.slice(0, 8)],
    ])
      expect(await run(...words)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^There is no stored state /),
      });
    expect(await run('state', 'reset')).toMatchObject({ code: 2, stderr: expect.stringMatching(/^It is not said whose state/) });
    expect(existsSync(at('nostate'))).toBe(false);
    expect(existsSync(join(workspace, 'state', PIPELINE_ID, 'state.sqlite'))).toBe(true);
  });
});

test('[E1] state verify finds a flipped byte, a run refuses it (3), state ls still lists the others', async () => {
  mkdirSync(at('flip'));
  const pipeline = smallPipeline(at('flip'));
  const state = at('flip', 'state');
  const words = ['--state', state, '--workspace', at('flip', 'w')];
  const ran = await telemetra(['run', pipeline, '--bounded', ...words]);
  expect(ran.code).toBe(0);
  const database = new DatabaseSync(join(state, 'state.sqlite'));
  const row = database.prepare('SELECT epoch, body FROM manifest ORDER BY epoch DESC LIMIT 1').get() as {
    epoch: number;
    body: string;
  };
  database
    .prepare('UPDATE manifest SET body = ? WHERE epoch = ?')
    .run(row.body.replace('"complete":true', '"complete":trüe'), row.epoch);
  database.close();
  const { code, stdout } = await telemetra(['state', 'verify', ...words]);
  expect([code, stdout]).toEqual([1, expect.stringMatching(new RegExp(`1 damaged\\n {2}manifest of epoch ${row.epoch}\\n$`))]);
  const again = await telemetra(['run', pipeline, '--bounded', ...words, '--log', 'pretty']);
  expect([again.code, again.stderr]).toEqual([3, expect.stringMatching(/^The stored state is damaged: .*\n {2}Restore/)]);

  writeFileSync(join(state, 'state.sqlite'), 'no database at all, but long enough to look at '.repeat(100));
  expect(await telemetra(['state', 'verify', ...words])).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/state\.sqlite is damaged: /),
  });
  const listed = await telemetra(['state', 'ls', ...words]);
  expect([listed.code, listed.stdout]).toEqual([1, expect.stringMatching(/state\.sqlite is damaged: /)]);
});

test('state reset removes the state and nothing else; reset removes only workspaces', async () => {
  mkdirSync(at('reset'));
  const pipeline = smallPipeline(at('reset'));
  const workspace = at('reset', 'w');
  expect((await telemetra(['run', pipeline, '--bounded', '--workspace', workspace])).code).toBe(0);
  const state = join(workspace, 'state', PIPELINE_ID);
  writeFileSync(join(state, 'my-notes.txt'), 'keep');
  const removed = await telemetra(['state', 'reset', PIPELINE_ID, '--workspace', workspace]);
  expect([removed.code, removed.stdout]).toEqual([0, `Removed the state in ${state}.\n`]);
  expect(existsSync(join(state, 'state.sqlite'))).toBe(false);
  expect(readFileSync(join(state, 'my-notes.txt'), 'utf8')).toBe('keep');

  const foreign = await telemetra(['reset', '--workspace', at('reset')]);
  expect([foreign.code, foreign.stderr]).toEqual([
    3,
    expect.stringMatching(/is not a workspace of Telemetra: it holds .*Nothing was removed\./),
  ]);
  expect(readFileSync(at('reset', 'in.jsonl'), 'utf8')).toBe(INPUT);
  expect(await telemetra(['reset', '--workspace', workspace])).toMatchObject({ code: 0, stdout: `Removed ${workspace}.\n` });
  expect(existsSync(workspace)).toBe(false);
  expect(await telemetra(['reset', '--workspace', workspace])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nothing to reset'),
  });
});

test('a workspace or state that cannot be a directory: a sentence, exit 2', async () => {
  mkdirSync(at('no-place'));
  const pipeline = smallPipeline(at('no-place'));
  for (const place of [pipeline, join(pipeline, 'w')])
    for (const option of ['--workspace', '--state'])
      expect(await telemetra(['run', pipeline, '--workspace', at('no-place', 'w'), option, place])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^The directory .* cannot be used: .*p\.json is a file, not a directory\.\n/),
      });
});

test.runIf(process.platform === 'linux')('a workspace in a file system that takes no directories', async () => {
  const { code, stderr } = await telemetra(['run', smallPipeline(at('done')), '--workspace', '/proc/telemetra/w']);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^The directory \/proc\/telemetra\/w cannot be used: there is no such file or directory\./),
  ]);
});
