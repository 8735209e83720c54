import type { PGlite } from '@electric-sql/pglite';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOnce, type RunEnd } from '../kill/kill-loop.ts';
import { jsonLines, ROOT, scratch, telemetra } from '../support/telemetra.ts';
import { expectSameTable } from './compare-rows.ts';
import { expectedRows, openOracle, seedLines, TOPICS, type Row } from './oracle.ts';

const PIPELINE = join(ROOT, 'pipelines', 'stream-moments.json');
const SEED = join(ROOT, 'tests', 'fixtures', 'seed');

/** sink node → view of the oracle, and the key of its rows */
const TABLES = {
  chat_summary_minute: ['expected_chat_summary_minute', ['stream_id', 'window_start', 'window_end']],
  moments: ['expected_moments', ['stream_id', 'moment_type', 'timestamp']],
  viewer_timeseries: ['expected_viewer_timeseries', ['stream_id', 'timestamp']],
  transactions_table: ['expected_transactions', ['transaction_id']],
  streams: ['expected_streams', ['stream_id']],
} as const;
type Sink = keyof typeof TABLES;
const SINKS = Object.keys(TABLES) as Sink[];

const directory = scratch('oracle');
let oracle: PGlite;
let runs = 0;

beforeAll(async () => {
  oracle = await openOracle(Object.fromEntries(TOPICS.map((topic) => [topic, seedLines(topic)])));
});

afterAll(async () => {
  await oracle.close();
  directory.remove();
});

interface Place {
  readonly out: (sink: Sink) => string;
  readonly state: string;
  /** behind `run` */
  readonly words: readonly string[];
}

const run = ({ words }: Place): ReturnType<typeof telemetra> => telemetra(['run', ...words, '--log', 'pretty']);

function place(read: (topic: string) => string, ...more: string[]): Place {
  const here = join(directory.path, String(++runs));
  const out = (sink: Sink): string => join(directory.path, `${runs}-${sink}.jsonl`);
  const files = SINKS.map((sink) => [sink, out(sink)] as const);
  return {
    out: (sink) => files.find(([name]) => name === sink)![1],
    state: join(here, 'state'),
    words: [
      PIPELINE,
      '--workspace',
      here,
      '--state',
      join(here, 'state'),
      '--bounded',
      ...more,
      ...TOPICS.flatMap((topic) => ['--read', `${topic}=${read(topic)}`]),
      ...files.flatMap(([sink, file]) => ['--write', `${sink}=${file}`]),
    ],
  };
}

/** The last row of each key: what a keyed table holds after the rows have been applied in order. */
function applied(rows: readonly Row[], key: readonly string[]): readonly Row[] {
  return [...new Map(rows.map((row) => [JSON.stringify(key.map((column) => row[column])), row])).values()];
}

async function expectTables({ out }: Place): Promise<void> {
  for (const sink of SINKS) {
    const [view, key] = TABLES[sink];
    expectSameTable(applied(jsonLines(out(sink)), key), await expectedRows(oracle, view, key.join(', ')), key);
  }
}

const gzip = (topic: string): string => join(SEED, `${topic}.jsonl.gz`);

describe('stream moments on the recorded events of the original producer', () => {
  test('every table equals the one that PostgreSQL computes from the same files', async () => {
    const here = place(gzip);
    expect(await run(here)).toMatchObject({ code: 0 });
    await expectTables(here);
  });

  test('[D1] plain files and batches of 7 rows give the same tables', async () => {
    for (const topic of TOPICS) writeFileSync(join(directory.path, `${topic}.jsonl`), seedLines(topic).join('\n'));
    const here = place((topic) => join(directory.path, `${topic}.jsonl`), '--batch-rows', '7');
    expect(await run(here)).toMatchObject({ code: 0 });
    await expectTables(here);
  });

  test('[E9] stopped by SIGTERM and by SIGKILL and continued, the tables are the same', async () => {
    // some two hundred epochs, of which each start makes a few
    const here = place(gzip, '--epoch-ms', '2', '--batch-rows', '8');
    const ends: RunEnd[] = [];
    for (const [epochs, signal] of [
      [8, 'SIGTERM'],
      [15, 'SIGKILL'],
      [20, 'SIGTERM'],
      [10, 'SIGKILL'],
    ] as const) {
      ends.push(await runOnce(here.words, here.state, {}, { epochs, laterMs: 0, signal }));
    }
    expect(ends.map(({ code, before, after, complete }) => [code, after > before, complete])).toEqual(
      [0, null, 0, null].map((code) => [code, true, false]),
    );
    expect(await run(here)).toMatchObject({ code: 0 });
    await expectTables(here);
    const again = await run(here);
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/^complete; .*--fresh/)]);
  });
});
