import { createServer } from 'node:http';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { jsonLines, scratch } from '../support/telemetra.ts';
import { commandLine as telemetra, type Said } from './command-line.ts';
import { chain, FILE_SINK, FILE_SOURCE, INPUT, KAFKA_SOURCE, MINUTE, PIPELINE_ID, smallPipeline } from './small-pipeline.ts';

const dir = scratch('cli-run');
afterAll(() => dir.remove());

let places = 0;
/** A directory with the small pipeline in it. */
function place(): { at: (...parts: string[]) => string; pipeline: string; run: (...words: string[]) => Promise<Said> } {
  const directory = join(dir.path, String(++places));
  mkdirSync(directory);
  const pipeline = smallPipeline(directory);
  const at = (...parts: string[]): string => join(directory, ...parts);
  return { at, pipeline, run: (...words) => telemetra(['run', pipeline, '--workspace', at('w'), '--log', 'pretty', ...words]) };
}

const ROWS = [
  { who: 'ann', window_start: '2026-01-01T00:00:00Z', window_end: '2026-01-01T00:01:00Z', c: 1 },
  { who: 'bob', window_start: '2026-01-01T00:00:00Z', window_end: '2026-01-01T00:01:00Z', c: 1 },
  { who: 'bob', window_start: '2026-01-01T00:02:00Z', window_end: '2026-01-01T00:03:00Z', c: 1 },
];

describe('--read and --write', () => {
  test('in place of source and sink, plain or gzip; the pipeline file’s own files stay untouched', async () => {
    const { at, run } = place();
    rmSync(at('in.jsonl'));
    writeFileSync(at('a.jsonl.gz'), gzipSync(INPUT));
    writeFileSync(at('a.jsonl'), INPUT);
    for (const name of ['a.jsonl.gz', 'a.jsonl']) {
      const { code, stderr } = await run('--bounded', '--read', `events=${at(name)}`, '--write', `rows=${at(`${name}.out`)}`);
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^completed: 5 events read, 3 rows written, 2 dead letters/)]);
      expect(jsonLines(at(`${name}.out`))).toEqual(ROWS);
    }
    expect(existsSync(at('out.jsonl'))).toBe(false);
  });

  test('with --read other sources are empty, with --write other sinks write nothing', async () => {
    const { at } = place();
    const nodes = [
      KAFKA_SOURCE,
      { ...KAFKA_SOURCE, id: 'others' },
      { id: 'all', kind: 'union' },
      MINUTE,
      FILE_SINK,
      { ...FILE_SINK, id: 'copy', settings: { path: 'copy.jsonl' } },
    ];
    const file = at('two.json');
    writeFileSync(
      file,
      JSON.stringify({
        telemetra: 1,
        id: PIPELINE_ID,
        name: 'two',
        nodes,
        edges: [
          { from: 'events.out', to: 'all.in1' },
          { from: 'others.out', to: 'all.in2' },
          { from: 'all.out', to: 'minute.in' },
          { from: 'minute.out', to: 'rows.in' },
          { from: 'minute.out', to: 'copy.in' },
        ],
      }),
    );
    const words = ['--bounded', '--workspace', at('w'), '--read', `events=${at('in.jsonl')}`, '--write', `rows=${at('r.jsonl')}`];
    const { code, stderr } = await telemetra(['run', file, ...words, '--log', 'pretty']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^completed: 5 events read/)]);
    expect(jsonLines(at('r.jsonl'))).toEqual(ROWS);
    expect([existsSync(at('copy.jsonl')), existsSync(at('w', 'log.sqlite'))]).toEqual([false, false]);
  });

  test('what is wrong with them is said before anything is created (2)', async () => {
    const { at, run } = place();
    for (const [words, sentence] of [
      [['--read', 'nope=x'], /^--read nope: .*x cannot be read: there is no such file or directory\./],
      [['--read', `nope=${at('in.jsonl')}`], /^--read names nope, but the pipeline has no source of that id \(it has events\)\./],
      [['--read', `rows=${at('in.jsonl')}`], /^--read names rows, but the pipeline has no source of that id/],
      [['--write', 'events=x'], /^--write names events, but the pipeline has no sink of that id \(it has rows\)\./],
      [['--read', 'events'], /^--read events does not say which node and file\./],
      [['--read', 'events='], /^--read events= does not say/],
      [['--write', '=x'], /^--write =x does not say/],
      [
        ['--read', `events=${at('none.jsonl')}`],
        /^--read events: .*none\.jsonl cannot be read: there is no such file or directory\./,
      ],
      [['--read', `events=${at()}`], /^--read events: .* cannot be read: it is a directory\./],
      [['--write', 'rows=a', '--write', 'rows=b'], /^--write names rows twice\./],
      [['--from', 'yesterday'], /^--from yesterday is neither earliest, latest, stored nor a time\.\n {2}Write a time such as/],
      [
        ['--fresh-node', 'nope'],
        /^--fresh-node names nope, but the pipeline has no node of that id\.\n {2}Its nodes are events, minute, rows\./,
      ],
    ] as const) {
      const { code, stdout, stderr } = await run('--bounded', '--write', `rows=${at('o.jsonl')}`, ...words);
      expect([words, code, stdout, stderr]).toEqual([words, 2, '', expect.stringMatching(sentence)]);
    }
    expect([existsSync(at('w')), existsSync(at('o.jsonl')), existsSync(at('out.jsonl'))]).toEqual([false, false, false]);
  });

  test('a target that cannot be written: a sentence (1)', async () => {
    const { at, run } = place();
    for (const file of [at(), at('no', 'such', 'directory')]) {
      const { code, stderr } = await run('--bounded', '--write', `rows=${file}`);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^The file .* cannot be written: .*\n {2}Name a file in a directory that exists/),
      ]);
      expect(stderr).not.toMatch(/\n\s+at |defect/);
    }
  });

  test('fresh state and an output file that holds something: refused (3) unless --fresh', async () => {
    const { at, run } = place();
    writeFileSync(at('o.jsonl'), 'my notes\n');
    const words = ['--bounded', '--write', `rows=${at('o.jsonl')}`];
    const refused = await run(...words);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringMatching(/--fresh/)]);
    expect(readFileSync(at('o.jsonl'), 'utf8')).toBe('my notes\n');
    expect((await run(...words, '--fresh')).code).toBe(0);
    expect(jsonLines(at('o.jsonl'))).toEqual(ROWS);
  });
});

test('--from on a topic: earliest, a time, latest', async () => {
  const { at } = place();
  const w = ['--workspace', at('w'), '--log', 'pretty', '--bounded'];
  const sink = {
    id: 'topic',
    kind: 'kafka-sink',
    settings: { topic: 'events', value: 'column', value_column: 'line', timestamp_column: 'at' },
  };
  const lines = {
    id: 'lines',
    kind: 'derive',
    settings: { columns: [{ name: 'line', expression: `json_build_object('at', at, 'who', who)::text` }] },
  };
  const filled = await telemetra([
    'run',
    chain(at(), [FILE_SOURCE, lines, sink], 'fill.json', PIPELINE_ID.replace('1', '9')),
    ...w,
  ]);
  expect([filled.code, filled.stderr]).toEqual([
    0,
    expect.stringMatching(
      /^kafka → embedded kafka\nCreated topic "events" \(1 partition, kept 7d\) in the embedded log\.\ncompleted: 5 events read, 3 rows written/,
    ),
  ]);
  const reader = chain(at(), [KAFKA_SOURCE, MINUTE, FILE_SINK], 'reader.json');
  const readBy = async (from: string): Promise<string> => {
    const { code, stderr } = await telemetra([
      'run',
      reader,
      ...w,
      '--from',
      from,
      '--write',
      `rows=${at(`${from.slice(0, 6)}.jsonl`)}`,
    ]);
    return `${code} ${/completed: (\d+ events?) read/.exec(stderr)?.[1]}`;
  };
  expect(await readBy('earliest')).toBe('0 3 events');
  expect(await readBy('2026-01-01T00:01:00Z')).toBe('0 1 event');
  expect(await readBy('latest')).toBe('0 0 events');
  const topics = (...words: string[]): Promise<Said> => telemetra(['topics', ...words, '--workspace', at('w')]);
  expect(await topics('ls')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^events {2}1 partition, 3 messages, kept 7d\n$/),
  });
  expect(await topics('show', 'events')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^events {2}3 messages\n {2}partition 0 {2}offsets 0 to \d\n$/),
  });
  const tail = await topics('tail', 'events', '--last', '2', '--json');
  expect(
    tail.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { offset: number }).offset),
  ).toHaveLength(2);
  for (const words of [
    ['show', 'nope'],
    ['tail', 'nope'],
  ])
    expect(await topics(...words)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'There is no topic "nope" in the embedded log.\n  List the topics with "telemetra topics ls".\n',
    });
  expect(await telemetra(['topics', 'ls', '--workspace', at('none')])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^There is no workspace /),
  });
  expect(existsSync(at('none'))).toBe(false);
});

describe('state and sinks', () => {
  test('[E10] a state newer than this version is refused (3)', async () => {
    const { at, run } = place();
    expect((await run('--bounded', '--state', at('s'))).code).toBe(0);
    const database = new DatabaseSync(at('s', 'state.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    const { code, stderr } = await run('--bounded', '--state', at('s'));
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^.*state\.sqlite was written by a newer Telemetra \(format 99, this one knows \d+\)\.\n {2}Use the newer version/,
      ),
    ]);
  });

  test('[E3] a state older than the sink is refused (3)', async () => {
    const { at, run } = place();
    writeFileSync(at('in.jsonl'), INPUT.split('\n').slice(0, 1).join('\n') + '\n');
    // an older copy: the state as it was before the last epochs
    const words = ['--state', at('s'), '--write', `rows=${at('o.jsonl')}`];
    expect((await run('--bounded', ...words)).code).toBe(0);
    const old = new DatabaseSync(at('s', 'state.sqlite'));
    const { epoch, body } = old.prepare('SELECT epoch, body FROM manifest ORDER BY epoch LIMIT 1').get() as {
      epoch: number;
      body: string;
    };
    old.prepare('DELETE FROM manifest WHERE epoch > ?').run(epoch);
    old.prepare('DELETE FROM outbox WHERE epoch > ?').run(epoch);
    old.close();
    expect(body).not.toContain('"complete":true');
    const { code, stderr } = await run('--bounded', ...words);
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^The sink rows already holds epoch \d+, but this state ends at epoch 1: it is an older copy\. Nothing was written\.\n {2}Start with the newer/,
      ),
    ]);
  });

  test('[E3] a start that one sink refuses changes nothing: neither the other sinks nor, with --fresh, the old state', async () => {
    const { at } = place();
    writeFileSync(
      at('two.json'),
      JSON.stringify({
        telemetra: 1,
        id: PIPELINE_ID,
        name: 'two',
        nodes: [
          FILE_SOURCE,
          { ...FILE_SINK, id: 'a', settings: { path: 'a.jsonl' } },
          { ...FILE_SINK, id: 'b', settings: { path: 'b.jsonl' } },
        ],
        edges: [
          { from: 'events.out', to: 'a.in' },
          { from: 'events.out', to: 'b.in' },
        ],
      }),
    );
    const two = (state: string, ...words: string[]): Promise<Said> =>
      telemetra(['run', at('two.json'), '--bounded', '--workspace', at('w'), '--state', at(state), '--log', 'pretty', ...words]);
    writeFileSync(at('b.jsonl'), 'my notes\n');
    expect((await two('s1')).code).toBe(3);
    rmSync(at('b.jsonl'));
    // another state may begin: the refused start holds no fence
    expect((await two('s2')).code).toBe(0);
    const rows = readFileSync(at('a.jsonl'), 'utf8');
    expect(rows.trim().split('\n')).toHaveLength(3);

    const before = readFileSync(at('s2', 'state.sqlite'));
    rmSync(at('b.jsonl'));
    mkdirSync(at('b.jsonl'));
    expect((await two('s2', '--fresh')).code).toBe(1);
    expect(readFileSync(at('a.jsonl'), 'utf8')).toBe(rows);
    expect(readFileSync(at('s2', 'state.sqlite'))).toEqual(before);
    rmSync(at('b.jsonl'), { recursive: true });
    expect((await two('s2', '--fresh')).code).toBe(0);
    expect(readFileSync(at('a.jsonl'), 'utf8')).toBe(rows);
  });

  test('[E3] other lineage: refused (3); --adopt is not enough for a sink without a key, --allow-duplicates is', async () => {
    const { at, run } = place();
    const write = ['--write', `rows=${at('o.jsonl')}`, '--bounded'];
    expect((await run('--state', at('s1'), ...write)).code).toBe(0);
    const refused = await run('--state', at('s2'), ...write);
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringMatching(
        /^The sink rows was last written by another state \(lineage \S+, epoch \d+\); nothing was written\.\n.*--adopt --allow-duplicates\.\n$/,
      ),
    ]);
    const adopting = await run('--state', at('s2'), ...write, '--adopt');
    expect([adopting.code, adopting.stderr]).toEqual([
      3,
      expect.stringMatching(/^The sink rows has no key, .*nothing was written\.\n {2}Add --allow-duplicates/),
    ]);
    expect(jsonLines(at('o.jsonl'))).toEqual(ROWS);
    expect((await run('--state', at('s2'), ...write, '--adopt', '--allow-duplicates')).code).toBe(0);
    expect(jsonLines(at('o.jsonl'))).toEqual([...ROWS, ...ROWS]);
  });

  test('[E8] a change that would lose state is refused (3); --fresh-node starts that node anew', async () => {
    const { at } = place();
    const words = ['--state', at('s'), '--workspace', at('w'), '--log', 'pretty', '--write', `rows=${at('o.jsonl')}`];
    const source = { ...KAFKA_SOURCE };
    await telemetra([
      'run',
      chain(
        at(),
        [FILE_SOURCE, { id: 'to', kind: 'kafka-sink', settings: { topic: 'events', key: 'who' } }],
        'fill.json',
        PIPELINE_ID.replace('1', '9'),
      ),
      '--bounded',
      '--workspace',
      at('w'),
    ]);
    expect((await telemetra(['run', chain(at(), [source, MINUTE, FILE_SINK]), '--bounded', ...words])).code).toBe(0);
    const database = new DatabaseSync(at('s', 'state.sqlite'));
    const row = database.prepare('SELECT epoch, body FROM manifest ORDER BY epoch DESC LIMIT 1').get() as {
      epoch: number;
      body: string;
    };
    // as if it had been stopped, not completed
    database.prepare('DELETE FROM manifest WHERE epoch = ?').run(row.epoch);
    database.close();
    rmSync(at('o.jsonl'));
    rmSync(at('o.jsonl.telemetra'));
    const edited = chain(at(), [source, { ...MINUTE, settings: { ...MINUTE.settings, by: [] } }, FILE_SINK]);
    const refused = await telemetra(['run', edited, '--bounded', ...words]);
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringMatching(
        /The stored state does not fit this pipeline: minute has other settings that decide its state\. Nothing was read or written\.\n.*--fresh-node NODE/,
      ),
    ]);
    expect(existsSync(at('o.jsonl'))).toBe(false);
    const anew = await telemetra(['run', edited, '--bounded', ...words, '--fresh-node', 'minute']);
    expect([anew.code, anew.stderr]).toEqual([0, expect.stringMatching(/completed: /)]);
  });
});

describe('--metrics-port', () => {
  test('a port that is taken: a sentence (1), nothing read', async () => {
    const { at, run } = place();
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await run('--bounded', '--metrics-port', String(port));
    server.close();
    expect([code, stderr]).toEqual([
      1,
      `The metrics port 127.0.0.1:${port} cannot be used: another program uses it.\n  Choose another --metrics-port.\n`,
    ]);
    expect(existsSync(at('out.jsonl'))).toBe(false);
  });
});

test('--log json: every line is a JSON object, numbered without gaps, the last says how it ended', async () => {
  const { at, pipeline } = place();
  const { code, stdout, stderr } = await telemetra(['run', pipeline, '--workspace', at('w'), '--bounded', '--log', 'json']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; seq: number; state?: string; exitCode?: number });
  expect([code, stderr]).toEqual([0, '']);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.at(-1)).toMatchObject({ type: 'state', state: 'completed', exitCode: 0 });
});

describe('[V7] dead replay', () => {
  test('a dry run sends nothing; numbers and texts are checked; a completed run takes none (3)', async () => {
    const { at } = place();
    const base = ['--workspace', at('w'), '--state', at('s')];
    const pipeline = chain(at(), [{ ...FILE_SOURCE, settings: { ...FILE_SOURCE.settings } }, MINUTE, FILE_SINK]);
    expect((await telemetra(['run', pipeline, '--bounded', ...base])).code).toBe(0);
    const replay = (...words: string[]): Promise<Said> => telemetra(['dead', 'replay', pipeline, ...words, ...base]);
    const dry = await replay('--dry-run');
    expect([dry.code, dry.stdout]).toEqual([
      0,
      expect.stringMatching(
        /^#1 will be a dead letter again: .+\n#2 will be a dead letter again: .+\n2 dead letters would be sent; nothing was\.\n$/,
      ),
    ]);
    expect(await replay('1', '--text', '{"at":"2026-01-01T00:00:03Z","who":"ann"}', '--dry-run')).toMatchObject({
      code: 0,
      stdout: '#1 will be late at minute (final up to the end)\n1 dead letter would be sent; nothing was.\n',
    });
    expect(await replay('77')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^There is no dead letter 77;/) });
    expect(await replay('x')).toMatchObject({ code: 2, stderr: expect.stringMatching(/^A dead letter is named by its number/) });
    expect(await replay('--text', '{}')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^--text replaces the bytes of one dead letter, but none is named\./),
    });
    expect(await replay('1')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^This run read its input to the end and takes no more rows, so nothing was sent\.\n/),
    });
  });
});

test('a lexicon and a key template that cannot work are problems of check (2)', async () => {
  const { at } = place();
  const words = [{ word: 'two words', weight: 1 }];
  const lexicon = chain(
    at(),
    [FILE_SOURCE, { id: 'mood', kind: 'sentiment', settings: { field: 'who', lexicon: 'own', words } }, FILE_SINK],
    'lexicon.json',
  );
  expect(await telemetra(['check', lexicon])).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/^error not_one_word at mood/),
  });
  for (const [key, code] of [
    ['', 'wrong_setting'],
    ['metrics:{nope}', 'unknown_field'],
    ['metrics:{who', 'key_template'],
  ] as const) {
    const template = chain(
      at(),
      [FILE_SOURCE, { id: 'live', kind: 'redis-sink', settings: { keys: [{ template: key }] } }],
      'template.json',
    );
    expect(await telemetra(['check', template])).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(new RegExp(`^error ${code} at live keys\\.0\\.template`)),
    });
  }
});

test('a copied state continues where the original was', async () => {
  const { at, run } = place();
  expect((await run('--bounded', '--state', at('s'))).code).toBe(0);
  cpSync(at('s'), at('copy'), { recursive: true });
  expect(await run('--bounded', '--state', at('copy'))).toMatchObject({ code: 0, stderr: expect.stringMatching(/^complete; /) });
});
