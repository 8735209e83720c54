import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Events one after the other in one piece of memory, with the padding that readers of bytes expect. */
export interface Events {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** index of the channel, for those who partition by it */
  readonly channel: Int32Array;
}

const CHANNELS = 50;
const USERS = 10_000;
const FIRST_MS = Date.UTC(2026, 0, 1);
const SPAN_MS = 1_200_000;
const DISORDER_MS = 1_500;
const PADDING = 16;

export function channelName(index: number): string {
  return `channel_${index}`;
}

/**
 * Chat events with every field of the recorded ones and their texts, over 20 minutes of event time: 50 channels,
 * 10,000 users by Zipf (exponent 0.9), a mean disorder of 1.5 s. The same for the same count.
 */
export function chatEvents(count: number): Events {
  const recorded = gunzipSync(readFileSync(new URL('../../tests/fixtures/seed/chat.jsonl.gz', import.meta.url)))
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const random = seeded(7);
  const user = zipf(USERS, 0.9, random);
  const encoder = new TextEncoder();
  let bytes = new Uint8Array(count * 400 + PADDING);
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  const channels = new Int32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const channel = Math.floor(random() * CHANNELS);
    const who = user();
    const time = FIRST_MS + Math.floor((i / count) * SPAN_MS - Math.log(1 - random()) * -DISORDER_MS);
    const text = JSON.stringify({
      ...recorded[Math.floor(random() * recorded.length)],
      message_id: uuid(random),
      channel: channelName(channel),
      username: `viewer_${who}`,
      user_id: `user_${who}`,
      timestamp: `${new Date(time).toISOString().slice(0, -1)}${String(Math.floor(random() * 1000)).padStart(3, '0')}+00:00`,
    });
    if (at + text.length * 3 + PADDING > bytes.length) {
      const larger = new Uint8Array(bytes.length * 2);
      larger.set(bytes);
      bytes = larger;
    }
    channels[i] = channel;
    start[i] = at;
    at += encoder.encodeInto(text, bytes.subarray(at)).written;
    end[i] = at;
  }
  return { count, bytes: bytes.subarray(0, at + PADDING), start, end, channel: channels };
}

export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 4294967296;
  };
}

function zipf(size: number, exponent: number, random: () => number): () => number {
  const sums = new Float64Array(size);
  let total = 0;
  for (let i = 0; i < size; i++) sums[i] = total += 1 / (i + 1) ** exponent;
  return () => {
    const wanted = random() * total;
    let low = 0;
    for (let high = size - 1; low < high;) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function uuid(random: () => number): string {
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(6)}${hex(6)}`;
}
