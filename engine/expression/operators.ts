import { isDecimal, isNumeric, scaleOf, type Type } from '../model/type.ts';
import {
  asInt4,
  call,
  checkedDecimal,
  checkedFloat,
  checkedInteger,
  constant,
  divisionByZero,
  implementation,
  int4,
  isConstantNull,
  toInt4,
} from './build.ts';
import { castOf, decimal, implicit, ownDecimal, typeName, unify } from './coercion.ts';
import { RowFailure } from './row-failure.ts';
import type { Arithmetic, CompareOperator, Implementation, InnerType, Interval, Node } from './typed.ts';
import { addInterval, addIntervals, difference, negated, scaled } from './interval.ts';
import { jsonElement, jsonMember, jsonScalarText } from './json-text.ts';
import { power } from './number-functions.ts';
import { likeCall, regularExpressionCall } from './pattern-calls.ts';
import { Refusal } from './refusal.ts';

const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
};
const COMPARISONS: Readonly<Record<string, CompareOperator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

export function comparisonOf(operator: string): CompareOperator | undefined {
  return COMPARISONS[operator];
}

/** left operator right, as PostgreSQL resolves it with integer as int8 and float as float8. */
export function binary(operator: string, left: Node, right: Node): Node {
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined) return compare(comparison, left, right);
  switch (operator) {
    case '||':
      return concatenation(left, right);
    case '->':
    case '->>':
      return jsonPart(operator, left, right);
    case '~':
    case '~*':
    case '!~':
    case '!~*':
      return regularExpressionCall(operator, asText(left, operator, 0), right);
    case '~~':
    case '~~*':
    case '!~~':
    case '!~~*':
      return likeCall(operator, asText(left, 'LIKE', 0), asText(right, 'LIKE', 1));
    case '^': {
      const [a, b] = [asFloat(left, 0), asFloat(right, 1)];
      return call(implementation('^', 'float', power, { sql: infix('^') }), [a, b]);
    }
  }
  const operation = ARITHMETIC[operator];
  if (operation === undefined)
    throw new Refusal('unknown_operator', `there is no operator ${operator} here`, 'See the list of operators and functions.');
  return timeArithmetic(operator, left, right) ?? numberArithmetic(operator, operation, left, right);
}

export function compare(operator: CompareOperator, left: Node, right: Node): Node {
  const { nodes } = comparable(left, right, operator);
  const [a, b] = [nodes[0]!, nodes[1]!];
  if (isConstantNull(a) || isConstantNull(b)) return constant('boolean', null);
  return { op: 'compare', type: 'boolean', nullable: a.nullable || b.nullable, operator, left: a, right: b };
}

/** Both sides in one type that has an order. */
export function comparable(
  left: Node,
  right: Node,
  operator: string,
): { readonly type: InnerType; readonly nodes: readonly Node[] } {
  const united = unify([left, right], `${operator}:`);
  refuseJson(united.type);
  return united;
}

export function refuseJson(type: InnerType): void {
  if (type !== 'json') return;
  throw new Refusal('json_comparison', 'json values have no equality and no order', "Take a value out as text: x ->> 'name'.");
}

function asText(node: Node, what: string, argument: number): Node {
  const text = implicit(node, 'text');
  if (text === undefined)
    throw new Refusal('type_mismatch', `${what} takes text, not ${typeName(node.type)}`, 'Cast it: (x)::text.', argument);
  return text;
}

function asFloat(node: Node, argument: number): Node {
  const float = implicit(node, 'float');
  if (float === undefined) throw new Refusal('type_mismatch', `^ takes numbers, not ${typeName(node.type)}`, undefined, argument);
  return float;
}

export function infix(operator: string): (args: readonly string[]) => string {
  return (args) => `(${args[0]}) ${operator} (${args[1]})`;
}

function concatenation(left: Node, right: Node): Node {
  if (left.type === 'text[]' || right.type === 'text[]') {
    const other = left.type === 'text[]' ? right : left;
    if (other.type !== 'text[]')
      throw new Refusal(
        'type_mismatch',
        `|| joins two arrays or two texts, not text[] and ${typeName(other.type)}`,
        'Write the element as ARRAY[x].',
      );
    const append = (a: readonly (string | null)[] | null, b: readonly (string | null)[] | null) =>
      a === null ? b : b === null ? a : [...a, ...b];
    const joined = implementation('||', 'text[]', append, {
      strict: false,
      givesNull: left.nullable && right.nullable,
      sql: infix('||'),
    });
    return call(joined, [left, right]);
  }
  const isText = (node: Node): boolean => node.type === 'text' || node.type === 'unknown';
  if (!isText(left) && !isText(right)) {
    throw new Refusal(
      'type_mismatch',
      `|| joins texts: one side must be text, not ${typeName(left.type)} and ${typeName(right.type)}`,
      'Cast one side: x::text || y.',
    );
  }
  const [a, b] = [left, right].map((node) => (isText(node) ? implicit(node, 'text')! : call(castOf(node.type, 'text')!, [node])));
  return call(
    implementation('||', 'text', (x: string, y: string) => x + y, { sql: infix('||') }),
    [a!, b!],
  );
}

function jsonPart(operator: '->' | '->>', left: Node, right: Node): Node {
  const json = left.type === 'unknown' ? implicit(left, 'json') : left;
  if (json?.type !== 'json')
    throw new Refusal('type_mismatch', `${operator} takes json on its left, not ${typeName(left.type)}`, undefined, 0);
  const key = right.type === 'unknown' ? implicit(right, 'text')! : right;
  if (key.type !== 'text' && key.type !== 'integer')
    throw new Refusal('type_mismatch', `${operator} takes a key (text) or a position (integer)`, undefined, 1);
  const byPosition = key.type === 'integer';
  const part = (source: string, at: string | number): string | undefined =>
    byPosition ? jsonElement(source, int4(at as number)) : jsonMember(source, at as string);
  const apply =
    operator === '->'
      ? (source: string, at: string | number) => part(source, at) ?? null
      : (source: string, at: string | number) => {
          const raw = part(source, at);
          return raw === undefined ? null : jsonScalarText(raw);
        };
  const sql = (args: readonly string[]): string => `(${args[0]}) ${operator} ${byPosition ? toInt4(args[1]!) : `(${args[1]})`}`;
  return call(implementation(operator, operator === '->' ? 'json' : 'text', apply, { givesNull: true, sql }), [
    json,
    byPosition ? asInt4(key) : key,
  ]);
}

function timeArithmetic(operator: string, left: Node, right: Node): Node | undefined {
  const kinds = [left.type, right.type];
  if (!kinds.includes('timestamp') && !kinds.includes('interval')) return undefined;
  const [l, r] = [timeSide(left, right, operator), timeSide(right, left, operator)];
  const make = (result: InnerType, apply: (...args: never[]) => number | Interval): Node =>
    call(implementation(operator, result, apply, { sql: infix(operator) }), [l, r]);
  const signature = `${l.type} ${operator} ${r.type}`;
  switch (signature) {
    case 'timestamp + interval':
      return make('timestamp', addInterval);
    case 'interval + timestamp':
      return make('timestamp', (interval: Interval, us: number) => addInterval(us, interval));
    case 'timestamp - interval':
      return make('timestamp', (us: number, interval: Interval) => addInterval(us, negated(interval)));
    case 'timestamp - timestamp':
      return make('interval', difference);
    case 'interval + interval':
      return make('interval', addIntervals);
    case 'interval - interval':
      return make('interval', (a: Interval, b: Interval) => addIntervals(a, negated(b)));
  }
  const factor = l.type === 'interval' ? r : l;
  if (isNumeric(factor.type as Type) && (operator === '*' || (operator === '/' && l.type === 'interval'))) {
    const float = implicit(factor, 'float')!;
    if (l.type !== 'interval') {
      return call(
        implementation(operator, 'interval', (times: number, span: Interval) => scaled(span, times, false), {
          sql: infix(operator),
        }),
        [float, r],
      );
    }
    const divide = operator === '/';
    const apply = (span: Interval, times: number): Interval =>
      divide && times === 0 ? divisionByZero() : scaled(span, times, divide);
    return call(implementation(operator, 'interval', apply, { sql: infix(operator) }), [l, float]);
  }
  throw new Refusal('type_mismatch', `there is no ${typeName(left.type)} ${operator} ${typeName(right.type)}`);
}

/** A quoted literal beside a timestamp or an interval: what PostgreSQL takes it for. */
function timeSide(node: Node, other: Node, operator: string): Node {
  if (node.type !== 'unknown') return node;
  if (operator === '*' || operator === '/') return implicit(node, 'float')!;
  const target = other.type === 'timestamp' && operator === '+' ? 'interval' : other.type;
  return implicit(node, target)!;
}

function numberArithmetic(operator: string, operation: Arithmetic, left: Node, right: Node): Node {
  const sides = [left, right];
  const wrong = sides.find((node) => node.type !== 'unknown' && !isNumeric(node.type as Type));
  if (wrong !== undefined || sides.every((node) => node.type === 'unknown')) {
    throw new Refusal(
      'type_mismatch',
      `there is no ${typeName(left.type)} ${operator} ${typeName(right.type)}`,
      'Cast to a number, for example (x)::float8.',
    );
  }
  const united = unify(sides, `${operator}:`);
  const type = united.type;
  // division of decimals has no fixed number of digits: it is one of floats
  if (isDecimal(type as Type) && operation === 'divide') return call(plain('/', 'divide', 'float'), sides.map(asNumber));
  if (type === 'integer' || type === 'float') {
    if (type === 'float' && operation === 'modulo') {
      throw new Refusal('type_mismatch', '% is not defined on floats', 'Cast both sides, for example (x)::numeric(15, 2) % 1.');
    }
    return call(plain(operator, operation, type), united.nodes);
  }
  if (operation === 'multiply') {
    // PostgreSQL multiplies without bringing both sides to one scale first
    const factors = sides.map((node, i) =>
      isDecimal(node.type as Type) ? node : node.type === 'integer' ? asDecimal(node) : (ownDecimal(node) ?? united.nodes[i]!),
    );
    const scale = decimal(scaleOf(factors[0]!.type as Type) + scaleOf(factors[1]!.type as Type));
    return call(decimalArithmetic(operator, operation, scale), factors);
  }
  return call(decimalArithmetic(operator, operation, type), united.nodes);
}

function asNumber(node: Node): Node {
  return implicit(node, 'float')!;
}

function asDecimal(node: Node): Node {
  return call(castOf('integer', 'decimal(0)')!, [node]);
}

/** +, −, ×, ÷, % on integers and floats. */
function plain(operator: string, operation: Arithmetic, on: 'integer' | 'float'): Implementation {
  return implementation(operator, on, on === 'integer' ? INTEGER[operation] : FLOAT[operation], {
    sql: infix(operator),
    arithmetic: { operation, on },
  });
}

/** Scaled integers: + − % on one scale, × multiplies scales. */
function decimalArithmetic(operator: string, operation: Arithmetic, type: InnerType): Implementation {
  return implementation(operator, type, DECIMAL[operation], { sql: infix(operator), arithmetic: { operation, on: 'decimal' } });
}

type Step = (a: number, b: number) => number;

const INTEGER: Readonly<Record<Arithmetic, Step>> = {
  add: (a, b) => checkedInteger(a + b),
  subtract: (a, b) => checkedInteger(a - b),
  multiply: (a, b) => checkedInteger(a * b),
  divide: (a, b) => (b === 0 ? divisionByZero() : Math.trunc(a / b) + 0),
  modulo: (a, b) => (b === 0 ? divisionByZero() : (a % b) + 0),
  negate: (a) => 0 - a,
};

const DECIMAL: Readonly<Record<Arithmetic, Step>> = {
  ...INTEGER,
  add: (a, b) => checkedDecimal(a + b),
  subtract: (a, b) => checkedDecimal(a - b),
  multiply: (a, b) => checkedDecimal(a * b),
};

const FLOAT: Readonly<Record<Arithmetic, Step>> = {
  add: (a, b) => checkedFloat(a + b),
  subtract: (a, b) => checkedFloat(a - b),
  multiply: (a, b) => underflow(checkedFloat(a * b), a !== 0 && b !== 0),
  divide: (a, b) => (b === 0 ? divisionByZero() : underflow(checkedFloat(a / b), a !== 0)),
  modulo: (a, b) => a % b,
  negate: (a) => -a,
};

export function underflow(value: number, mayNotBeZero: boolean): number {
  if (value === 0 && mayNotBeZero) throw new RowFailure('float_underflow', 'the result is too small for a float');
  return value;
}

/** − and + before a value. */
export function unary(operator: string, arg: Node): Node {
  if (operator !== '-' && operator !== '+')
    throw new Refusal('unknown_operator', `there is no operator ${operator} before a value`);
  const type = arg.type;
  if (type === 'interval' && operator === '-')
    return call(implementation('-', 'interval', negated, { sql: (args) => `-(${args[0]})` }), [arg]);
  const numeric = type === 'unknown' ? implicit(arg, 'float')! : arg;
  if (!isNumeric(numeric.type as Type))
    throw new Refusal('type_mismatch', `there is no ${operator} ${typeName(type)}`, undefined, 0);
  if (operator === '+') return numeric;
  const on = numeric.type === 'integer' ? 'integer' : numeric.type === 'float' ? 'float' : 'decimal';
  const apply = on === 'float' ? FLOAT.negate : INTEGER.negate;
  return call(
    implementation('-', numeric.type, apply, { sql: (args) => `-(${args[0]})`, arithmetic: { operation: 'negate', on } }),
    [numeric],
  );
}

/** x::type, CAST(x AS type). */
export function castTo(arg: Node, type: InnerType, precision: number | undefined): Node {
  if (arg.type === type && precision === undefined) return arg;
  const from = arg.type === 'unknown' ? 'text' : arg.type;
  const cast = castOf(from, type, precision);
  if (cast === undefined) {
    const mend =
      from === 'integer' && type === 'boolean'
        ? 'Write x <> 0.'
        : from === 'json'
          ? "Take the value out as text first: (x ->> 'name')::…"
          : undefined;
    throw new Refusal('cast_not_possible', `${typeName(from)} cannot be cast to ${typeName(type)}`, mend);
  }
  return call(cast, [arg.type === 'unknown' ? constant('text', (arg as { value: null }).value) : arg]);
}
