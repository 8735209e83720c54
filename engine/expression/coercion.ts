import { isDecimal, isNumeric, MAX_DECIMAL_SCALE, scaleOf, type DecimalType, type Type } from '../model/type.ts';
import { call, checkedDecimal, checkedInteger, constant, implementation } from './build.ts';
import { arrayFrom, booleanFrom, bounded, decimalFrom, floatFrom, integerFrom, jsonFrom, timestampFrom } from './cast-text.ts';
import { RowFailure } from './row-failure.ts';
import type { Implementation, InnerType, Node, Value } from './typed.ts';
import { parseInterval, roundEven } from './interval.ts';
import { Refusal } from './refusal.ts';
import { textOf } from './value-text.ts';

export function decimal(scale: number): DecimalType {
  if (scale > MAX_DECIMAL_SCALE) {
    throw new Refusal(
      'decimal_scale',
      `the result would have ${scale} digits after the point, more than ${MAX_DECIMAL_SCALE}`,
      'Round one side first: round(x, 2).',
    );
  }
  return `decimal(${scale as 0})`;
}

/** How PostgreSQL writes the type in a cast of sqlOf. */
export function sqlType(type: InnerType, precision?: number): string {
  switch (type) {
    case 'integer':
      return 'int8';
    case 'float':
      return 'float8';
    case 'timestamp':
      return 'timestamptz';
    case 'unknown':
      return 'text';
    default:
      return isDecimal(type as Type) ? `numeric(${precision ?? 38},${scaleOf(type as Type)})` : type;
  }
}

export function typeName(type: InnerType): string {
  return type === 'unknown' ? 'text' : type;
}

/** A scaled integer with another number of digits, halves away from zero. */
export function rescale(scaled: number, from: number, to: number): number {
  if (to >= from) return checkedDecimal(scaled * 10 ** (to - from));
  const unit = 10 ** (from - to);
  const magnitude = Math.abs(scaled);
  const whole = Math.floor(magnitude / unit);
  const up = (magnitude - whole * unit) * 2 >= unit ? 1 : 0;
  return (scaled < 0 ? -(whole + up) : whole + up) + 0;
}

/** float8 → numeric keeps 15 significant digits. */
function decimalOfFloat(value: number, scale: number, precision: number | undefined): number {
  return decimalFrom(value.toPrecision(15), scale, precision);
}

/** What a cast does, or undefined where PostgreSQL (with integer as int8) has none. */
export function castOf(from: InnerType, to: InnerType, precision?: number): Implementation | undefined {
  const sql = (args: readonly string[]): string => `(${args[0]})::${sqlType(to, precision)}`;
  const cast = (apply: (value: never) => Value): Implementation => implementation(`cast to ${typeName(to)}`, to, apply, { sql });
  const toScale = isDecimal(to as Type) ? scaleOf(to as Type) : -1;
  const fromScale = isDecimal(from as Type) ? scaleOf(from as Type) : -1;
  if (to === 'text') return cast((value: NonNullable<Value>) => textOf(value, from, true));
  if (from === 'text') {
    if (to === 'integer') return cast(integerFrom);
    if (to === 'float') return cast(floatFrom);
    if (to === 'boolean') return cast(booleanFrom);
    if (to === 'timestamp') return cast(timestampFrom);
    if (to === 'json') return cast(jsonFrom);
    if (to === 'text[]') return cast(arrayFrom);
    if (to === 'interval') return cast(intervalFrom);
    if (toScale >= 0) return cast((text: string) => decimalFrom(text, toScale, precision));
    return undefined;
  }
  if (from === 'integer') {
    if (to === 'float') return cast((value: number) => value);
    if (toScale >= 0) return cast((value: number) => bounded(checkedDecimal(value * 10 ** toScale), precision));
  }
  if (from === 'float') {
    if (to === 'integer') return cast((value: number) => checkedInteger(roundEven(value)));
    if (toScale >= 0) return cast((value: number) => decimalOfFloat(value, toScale, precision));
  }
  if (fromScale >= 0) {
    if (to === 'integer') return cast((value: number) => rescale(value, fromScale, 0));
    if (to === 'float') return cast((value: number) => value / 10 ** fromScale);
    if (toScale >= 0) return cast((value: number) => bounded(rescale(value, fromScale, toScale), precision));
  }
  if (from === 'boolean' && to === 'integer') {
    return implementation('cast to integer', to, (value: boolean) => (value ? 1 : 0), {
      sql: (args) => `((${args[0]})::int4)::int8`,
    });
  }
  return undefined;
}

function intervalFrom(text: string): Value {
  const interval = parseInterval(text);
  if (interval === undefined)
    throw new RowFailure('invalid_interval', `"${text.slice(0, 40)}" is no interval (write 1 hour 30 minutes)`);
  return interval;
}

/** A literal in quotes (or NULL) takes the type of its place. */
export function literalAs(node: Node & { op: 'constant' }, type: InnerType, precision?: number): Node {
  if (node.value === null) return constant(type, null);
  const text = node.value as string;
  if (type === 'text' || type === 'unknown') return constant('text', text);
  const cast = castOf('text', type, precision);
  if (cast === undefined) throw new Refusal('type_mismatch', `a text cannot be used as ${typeName(type)}`);
  return folded(cast, text, type);
}

function folded(cast: Implementation, value: Value, type: InnerType): Node {
  try {
    return constant(type, cast.apply(value));
  } catch (failure) {
    if (failure instanceof RowFailure) throw new Refusal('invalid_literal', failure.sentence);
    throw failure;
  }
}

/** Conversions that happen unasked: literals, and integer → decimal → float. undefined: none. */
export function implicit(node: Node, type: InnerType): Node | undefined {
  if (node.type === type) return node;
  if (node.type === 'unknown') return node.op === 'constant' ? literalAs(node, type) : undefined;
  const widening =
    (node.type === 'integer' && (type === 'float' || isDecimal(type as Type))) ||
    (isDecimal(node.type as Type) && (type === 'float' || isDecimal(type as Type)));
  if (!widening) return pointLiteral(node, type);
  const cast = castOf(node.type, type)!;
  return node.op === 'constant' && node.value !== null ? folded(cast, node.value, type) : call(cast, [node]);
}

/** 1.50 beside a decimal is a decimal (X4). */
function pointLiteral(node: Node, type: InnerType): Node | undefined {
  if (node.op !== 'constant' || node.digits === undefined || !isDecimal(type as Type)) return undefined;
  const scale = literalScale(node.digits);
  if (scale > scaleOf(type as Type)) return undefined;
  return literalAs({ ...node, type: 'unknown', value: node.digits }, type);
}

/** A literal with a point as a decimal of its own digits; undefined for anything else. */
export function ownDecimal(node: Node): Node | undefined {
  if (node.op !== 'constant' || node.digits === undefined) return undefined;
  return literalAs({ ...node, type: 'unknown', value: node.digits }, decimal(literalScale(node.digits)));
}

function literalScale(digits: string): number {
  const parts = /^[+-]?\d*\.?(\d*)(?:e([+-]?\d+))?$/i.exec(digits);
  return parts === null ? 99 : Math.max(0, parts[1]!.length - Number(parts[2] ?? 0));
}

/** The type that all take on: numbers widen, literals follow. undefined: they do not go together. */
export function commonType(nodes: readonly Node[]): InnerType | undefined {
  const typed = nodes.filter((node) => node.type !== 'unknown');
  if (typed.length === 0) return 'text';
  const first = typed[0]!.type;
  if (!isNumeric(first as Type)) return typed.every((node) => node.type === first) ? first : undefined;
  if (!typed.every((node) => isNumeric(node.type as Type))) return undefined;
  const decimals = typed.filter((node) => isDecimal(node.type as Type));
  const floats = typed.filter((node) => node.type === 'float');
  const literals = floats.filter((node) => node.op === 'constant' && node.digits !== undefined);
  if (decimals.length > 0 && floats.length === literals.length) {
    const scales = [
      ...decimals.map((node) => scaleOf(node.type as Type)),
      ...literals.map((node) => literalScale((node as { digits: string }).digits)),
    ];
    const scale = Math.max(...scales);
    if (scale > MAX_DECIMAL_SCALE) {
      throw new Refusal(
        'decimal_scale',
        `a number beside a decimal has at most ${MAX_DECIMAL_SCALE} digits after the point`,
        'Write fewer digits, or cast the decimal to float.',
      );
    }
    return decimal(scale);
  }
  return floats.length > 0 ? 'float' : 'integer';
}

/** All nodes in their common type. `what` begins the sentence when they have none. */
export function unify(nodes: readonly Node[], what: string): { readonly type: InnerType; readonly nodes: readonly Node[] } {
  const type = commonType(nodes);
  if (type === undefined) {
    const names = [...new Set(nodes.filter((node) => node.type !== 'unknown').map((node) => typeName(node.type)))];
    throw new Refusal(
      'type_mismatch',
      `${what} ${names.join(' and ')} do not go together`,
      'Cast one of them, for example x::text.',
    );
  }
  return {
    type,
    nodes: nodes.map((node, i) => {
      const converted = convertAt(node, type, i);
      if (converted === undefined)
        throw new Refusal('type_mismatch', `${what} ${typeName(node.type)} cannot become ${typeName(type)}`, undefined, i);
      return converted;
    }),
  };
}

function convertAt(node: Node, type: InnerType, argument: number): Node | undefined {
  try {
    return implicit(node, type);
  } catch (refusal) {
    if (refusal instanceof Refusal) throw new Refusal(refusal.code, refusal.message, refusal.mend, argument);
    throw refusal;
  }
}
