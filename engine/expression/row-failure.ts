/** Thrown by `apply`; turned into a mark in FailedRows by the kernel. Not an Error: no stack is taken for a bad row. */
export class RowFailure {
  readonly code: string;
  readonly sentence: string;
  constructor(code: string, sentence: string) {
    this.code = code;
    this.sentence = sentence;
  }
}
