import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { expect } from 'vitest';
import { openConnections, type Connections } from '../../connections/connections.ts';
import type { EventLog } from '../../connections/kafka/event-log.ts';
import { partitionOfKey } from '../../connections/kafka/murmur2.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { expectSameTable } from '../oracle/compare-rows.ts';
import { expectedRows, TOPICS, type Row, type Topic } from '../oracle/oracle.ts';
import { ROOT } from '../support/telemetra.ts';

/** table → view of the oracle, and the key of its rows */
export const TABLES = {
  chat_summary_minute: ['expected_chat_summary_minute', ['stream_id', 'window_start', 'window_end']],
  moments: ['expected_moments', ['stream_id', 'moment_type', 'timestamp']],
  viewer_timeseries: ['expected_viewer_timeseries', ['stream_id', 'timestamp']],
  transactions: ['expected_transactions', ['transaction_id']],
  streams: ['expected_streams', ['stream_id']],
} as const;

export const PARTITIONS = 3;

export interface Flow {
  readonly file: string;
  /** where state and stand-ins of this flow lie */
  readonly workspace: string;
  readonly state: string;
  /** topic names of this flow */
  readonly topic: (name: Topic) => string;
}

/** stream-moments.json under an id and topics of its own, so that nobody else's fences and messages are met. */
export function flowIn(directory: string, change: (document: PipelineDocument) => PipelineDocument = (same) => same): Flow {
  mkdirSync(directory, { recursive: true });
  const id = randomUUID();
  const suffix = id.slice(0, 8);
  const topic = (name: string): string => `telemetra.events.${name}.${suffix}`;
  const original = JSON.parse(readFileSync(join(ROOT, 'pipelines', 'stream-moments.json'), 'utf8')) as PipelineDocument;
  const nodes = original.nodes.map((node) => {
    if (!(TOPICS as readonly string[]).includes(node.id)) return node;
    return { ...node, settings: { ...(node.settings as object), topic: topic(node.id) } };
  });
  const file = join(directory, 'stream-moments.json');
  writeFileSync(file, JSON.stringify(change({ ...original, id, nodes })));
  return { file, workspace: directory, state: join(directory, 'state', id), topic };
}

/** Appends events in their order, keyed by channel as the producer keys them; the log's own time is the events' time. */
export async function appendEvents(log: EventLog, topic: string, lines: readonly string[]): Promise<void> {
  const encoder = new TextEncoder();
  for (let from = 0; from < lines.length; from += 2000) {
    await log.append(
      topic,
      lines.slice(from, from + 2000).map((line) => {
        const { channel, timestamp } = JSON.parse(line) as { channel: string; timestamp: string };
        const key = encoder.encode(channel);
        return {
          partition: partitionOfKey(key, PARTITIONS),
          key,
          value: encoder.encode(line),
          timestampUs: Date.parse(timestamp) * 1000,
        };
      }),
    );
  }
}

export async function createTopics(log: EventLog, flow: Flow): Promise<void> {
  // the recorded events are older than any short retention
  for (const name of TOPICS) await log.create(flow.topic(name), { partitions: PARTITIONS, retentionMs: 3650 * 24 * 3_600_000 });
}

/** Every table equals the oracle's, whole. */
export async function expectTables(connections: Connections, oracle: PGlite): Promise<void> {
  const postgres = await connections.postgres('postgres');
  for (const [table, [view, key]] of Object.entries(TABLES)) {
    const expected = await expectedRows(oracle, view, key.join(', '));
    const columns = Object.keys(expected[0] ?? { [key[0]]: 0 });
    const { rows } = await postgres.use((session) =>
      session
        .query(`SET TimeZone TO 'UTC'; `)
        .then(() => session.query(`SELECT row_to_json(t)::text AS row FROM (SELECT ${columns.join(', ')} FROM ${table}) AS t`)),
    );
    const actual = rows.map(({ row }) => plainTimes(JSON.parse(row!) as Row));
    expectSameTable(actual, expected, key);
  }
}

function plainTimes(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/.test(value)) return [name, value];
      return [
        name,
        value.replace('+00:00', 'Z').replace(/\.(\d*?)0+Z$/, (_, digits: string) => (digits === '' ? 'Z' : `.${digits}Z`)),
      ];
    }),
  );
}

/** [W4] the newest full window: the greatest end that is not beyond the newest event. Written a second time, in SQL. */
const LIVE_METRICS = `
  WITH event AS (
    SELECT stream_id, t, seq, user_id, emotes, sentiment, NULL::bigint AS viewer_count, 0 AS source FROM message
    UNION ALL SELECT stream_id, t, seq, NULL, NULL, NULL, viewer_count, 1 FROM viewer_event),
  placed AS (SELECT e.*, date_bin('10 s', t, 'epoch') - k * interval '10 s' AS window_start FROM event AS e, generate_series(0, 5) AS k),
  newest AS (
    SELECT stream_id, max(window_start) AS window_start FROM placed
    WHERE window_start + interval '1 min' <= (SELECT max(t) FROM event) GROUP BY stream_id)
  SELECT stream_id, max(t) AS timestamp,
    (array_agg(viewer_count ORDER BY t DESC, seq DESC) FILTER (WHERE viewer_count IS NOT NULL))[1] AS viewer_count,
    count(sentiment) / 60.0::float8 AS chat_rate, count(DISTINCT user_id) AS unique_chatters,
    (SELECT array_agg(emote ORDER BY n DESC, emote COLLATE "C") FROM (
      SELECT emote, count(*) AS n FROM placed AS c, jsonb_array_elements_text(c.emotes) AS emote
      WHERE c.stream_id = p.stream_id AND c.window_start = p.window_start
      GROUP BY emote ORDER BY n DESC, emote COLLATE "C" LIMIT 10) AS best) AS top_emotes,
    avg(sentiment) AS sentiment_score
  FROM placed AS p JOIN newest USING (stream_id, window_start) GROUP BY stream_id, window_start`;

/** Keys of the newest values, and lists with every moment. */
export async function expectKeys(connections: Connections, oracle: PGlite): Promise<void> {
  const redis = await connections.redis('redis');
  const metrics = await expectedRows(oracle, `(${LIVE_METRICS}) AS live`, 'stream_id');
  expect(metrics.length).toBeGreaterThan(0);
  const stored: Row[] = [];
  for (const { stream_id: stream } of metrics) {
    const text = await redis.value(`metrics:${String(stream)}`, 1);
    stored.push(JSON.parse(String(text)) as Row);
  }
  expectSameTable(stored, metrics, ['stream_id']);
  for (const { stream_id: stream, viewer_count: viewers, chat_rate: rate } of metrics) {
    expect(await redis.value(`viewer_count:${String(stream)}`, 1)).toBe(viewers === null ? undefined : String(viewers));
    expect(Number(await redis.value(`chat_rate:${String(stream)}`, 1))).toBeCloseTo(Number(rate), 12);
  }
  const moments = await expectedRows(oracle, 'expected_moments', 'timestamp DESC');
  const lists: Row[] = [];
  for (const { key } of await redis.keys('moments:*', 100)) {
    const values = (await redis.value(key, 1000)) as readonly string[];
    const rows = values.map((value) => JSON.parse(value) as Row);
    const times = rows.map((row) => String(row['timestamp']));
    expect(times).toEqual(times.toSorted().toReversed());
    lists.push(...rows);
  }
  expect(moments.length).toBeLessThanOrEqual(50);
  expectSameTable(lists, moments, ['stream_id', 'moment_type', 'timestamp']);
}

export function connectionsOf(flow: Flow, env: Readonly<Record<string, string>>): Connections {
  return openConnections({ services: 'env', workspace: flow.workspace, env });
}
