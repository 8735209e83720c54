import type { TypeName } from 'libpg-query';
import { isDecimal, type Type } from '../model/type.ts';
import { decimal } from './coercion.ts';
import { Refusal } from './refusal.ts';
import type { InnerType } from './typed.ts';

const NAMES: Readonly<Record<string, InnerType>> = {
  int: 'integer',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  bigint: 'integer',
  smallint: 'integer',
  float8: 'float',
  float: 'float',
  bool: 'boolean',
  text: 'text',
  varchar: 'text',
  timestamptz: 'timestamp',
  json: 'json',
  interval: 'interval',
};

const INSTEAD: Readonly<Record<string, string>> = {
  jsonb: 'Write json.',
  timestamp: 'Write timestamptz; times are UTC.',
  date: "Write date_trunc('day', x).",
  time: 'Write extract(hour from x).',
  float4: 'Write float8.',
  bpchar: 'Write text.',
};

/** The type of a cast. numeric needs its digits, (p, s), unless the value is a whole number or a decimal already. */
export function namedType(tree: TypeName, from: InnerType): { readonly type: InnerType; readonly precision: number | undefined } {
  const last = tree.names?.at(-1);
  const name = last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
  const modifiers = (tree.typmods ?? []).map((modifier) =>
    'A_Const' in modifier ? (modifier.A_Const.ival?.ival ?? 0) : Number.NaN,
  );
  const isArray = (tree.arrayBounds ?? []).length > 0;
  if (name === 'numeric' && !isArray) return numeric(modifiers, from);
  const type = NAMES[name];
  if (type === undefined || modifiers.length > 0 || (isArray && (type !== 'text' || tree.arrayBounds!.length > 1))) {
    throw new Refusal(
      'unknown_type',
      `a cast to ${name}${isArray ? '[]' : ''}${modifiers.length > 0 ? ' with a limit' : ''} is not supported`,
      INSTEAD[name] ?? 'Types are text, integer, float8, numeric(p, s), boolean, timestamptz, interval, json, text[].',
    );
  }
  return { type: isArray ? 'text[]' : type, precision: undefined };
}

function numeric(modifiers: readonly number[], from: InnerType): { readonly type: Type; readonly precision: number | undefined } {
  if (modifiers.length === 0) {
    if (from === 'integer') return { type: 'decimal(0)', precision: undefined };
    if (isDecimal(from as Type)) return { type: from as Type, precision: undefined };
    throw new Refusal(
      'unknown_type',
      'a cast to numeric must say how many digits',
      'Write numeric(15, 2): 15 in all, 2 after the point.',
    );
  }
  const [precision, scale = 0] = modifiers as [number, number?];
  if (!(precision >= 1 && precision <= 1000 && scale >= 0 && scale <= precision)) {
    throw new Refusal('unknown_type', 'numeric(p, s) takes p from 1 to 1000 digits, s of them after the point');
  }
  return { type: decimal(scale), precision };
}
