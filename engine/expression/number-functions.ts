import { scaleOf, type Type } from '../model/type.ts';
import { checkedDecimal, checkedFloat, constantInteger, divisionByZero, implementation, toInt4 } from './build.ts';
import { decimal, rescale } from './coercion.ts';
import type { FunctionEntry, Overload } from './function-entry.ts';
import { RowFailure } from './row-failure.ts';
import { roundEven } from './interval.ts';
import { Refusal } from './refusal.ts';

function float(name: string, apply: (value: number) => number): Overload {
  return { args: ['float'], result: 'float', build: () => implementation(name, 'float', apply) };
}

/** float8 pow of PostgreSQL: its errors instead of NaN and Infinity. */
export function power(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) throw new RowFailure('invalid_argument', 'zero raised to a negative power is undefined');
  if (base < 0 && Math.floor(exponent) !== exponent) {
    throw new RowFailure('invalid_argument', 'a negative number raised to a fractional power has no real result');
  }
  return notZero(checkedFloat(base ** exponent), base !== 0);
}

function notZero(value: number, required: boolean): number {
  if (value === 0 && required) throw new RowFailure('float_underflow', 'the result is too small for a float');
  return value;
}

function positive(name: string, apply: (value: number) => number): (value: number) => number {
  return (value) => {
    if (value === 0) throw new RowFailure('invalid_argument', `${name} of zero is undefined`);
    if (value < 0) throw new RowFailure('invalid_argument', `${name} of a negative number is undefined`);
    return apply(value);
  };
}

/** round(x, n) and trunc(x, n) on decimals; n is a constant, because it decides the type. */
function toDigits(name: 'round' | 'trunc'): Overload {
  return {
    args: ['decimal', 'integer'],
    result: 'decimal',
    build: (args) => {
      const from = scaleOf(args[0]!.type as Type);
      const digits = constantInteger(args[1]!, 'the number of digits', 1);
      const to = Math.max(0, digits);
      const type = decimal(to);
      const unit = 10 ** Math.max(0, -digits);
      const apply = (scaled: number): number => {
        if (digits >= from) return rescale(scaled, from, to);
        const cut =
          name === 'round' ? rescale(scaled, from + (digits < 0 ? -digits : 0), to) : truncated(scaled, 10 ** (from - digits));
        return checkedDecimal(cut * unit);
      };
      return implementation(name, type, apply, { sql: (texts) => `${name}(${texts[0]}, ${toInt4(texts[1]!)})` });
    },
  };
}

function truncated(scaled: number, unit: number): number {
  return Math.trunc(scaled / unit) + 0;
}

function refuseFloatDigits(name: string): Overload {
  return {
    args: ['float', 'integer'],
    result: 'decimal',
    build: () => {
      throw new Refusal(
        'type_mismatch',
        `${name}(x, n) is defined on decimals, not on floats`,
        `Write ${name}(x::numeric(15, 6), n).`,
      );
    },
  };
}

const ABS: readonly Overload[] = [
  { args: ['integer'], result: 'integer', build: () => implementation('abs', 'integer', Math.abs) },
  { args: ['decimal'], result: 'decimal', build: (args) => implementation('abs', args[0]!.type, Math.abs) },
  float('abs', Math.abs),
];

const MOD: readonly Overload[] = [
  {
    args: ['integer', 'integer'],
    result: 'integer',
    build: () => implementation('mod', 'integer', (a: number, b: number) => (b === 0 ? divisionByZero() : (a % b) + 0)),
  },
  {
    args: ['decimal', 'decimal'],
    result: 'decimal',
    sameDecimal: true,
    build: (args) => implementation('mod', args[0]!.type, (a: number, b: number) => (b === 0 ? divisionByZero() : (a % b) + 0)),
  },
];

function wholeDecimal(name: 'round' | 'trunc'): Overload {
  return {
    args: ['decimal'],
    result: 'decimal',
    build: (args) => {
      const from = scaleOf(args[0]!.type as Type);
      const apply = (scaled: number): number => (name === 'round' ? rescale(scaled, from, 0) : truncated(scaled, 10 ** from));
      return implementation(name, 'decimal(0)', apply);
    },
  };
}

export const NUMBER_FUNCTIONS: readonly FunctionEntry[] = [
  { name: 'abs', signature: 'abs(number)', summary: 'Magnitude; keeps the type.', overloads: ABS },
  {
    name: 'round',
    signature: 'round(number) · round(decimal, digits)',
    summary: 'Nearest whole number (floats: halves to even; decimals: halves away from zero), or a decimal with that many digits.',
    overloads: [wholeDecimal('round'), float('round', roundEven), toDigits('round'), refuseFloatDigits('round')],
  },
  {
    name: 'trunc',
    signature: 'trunc(number) · trunc(decimal, digits)',
    summary: 'Cuts digits after the point.',
    overloads: [wholeDecimal('trunc'), float('trunc', Math.trunc), toDigits('trunc'), refuseFloatDigits('trunc')],
  },
  {
    name: 'floor',
    signature: 'floor(number) → float',
    summary: 'Greatest whole number not above.',
    overloads: [float('floor', Math.floor)],
  },
  {
    name: 'ceil',
    signature: 'ceil(number) → float',
    summary: 'Least whole number not below.',
    overloads: [float('ceil', Math.ceil)],
  },
  { name: 'ceiling', signature: 'ceiling(number) → float', summary: 'As ceil.', overloads: [float('ceiling', Math.ceil)] },
  {
    name: 'sign',
    signature: 'sign(number) → float',
    summary: '−1, 0 or 1.',
    overloads: [float('sign', (value) => (value > 0 ? 1 : value < 0 ? -1 : 0))],
  },
  { name: 'mod', signature: 'mod(a, b)', summary: 'Remainder with the sign of a; integers and decimals.', overloads: MOD },
  {
    name: 'sqrt',
    signature: 'sqrt(number) → float',
    summary: 'Square root.',
    overloads: [
      float('sqrt', (value) => {
        if (value < 0) throw new RowFailure('invalid_argument', 'the square root of a negative number is undefined');
        return Math.sqrt(value);
      }),
    ],
  },
  ...['power', 'pow'].map((name) => ({
    name,
    signature: `${name}(base, exponent) → float`,
    summary: 'base raised to exponent.',
    overloads: [{ args: ['float', 'float'], result: 'float', build: () => implementation(name, 'float', power) } as Overload],
  })),
  {
    name: 'ln',
    signature: 'ln(number) → float',
    summary: 'Natural logarithm.',
    overloads: [float('ln', positive('the logarithm', Math.log))],
  },
  {
    name: 'log',
    signature: 'log(number) → float',
    summary: 'Logarithm to base 10.',
    overloads: [float('log', positive('the logarithm', Math.log10))],
  },
  {
    name: 'exp',
    signature: 'exp(number) → float',
    summary: 'e raised to the argument.',
    overloads: [float('exp', (value) => notZero(checkedFloat(Math.exp(value)), true))],
  },
];
