import type { TestRow } from './flow-test.ts';

/** rows of a difference that are shown; the rest is counted */
const SHOWN = 20;

/**
 * Compares two sets of rows in full: order does not count, repetition does. Empty: equal. `keys`: columns that say which
 * expected row an actual one is meant to be, so that a changed row is shown as its changed columns.
 */
export function compareRows(expected: readonly TestRow[], actual: readonly TestRow[], keys: readonly string[]): readonly string[] {
  const missing = without(expected, actual);
  const unexpected = without(actual, expected);
  const lines: string[] = [];
  const left = [...unexpected];
  for (const row of missing) {
    const id = idOf(row, keys);
    const twin = keys.length === 0 ? -1 : left.findIndex((other) => idOf(other, keys) === id);
    if (twin < 0) lines.push(`- ${JSON.stringify(row)}`);
    else {
      const [other] = left.splice(twin, 1);
      lines.push(`~ ${keys.map((key) => `${key}=${plain(row[key])}`).join(' ')}: ${changes(row, other!)}`);
    }
  }
  for (const row of left) lines.push(`+ ${JSON.stringify(row)}`);
  if (lines.length <= SHOWN) return lines;
  return [...lines.slice(0, SHOWN), `… and ${lines.length - SHOWN} more`];
}

function without(rows: readonly TestRow[], others: readonly TestRow[]): readonly TestRow[] {
  const count = new Map<string, number>();
  for (const row of others) {
    const text = canonical(row);
    count.set(text, (count.get(text) ?? 0) + 1);
  }
  return rows.filter((row) => {
    const text = canonical(row);
    const there = count.get(text) ?? 0;
    count.set(text, there - 1);
    return there <= 0;
  });
}

function changes(expected: TestRow, actual: TestRow): string {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return names
    .filter((name) => canonical(expected[name]) !== canonical(actual[name]))
    .map((name) => `${name} ${plain(expected[name])} expected, ${plain(actual[name])} came`)
    .join('; ');
}

function idOf(row: TestRow, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => row[key]));
}

function plain(value: unknown): string {
  return value === undefined ? 'no such column' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** JSON text in which the order of an object's members does not count. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, own: unknown) =>
      typeof own === 'object' && own !== null && !Array.isArray(own)
        ? Object.fromEntries(Object.entries(own).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : own,
    ) ?? 'undefined'
  );
}
