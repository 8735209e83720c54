import { civilFromDays, daysFromCivil, MAX_TIMESTAMP_US } from '../model/timestamp.ts';
import { constantText, implementation } from './build.ts';
import type { FunctionEntry, Overload } from './function-entry.ts';
import { RowFailure } from './row-failure.ts';
import { DAY_US, roundEven } from './interval.ts';
import { nearestName } from '../model/nearest-name.ts';
import { Refusal } from './refusal.ts';
import type { Interval, Node } from './typed.ts';

const ALIASES: Readonly<Record<string, string>> = {
  microseconds: 'microseconds',
  microsecond: 'microseconds',
  milliseconds: 'milliseconds',
  millisecond: 'milliseconds',
  seconds: 'second',
  minutes: 'minute',
  hours: 'hour',
  days: 'day',
  weeks: 'week',
  months: 'month',
  quarters: 'quarter',
  years: 'year',
  decades: 'decade',
  centuries: 'century',
  millennia: 'millennium',
};

const TRUNCATIONS = [
  'microseconds',
  'milliseconds',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'decade',
  'century',
  'millennium',
];
const TIMESTAMP_FIELDS = [...TRUNCATIONS, 'epoch', 'dow', 'isodow', 'doy', 'isoyear'];
const INTERVAL_FIELDS = [...TRUNCATIONS, 'epoch'];

function unitOf(node: Node, known: readonly string[], what: string): string {
  const written = constantText(node, what, 0).trim().toLowerCase();
  const unit = ALIASES[written] ?? written;
  if (known.includes(unit)) return unit;
  const near = nearestName(unit, known);
  throw new Refusal(
    'invalid_literal',
    `"${written}" is no ${what}`,
    near === undefined ? `Use one of ${known.join(', ')}.` : `Did you mean ${near}?`,
    0,
  );
}

function checkedTimestamp(us: number): number {
  if (Math.abs(us) <= MAX_TIMESTAMP_US) return us + 0;
  throw new RowFailure('timestamp_out_of_range', 'the timestamp lies outside of the years 1684 to 2255');
}

const FIXED: Readonly<Record<string, number>> = {
  microseconds: 1,
  milliseconds: 1e3,
  second: 1e6,
  minute: 6e7,
  hour: 3.6e9,
  day: DAY_US,
};

function truncation(unit: string): (us: number) => number {
  const step = FIXED[unit];
  if (step !== undefined) return (us) => checkedTimestamp(Math.floor(us / step) * step);
  // day 0 of the epoch is a Thursday; weeks begin on Monday
  if (unit === 'week') return (us) => checkedTimestamp((Math.floor((Math.floor(us / DAY_US) + 3) / 7) * 7 - 3) * DAY_US);
  return (us) => {
    const [year, month] = civilFromDays(Math.floor(us / DAY_US));
    return checkedTimestamp(daysFromCivil(...firstMonth(unit, year, month), 1) * DAY_US);
  };
}

function firstMonth(unit: string, year: number, month: number): readonly [year: number, month: number] {
  switch (unit) {
    case 'month':
      return [year, month];
    case 'quarter':
      return [year, month - ((month - 1) % 3)];
    case 'year':
      return [year, 1];
    case 'decade':
      return [year - (year % 10), 1];
    case 'century':
      return [year - ((year - 1) % 100), 1];
    default:
      return [year - ((year - 1) % 1000), 1];
  }
}

/** ISO week: its year is the year of its Thursday. */
function isoWeek(day: number): readonly [year: number, week: number] {
  const thursday = Math.floor((day + 3) / 7) * 7;
  const [year] = civilFromDays(thursday);
  return [year, Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1];
}

function timestampField(field: string): (us: number) => number {
  const inDay = (us: number): number => us - Math.floor(us / DAY_US) * DAY_US;
  const day = (us: number): number => Math.floor(us / DAY_US);
  switch (field) {
    case 'epoch':
      return (us) => us / 1e6;
    case 'hour':
      return (us) => Math.floor(inDay(us) / 3.6e9);
    case 'minute':
      return (us) => Math.floor(inDay(us) / 6e7) % 60;
    case 'second':
      return (us) => (inDay(us) % 6e7) / 1e6;
    case 'milliseconds':
      return (us) => (inDay(us) % 6e7) / 1e3;
    case 'microseconds':
      return (us) => inDay(us) % 6e7;
    case 'dow':
      return (us) => (((day(us) + 4) % 7) + 7) % 7;
    case 'isodow':
      return (us) => ((((day(us) + 3) % 7) + 7) % 7) + 1;
    case 'doy':
      return (us) => day(us) - daysFromCivil(civilFromDays(day(us))[0], 1, 1) + 1;
    case 'week':
      return (us) => isoWeek(day(us))[1];
    case 'isoyear':
      return (us) => isoWeek(day(us))[0];
    default:
      return (us) => {
        const [year, month, dayOfMonth] = civilFromDays(day(us));
        return calendarField(field, year, month, dayOfMonth);
      };
  }
}

function calendarField(field: string, year: number, month: number, day: number): number {
  switch (field) {
    case 'day':
      return day;
    case 'month':
      return month;
    case 'quarter':
      return Math.floor((month - 1) / 3) + 1;
    case 'year':
      return year;
    case 'decade':
      return Math.floor(year / 10);
    case 'century':
      return Math.floor((year + 99) / 100);
    default:
      return Math.floor((year + 999) / 1000);
  }
}

function intervalField(field: string): (interval: Interval) => number {
  const year = (interval: Interval): number => Math.trunc(interval.months / 12);
  const whole = (value: number): number => Math.trunc(value) + 0;
  const fields: Readonly<Record<string, (interval: Interval) => number>> = {
    // a year has 365.25 days, a month 30
    epoch: (i) => (i.us + (i.days + year(i) * 365.25 + (i.months % 12) * 30) * DAY_US) / 1e6,
    millennium: (i) => whole(year(i) / 1000),
    century: (i) => whole(year(i) / 100),
    decade: (i) => whole(year(i) / 10),
    year: (i) => whole(year(i)),
    quarter: (i) => (i.months >= 0 ? whole((i.months % 12) / 3) + 1 : -(whole((-i.months % 12) / 3) + 1)),
    month: (i) => whole(i.months % 12),
    week: (i) => whole(i.days / 7),
    day: (i) => i.days,
    hour: (i) => whole(i.us / 3.6e9),
    minute: (i) => whole((i.us % 3.6e9) / 6e7),
    second: (i) => (i.us % 6e7) / 1e6 + 0,
    milliseconds: (i) => (i.us % 6e7) / 1e3 + 0,
    microseconds: (i) => (i.us % 6e7) + 0,
  };
  return fields[field]!;
}

function extract(name: string): readonly Overload[] {
  // the grammar takes the field of extract as a bare constant
  const sql = (args: readonly string[]): string =>
    name === 'extract'
      ? `(extract(${args[0]!.replace(/::text$/, '')} from ${args[1]}))::float8`
      : `date_part(${args[0]}, ${args[1]})`;
  return [
    {
      args: ['text', 'timestamp'],
      result: 'float',
      build: (args) => {
        const read = timestampField(unitOf(args[0]!, TIMESTAMP_FIELDS, 'field of a timestamp'));
        return implementation(name, 'float', (_field: string, us: number) => read(us), { sql });
      },
    },
    {
      args: ['text', 'interval'],
      result: 'float',
      build: (args) => {
        const read = intervalField(unitOf(args[0]!, INTERVAL_FIELDS, 'field of an interval'));
        return implementation(name, 'float', (_field: string, interval: Interval) => read(interval), { sql });
      },
    },
  ];
}

function bin(stride: Interval, us: number, origin: number): number {
  if (stride.months !== 0) throw new RowFailure('invalid_argument', 'date_bin takes no months or years: they have no fixed length');
  const step = stride.days * DAY_US + stride.us;
  if (step <= 0) throw new RowFailure('invalid_argument', 'the stride of date_bin must be greater than zero');
  const distance = us - origin;
  if (!Number.isSafeInteger(distance))
    throw new RowFailure('interval_out_of_range', 'the timestamp is more than 285 years from the origin');
  const rest = distance % step;
  return checkedTimestamp(us - rest - (rest < 0 ? step : 0));
}

export const TIME_FUNCTIONS: readonly FunctionEntry[] = [
  {
    name: 'extract',
    signature: 'extract(field from timestamp) → float',
    summary: `A part of a timestamp (UTC) or interval: ${TIMESTAMP_FIELDS.join(', ')}.`,
    overloads: extract('extract'),
  },
  {
    name: 'date_part',
    signature: "date_part('field', timestamp) → float",
    summary: 'As extract.',
    overloads: extract('date_part'),
  },
  {
    name: 'date_trunc',
    signature: "date_trunc('unit', timestamp) → timestamp",
    summary: 'Start of the minute, hour, day … (UTC).',
    overloads: [
      {
        args: ['text', 'timestamp'],
        result: 'timestamp',
        build: (args) => {
          const truncate = truncation(unitOf(args[0]!, TRUNCATIONS, 'unit of date_trunc'));
          return implementation('date_trunc', 'timestamp', (_unit: string, us: number) => truncate(us));
        },
      },
    ],
  },
  {
    name: 'date_bin',
    signature: "date_bin('15 minutes', timestamp, origin) → timestamp",
    summary: 'Start of the stride that holds the timestamp, counted from the origin.',
    overloads: [
      {
        args: ['interval', 'timestamp', 'timestamp'],
        result: 'timestamp',
        build: () => implementation('date_bin', 'timestamp', bin),
      },
    ],
  },
  {
    name: 'to_timestamp',
    signature: 'to_timestamp(seconds) → timestamp',
    summary: 'Seconds since 1970 as a timestamp.',
    overloads: [
      {
        args: ['float'],
        result: 'timestamp',
        // PostgreSQL counts from 2000 and rounds there
        build: () =>
          implementation('to_timestamp', 'timestamp', (seconds: number) =>
            checkedTimestamp(roundEven((seconds - 946_684_800) * 1e6) + 946_684_800_000_000),
          ),
      },
    ],
  },
];
