/**
 * What went wrong outside, typed by what the caller does about it.
 * retry: back off and try again · fenced: somebody else owns the sink or the state, stop with exit 3 ·
 * refused: state and sink (or log) do not fit together, stop with exit 3 · fatal: cannot get better by itself, stop with exit 1.
 */
export type FaultKind = 'retry' | 'fenced' | 'refused' | 'fatal';

export class Fault extends Error {
  readonly kind: FaultKind;
  readonly code: string;
  /** what the user does about it, one imperative sentence */
  readonly mend: string | undefined;
  /** the node whose operator threw it; set by the graph, which knows */
  node: string | undefined;

  constructor(kind: FaultKind, code: string, message: string, options: { mend?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.kind = kind;
    this.code = code;
    this.mend = options.mend;
    this.node = undefined;
  }
}
