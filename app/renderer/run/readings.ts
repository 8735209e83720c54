import type { NodeMeter } from '../../../engine/model/run-event.ts';
import type { Health } from '../ui/health.tsx';
import { formatCount, formatSpan } from '../ui/figures.ts';
import { holderOf, type LaneTrack } from './lane-data.ts';
import { feed } from './live-feed.ts';
import type { Metric } from './metric-ring.ts';
import { isLive, runStore } from './run-store.ts';

/** What is read off the meters: rates, health, the holder of the watermark. Pure functions of the feed's present. */

/** a source's rate follows at once, a window's rows come in bursts and are averaged over half a minute */
const FAST_MS = 2000;
const SLOW_MS = 30_000;
/** holds one burst at least of a window that opens every ten seconds */
const BURST_MS = 12_000;
/** rows that come in bursts every ten seconds: half a minute holds three or four of them */
const STEADY_MS = 120_000;
/** rows that come a few times an hour */
const LONG_MS = 600_000;
/** the first minute of a run reads what had been waiting: no rate of the stream */
const CATCH_UP_MS = 60_000;
/**
 * Older than this, the newest event of the holder is somebody's business; a quiet partition is waited for as long anyway,
 * and its silence is counted from the start of the run [T2].
 */
const HOLDS_LONG_MS = 30_000;
/** a partition holds the watermark when it is this much behind the next one, µs */
const HOLDS_US = 5_000_000;

export function meterOf(node: string): NodeMeter | undefined {
  return feed.meters[node];
}

/** Rows a second right now, also when that is none; for a node that is held. */
export function presentRateOf(node: string, metric: Metric): number {
  return feed.ring.rate(node, metric, 0, FAST_MS);
}

/** Averaged over half a minute, but for a stream that has fallen since, such as a source that has just caught up. */
function averaged(node: string, metric: Metric, back: number): number {
  const slow = feed.ring.rate(node, metric, back, SLOW_MS);
  const recent = feed.ring.rate(node, metric, back, BURST_MS);
  return recent < slow / 3 ? recent : slow;
}

/** Rows a second; NaN: no data. Slow streams are averaged over as long as there is a history of the stream itself. */
export function rateOf(node: string, metric: Metric, back = 0): number {
  const slow = averaged(node, metric, back);
  if (slow > 20) {
    const fast = feed.ring.rate(node, metric, back, FAST_MS);
    if (fast > 20) return fast;
  }
  if (slow >= 1 || Number.isNaN(slow)) return slow;
  const known = feed.ring.timeAt(back) - feed.ring.timeAt(feed.ring.count - 1) - CATCH_UP_MS;
  if (!(known > SLOW_MS)) return slow;
  const long = feed.ring.rate(node, metric, back, Math.min(slow >= 0.1 ? STEADY_MS : LONG_MS, known));
  return Number.isNaN(long) ? slow : long;
}

/** the last 60 s, oldest first */
export function sparkOf(node: string, metric: Metric): number[] {
  const values: number[] = [];
  for (let back = Math.min(59, feed.ring.count - 2); back >= 0; back--) {
    const rate = averaged(node, metric, back);
    const fast = rate > 20 ? feed.ring.rate(node, metric, back, FAST_MS) : Number.NaN;
    const value = Number.isNaN(fast) ? rate : fast;
    if (!Number.isNaN(value)) values.push(value);
  }
  return values;
}

export function holder(): LaneTrack | undefined {
  return holderOf(feed.lane.tracks.values(), HOLDS_US);
}

export interface NodeReading {
  readonly health: Health | undefined;
  /** first sentence: what; second: fate of the rows */
  readonly words: string;
  readonly fate: string;
}

const HEALTHY: NodeReading = { health: undefined, words: '', fate: '' };

/** The order in which states win: failed, held, idle. Late and differing are shown elsewhere on the node. */
export function readingOf(node: string): NodeReading {
  const status = runStore.getState().status;
  const meter = meterOf(node);
  if (status?.state === 'failed' && status.cause?.node === node)
    return { health: 'bad', words: status.cause.message, fate: status.cause.mend ?? '' };
  if (meter === undefined) return HEALTHY;
  if (meter.outbox?.waiting !== undefined)
    return { health: 'bad', words: meter.outbox.waiting, fate: `${formatCount(meter.ledger.held)} rows held, none lost` };
  if (meter.heldBy !== undefined) return { health: 'warn', words: meter.heldBy, fate: '' };
  if (status?.state === 'paused') return { health: 'paused', words: `paused at epoch ${formatCount(feed.epoch)}`, fate: '' };
  const partitions = meter.partitions ?? [];
  if (isLive(status?.state) && partitions.length > 0 && partitions.every((partition) => partition.idle)) {
    return { health: 'still', words: 'idle, not awaited', fate: '' };
  }
  const held = holder();
  if (held?.node === node) {
    const age = feed.metersAt === undefined || held.meter.newest === undefined ? 0 : feed.metersAt - held.meter.newest / 1000;
    const running = (feed.metersAt ?? 0) - (status?.startedAt ?? 0);
    if ((meter.lag ?? 0) > 0 || Math.min(age, running) > HOLDS_LONG_MS) return { health: 'warn', words: 'holds time', fate: '' };
  }
  return HEALTHY;
}

/** How long a source has delivered nothing, in words; undefined: it delivers. */
export function idleFor(node: string): string | undefined {
  let newest = 0;
  let any = false;
  for (const track of feed.lane.tracks.values()) {
    if (track.node !== node) continue;
    any = true;
    if (!track.meter.idle) return undefined;
    newest = Math.max(newest, (track.meter.newest ?? 0) / 1000);
  }
  return any && newest > 0 ? formatSpan(Date.now() - newest) : undefined;
}

/** Sum over the sources. */
export function rowsIn(sources: readonly string[]): number {
  return sources.reduce((sum, node) => sum + (rateOf(node, 'in') || 0), 0);
}

export function lowestWatermark(): number | undefined {
  let lowest: number | undefined;
  for (const track of feed.lane.tracks.values()) {
    const mark = track.meter.watermark;
    if (mark !== undefined && !track.meter.idle && (lowest === undefined || mark < lowest)) lowest = mark;
  }
  return lowest;
}

export function isBalanced(meter: NodeMeter): boolean {
  const { ledger } = meter;
  return ledger.in === ledger.used + ledger.filtered + ledger.late + ledger.dead + ledger.held;
}
