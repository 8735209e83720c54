import { PGlite } from '@electric-sql/pglite';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export type Row = Readonly<Record<string, unknown>>;

export const TOPICS = ['chat', 'viewer', 'transactions', 'stream_meta'] as const;
export type Topic = (typeof TOPICS)[number];

/** The recorded events of the original producer, one JSON text a line. */
export function seedLines(topic: Topic): readonly string[] {
  const file = new URL(`../fixtures/seed/${topic}.jsonl.gz`, import.meta.url);
  return gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter(Boolean);
}

/** PostgreSQL over the whole input: shares no code with the engine. */
export async function openOracle(lines: Readonly<Partial<Record<Topic, readonly string[]>>>): Promise<PGlite> {
  const database = await PGlite.create();
  await database.exec("SET TimeZone TO 'UTC'");
  for (const topic of TOPICS) {
    await database.exec(`CREATE TABLE ${topic} (seq integer, e jsonb)`);
    await database.query(`INSERT INTO ${topic} SELECT i, line::jsonb FROM unnest($1::text[]) WITH ORDINALITY AS l(line, i)`, [
      lines[topic] ?? [],
    ]);
  }
  await database.exec(readFileSync(new URL('stream-moments.sql', import.meta.url), 'utf8'));
  return database;
}

/** Rows of a view as JSON data with the writing of Telemetra: RFC 3339 in UTC with as many digits as needed. */
export async function expectedRows(database: PGlite, view: string, order: string): Promise<readonly Row[]> {
  const { rows } = await database.query<{ row: Row }>(
    `SELECT row_to_json(v) AS row FROM (SELECT * FROM ${view} ORDER BY ${order}) AS v`,
  );
  return rows.map(({ row }) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainTime(value)])));
}

function plainTime(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/.test(value)) return value;
  return value.replace('+00:00', 'Z').replace(/\.(\d*?)0+Z$/, (_, digits: string) => (digits === '' ? 'Z' : `.${digits}Z`));
}
