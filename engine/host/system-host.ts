import { setImmediate as immediate, setTimeout as timeout } from 'node:timers/promises';
import type { RunHost } from '../stream/run-parts.ts';

/** The real clock, timers and randomness: the only place where the engine gets them from. */
export const systemHost: RunHost & { random(): number } = {
  monotonicMs: () => performance.now(),
  nowMs: () => Date.now(),
  sleep: (ms) => timeout(ms),
  breathe: () => immediate(),
  random: () => Math.random(),
};
