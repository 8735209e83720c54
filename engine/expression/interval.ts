import { civilFromDays, daysFromCivil, daysInMonth, MAX_TIMESTAMP_US } from '../model/timestamp.ts';
import { RowFailure } from './row-failure.ts';
import type { Interval } from './typed.ts';

export const DAY_US = 86_400_000_000;
const MAX_MONTHS = 2_147_483_647;

const UNITS: Readonly<Record<string, keyof Interval>> = {};
const FACTORS: Readonly<Record<string, number>> = {};
function unit(field: keyof Interval, factor: number, ...names: string[]): void {
  for (const name of names) {
    (UNITS as Record<string, keyof Interval>)[name] = field;
    (FACTORS as Record<string, number>)[name] = factor;
  }
}
unit('us', 1, 'microsecond', 'microseconds', 'us', 'usec', 'usecs');
unit('us', 1e3, 'millisecond', 'milliseconds', 'ms', 'msec', 'msecs');
unit('us', 1e6, 'second', 'seconds', 'sec', 'secs', 's');
unit('us', 6e7, 'minute', 'minutes', 'min', 'mins', 'm');
unit('us', 3.6e9, 'hour', 'hours', 'hr', 'hrs', 'h');
unit('days', 1, 'day', 'days', 'd');
unit('days', 7, 'week', 'weeks', 'w');
unit('months', 1, 'month', 'months', 'mon', 'mons');
unit('months', 12, 'year', 'years', 'yr', 'yrs', 'y');

const PART = /([+-]?)\s*(?:(\d+):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?|(\d+)(?:\.(\d{1,6}))?\s*([a-z]*))\s*/giy;

/** "1 hour", "2 days 03:04:05", "1.5 hours": whole numbers of any unit, fractions of seconds to weeks. undefined: not understood. */
export function parseInterval(text: string): Interval | undefined {
  const source = text.trim().replace(/^@\s*/, '');
  if (source === '') return undefined;
  const total = { months: 0, days: 0, us: 0 };
  let rest = source;
  const ago = /\s+ago$/i.exec(rest);
  if (ago) rest = rest.slice(0, ago.index);
  PART.lastIndex = 0;
  while (PART.lastIndex < rest.length) {
    const part = PART.exec(rest);
    if (part === null) return undefined;
    const sign = part[1] === '-' ? -1 : 1;
    if (part[2] !== undefined) {
      const micros = Number((part[5] ?? '').padEnd(6, '0'));
      if (Number(part[3]) > 59 || Number(part[4] ?? 0) > 59) return undefined;
      total.us += sign * ((Number(part[2]) * 3600 + Number(part[3]) * 60 + Number(part[4] ?? 0)) * 1e6 + micros);
      continue;
    }
    // a number alone counts seconds, and only at the end
    const name = part[8] === '' && PART.lastIndex === rest.length ? 's' : part[8]!.toLowerCase();
    const field = UNITS[name];
    const factor = FACTORS[name];
    if (field === undefined || factor === undefined) return undefined;
    total[field] += sign * Number(part[6]) * factor;
    if (part[7] === undefined) continue;
    const fraction = Number(`0.${part[7]}`);
    // fractions of months and years are spread over days in a way nobody expects: not understood
    if (field === 'months') return undefined;
    if (field === 'us') total.us += sign * Math.round(fraction * factor);
    else {
      const us = Math.round(fraction * factor * DAY_US);
      total.days += sign * Math.floor(us / DAY_US);
      total.us += sign * (us % DAY_US);
    }
  }
  const interval = ago ? negated(total) : { months: total.months + 0, days: total.days + 0, us: total.us + 0 };
  return inRange(interval) ? interval : undefined;
}

function inRange(interval: Interval): boolean {
  return (
    Math.abs(interval.months) <= MAX_MONTHS &&
    Math.abs(interval.days) <= MAX_MONTHS &&
    Math.abs(interval.us) <= Number.MAX_SAFE_INTEGER
  );
}

function checked(interval: Interval): Interval {
  if (!inRange(interval)) throw new RowFailure('interval_out_of_range', 'the interval is too long');
  return interval;
}

export function negated(a: Interval): Interval {
  return { months: 0 - a.months, days: 0 - a.days, us: 0 - a.us };
}

export function addIntervals(a: Interval, b: Interval): Interval {
  return checked({ months: a.months + b.months, days: a.days + b.days, us: a.us + b.us });
}

/** Months first (the day clipped to the month's end), then days, then time; UTC, so a day has 24 hours. */
export function addInterval(timestampUs: number, interval: Interval): number {
  let us = timestampUs;
  if (interval.months !== 0) {
    const days = Math.floor(us / DAY_US);
    const inDay = us - days * DAY_US;
    const [year, month, day] = civilFromDays(days);
    const months = year * 12 + month - 1 + interval.months;
    const toYear = Math.floor(months / 12);
    const toMonth = months - toYear * 12 + 1;
    us = daysFromCivil(toYear, toMonth, Math.min(day, daysInMonth(toYear, toMonth))) * DAY_US + inDay;
  }
  us += interval.days * DAY_US + interval.us;
  if (!(Math.abs(us) <= MAX_TIMESTAMP_US))
    throw new RowFailure('timestamp_out_of_range', 'the timestamp lies outside of the years 1684 to 2255');
  return us;
}

/** timestamptz − timestamptz: days and time, never months. */
export function difference(a: number, b: number): Interval {
  const us = a - b;
  if (!Number.isSafeInteger(us)) throw new RowFailure('interval_out_of_range', 'the timestamps are more than 285 years apart');
  const days = Math.trunc(us / DAY_US) + 0;
  return { months: 0, days, us: us - days * DAY_US };
}

/** interval_mul and interval_div of PostgreSQL: fractions of months go to days of 30, fractions of days to time. */
export function scaled(span: Interval, factor: number, divide: boolean): Interval {
  const times = (value: number): number => (divide ? value / factor : value * factor);
  const months = Math.trunc(times(span.months)) + 0;
  let days = Math.trunc(times(span.days)) + 0;
  const monthDays = roundMicro((times(span.months) - months) * 30);
  let seconds = roundMicro((times(span.days) - days + monthDays - Math.trunc(monthDays)) * 86_400);
  if (Math.abs(seconds) >= 86_400) {
    const carried = Math.trunc(seconds / 86_400);
    days += carried;
    seconds -= carried * 86_400;
  }
  days += Math.trunc(monthDays);
  return checked({ months, days: days + 0, us: roundEven(times(span.us) + seconds * 1e6) + 0 });
}

function roundMicro(value: number): number {
  return roundEven(value * 1e6) / 1e6;
}

/** rint: halves go to the even neighbour. */
export function roundEven(value: number): number {
  const rounded = Math.round(value);
  if (Math.abs(value % 1) !== 0.5) return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded;
  const even = 2 * Math.round(value / 2);
  return even === 0 && value < 0 ? -0 : even;
}

export function compareIntervals(a: Interval, b: Interval): number {
  const aDays = a.months * 30 + a.days + Math.floor(a.us / DAY_US);
  const bDays = b.months * 30 + b.days + Math.floor(b.us / DAY_US);
  if (aDays !== bDays) return aDays < bDays ? -1 : 1;
  const aRest = a.us - Math.floor(a.us / DAY_US) * DAY_US;
  const bRest = b.us - Math.floor(b.us / DAY_US) * DAY_US;
  return aRest === bRest ? 0 : aRest < bRest ? -1 : 1;
}
