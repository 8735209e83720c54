/** Thrown while an expression is checked; the analyser adds the place and makes an ExpressionProblem of it. */
export class Refusal {
  readonly code: string;
  readonly message: string;
  readonly mend: string | undefined;
  /** which argument is meant; undefined: the whole call */
  readonly argument: number | undefined;
  constructor(code: string, message: string, mend?: string, argument?: number) {
    this.code = code;
    this.message = message;
    this.mend = mend;
    this.argument = argument;
  }
}
