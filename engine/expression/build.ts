import { RowFailure } from './row-failure.ts';
import type { Implementation, InnerType, Node, Value } from './typed.ts';
import { Refusal } from './refusal.ts';

/** Short ways to write implementations and nodes. */

export interface ImplementationOptions {
  readonly strict?: boolean;
  readonly givesNull?: boolean;
  readonly sql?: (args: readonly string[]) => string;
  readonly arithmetic?: Implementation['arithmetic'];
}

// Arguments have the types that the overload names; the checker has made sure of it.
type Apply = (...args: never[]) => Value;

export function implementation(name: string, result: InnerType, apply: Apply, options: ImplementationOptions = {}): Implementation {
  return {
    name,
    result,
    strict: options.strict ?? true,
    givesNull: options.givesNull ?? false,
    arithmetic: options.arithmetic,
    apply: apply as Implementation['apply'],
    sql: options.sql ?? ((args) => `${name}(${args.join(', ')})`),
  };
}

/** A strict operation on a constant NULL is NULL whatever its other arguments do, as PostgreSQL's planner decides. */
export function call(chosen: Implementation, args: readonly Node[]): Node {
  if (chosen.strict && args.some(isConstantNull)) return constant(chosen.result, null);
  const nullable = chosen.givesNull || (chosen.strict && args.some((arg) => arg.nullable));
  return { op: 'call', type: chosen.result, nullable, implementation: chosen, args };
}

export function isConstantNull(node: Node): boolean {
  return node.op === 'constant' && node.value === null;
}

export function constant(type: InnerType, value: Value, digits?: string): Node {
  return { op: 'constant', type, nullable: value === null, value, digits };
}

/** The value of a text argument that must be the same for every row. */
export function constantText(node: Node, what: string, argument: number): string {
  if (node.op !== 'constant' || typeof node.value !== 'string') {
    throw new Refusal('constant_required', `${what} must be a text constant`, `Write ${what} in single quotes.`, argument);
  }
  return node.value;
}

export function constantInteger(node: Node, what: string, argument: number): number {
  if (node.op !== 'constant' || typeof node.value !== 'number') {
    throw new Refusal('constant_required', `${what} must be a whole number written as such`, undefined, argument);
  }
  return node.value;
}

export function checkedInteger(value: number): number {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value + 0;
  throw new RowFailure('integer_out_of_range', 'the result lies beyond ±9007199254740991');
}

export function checkedDecimal(value: number): number {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value + 0;
  throw new RowFailure('decimal_out_of_range', 'the result has more digits than a decimal keeps (15 to 16 in all)');
}

/** Arguments that PostgreSQL declares as integer (32 bits). */
export function int4(value: number): number {
  if (value >= -2_147_483_648 && value <= 2_147_483_647) return value;
  throw new RowFailure('integer_out_of_range', `${value} does not fit the 32-bit argument of this function`);
}

export function checkedFloat(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RowFailure('float_overflow', 'the result is too large for a float');
}

export function divisionByZero(): never {
  throw new RowFailure('division_by_zero', 'division by zero');
}

/** The conversion to int4 fails also where another argument is NULL, so a varying argument gets a node of its own. */
export function asInt4(node: Node): Node {
  return node.op === 'constant' ? node : call(INT4, [node]);
}

const INT4 = implementation('cast to int4', 'integer', int4, { sql: (args) => toInt4(args[0]!) });

export const toInt4 = (sql: string): string => (sql.endsWith(')::int4') ? sql : `(${sql})::int4`);
