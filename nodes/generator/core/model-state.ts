import type { RandomState } from './random.ts';

/** What the events are made from; the same settings and state make the same events. */
export interface ModelSettings {
  /** slots a second; each slot is one event by the weights of the kinds */
  readonly rate: number;
  readonly channels: readonly string[];
  readonly seed: number;
  readonly produce: {
    readonly chat: boolean;
    readonly viewer: boolean;
    readonly transactions: boolean;
    readonly stream_meta: boolean;
  };
  readonly bursts: { readonly everyUs: number; readonly factor: number; readonly lengthUs: number };
  readonly lateShare: number;
  readonly disorderUs: number;
  readonly brokenShare: number;
  readonly users: number;
}

/** One live stream. Times in µs since 1970. */
export interface ChannelState {
  name: string;
  streamId: string;
  startedUs: number;
  /** the audience without raiders */
  viewers: number;
  trend: number;
  viewersAtUs: number;
  raiders: number;
  category: string;
  /** start of the moment that comes next, or that lasts */
  burstUs: number;
  /** index into WAVES */
  wave: number;
}

/** Plain JSON: stands in the checkpoint as the source's position. */
export interface ModelState {
  version: 1;
  random: RandomState;
  /** event time at which the stream of events began */
  beganUs: number;
  /** the slot that comes next */
  slotUs: number;
  channels: ChannelState[];
}

export type EventKind = 'chat' | 'viewer' | 'transactions' | 'stream_meta';

/** In the order of the node's output ports. */
export const EVENT_KINDS: readonly EventKind[] = ['chat', 'viewer', 'transactions', 'stream_meta'];

export interface GeneratedEvent {
  readonly kind: EventKind;
  /** channel */
  readonly key: string;
  /** the event as JSON text; a broken one on purpose now and then */
  readonly value: string;
  /** when it is sent, µs; never goes back from one event to the next */
  readonly sentUs: number;
}

/** 2026-09-07T07:17:12.250000+00:00, always six digits, as the producer writes them. */
export function producerTime(us: number): string {
  const whole = Math.round(us);
  const ms = Math.floor(whole / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(whole - ms * 1000).padStart(3, '0')}+00:00`;
}
