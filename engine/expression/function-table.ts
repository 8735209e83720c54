import { isDecimal, isNumeric, type Type } from '../model/type.ts';
import { asInt4, call, constant } from './build.ts';
import { implicit, typeName, unify } from './coercion.ts';
import type { FunctionEntry, Overload, Parameter } from './function-entry.ts';
import { JSON_FUNCTIONS } from './json-functions.ts';
import { nearestName } from '../model/nearest-name.ts';
import { NUMBER_FUNCTIONS } from './number-functions.ts';
import { Refusal } from './refusal.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';
import { TIME_FUNCTIONS } from './time-functions.ts';
import type { InnerType, Node } from './typed.ts';

/** The one table of functions. */
export const FUNCTIONS: ReadonlyMap<string, FunctionEntry> = new Map(
  [...TEXT_FUNCTIONS, ...NUMBER_FUNCTIONS, ...TIME_FUNCTIONS, ...JSON_FUNCTIONS].map((entry) => [entry.name, entry]),
);

/** Grammar forms that are no functions, for completion and for the nearest name. */
export const FORMS: readonly { readonly name: string; readonly signature: string; readonly summary: string }[] = [
  { name: 'coalesce', signature: 'coalesce(value, …)', summary: 'The first value that is not NULL.' },
  { name: 'nullif', signature: 'nullif(a, b)', summary: 'NULL when a = b, else a.' },
  { name: 'greatest', signature: 'greatest(value, …)', summary: 'The greatest value; NULLs are left out.' },
  { name: 'least', signature: 'least(value, …)', summary: 'The least value; NULLs are left out.' },
];

const VOLATILE = new Set(
  'now random clock_timestamp statement_timestamp transaction_timestamp timeofday gen_random_uuid uuidv4 uuidv7 nextval currval lastval setval setseed random_normal pg_sleep current_setting txid_current'.split(
    ' ',
  ),
);

export const AGGREGATES = new Set(
  'count sum avg min max stddev stddev_pop stddev_samp variance var_pop var_samp bool_and bool_or every array_agg string_agg json_agg jsonb_agg json_object_agg first last top top_counts'.split(
    ' ',
  ),
);

export function resolveFunction(name: string, args: readonly Node[]): Node {
  const entry = FUNCTIONS.get(name);
  if (entry === undefined) throw unknownFunction(name, []);
  const fitting = entry.overloads
    .map((overload) => ({ overload, exact: exactness(overload, args) }))
    .filter(({ exact }) => exact >= 0)
    .reduce<{ overload: Overload; exact: number } | undefined>(
      (best, next) => (best === undefined || next.exact > best.exact ? next : best),
      undefined,
    );
  if (fitting === undefined) throw wrongArguments(entry, args);
  const converted = convert(fitting.overload, args);
  return call(fitting.overload.build(converted), converted);
}

export function unknownFunction(name: string, more: Iterable<string>): Refusal {
  if (VOLATILE.has(name)) {
    return new Refusal(
      'volatile_function',
      `${name}() gives another value each time, so results could not be repeated`,
      'Use the event time column instead.',
    );
  }
  if (AGGREGATES.has(name))
    return new Refusal(
      'aggregate_not_allowed',
      `${name}() is an aggregate and stands only in the columns of a window`,
      'Put it into a window node.',
    );
  const near = nearestName(name, [...FUNCTIONS.keys(), ...FORMS.map((form) => form.name), ...more]);
  return new Refusal(
    'unknown_function',
    `there is no function ${name}()`,
    near === undefined ? 'See the list of functions.' : `Did you mean ${near}?`,
  );
}

function parameterOf(overload: Overload, index: number): Parameter | undefined {
  return overload.args[index] ?? (overload.variadic === true ? overload.args.at(-1) : undefined);
}

/** −1: does not fit; else how many arguments fit without conversion. */
function exactness(overload: Overload, args: readonly Node[]): number {
  const least = overload.variadic === true ? overload.args.length - 1 : overload.args.length;
  if (args.length < least) return -1;
  let exact = 0;
  for (const [i, arg] of args.entries()) {
    const parameter = parameterOf(overload, i);
    if (parameter === undefined) return -1;
    const fit = fits(arg.type, parameter, arg);
    if (fit < 0) return -1;
    exact += fit;
  }
  return exact;
}

/** −1 no · 0 by conversion · 1 as it is */
function fits(type: InnerType, parameter: Parameter, arg: Node): number {
  if (parameter === 'any') return type === 'interval' ? -1 : 1;
  if (type === parameter) return 1;
  if (type === 'unknown') return parameter === 'text' || parameter === 'float' ? 0.5 : 0;
  if (parameter === 'decimal') {
    if (isDecimal(type as Type)) return 1;
    return type === 'integer' || (type === 'float' && arg.op === 'constant' && arg.digits !== undefined) ? 0 : -1;
  }
  return parameter === 'float' && isNumeric(type as Type) ? 0.25 : -1;
}

function convert(overload: Overload, args: readonly Node[]): readonly Node[] {
  const converted = args.map((arg, i) => {
    const parameter = parameterOf(overload, i)!;
    try {
      if (parameter === 'any') return arg.type === 'unknown' ? implicit(arg, 'text')! : arg;
      if (parameter !== 'decimal')
        return overload.int4?.includes(i) === true ? asInt4(implicit(arg, parameter)!) : implicit(arg, parameter)!;
      if (arg.type === 'integer') return implicit(arg, 'decimal(0)')!;
      return arg.type === 'unknown' ? constant('decimal(0)', null) : arg;
    } catch (refusal) {
      if (refusal instanceof Refusal) throw new Refusal(refusal.code, refusal.message, refusal.mend, i);
      throw refusal;
    }
  });
  return overload.sameDecimal === true ? unify(converted, 'the arguments').nodes : converted;
}

function wrongArguments(entry: FunctionEntry, args: readonly Node[]): Refusal {
  const given = args.length === 0 ? 'nothing' : args.map((arg) => typeName(arg.type)).join(', ');
  return new Refusal('wrong_arguments', `${entry.name}() cannot take ${given}`, `It is ${entry.signature}.`);
}

export function functionList(): readonly { readonly name: string; readonly signature: string; readonly summary: string }[] {
  return [...FUNCTIONS.values(), ...FORMS]
    .map(({ name, signature, summary }) => ({ name, signature, summary }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
