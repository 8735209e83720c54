import type { PostgresConnection } from './open.ts';
import { postgresFault } from './postgres-fault.ts';

export interface TableInfo {
  readonly schema: string;
  readonly name: string;
  /** PostgreSQL's own estimate; −1: never analysed */
  readonly estimatedRows: number;
  readonly bytes: number;
}

export interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly key: boolean;
}

export interface TableRows {
  /** JSON data: timestamps RFC 3339 in UTC */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly more: boolean;
}

/** Tables that the user may read, Telemetra's own left out. */
export async function listTables(connection: PostgresConnection): Promise<readonly TableInfo[]> {
  const rows = await read(
    connection,
    `SELECT n.nspname AS schema, c.relname AS name, c.reltuples::bigint AS estimate, pg_total_relation_size(c.oid) AS bytes
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
        AND c.relname <> 'telemetra_fence' AND has_table_privilege(c.oid, 'SELECT')
      ORDER BY 1, 2 LIMIT 1000`,
    [],
  );
  return rows.map((row) => ({
    schema: row['schema']!,
    name: row['name']!,
    estimatedRows: Number(row['estimate']),
    bytes: Number(row['bytes']),
  }));
}

/** Empty: no such table. `table` is a name or schema.name, exactly as PostgreSQL keeps it. */
export async function listColumns(connection: PostgresConnection, table: string): Promise<readonly ColumnInfo[]> {
  const rows = await read(
    connection,
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, (NOT a.attnotnull)::text AS nullable,
            EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))::text AS key
       FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [quoted(table)],
  );
  return rows.map((row) => ({
    name: row['name']!,
    type: row['type']!,
    nullable: row['nullable'] === 'true',
    key: row['key'] === 'true',
  }));
}

/** The first rows by `orderBy` (a column; descending by default); no order: as PostgreSQL gives them. limit ≤ 1,000. */
export async function listRows(
  connection: PostgresConnection,
  table: string,
  options: { readonly limit: number; readonly orderBy?: string; readonly ascending?: boolean },
): Promise<TableRows> {
  const limit = Math.min(Math.max(1, Math.trunc(options.limit)), 1_000);
  const order =
    options.orderBy === undefined
      ? ''
      : `ORDER BY t.${quoted(options.orderBy)} ${options.ascending === true ? 'ASC' : 'DESC NULLS LAST'}`;
  const rows = await read(connection, `SELECT row_to_json(t)::text AS row FROM ${quoted(table)} t ${order} LIMIT ${limit + 1}`, []);
  return {
    rows: rows.slice(0, limit).map((row) => utc(JSON.parse(row['row']!) as Record<string, unknown>)),
    more: rows.length > limit,
  };
}

async function read(
  connection: PostgresConnection,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly Readonly<Record<string, string | null>>[]> {
  try {
    return await connection.transaction(async (session) => {
      await session.query(`SET LOCAL TimeZone = 'UTC'`);
      await session.query('SET TRANSACTION READ ONLY');
      return (await session.query(sql, parameters)).rows;
    });
  } catch (error) {
    throw postgresFault(error, connection.target, 'looking at tables');
  }
}

/** PostgreSQL writes UTC as +00:00; everywhere else in Telemetra it is Z. */
function utc(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/.test(value))
      row[name] = `${value.slice(0, -6)}Z`;
  }
  return row;
}

function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}
