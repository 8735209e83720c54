import type { Implementation, InnerType, Node } from './typed.ts';

/** `decimal`: of any scale · `any`: as it comes (a quoted literal is text) */
export type Parameter = InnerType | 'decimal' | 'any';

export interface Overload {
  readonly args: readonly Parameter[];
  /** the last parameter may be repeated, also zero times */
  readonly variadic?: boolean | undefined;
  /** positions of arguments that PostgreSQL declares as int4 */
  readonly int4?: readonly number[] | undefined;
  /** decimals are brought to one scale before `build` */
  readonly sameDecimal?: boolean | undefined;
  /** for completion and docs; `build` gives the exact one */
  readonly result: InnerType | 'decimal';
  /** Arguments are already converted. May throw Refusal. */
  build(args: readonly Node[]): Implementation;
}

/** One line of the table: name, signatures, what it computes, how PostgreSQL and Spark write it. */
export interface FunctionEntry {
  readonly name: string;
  readonly signature: string;
  readonly summary: string;
  readonly overloads: readonly Overload[];
  /** form in Spark SQL where it differs from `name(args)` */
  readonly spark?: string | undefined;
}
