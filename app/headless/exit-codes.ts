import { Fault } from '../../engine/model/fault.ts';
import { systemPath, systemReason } from './system-error.ts';

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, notValid: 2, refused: 3 } as const;

/** The command itself is wrong, whatever the outside is like. */
const NOT_VALID = new Set(['bad_option', 'unknown_node', 'not_a_pipeline']);

export function exitCodeOf(error: unknown): number {
  if (error instanceof Fault && NOT_VALID.has(error.code)) return EXIT.notValid;
  return error instanceof Fault && (error.kind === 'fenced' || error.kind === 'refused') ? EXIT.refused : EXIT.failed;
}

/** What happened and what to do, in sentences; a stack only for defects. */
export function describeError(error: unknown): string {
  if (error instanceof Fault) return error.mend === undefined ? error.message : `${error.message}\n  ${error.mend}`;
  const reason = systemReason(error);
  const path = systemPath(error);
  if (reason !== undefined && path !== undefined)
    return `${path} cannot be used: ${reason}.\n  Correct the path, its rights or the disk, then try again.`;
  if (error instanceof Error) return `Telemetra has a defect: ${error.message}\n${error.stack ?? ''}`;
  return String(error);
}
