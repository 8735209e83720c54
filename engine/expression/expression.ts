import type { Batch, Column, Layout, PhysicalField } from '../model/batch.ts';
import type { Field, Schema } from '../model/schema.ts';
import type { Type } from '../model/type.ts';
import type { FailedRows } from './failed-rows.ts';
import type { AggregateAnalysis, AggregateSignature, Analysis, Typed } from './typed.ts';

export type { AggregateAnalysis, AggregateCall, AggregateSignature, Analysis, ExpressionProblem, Typed } from './typed.ts';
export { FailedRows } from './failed-rows.ts';

/** A compiled expression. Its result lives until the next evaluate of the same kernel. */
export interface Kernel {
  readonly type: Type;
  /** how the result comes; text asked for as `dictionary` always comes so */
  readonly as: PhysicalField['as'];
  /** Indexed by physical row, valid for batch.rows[0 … count). Rows that fail are marked in `failed` and NULL in the result. */
  evaluate(batch: Batch, failed: FailedRows): Column;
}

/** Rows by verdict, ascending; the arrays are reused by the next select. Failed rows are in neither. */
export interface Selection {
  readonly match: Int32Array;
  readonly matchCount: number;
  /** false or NULL */
  readonly rest: Int32Array;
  readonly restCount: number;
}

export interface Condition {
  select(batch: Batch, failed: FailedRows): Selection;
}

/** Once per process, before the first analyse. */
export async function loadParser(): Promise<void> {
  throw new Error('bug: not there yet');
}

export declare function analyse(text: string, schema: Schema, options?: { readonly expect?: Type }): Analysis;
/** `keys`: columns that may stand outside of aggregates (group keys, window_start, window_end). */
export declare function analyseAggregate(
  text: string,
  schema: Schema,
  functions: readonly AggregateSignature[],
  options?: { readonly keys?: readonly Field[]; readonly expect?: Type },
): AggregateAnalysis;
/** `as: 'dictionary'`: a text result is interned (keys, dedupe). */
export declare function compile(typed: Typed, layout: Layout, options?: { readonly as?: 'dictionary' }): Kernel;
export declare function compileCondition(typed: Typed, layout: Layout): Condition;
/** PostgreSQL text with every cast explicit (X4). */
export declare function sqlOf(typed: Typed): string;
export declare function functionList(): readonly { readonly name: string; readonly signature: string; readonly summary: string }[];
