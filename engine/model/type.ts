/** Column types, `docs/semantics.md` section V. */

export type DecimalType = `decimal(${0 | 1 | 2 | 3 | 4 | 5 | 6})`;
export type Type = 'text' | 'integer' | 'float' | 'boolean' | 'timestamp' | 'text[]' | 'json' | DecimalType;

export const MAX_DECIMAL_SCALE = 6;

export function isDecimal(type: Type): type is DecimalType {
  return type.startsWith('decimal(');
}

/** Digits after the point of a decimal type; 0 for every other type. */
export function scaleOf(type: Type): number {
  return isDecimal(type) ? Number(type.slice(8, -1)) : 0;
}

export function isNumeric(type: Type): boolean {
  return type === 'integer' || type === 'float' || isDecimal(type);
}

/** PostgreSQL's name for the column type. */
export function postgresType(type: Type): string {
  switch (type) {
    case 'text':
      return 'text';
    case 'integer':
      return 'bigint';
    case 'float':
      return 'double precision';
    case 'boolean':
      return 'boolean';
    case 'timestamp':
      return 'timestamptz';
    case 'text[]':
      return 'text[]';
    case 'json':
      return 'jsonb';
    default:
      return 'numeric';
  }
}
