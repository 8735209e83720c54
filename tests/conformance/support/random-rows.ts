import * as fc from 'fast-check';
import { formatTimestamp } from '../../../engine/model/timestamp.ts';
import type { Schema } from '../../../engine/model/schema.ts';
import { partitionRows, type JsonRow } from './row-batch.ts';

/** 2026-01-01T00:00:00Z */
export const START_US = 1_767_225_600_000_000;
export const SECOND_US = 1_000_000;

export function at(seconds: number): string {
  return formatTimestamp(START_US + Math.round(seconds * SECOND_US));
}

/** The same numbers for the same seed, for schedules. */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 0x1000000;
  };
}

export interface PlacedRow {
  readonly time: number;
  readonly source: number;
  readonly partition: number;
  readonly offset: number;
  readonly values: JsonRow;
}

/** Rows of one input by their own partition's watermark: on time in the order of decision, and late. */
export function decided(
  schema: Schema,
  partitions: readonly (readonly JsonRow[])[],
  source: number,
  latenessUs: number,
): { readonly onTime: PlacedRow[]; readonly late: PlacedRow[] } {
  const onTime: PlacedRow[] = [];
  const late: PlacedRow[] = [];
  partitions.forEach((rows, partition) => {
    for (const { time, offset, watermark, values } of partitionRows(schema, rows, latenessUs)) {
      (time < watermark ? late : onTime).push({ time, source, partition, offset, values });
    }
  });
  return { onTime: onTime.toSorted(inOrder), late };
}

export function inOrder(a: PlacedRow, b: PlacedRow): number {
  return a.time - b.time || a.source - b.source || a.partition - b.partition || a.offset - b.offset;
}

/** Ways to run the same input that may change nothing. */
export const ways = fc.record({
  batchSize: fc.constantFrom(1, 2, 7, 1000),
  barrierEvery: fc.constantFrom(undefined, 1, 3),
  restore: fc.boolean(),
  textAs: fc.constantFrom('bytes' as const, 'dictionary' as const),
  spread: fc.boolean(),
  rotateEvery: fc.constantFrom(undefined, 1, 3),
  seed: fc.integer(),
});

export function waysToOptions({
  seed,
  barrierEvery,
  rotateEvery,
  ...rest
}: {
  batchSize: number;
  barrierEvery: number | undefined;
  restore: boolean;
  textAs: 'bytes' | 'dictionary';
  spread: boolean;
  rotateEvery: number | undefined;
  seed: number;
}) {
  return {
    ...rest,
    pick: seeded(seed),
    ...(barrierEvery === undefined ? {} : { barrierEvery }),
    ...(rotateEvery === undefined ? {} : { rotateEvery }),
  };
}
