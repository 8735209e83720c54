import type { InnerType, Value } from './typed.ts';

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

/** Thrown by `apply`; turned into a mark in FailedRows by the kernel. Not an Error: no stack is taken for a bad row. */
export class RowFailure {
  readonly code: string;
  readonly sentence: string;
  constructor(code: string, sentence: string) {
    this.code = code;
    this.sentence = sentence;
  }
}
