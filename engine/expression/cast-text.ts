import { daysFromCivil, daysInMonth } from '../model/timestamp.ts';
import { RowFailure } from './row-failure.ts';
import { DAY_US } from './interval.ts';

/** Text → value as PostgreSQL's input functions read it. Each throws RowFailure for text that is no such value. */

function invalid(code: string, text: string, what: string): never {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new RowFailure(code, `"${shown}" is no ${what}`);
}

const INTEGER =
  /^[ \t\n\v\f\r]*([+-]?)(?:(\d+(?:_\d+)*)|0[xX]((?:_?[0-9a-fA-F])+)|0[oO]((?:_?[0-7])+)|0[bB]((?:_?[01])+))[ \t\n\v\f\r]*$/;

export function integerFrom(text: string): number {
  const parts = INTEGER.exec(text);
  if (parts === null) invalid('invalid_integer', text, 'whole number');
  const radix = parts[2] !== undefined ? 10 : parts[3] !== undefined ? 16 : parts[4] !== undefined ? 8 : 2;
  const digits = (parts[2] ?? parts[3] ?? parts[4] ?? parts[5])!.replaceAll('_', '');
  const value = radix === 10 ? Number(digits) : parseInt(digits, radix);
  if (!(value <= Number.MAX_SAFE_INTEGER))
    throw new RowFailure('integer_out_of_range', `${text.trim()} lies beyond ±9007199254740991`);
  return (parts[1] === '-' ? -value : value) + 0;
}

const FLOAT = /^[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t\n\v\f\r]*$/;

/** NaN and Infinity are refused (X3). */
export function floatFrom(text: string): number {
  if (!FLOAT.test(text)) invalid('invalid_float', text, 'finite number');
  const value = Number(text);
  if (!Number.isFinite(value)) throw new RowFailure('float_overflow', `${text.trim()} is too large for a float`);
  if (value === 0 && /[1-9]/.test(text.replace(/[eE].*$/s, '')))
    throw new RowFailure('float_underflow', `${text.trim()} is too small for a float`);
  return value;
}

const DECIMAL = /^[ \t\n\v\f\r]*([+-]?)(\d+(?:_\d+)*)?(?:\.(\d+(?:_\d+)*)?)?(?:[eE]([+-]?\d+))?[ \t\n\v\f\r]*$/;

/** Scaled integer, halves rounded away from zero. `precision`: digits in all, as in numeric(p, s). */
export function decimalFrom(text: string, scale: number, precision: number | undefined): number {
  const parts = DECIMAL.exec(text);
  if (parts === null || (parts[2] === undefined && parts[3] === undefined)) invalid('invalid_decimal', text, 'decimal number');
  const whole = (parts[2] ?? '').replaceAll('_', '');
  const fraction = (parts[3] ?? '').replaceAll('_', '');
  const exponent = Number(parts[4] ?? 0);
  const digits = (whole + fraction).replace(/^0+/, '');
  // value = digits × 10^(exponent − fraction.length); wanted in units of 10^−scale
  const shift = exponent - fraction.length + scale;
  let magnitude: number;
  if (digits === '') magnitude = 0;
  else if (shift >= 0) magnitude = digits.length + shift > 20 ? Number.POSITIVE_INFINITY : Number(digits + '0'.repeat(shift));
  else {
    const kept = digits.slice(0, Math.max(0, digits.length + shift));
    const next = digits.length + shift < 0 ? '0' : digits[digits.length + shift]!;
    magnitude = Number(kept === '' ? '0' : kept) + (next >= '5' ? 1 : 0);
  }
  return bounded((parts[1] === '-' ? -magnitude : magnitude) + 0, precision);
}

/** numeric(p, s) holds p digits in all. */
export function bounded(scaled: number, precision: number | undefined): number {
  const magnitude = Math.abs(scaled);
  if (!(magnitude <= Number.MAX_SAFE_INTEGER)) {
    throw new RowFailure('decimal_out_of_range', 'the number has more digits than a decimal keeps (15 to 16 in all)');
  }
  if (precision !== undefined && precision < 16 && magnitude >= 10 ** precision) {
    throw new RowFailure('decimal_out_of_range', `the number has more than ${precision} digits`);
  }
  return scaled;
}

export function booleanFrom(text: string): boolean {
  const word = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '').toLowerCase();
  if (word !== '' && ('true'.startsWith(word) || 'yes'.startsWith(word) || word === 'on' || word === '1')) return true;
  if (word !== '' && ('false'.startsWith(word) || 'no'.startsWith(word) || word === 'of' || word === 'off' || word === '0'))
    return false;
  return invalid('invalid_boolean', text, 'boolean');
}

const TIMESTAMP =
  /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:\s+|[Tt])(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{0,6})\d*)?)?)?\s*(?:([Zz]|UTC|GMT)|([+-])(\d{2})(?::?(\d{2}))?)?\s*$/;

/** ISO 8601 with or without zone (then UTC), date alone, or `epoch`. Stricter than PostgreSQL: other styles are refused. */
export function timestampFrom(text: string): number {
  if (/^\s*epoch\s*$/i.test(text)) return 0;
  const parts = TIMESTAMP.exec(text);
  if (parts === null) invalid('invalid_timestamp', text, 'timestamp (write 2026-09-07T07:17:12Z)');
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const [hour, minute, second] = [Number(parts[4] ?? 0), Number(parts[5] ?? 0), Number(parts[6] ?? 0)];
  const offset = (Number(parts[10] ?? 0) * 3600 + Number(parts[11] ?? 0) * 60) * (parts[9] === '-' ? -1 : 1);
  const fits =
    month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) && hour <= 23 && minute <= 59 && second <= 59;
  if (!fits || Math.abs(offset) > 57_540) invalid('invalid_timestamp', text, 'timestamp: no such date or time');
  const us =
    daysFromCivil(year, month, day) * DAY_US +
    (hour * 3600 + minute * 60 + second - offset) * 1e6 +
    Number((parts[7] ?? '').padEnd(6, '0'));
  if (!Number.isSafeInteger(us))
    throw new RowFailure('timestamp_out_of_range', 'the timestamp lies outside of the years 1684 to 2255');
  return us;
}

export function jsonFrom(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return invalid('invalid_json', text, 'JSON');
  }
}

/** array_in of a text[]: {a,"b c",NULL}; one dimension. */
export function arrayFrom(text: string): readonly (string | null)[] {
  const source = text.trim();
  const bad = (): never => invalid('invalid_array', text, 'array (write {a,b})');
  if (!source.startsWith('{') || !source.endsWith('}')) bad();
  const list: (string | null)[] = [];
  let i = 1;
  const end = source.length - 1;
  if (source.slice(1, end).trim() === '') return list;
  for (;;) {
    while (/\s/.test(source[i]!)) i++;
    let item = '';
    if (source[i] === '"') {
      for (i++; source[i] !== '"'; i++) {
        if (i >= end) bad();
        if (source[i] === '\\') i++;
        item += source[i];
      }
      i++;
      list.push(item);
    } else {
      const from = i;
      while (i < end && source[i] !== ',') {
        if ('{}"'.includes(source[i]!)) bad();
        if (source[i] === '\\') i++;
        item += source[i++];
      }
      if (item.trim() === '') bad();
      list.push(/^null\s*$/i.test(source.slice(from, i)) ? null : item.trimEnd());
    }
    while (i < end && /\s/.test(source[i]!)) i++;
    if (i >= end) return list;
    if (source[i] !== ',') bad();
    i++;
  }
}
