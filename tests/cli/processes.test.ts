import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/telemetra.ts';
import { chain, FILE_SINK, FILE_SOURCE, INPUT, KAFKA_SOURCE, MINUTE, PIPELINE_ID, smallPipeline } from './small-pipeline.ts';
import { startTelemetra } from './started.ts';

const dir = scratch('cli-processes');
afterAll(() => dir.remove());

let places = 0;
function place(): (...parts: string[]) => string {
  const directory = join(dir.path, String(++places));
  mkdirSync(directory);
  writeFileSync(join(directory, 'in.jsonl'), INPUT);
  return (...parts) => join(directory, ...parts);
}

/** A pipeline that goes on: rows of a generator. */
function endless(at: (...parts: string[]) => string): string {
  const generator = { id: 'events', kind: 'generator', settings: { rate: 50, seed: 7, backfill: '0s' } };
  const file = at('endless.json');
  writeFileSync(
    file,
    JSON.stringify({
      telemetra: 1,
      id: PIPELINE_ID,
      name: 'end "less"',
      nodes: [generator, FILE_SINK],
      edges: [{ from: 'events.chat', to: 'rows.in' }],
    }),
  );
  return file;
}

const RUNNING = /"type":"state","state":"running"/;

describe('a run that goes on', () => {
  test('[E7] [E9] second runner and reset are refused (3); metrics tell; SIGTERM stops with 0', async () => {
    const at = place();
    const pipeline = endless(at);
    const words = ['run', pipeline, '--workspace', at('w'), '--log', 'json', '--epoch-ms', '100'];
    const running = startTelemetra([...words, '--metrics-port', '0']);
    const [, address] = await running.says(/metrics on (http:\/\/127\.0\.0\.1:\d+)\/metrics/);
    await running.says(/"type":"epoch","report":\{"epoch":[2-9]/);

    const second = await startTelemetra([...words]).ended;
    expect([second.code, second.stderr]).toEqual([
      3,
      expect.stringMatching(
        /^The state directory .* is in use by another runner; nothing was read or written\.\n {2}Stop the other runner/,
      ),
    ]);
    for (const command of [['reset'], ['state', 'reset', PIPELINE_ID]]) {
      const refused = await startTelemetra([...command, '--workspace', at('w')]).ended;
      expect([refused.code, refused.stdout, refused.stderr]).toEqual([3, '', expect.stringMatching(/is in use by another runner/)]);
    }
    const listed = await startTelemetra(['state', 'ls', '--workspace', at('w')]).ended;
    expect([listed.code, listed.stdout]).toEqual([0, expect.stringMatching(/epoch \d+ of /)]);

    const health = await fetch(`${address}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { state: 'running' }]);
    const metrics = await fetch(`${address}/metrics`);
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    const text = await metrics.text();
    const labels = String.raw`pipeline="end \\"less\\""`;
    for (const name of [
      'telemetra_rows_in_total',
      'telemetra_rows_held',
      'telemetra_outbox_bytes',
      'telemetra_watermark_delay_seconds',
      'telemetra_state_bytes',
    ])
      expect(text).toMatch(
        new RegExp(
          `^# HELP ${name} .+\\n# TYPE ${name} (counter|gauge)\\n${name}\\{${labels},node="(events|rows)"\\} -?[\\d.e+-]+$`,
          'm',
        ),
      );
    expect(text).toMatch(new RegExp(`^telemetra_rows_fate_total\\{${labels},node="rows",fate="used"\\} \\d+$`, 'm'));
    expect(text).toMatch(/^telemetra_ledger_balanced\{.*\} 1$/m);
    expect(text).toMatch(/^telemetra_running\{.*state="running"\} 1$/m);
    expect([(await fetch(`${address}/else`)).status, (await fetch(`${address}/metrics`, { method: 'POST' })).status]).toEqual([
      404, 405,
    ]);

    running.kill('SIGTERM');
    const { code, signal, stdout } = await running.ended;
    expect([code, signal]).toEqual([0, null]);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/"state":"stopped","exitCode":0/);
  });

  test('[E9] Ctrl-C stops with 0 and says what was done', async () => {
    const at = place();
    const running = startTelemetra([
      'run',
      endless(at),
      '--workspace',
      at('w'),
      '--log',
      'pretty',
      '--metrics-port',
      '0',
      '--epoch-ms',
      '100',
    ]);
    const [, address] = await running.says(/(http\S+)\/metrics/);
    for (let text = ''; !/^telemetra_epoch\{.*\} [2-9]/m.test(text);) text = await (await fetch(`${address}/metrics`)).text();
    running.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/\nstopped: [\d,]+ events? read, [\d,]+ rows? written\n$/)]);
  });

  test('[E7] a copied state: the later start takes the fence, the earlier stops with 3', async () => {
    const at = place();
    const fill = async (id: string): Promise<void> => {
      const file = chain(
        at(),
        [FILE_SOURCE, { id: 'topic', kind: 'kafka-sink', settings: { topic: 'events', key: 'who' } }],
        `${id}.json`,
        PIPELINE_ID.replace('1', id),
      );
      expect((await startTelemetra(['run', file, '--bounded', '--workspace', at('w')]).ended).code).toBe(0);
    };
    await fill('8');
    const pipeline = chain(at(), [KAFKA_SOURCE, FILE_SINK]);
    const words = (state: string): string[] => [
      'run',
      pipeline,
      '--workspace',
      at('w'),
      '--state',
      state,
      '--log',
      'json',
      '--epoch-ms',
      '50',
    ];
    const first = startTelemetra(words(at('a')));
    await first.says(/"out":\[3\][^]*"rows":\{"ledger":\{"in":3,"used":3/);
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
    cpSync(at('a'), at('b'), { recursive: true });
    const earlier = startTelemetra(words(at('a')));
    await earlier.says(RUNNING);
    const later = startTelemetra(words(at('b')));
    await later.says(RUNNING);
    await fill('9');
    const fenced = await earlier.ended;
    expect([fenced.code, fenced.stderr]).toEqual([
      3,
      expect.stringMatching(/^Another run writes .*out\.jsonl now; node rows of this one may not\.\n {2}Stop one of the two runs/),
    ]);
    await later.says(/"rows":\{"ledger":\{"in":6,"used":6/);
    later.kill('SIGTERM');
    expect(await later.ended).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(at('out.jsonl'), 'utf8').trim().split('\n')).toHaveLength(6);
  });
});

test('[V7] a replayed dead letter is counted, and late when its window is closed', async () => {
  const at = place();
  const line = `CASE WHEN who = 'ann' THEN 'nonsense' ELSE json_build_object('at', at, 'who', who)::text END`;
  const nodes = [
    FILE_SOURCE,
    { id: 'lines', kind: 'derive', settings: { columns: [{ name: 'line', expression: line }] } },
    { id: 'topic', kind: 'kafka-sink', settings: { topic: 'events', value: 'column', value_column: 'line' } },
  ];
  const filled = startTelemetra([
    'run',
    chain(at(), nodes, 'fill.json', PIPELINE_ID.replace('1', '8')),
    '--bounded',
    '--workspace',
    at('w'),
  ]);
  expect((await filled.ended).code).toBe(0);
  const pipeline = chain(at(), [KAFKA_SOURCE, MINUTE, FILE_SINK]);
  const words = ['run', pipeline, '--workspace', at('w'), '--log', 'json', '--epoch-ms', '50'];
  const first = startTelemetra(words);
  await first.says(/"minute":\{"ledger":\{"in":2,"used":2,/);
  first.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
  const sent = await startTelemetra([
    'dead',
    'replay',
    pipeline,
    '1',
    '--text',
    '{"at":"2026-01-01T00:00:03Z","who":"ann"}',
    '--workspace',
    at('w'),
  ]).ended;
  expect(sent).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^#1 will be late at minute \(final up to 2026-01-01.00:01:52.*\)\n1 dead letter sent\. A running pipeline reads it now, else the next start does\.\n$/,
    ),
  });
  const second = startTelemetra(words);
  await second.says(/"minute":\{"ledger":\{"in":3,"used":2,"filtered":0,"late":1,"dead":0,/);
  second.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
});

describe('services that do not answer', () => {
  const DOWN = { POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: '1', POSTGRES_PASSWORD: 'canary-5d1f' };
  const table = { id: 'rows', kind: 'postgres-sink', settings: { table: 't', key: ['who', 'window_start', 'window_end'] } };

  test.each([
    ['PostgreSQL', table, DOWN, /^rows: PostgreSQL \(127\.0\.0\.1:1\/postgres\) does not answer while .* Trying again\.$/m],
    [
      'Redis',
      { id: 'rows', kind: 'redis-sink', settings: { keys: [{ template: 'k:{who}' }] } },
      { REDIS_URL: 'redis://:canary-5d1f@127.0.0.1:1' },
      /^rows: Redis \(127\.0\.0\.1:1\/0\) does not answer: .* Trying again\.$/m,
    ],
  ] as const)('[E10] %s is down at start: one sentence, back-off, SIGTERM ends with 0', async (_, sink, env, sentence) => {
    const at = place();
    const pipeline = chain(at(), [FILE_SOURCE, MINUTE, sink]);
    const running = startTelemetra(['run', pipeline, '--workspace', at('w'), '--log', 'pretty'], env);
    await running.says(/Trying again/);
    running.kill('SIGTERM');
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr.replace(/^warn: /gm, '')).toMatch(sentence);
    expect(stderr.match(/Trying again/g)).toHaveLength(1);
    expect(filesWith(at(), 'canary-5d1f')).toEqual([]);
    expect(stderr).not.toContain('canary-5d1f');
  });

  test('[E10] Kafka is down at start', async () => {
    const at = place();
    const running = startTelemetra(
      ['run', chain(at(), [KAFKA_SOURCE, MINUTE, FILE_SINK]), '--workspace', at('w'), '--log', 'pretty'],
      { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' },
    );
    await running.says(/events: .*Kafka.*127\.0\.0\.1:1.*Trying again\./);
    running.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/kafka → 127\.0\.0\.1:1\n/)]);
  });

  test('a wrong environment is a sentence (1), and a secret that no file holds too', async () => {
    const at = place();
    const pipeline = chain(at(), [FILE_SOURCE, MINUTE, table]);
    for (const [env, sentence] of [
      [
        { POSTGRES_HOST: 'x', POSTGRES_PORT: 'often' },
        /^The environment variable POSTGRES_PORT is "often"\.\n {2}Write a whole number from 1 to 65535\.\n$/,
      ],
      [
        { POSTGRES_HOST: 'x', POSTGRES_PASSWORD_FILE: at('none') },
        /^The environment variable POSTGRES_PASSWORD_FILE names the file .*none, which cannot be read\.\n/,
      ],
    ] as const) {
      const { code, stderr } = await startTelemetra(['run', pipeline, '--workspace', at('w'), '--log', 'pretty'], env).ended;
      expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
    }
  });
});

test('the real command: exit code and sentence come through', async () => {
  const at = place();
  const { code, stderr } = await startTelemetra([
    'run',
    smallPipeline(at()),
    '--bounded',
    '--workspace',
    at('w'),
    '--log',
    'pretty',
  ]).ended;
  expect([code, stderr]).toEqual([0, 'completed: 5 events read, 3 rows written, 2 dead letters (telemetra dead ls shows them)\n']);
});

/** Files below a directory that hold a text. */
function filesWith(directory: string, text: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(directory, name);
    return statSync(path).isFile() && readFileSync(path).includes(text);
  });
}
