import type { Type } from '../model/type.ts';

/** `interval` exists only inside an expression: it is no column type. `unknown` is an untyped literal ('…' or NULL) before it is resolved. */
export type InnerType = Type | 'interval' | 'unknown';

/** months and days have no fixed length; us = microseconds. PostgreSQL's interval. */
export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly us: number;
}

/**
 * One value outside of columns: text and json as string, integer, float, timestamp (µs) and decimal (scaled integer) as number,
 * text[] as array. null is NULL.
 */
export type Value = string | number | boolean | Interval | readonly (string | null)[] | null;

interface NodeBase {
  readonly type: InnerType;
  readonly nullable: boolean;
}

/** Fast paths; everything else runs `apply`, once per dictionary id where one text argument varies and per row otherwise. */
export type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide' | 'modulo' | 'negate';

/** One resolved operator, function or cast: what it computes and how PostgreSQL writes it. */
export interface Implementation {
  readonly name: string;
  readonly result: InnerType;
  /** false: `apply` sees NULL arguments; true: any NULL argument gives NULL */
  readonly strict: boolean;
  /** the result may be NULL though no argument is */
  readonly givesNull: boolean;
  readonly arithmetic?: { readonly operation: Arithmetic; readonly on: 'integer' | 'float' | 'decimal' } | undefined;
  /** Throws RowFailure for a row that cannot be computed. */
  apply(...args: readonly Value[]): Value;
  /** PostgreSQL text from the texts of the arguments; each is already parenthesised where needed */
  sql(args: readonly string[]): string;
}

export type CompareOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** A checked expression. Types of arguments are already what the operation works on: conversions are nodes of their own. */
export type Node =
  | (NodeBase & { readonly op: 'column'; readonly name: string })
  | (NodeBase & {
      readonly op: 'constant';
      readonly value: Value;
      /** digits as written, for a literal with a point or an exponent: it becomes a decimal beside a decimal (X4) */
      readonly digits?: string | undefined;
    })
  | (NodeBase & { readonly op: 'call'; readonly implementation: Implementation; readonly args: readonly Node[] })
  | (NodeBase & { readonly op: 'compare'; readonly operator: CompareOperator; readonly left: Node; readonly right: Node })
  | (NodeBase & { readonly op: 'distinct'; readonly negated: boolean; readonly left: Node; readonly right: Node })
  | (NodeBase & { readonly op: 'and' | 'or'; readonly args: readonly Node[] })
  | (NodeBase & { readonly op: 'not'; readonly arg: Node })
  | (NodeBase & { readonly op: 'is'; readonly test: 'null' | 'true' | 'false'; readonly negated: boolean; readonly arg: Node })
  | (NodeBase & {
      readonly op: 'case';
      readonly whens: readonly { readonly condition: Node; readonly result: Node }[];
      readonly otherwise: Node | undefined;
    })
  | (NodeBase & { readonly op: 'coalesce'; readonly args: readonly Node[] })
  | (NodeBase & { readonly op: 'greatest' | 'least'; readonly args: readonly Node[] })
  | (NodeBase & { readonly op: 'nullif'; readonly left: Node; readonly right: Node })
  /** arg = ANY (values), or <> ALL (values) when negated; all values are constants of arg's type */
  | (NodeBase & { readonly op: 'in'; readonly negated: boolean; readonly arg: Node; readonly values: readonly Value[] })
  | (NodeBase & { readonly op: 'array'; readonly args: readonly Node[] });

/** An expression that analyse() accepted. */
export interface Typed {
  /** as the user wrote it */
  readonly text: string;
  readonly type: Type;
  readonly nullable: boolean;
  /** columns read; `dictionary` where the column is compared for equality, so that ids pay (same shape as a definition's `Reads`) */
  readonly columns: Readonly<Record<string, 'dictionary' | 'any'>>;
  readonly root: Node;
}

/** A mistake in an expression; the caller adds node and field to make a `Problem`. */
export interface ExpressionProblem {
  readonly code: string;
  readonly message: string;
  /** 0-based UTF-16 position in the text */
  readonly position?: number | undefined;
  readonly mend?: string | undefined;
}

export type Analysis =
  { readonly ok: true; readonly expression: Typed } | { readonly ok: false; readonly problems: readonly ExpressionProblem[] };

/** What the analyser must know of an aggregate function; the windows' own table gives it. */
export interface AggregateSignature {
  readonly name: string;
  readonly summary: string;
  /** count(*) */
  readonly star: boolean;
  /** DISTINCT allowed */
  readonly distinct: boolean;
  /** number of constant positive integers after the argument: top(x, n) has 1 */
  readonly options: number;
  /** the options may be left out */
  readonly optionsOptional?: boolean | undefined;
  /** undefined: fine; else what it takes, for the sentence "sum takes …": "a number" */
  accepts(argument: Type | undefined): string | undefined;
  result(argument: Type | undefined): Type;
  /** false: never NULL (count) */
  readonly nullable: boolean;
}

export interface AggregateCall {
  readonly name: string;
  readonly distinct: boolean;
  /** undefined: `*` */
  readonly argument: Typed | undefined;
  readonly options: readonly number[];
  readonly filter: Typed | undefined;
  readonly type: Type;
  readonly nullable: boolean;
  /** PostgreSQL text of the call; equal for equal calls, so that a node can share one state between columns */
  readonly sql: string;
}

export type AggregateAnalysis =
  | {
      readonly ok: true;
      readonly calls: readonly AggregateCall[];
      /** over columns `$0`, `$1` … (calls[i]) and the group keys */
      readonly outer: Typed;
    }
  | { readonly ok: false; readonly problems: readonly ExpressionProblem[] };
