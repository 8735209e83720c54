import type { Layout } from '../../../engine/model/batch.ts';
import type { Type } from '../../../engine/model/type.ts';
import type { Condition, Kernel } from '../../../engine/expression/expression.ts';
import type { AggregateState } from '../../../engine/stream/aggregate.ts';

/** One argument of aggregates; calls with the same argument and filter share it. */
export interface ArgumentPlan {
  readonly kernel: Kernel;
  /** index of the filter under which it is evaluated (PostgreSQL filters first), −1 = none */
  readonly filter: number;
}

/** One aggregate call; equal calls of several columns share it. */
export interface CallPlan {
  readonly create: () => AggregateState;
  readonly type: Type;
  /** index of the argument, −1 = none */
  readonly argument: number;
  readonly filter: number;
  /** a result beyond the type's range makes a dead letter of the row (sum) */
  readonly ranged: boolean;
  /** how the sentence of that dead letter names the call */
  readonly text: string;
}

/** An expression over aggregates: its kernel sees the named calls' results as `$0`, `$1` …, then the keys, then the bounds. */
export interface OuterPlan {
  readonly kernel: Kernel;
  readonly calls: readonly number[];
}

/** What a window node computes, compiled once per plan. */
export interface Aggregation {
  /** group keys, read from the input batch */
  readonly keys: readonly Kernel[];
  readonly keyTypes: readonly Type[];
  readonly arguments: readonly ArgumentPlan[];
  readonly filters: readonly Condition[];
  readonly calls: readonly CallPlan[];
  /** columns of the node; a number = that call's result itself */
  readonly columns: readonly (OuterPlan | number)[];
  /** with window_start and window_end between keys and columns; without for `running` */
  readonly bounds: boolean;
  readonly output: Layout;
}
