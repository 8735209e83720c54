/** Numbers as the page writes them: tabular, with unit, never jumping in width for no reason. */

/** made once: `toLocaleString` would make one for every call */
const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function formatCount(value: number): string {
  return COUNT.format(Math.round(value));
}

/** 2_690_000 → "2.69 M", for labels where a full number is too long. */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  if (size < 10_000) return formatCount(value);
  if (size < 1e6) return `${trim(value / 1e3)} k`;
  if (size < 1e9) return `${trim(value / 1e6)} M`;
  return `${trim(value / 1e9)} G`;
}

function trim(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** Rows a second → figure and unit; less than one a second is told by the minute or hour. */
export function formatRate(perSecond: number): readonly [figure: string, unit: string] {
  if (perSecond >= 100) return [formatCount(perSecond), '/s'];
  if (perSecond >= 10) return [perSecond.toFixed(1), '/s'];
  if (perSecond >= 1) return [perSecond.toFixed(1), '/s'];
  if (perSecond <= 0) return ['0', '/s'];
  if (perSecond * 60 >= 1) return [(perSecond * 60).toFixed(perSecond * 60 < 10 ? 1 : 0), '/min'];
  return [(perSecond * 3600).toFixed(perSecond * 3600 < 10 ? 1 : 0), '/h'];
}

export function rateText(perSecond: number): string {
  const [figure, unit] = formatRate(perSecond);
  return figure + unit;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(bytes < 10 * 1024 ? 1 : 0)} KiB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  return `${(bytes / 1024 ** 3).toFixed(2)} GiB`;
}

/** A lag: "1.4 s", "2:09", "3:02:10". */
export function formatLag(ms: number): string {
  const size = Math.abs(ms);
  if (size < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(size / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const text = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  return ms < 0 ? `\u2212${text}` : text;
}

/** Watermark behind the clock on a node: "−2:02". */
export function formatBehind(ms: number): string {
  if (ms < 0) return '+' + formatLag(-ms);
  const seconds = Math.round(ms / 1000);
  if (seconds >= 86_400) return `\u2212${Math.floor(seconds / 86_400)} d`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `\u2212${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

/** "3 h 07 min", "41 s": how long something lasts. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d`;
}

export function formatMs(ms: number): string {
  if (ms < 0.1) return ms === 0 ? '0 ms' : '<0.1 ms';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 10_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Wall or event time on the clock of the place: "16:25:05". */
export function formatClock(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function formatClockMs(ms: number): string {
  return `${formatClock(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

/** A timestamp in a table, on the clock of the place: the day only where it is another one. What is no timestamp stays. */
export function timeText(value: string, now: Date): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  const clock = date.getMilliseconds() === 0 ? formatClock(date.getTime()) : formatClockMs(date.getTime());
  if (date.toDateString() === now.toDateString()) return clock;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** "16:25:05", with the day before it when that is another one. */
export function dayAndClock(ms: number): string {
  return timeText(new Date(Math.floor(ms / 1000) * 1000).toISOString(), new Date());
}

/** A cell of a table of rows. NULL is shown by the caller. */
export function cellText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(cellText).join(' ');
  return JSON.stringify(value) ?? '';
}

function numberText(value: number): string {
  const text = Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : Math.abs(value) >= 1000
      ? value.toLocaleString('en-US', { maximumFractionDigits: 1 })
      : String(Number(value.toFixed(4)));
  return text.replace('-', '\u2212');
}

/** A float in a column of floats: two digits after the point, more only for what would vanish. */
export function floatText(value: number): string {
  const size = Math.abs(value);
  const text =
    size !== 0 && size < 0.005
      ? value.toPrecision(2)
      : size >= 1000
        ? value.toLocaleString('en-US', { maximumFractionDigits: 1 })
        : value.toFixed(2);
  return text.replace('-', '\u2212');
}

/** "1 row", "2 rows"; the unit in the singular. */
export function plural(count: number, unit: string): string {
  return `${formatCount(count)} ${unit}${count === 1 ? '' : 's'}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
