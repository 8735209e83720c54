import { expect } from 'vitest';
import type { Row } from './oracle.ts';

/** Floats of sums in another order; z divides by a difference of such sums. */
export const FLOAT_BOUND = 1e-12;
export const Z_BOUND = 1e-9;

function near(a: number, b: number, bound: number): boolean {
  return a === b || Math.abs(a - b) <= bound * Math.max(Math.abs(a), Math.abs(b));
}

function sameValue(name: string, a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return near(a, b, name.includes('z_score') || name.includes('stddev') ? Z_BOUND : FLOAT_BOUND);
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null && !Array.isArray(a)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((key) => sameValue(key, (a as Row)[key], (b as Row)[key]));
  }
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whole tables, row by row: equal keys in equal order, equal values within the stated bounds. */
export function expectSameTable(actual: readonly Row[], expected: readonly Row[], key: readonly string[]): void {
  const name = (row: Row): string => JSON.stringify(key.map((column) => row[column]));
  const sorted = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
  const left = sorted(actual);
  const right = sorted(expected);
  expect(left.map(name)).toEqual(right.map(name));
  const different = left.flatMap((row, i) => {
    const other = right[i]!;
    const columns = [...new Set([...Object.keys(row), ...Object.keys(other)])].filter(
      (column) => !sameValue(column, row[column], other[column]),
    );
    return columns.map(
      (column) => `${name(row)} ${column}: ${JSON.stringify(row[column])} instead of ${JSON.stringify(other[column])}`,
    );
  });
  expect(different.slice(0, 20)).toEqual([]);
}
