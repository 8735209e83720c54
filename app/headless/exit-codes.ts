import { Fault } from '../../engine/model/fault.ts';

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, notValid: 2, refused: 3 } as const;

export function exitCodeOf(error: unknown): number {
  if (error instanceof Fault && (error.code === 'bad_option' || error.code === 'unknown_node')) return EXIT.notValid;
  return error instanceof Fault && (error.kind === 'fenced' || error.kind === 'refused') ? EXIT.refused : EXIT.failed;
}

/** What happened and what to do, in sentences; a stack only for defects. */
export function describeError(error: unknown): string {
  if (error instanceof Fault) return error.mend === undefined ? error.message : `${error.message}\n  ${error.mend}`;
  if (error instanceof Error) return `Telemetra has a defect: ${error.message}\n${error.stack ?? ''}`;
  return String(error);
}
