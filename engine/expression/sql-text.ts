import { isDecimal, scaleOf, type Type } from '../model/type.ts';
import { sqlType } from './coercion.ts';
import type { InnerType, Node, Value } from './typed.ts';
import { arrayText, decimalText, floatText, intervalText, timestampText } from './value-text.ts';

// every keyword that cannot stand as a column name everywhere: PostgreSQL's reserved, type/function and column-name words
const KEYWORDS = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character check
  coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign
  freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join json
  json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading
  least left like limit localtime localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric offset on
  only or order out outer overlaps overlay placing position precision primary real references returning right row select session_user setof
  similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique user
  using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse
  xmlpi xmlroot xmlserialize xmltable year month day hour minute second filter over within`.split(/\s+/),
);

export function quotedName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !KEYWORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function quoted(text: string): string {
  return text.includes('\\') ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : `'${text.replaceAll("'", "''")}'`;
}

export function constantSql(value: Value, type: InnerType): string {
  return value === null ? `NULL::${sqlType(type)}` : `${quoted(plainText(value, type))}::${sqlType(type)}`;
}

function plainText(value: NonNullable<Value>, type: InnerType): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return 'months' in value ? intervalText(value) : arrayText(value);
  if (type === 'timestamp') return timestampText(value, false);
  if (isDecimal(type as Type)) return decimalText(value, scaleOf(type as Type));
  return type === 'float' ? floatText(value) : String(value);
}

/** [X4] The expression as PostgreSQL text with every cast explicit; precedence is written out in parentheses. */
export function nodeSql(node: Node): string {
  switch (node.op) {
    case 'column':
      return quotedName(node.name);
    case 'constant':
      return constantSql(node.value, node.type);
    case 'call':
      return node.implementation.sql(node.args.map(nodeSql));
    case 'compare':
      return `(${nodeSql(node.left)}) ${node.operator} (${nodeSql(node.right)})`;
    case 'distinct':
      return `(${nodeSql(node.left)}) IS ${node.negated ? 'NOT ' : ''}DISTINCT FROM (${nodeSql(node.right)})`;
    case 'and':
    case 'or':
      return node.args.map((arg) => `(${nodeSql(arg)})`).join(node.op === 'and' ? ' AND ' : ' OR ');
    case 'not':
      return `NOT (${nodeSql(node.arg)})`;
    case 'is': {
      const test = node.test === 'null' && node.arg.type === 'boolean' ? 'UNKNOWN' : node.test.toUpperCase();
      return `(${nodeSql(node.arg)}) IS ${node.negated ? 'NOT ' : ''}${test}`;
    }
    case 'case': {
      const whens = node.whens.map(({ condition, result }) => ` WHEN ${nodeSql(condition)} THEN ${nodeSql(result)}`).join('');
      return `CASE${whens}${node.otherwise === undefined ? '' : ` ELSE ${nodeSql(node.otherwise)}`} END`;
    }
    case 'coalesce':
    case 'greatest':
    case 'least':
      return `${node.op}(${node.args.map(nodeSql).join(', ')})`;
    case 'nullif':
      return `nullif(${nodeSql(node.left)}, ${nodeSql(node.right)})`;
    case 'in':
      return `(${nodeSql(node.arg)}) ${node.negated ? 'NOT IN' : 'IN'} (${node.values.map((value) => constantSql(value, node.arg.type)).join(', ')})`;
    case 'array':
      return `ARRAY[${node.args.map(nodeSql).join(', ')}]::text[]`;
  }
}
