import type { Type } from './type.ts';

/** One column of an edge. */
export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly nullable: boolean;
}

/** [W4] What a row on an edge means: a new fact, or the newest version of the row with this key. */
export type EdgeMode =
  | { readonly kind: 'append' }
  | {
      readonly kind: 'updates';
      /** group keys + window_start + window_end (or the group keys alone for a `running` window) */
      readonly key: readonly string[];
      /** the key without the window bounds */
      readonly groupKey: readonly string[];
    };

/** The windows the rows of an edge stand for, µs. `hopUs === sizeUs` for tumbling; sessions carry none. */
export interface WindowProperty {
  readonly sizeUs: number;
  readonly hopUs: number;
}

/**
 * What an edge carries, as inferred by the checker. `keys` lists column sets that are unique among its final rows
 * (a keyed sink compares its key with them, K9). `timed` is false when the source names no event time.
 */
export interface Schema {
  readonly fields: readonly Field[];
  readonly mode: EdgeMode;
  readonly keys: readonly (readonly string[])[];
  readonly window: WindowProperty | undefined;
  readonly timed: boolean;
}

export const APPEND: EdgeMode = { kind: 'append' };

export function fieldOf(schema: Schema, name: string): Field | undefined {
  return schema.fields.find((field) => field.name === name);
}
