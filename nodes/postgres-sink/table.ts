import { Fault } from '../../engine/model/fault.ts';
import type { Field } from '../../engine/model/schema.ts';
import { isDecimal, postgresType, scaleOf, type Type } from '../../engine/model/type.ts';
import type { PostgresSession } from '../../connections/postgres/open.ts';
import type { PostgresSinkSettings } from './definition.ts';

/** A column as it stands in the table: what `json_to_recordset` reads the value as. */
export interface TargetColumn {
  readonly name: string;
  /** with its length or precision: `varchar(20)` */
  readonly type: string;
}

export function quoted(name: string): string {
  return `"${name}"`;
}

/** `schema.table` → `"schema"."table"`; the settings' pattern admits nothing that needs escaping. */
export function quotedTable(table: string): string {
  return table.split('.').map(quoted).join('.');
}

/** The CREATE TABLE that this sink would run, and the user may run instead. */
export function createTableSql(settings: PostgresSinkSettings, fields: readonly Field[]): string {
  const key = settings.mode === 'upsert' ? settings.key : [];
  const columns = fields.map(
    (column) => `${quoted(column.name)} ${postgresType(column.type)}${key.includes(column.name) ? ' NOT NULL' : ''}`,
  );
  if (key.length > 0) columns.push(`PRIMARY KEY (${key.map(quoted).join(', ')})`);
  return `CREATE TABLE ${quotedTable(settings.table)} (${columns.join(', ')})`;
}

/**
 * Makes the table when it is absent and asked for, else checks it. Returns the columns to write, or throws a `Fault` that says
 * what does not fit and the SQL that mends it.
 */
export async function prepareTable(
  session: PostgresSession,
  settings: PostgresSinkSettings,
  fields: readonly Field[],
  target: string,
): Promise<readonly TargetColumn[]> {
  if (!(await exists(session, settings.table))) {
    const sql = createTableSql(settings, fields);
    if (!settings.create) {
      throw unfit(target, settings, `The table ${settings.table} does not exist.`, `Run: ${sql}; or switch "create table" on.`);
    }
    try {
      await session.query('SAVEPOINT telemetra_create');
      await session.query(sql);
      await session.query('RELEASE SAVEPOINT telemetra_create');
    } catch (error) {
      // another runner made it at the same moment: then it is checked like any other table
      if (!['42P07', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
      await session.query('ROLLBACK TO SAVEPOINT telemetra_create');
    }
  }
  return checkTable(session, settings, fields, target);
}

async function exists(session: PostgresSession, table: string): Promise<boolean> {
  const answer = await session.query('SELECT to_regclass($1)::oid AS id', [quotedTable(table)]);
  return answer.rows[0]!['id'] !== null;
}

async function checkTable(
  session: PostgresSession,
  settings: PostgresSinkSettings,
  fields: readonly Field[],
  target: string,
): Promise<readonly TargetColumn[]> {
  const table = quotedTable(settings.table);
  const { rows } = await session.query(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull::text AS required,
            (a.atthasdef OR a.attidentity <> '')::text AS filled, (a.attgenerated <> '' OR a.attidentity = 'a')::text AS computed
       FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [table],
  );
  const present = new Map(rows.map((row) => [row['name']!, row]));
  const missing = fields.filter((column) => !present.has(column.name));
  if (missing.length > 0) {
    const sql = missing.map((column) => `ADD COLUMN ${quoted(column.name)} ${postgresType(column.type)}`).join(', ');
    throw unfit(
      target,
      settings,
      `The table ${settings.table} has no column ${missing.map((column) => column.name).join(', ')}.`,
      `Run: ALTER TABLE ${table} ${sql};`,
    );
  }
  for (const column of fields) {
    const row = present.get(column.name)!;
    if (row['computed'] === 'true') {
      throw unfit(
        target,
        settings,
        `PostgreSQL computes the column ${column.name} of ${settings.table} by itself.`,
        'Drop this column before the sink.',
      );
    }
    if (!takes(row['type']!, column)) {
      throw unfit(
        target,
        settings,
        `The column ${column.name} of ${settings.table} is ${row['type']!}, which cannot take every ${column.type} without loss.`,
        `Run: ALTER TABLE ${table} ALTER COLUMN ${quoted(column.name)} TYPE ${postgresType(column.type)}; or derive another value.`,
      );
    }
  }
  const unfilled = rows.filter(
    (row) => row['required'] === 'true' && row['filled'] !== 'true' && !fields.some((column) => column.name === row['name']),
  );
  if (unfilled.length > 0) {
    const name = unfilled[0]!['name']!;
    throw unfit(
      target,
      settings,
      `The column ${name} of ${settings.table} must have a value, and no column of that name arrives.`,
      `Run: ALTER TABLE ${table} ALTER COLUMN ${quoted(name)} DROP NOT NULL; or give it a default.`,
    );
  }
  if (settings.mode === 'upsert') await checkKey(session, settings, target);
  return fields.map((column) => ({ name: column.name, type: present.get(column.name)!['type']! }));
}

async function checkKey(session: PostgresSession, settings: PostgresSinkSettings, target: string): Promise<void> {
  const table = quotedTable(settings.table);
  const { rows } = await session.query(
    `SELECT (SELECT json_agg(a.attname ORDER BY a.attname) FROM pg_attribute a
              WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))::text AS columns
       FROM pg_index i
      WHERE i.indrelid = $1::regclass AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL`,
    [table],
  );
  const wanted = settings.key.toSorted().join(' ');
  const found = rows.some((row) => (JSON.parse(row['columns'] ?? '[]') as string[]).toSorted().join(' ') === wanted);
  if (found) return;
  const list = settings.key.map(quoted).join(', ');
  throw unfit(
    target,
    settings,
    `The table ${settings.table} has no primary key or unique index on exactly (${settings.key.join(', ')}).`,
    `Run: CREATE UNIQUE INDEX ON ${table} (${list}); or choose the key that the table has.`,
  );
}

/** May every value of `column` be written into a column of type `target` and read back as the same value? Range errors refuse single rows. */
export function takes(target: string, column: Pick<Field, 'type'>): boolean {
  const type: Type = column.type;
  if (isDecimal(type)) return numericTakes(target, scaleOf(type));
  switch (type) {
    case 'text':
      return target === 'text' || target === 'uuid' || /^character varying(\(\d+\))?$/.test(target);
    case 'integer':
      return ['bigint', 'integer', 'smallint', 'double precision'].includes(target) || numericTakes(target, 0);
    case 'float':
      return target === 'double precision' || target === 'numeric';
    case 'boolean':
      return target === 'boolean';
    case 'timestamp':
      return /^timestamp(\(6\))? with(out)? time zone$/.test(target);
    case 'text[]':
      return target === 'text[]' || /^character varying(\(\d+\))?\[\]$/.test(target);
    case 'json':
      return target === 'jsonb' || target === 'json';
  }
}

function numericTakes(target: string, scale: number): boolean {
  if (target === 'numeric') return true;
  const limited = /^numeric\((\d+),(-?\d+)\)$/.exec(target);
  return limited !== null && Number(limited[2]) >= scale;
}

export function unfit(target: string, settings: PostgresSinkSettings, message: string, mend: string): Fault {
  return new Fault('fatal', 'table_unfit', `PostgreSQL (${target}): ${message}`, { mend, cause: settings.table });
}
