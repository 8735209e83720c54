import { Fault } from '../../engine/model/fault.ts';

const KEYS = 1_000_000;
const BYTES = 512 * 1024 * 1024;

/** [W5] A node whose state outgrows its limits ends the run with a clear fault instead of taking the machine's memory. */
export function checkStateLimit(what: string, keys: number, bytes: number, mend: string): void {
  if (keys <= KEYS && bytes <= BYTES) return;
  const held = keys > KEYS ? `${keys} keys, more than 1,000,000` : `${Math.ceil(bytes / 1024 / 1024)} MiB, more than 512`;
  throw new Fault('fatal', 'state_too_large', `${what} holds ${held}.`, { mend });
}
