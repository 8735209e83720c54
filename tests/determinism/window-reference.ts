import { parseTimestamp, formatTimestamp } from '../../engine/model/timestamp.ts';
import type { WindowKind } from '../../nodes/window/core/window-settings.ts';
import type { JsonRow } from '../conformance/support/row-batch.ts';

/** What a window should compute, written with plain objects from docs/semantics.md; shares no code with the engine. */
interface Row {
  readonly time: number;
  readonly partition: number;
  readonly offset: number;
  /** own partition's watermark after the row (T1) */
  readonly watermark: number;
  readonly values: JsonRow;
}

interface Group {
  readonly key: readonly unknown[];
  readonly start: number;
  readonly end: number;
  readonly rows: readonly Row[];
}

const SECOND = 1_000_000;
const seconds = (text: string): number => Number(text.slice(0, -1)) * SECOND;

export function referenceRows(
  window: WindowKind,
  by: readonly string[],
  partitions: readonly (readonly JsonRow[])[],
  latenessUs: number,
): { readonly out: JsonRow[]; readonly late: number } {
  const rows = partitions.flatMap((partition, number) => {
    let newest = -Infinity;
    return partition.map((values, offset): Row => {
      const time = parseTimestamp(values['at'] as string)!;
      newest = Math.max(newest, time);
      return { time, partition: number, offset, watermark: newest - latenessUs, values };
    });
  });
  const onTime = rows.filter((row) => !isLate(window, row));
  const keys = new Map<string, Row[]>();
  for (const row of onTime) {
    const key = JSON.stringify(by.map((name) => row.values[name]));
    keys.set(key, [...(keys.get(key) ?? []), row]);
  }
  const groups = [...keys].flatMap(([key, own]) => groupsOf(window, JSON.parse(key) as unknown[], own));
  groups.sort((a, b) => a.end - b.end || compareKeys(a.key, b.key) || a.start - b.start);
  return { out: groups.map((group) => resultOf(group, by)), late: rows.length - onTime.length };
}

function isLate(window: WindowKind, { time, watermark }: Row): boolean {
  if (window.kind === 'session') return time + seconds(window.gap) <= watermark;
  return Math.min(...windowEnds(window, time)) <= watermark;
}

function windowEnds(window: WindowKind, time: number): number[] {
  if (window.kind !== 'tumbling' && window.kind !== 'hopping') throw new Error('no windows of fixed length');
  const size = seconds(window.size);
  const hop = window.kind === 'tumbling' ? size : seconds(window.every);
  const ends: number[] = [];
  for (let start = Math.floor(time / hop) * hop; start + size > time; start -= hop) ends.push(start + size);
  return ends;
}

function groupsOf(window: WindowKind, key: readonly unknown[], rows: readonly Row[]): Group[] {
  if (window.kind === 'session') return sessionsOf(seconds(window.gap), key, rows);
  if (window.kind !== 'tumbling' && window.kind !== 'hopping') throw new Error('running windows have no groups');
  const size = seconds(window.size);
  const byEnd = new Map<number, Row[]>();
  for (const row of rows) for (const end of windowEnds(window, row.time)) byEnd.set(end, [...(byEnd.get(end) ?? []), row]);
  return [...byEnd].map(([end, own]) => ({ key, start: end - size, end, rows: own }));
}

/** Connected spans [max(time, own watermark), time + gap). */
function sessionsOf(gap: number, key: readonly unknown[], rows: readonly Row[]): Group[] {
  const spans = rows
    .map((row) => ({ from: Math.max(row.time, row.watermark), to: row.time + gap, row }))
    .toSorted((a, b) => a.from - b.from);
  const sessions: { to: number; rows: Row[] }[] = [];
  for (const { from, to, row } of spans) {
    const open = sessions.at(-1);
    if (open !== undefined && from < open.to) {
      open.to = Math.max(open.to, to);
      open.rows.push(row);
    } else sessions.push({ to, rows: [row] });
  }
  return sessions.map((session) => ({
    key,
    start: Math.min(...session.rows.map((row) => row.time)),
    end: session.to,
    rows: session.rows,
  }));
}

/** PostgreSQL's order of keys, NULLs last, texts by their UTF-8 bytes. */
function compareKeys(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: unknown, b: unknown): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  if (typeof a === 'number') return a - (b as number);
  return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
}

function resultOf({ key, start, end, rows }: Group, by: readonly string[]): JsonRow {
  const ordered = rows.toSorted((a, b) => a.time - b.time || a.partition - b.partition || a.offset - b.offset);
  const of = (name: string, from: readonly Row[] = ordered): unknown[] =>
    from.map((row) => row.values[name]).filter((value) => value !== null);
  const numbers = (name: string, from: readonly Row[] = ordered): number[] => of(name, from) as number[];
  const texts = (name: string): string[] => (of(name) as string[]).sort(compareValues);
  const orNull = <T>(values: readonly T[], compute: (values: readonly T[]) => unknown): unknown =>
    values.length === 0 ? null : compute(values);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const live = of('live') as boolean[];
  const positive = ordered.filter((row) => row.values['n'] !== null && (row.values['n'] as number) > 0);
  const integers = sum(numbers('n'));
  const person = texts('person').at(-1) ?? 'nobody';
  return {
    ...Object.fromEntries(by.map((name, i) => [name, key[i]])),
    window_start: formatTimestamp(start),
    window_end: formatTimestamp(end),
    all_rows: rows.length,
    scored: numbers('score').length,
    positive: numbers('score').filter((value) => value > 0).length,
    persons: new Set(of('person')).size,
    numbers: new Set(of('n')).size,
    lists: new Set(of('emotes').map((list) => JSON.stringify(list))).size,
    sum_n: orNull(numbers('n'), sum),
    sum_amount: orNull(numbers('amount'), (values) => sum(values.map((value) => Math.round(value * 100))) / 100),
    avg_amount: orNull(numbers('amount', positive), (values) => sum(values) / values.length),
    min_score: orNull(numbers('score'), (values) => Math.min(...values)),
    max_person: orNull(texts('person'), (values) => values.at(-1)),
    max_at: formatTimestamp(Math.max(...rows.map((row) => row.time))),
    samp: numbers('n').length < 2 ? null : deviation(numbers('n'), 1),
    pop_amount: orNull(numbers('amount'), (values) => deviation(values, 0)),
    every_live: orNull(live, (values) => values.every(Boolean)),
    some_live: orNull(live, (values) => values.some(Boolean)),
    first_score: of('score')[0] ?? null,
    last_person: of('person').at(-1) ?? null,
    last_emotes: of('emotes').at(-1) ?? null,
    top_emotes: orNull(most((of('emotes') as string[][]).flat(), 3), (values) => values.map(({ name }) => name)),
    person_counts: orNull(most(of('person') as string[], 2), (values) => values),
    rate: rows.length / 60,
    mixed: numbers('n').length === 0 ? null : `${person}:${integers + rows.length}`,
  };
}

function deviation(values: readonly number[], less: number): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - less));
}

function most(values: readonly string[], n: number): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => b.count - a.count || compareValues(a.name, b.name))
    .slice(0, n);
}
