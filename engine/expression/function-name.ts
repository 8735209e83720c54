import type { FuncCall } from 'libpg-query';

export function nameOf(tree: FuncCall): string {
  const parts = tree.funcname ?? [];
  const last = parts.at(-1);
  const name = last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
  // grammar forms such as trim(both from x) carry their schema; their own names are pg_catalog's
  if (parts.length === 2 && tree.funcformat !== 'COERCE_SQL_SYNTAX' && name !== 'like_escape')
    return parts.map((part) => ('String' in part ? part.String.sval : '')).join('.');
  return name;
}
