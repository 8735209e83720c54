import { type ChannelState, producerTime } from './model-state.ts';
import type { SeededRandom } from './random.ts';

const HALF_LIFE_S = 150;
const FLOOR = 10;

/** Moves the audience to `timeUs`: a random walk with a trend, rare jumps, raiders who leave again by halves. */
export function moveViewers(random: SeededRandom, channel: ChannelState, timeUs: number): void {
  const seconds = Math.max(0, timeUs - channel.viewersAtUs) / 1_000_000;
  channel.viewersAtUs = timeUs;
  // per second about 0.15 % of the audience
  channel.viewers *= Math.exp(random.gauss(channel.trend, 0.0015) * Math.min(seconds, 60));
  channel.trend *= 0.99;
  if (random.chance(0.01)) channel.trend = random.gauss(0, 0.0002);
  if (random.chance(0.002)) channel.viewers += random.integer(50, 500) * 0.1;
  if (random.chance(0.001)) channel.viewers -= random.integer(20, 200) * 0.1;
  channel.viewers = Math.min(20_000, Math.max(FLOOR, channel.viewers));
  channel.raiders *= 0.5 ** (seconds / HALF_LIFE_S);
}

export function viewerEvent(random: SeededRandom, channel: ChannelState, timeUs: number): Record<string, unknown> {
  const count = Math.max(FLOOR, Math.round(channel.viewers + channel.raiders));
  return {
    event_id: random.uuid(),
    channel: channel.name,
    viewer_count: count,
    chatter_count: Math.floor(count * (0.05 + random.next() * 0.15)),
    follower_count: random.integer(10_000, 500_000),
    subscriber_count: Math.floor(count * (0.01 + random.next() * 0.04)),
    timestamp: producerTime(timeUs),
    metadata: {
      peak_today: Math.floor(count * (1 + random.next() * 0.5)),
      stream_uptime_seconds: Math.max(0, Math.floor((timeUs - channel.startedUs) / 1_000_000)),
    },
  };
}
