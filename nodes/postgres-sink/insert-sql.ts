import type { PostgresSinkSettings } from './definition.ts';
import { quoted, quotedTable, type TargetColumn } from './table.ts';

/**
 * One statement for any number of rows: $1 is a JSON array of objects. PostgreSQL reads each value with the input function of
 * the column's own type out of its JSON text, so a float8, a numeric or a microsecond arrives as it was written.
 */
export function insertSql(settings: PostgresSinkSettings, columns: readonly TargetColumn[]): string {
  const names = columns.map((column) => quoted(column.name)).join(', ');
  const typed = columns.map((column) => `${quoted(column.name)} ${column.type}`).join(', ');
  const insert = `INSERT INTO ${quotedTable(settings.table)} AS kept (${names}) SELECT ${names} FROM json_to_recordset($1::json) AS rows(${typed})`;
  if (settings.mode === 'insert') return insert;
  const key = settings.key.map(quoted).join(', ');
  const rest = columns
    .filter((column) => !settings.key.includes(column.name))
    .map(({ name }) => `${quoted(name)} = EXCLUDED.${quoted(name)}`);
  if (rest.length === 0) return `${insert} ON CONFLICT (${key}) DO NOTHING`;
  const newer = settings.newer_only === '' ? undefined : quoted(settings.newer_only);
  const guard = newer === undefined ? '' : ` WHERE kept.${newer} IS NULL OR EXCLUDED.${newer} >= kept.${newer}`;
  return `${insert} ON CONFLICT (${key}) DO UPDATE SET ${rest.join(', ')}${guard}`;
}
