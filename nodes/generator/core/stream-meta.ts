import { type ChannelState, producerTime } from './model-state.ts';
import type { SeededRandom } from './random.ts';
import { CATEGORIES, TAGS, TITLES, USERNAMES } from './vocabulary.ts';

const CHANGES = [
  ['title_change', 0.4],
  ['category_change', 0.4],
  ['raid_incoming', 0.2],
] as const;

export function streamStart(random: SeededRandom, channel: ChannelState, timeUs: number): Record<string, unknown> {
  return {
    event_id: random.uuid(),
    channel: channel.name,
    event_type: 'stream_start',
    timestamp: producerTime(timeUs),
    stream_id: channel.streamId,
    title: random.pick(TITLES),
    category: channel.category,
    category_id: `cat_${random.digits(7)}`,
    language: 'en',
    is_mature: random.chance(0.1),
    tags: tags(random),
    metadata: technical(random),
  };
}

/** A raid also moves the audience: the raiders watch from now on. */
export function streamChange(random: SeededRandom, channel: ChannelState, timeUs: number): Record<string, unknown> {
  const type = random.weighted(CHANGES);
  const common = {
    event_id: random.uuid(),
    channel: channel.name,
    event_type: type,
    timestamp: producerTime(timeUs),
    stream_id: channel.streamId,
    language: 'en',
    is_mature: random.chance(0.1),
  };
  if (type === 'title_change') return { ...common, title: random.pick(TITLES), metadata: technical(random) };
  if (type === 'category_change') {
    channel.category = random.pick(CATEGORIES);
    return {
      ...common,
      category: channel.category,
      category_id: `cat_${random.digits(7)}`,
      tags: tags(random),
      metadata: technical(random),
    };
  }
  const raiders = Math.round(50 * 100 ** random.next());
  channel.raiders += raiders;
  return { ...common, raid_data: { from_channel: random.pick(USERNAMES), viewer_count: raiders }, metadata: technical(random) };
}

function tags(random: SeededRandom): string[] {
  const count = random.integer(1, 3);
  const chosen: string[] = [];
  while (chosen.length < count) {
    const tag = random.pick(TAGS);
    if (!chosen.includes(tag)) chosen.push(tag);
  }
  return chosen;
}

function technical(random: SeededRandom): Record<string, unknown> {
  return {
    stream_quality: random.pick(['1080p60', '1080p', '720p60', '720p']),
    encoder: random.pick(['x264', 'NVENC', 'QuickSync']),
  };
}
