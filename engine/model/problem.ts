/**
 * A user's mistake, as data (never thrown). Every code stands in `docs/problems.md` and has a fixture.
 * `severity: 'error'` means the pipeline cannot run.
 */
export interface Problem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** one sentence: what is wrong, with the names involved */
  readonly message: string;
  readonly node?: string | undefined;
  /** path of the setting, dotted: `columns.2.expression` */
  readonly field?: string | undefined;
  /** `from -> to` of the edge, `a.out -> b.in` */
  readonly edge?: string | undefined;
  /** 0-based character position inside the field's text, for expressions */
  readonly position?: number | undefined;
  /** how to mend it, one imperative sentence */
  readonly mend?: string | undefined;
}

export function isError(problem: Problem): boolean {
  return problem.severity === 'error';
}
