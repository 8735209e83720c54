import { civilFromDays } from '../model/timestamp.ts';
import { isDecimal, scaleOf, type Type } from '../model/type.ts';
import { escapeJson } from './json-text.ts';
import type { InnerType, Interval, Value } from './typed.ts';

/** PostgreSQL's float8 output: shortest digits that read back, %g layout: 0.0001, 1e-05, 100000000000000, 1e+15. */
export function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e15) return String(value);
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = exponent.slice(1);
  return `${digits}e${exponent[0]}${power.length < 2 ? `0${power}` : power}`;
}

/** A scaled integer as PostgreSQL prints numeric: (1990, 2) → "19.90". */
export function decimalText(scaled: number, scale: number): string {
  const sign = scaled < 0 ? '-' : '';
  const digits = String(Math.abs(scaled)).padStart(scale + 1, '0');
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** timestamptz output in UTC. `iso`: as to_json writes it. */
export function timestampText(us: number, iso: boolean): string {
  const days = Math.floor(us / 86_400_000_000);
  const inDay = us - days * 86_400_000_000;
  const [year, month, day] = civilFromDays(days);
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}${iso ? 'T' : ' '}${clockText(inDay)}${iso ? '+00:00' : '+00'}`;
}

function clockText(us: number): string {
  const seconds = Math.floor(us / 1_000_000);
  const micros = us - seconds * 1_000_000;
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return micros === 0 ? text : `${text}.${String(micros).padStart(6, '0').replace(/0+$/, '')}`;
}

/** IntervalStyle postgres: "1 year 2 mons -3 days +04:05:06". */
export function intervalText(interval: Interval): string {
  const parts: string[] = [];
  let negative = false;
  const part = (value: number, unit: string): void => {
    if (value === 0) return;
    parts.push(`${negative && value > 0 ? '+' : ''}${value} ${unit}${value === 1 ? '' : 's'}`);
    negative = value < 0;
  };
  part(Math.trunc(interval.months / 12), 'year');
  part(interval.months % 12, 'mon');
  part(interval.days, 'day');
  if (interval.us !== 0 || parts.length === 0) {
    const sign = interval.us < 0 ? '-' : negative ? '+' : '';
    parts.push(sign + clockText(Math.abs(interval.us)));
  }
  return parts.join(' ');
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** array_out of a text[]. */
export function arrayText(list: readonly (string | null)[]): string {
  return `{${list.map((item) => (item === null ? 'NULL' : quoteElement(item))).join(',')}}`;
}

function quoteElement(item: string): string {
  if (item !== '' && !/[\s"\\{},]/.test(item.replace(/[^\t-\r "\\{},]/g, '')) && item.toLowerCase() !== 'null') return item;
  return `"${item.replace(/["\\]/g, '\\$&')}"`;
}

/** The value's output function, as concat, format and ||: true is t. `cast`: as ::text writes it: true is true. */
export function textOf(value: NonNullable<Value>, type: InnerType, cast = false): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return cast ? String(value) : value ? 't' : 'f';
  if (typeof value === 'number') {
    if (type === 'timestamp') return timestampText(value, false);
    if (isDecimal(type as Type)) return decimalText(value, scaleOf(type as Type));
    return type === 'float' ? floatText(value) : String(value + 0);
  }
  return 'months' in value ? intervalText(value) : arrayText(value);
}

/** to_json. */
export function jsonOf(value: Value, type: InnerType): string {
  if (value === null) return 'null';
  if (type === 'json' && typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return type === 'timestamp' ? `"${timestampText(value, true)}"` : textOf(value, type);
  if (typeof value === 'string') return escapeJson(value);
  if ('months' in value) return escapeJson(intervalText(value));
  return `[${value.map((item) => (item === null ? 'null' : escapeJson(item))).join(',')}]`;
}

/** Order of the UTF-8 bytes. JS compares UTF-16 units, which differs where a surrogate meets U+E000 … U+FFFF. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xSurrogate = x >= 0xd800 && x < 0xe000;
    const ySurrogate = y >= 0xd800 && y < 0xe000;
    if (xSurrogate !== ySurrogate) return xSurrogate ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}
