import { setTimeout as sleep } from 'node:timers/promises';
import { protocolErrors } from './kafka-fault.ts';

/** How long answers are tried again that say "not now": a leader or a coordinator moves, the last transaction still ends. */
const NOT_NOW_MS = 15_000;
const FIRST_PAUSE_MS = 5;
const LAST_PAUSE_MS = 200;

const NOT_NOW: ReadonlySet<string> = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS',
]);

/** Tries again while the answer is "not now": such an answer means that nothing was done. */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  let pauseMs = FIRST_PAUSE_MS;
  for (const until = performance.now() + NOT_NOW_MS; ; pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2)) {
    try {
      return await work();
    } catch (error) {
      const names = protocolErrors(error);
      const notNow = names.size > 0 && [...names].every((name) => NOT_NOW.has(name));
      if (!notNow || performance.now() > until) throw error;
    }
    await sleep(pauseMs);
  }
}
