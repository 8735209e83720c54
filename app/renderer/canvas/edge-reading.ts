import type { CheckedPort } from '../../protocol/check.ts';
import { rateText } from '../ui/figures.ts';
import { idleFor, meterOf, rateOf, readingOf } from '../run/readings.ts';
import { isLive, runStore } from '../run/run-store.ts';

export interface EdgeReading {
  /** rows a second; NaN: no data */
  readonly rate: number;
  /** 1…5 */
  readonly width: number;
  readonly look: 'flow' | 'held' | 'failed' | 'stalled' | 'late';
  readonly label: string;
}

const NOTHING: EdgeReading = { rate: Number.NaN, width: 1, look: 'flow', label: '' };

/** Width by log10 of the rate, colour by health only; the culprit is marked, never its victims. */
export function edgeReading(from: string, port: CheckedPort | undefined, index: number, to: string): EdgeReading {
  if (meterOf(from) === undefined) return NOTHING;
  const rate = rateOf(from, `out${index}`);
  if (Number.isNaN(rate)) return NOTHING;
  const width = rate < 1 ? 1 : rate < 10 ? 2 : rate < 100 ? 3 : rate < 1000 ? 4 : 5;
  const target = readingOf(to);
  const state = runStore.getState().status?.state;
  if (target.health === 'bad') {
    const failed = state === 'failed';
    return { rate, width, look: failed ? 'failed' : 'held', label: failed ? '' : `${rateText(rate)}, held at the sink` };
  }
  if (target.health === 'warn' && meterOf(to)?.heldBy !== undefined)
    return { rate, width, look: 'held', label: `${rateText(rate)}, held` };
  if (rate === 0) {
    const idle = isLive(state) ? idleFor(from) : undefined;
    return { rate, width: 1, look: 'stalled', label: idle === undefined ? '' : `idle ${idle}` };
  }
  return { rate, width, look: port?.name === 'late' ? 'late' : 'flow', label: rateText(rate) };
}
