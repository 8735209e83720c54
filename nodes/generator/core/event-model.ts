import { broken } from './broken.ts';
import { chatEvent, pickPerson } from './chat.ts';
import type { ChannelState, EventKind, GeneratedEvent, ModelSettings, ModelState } from './model-state.ts';
import { SeededRandom } from './random.ts';
import { streamChange, streamStart } from './stream-meta.ts';
import { transactionEvent } from './transactions.ts';
import { moveViewers, viewerEvent } from './viewers.ts';
import { CATEGORIES, WAVES } from './vocabulary.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

/** share of slots, and with what chance such a slot sends */
const WEIGHTS: readonly (readonly [EventKind, number])[] = [
  ['chat', 0.7],
  ['viewer', 0.2],
  ['transactions', 0.05],
  ['stream_meta', 0.05],
];
const KEPT: Readonly<Record<EventKind, number>> = { chat: 1, viewer: 1, transactions: 0.05, stream_meta: 0.02 };

/** How far back late events are: beyond the lateness of two minutes for sure. */
const LATE_US = [150 * SECOND, 300 * SECOND] as const;
/** No late events in the first minutes: they would open windows before the beginning. */
const QUIET_US = MINUTE;

/** A gap in which the generator did not run is filled by at most so much history. */
export const MAX_HISTORY_US = 15 * MINUTE;
/** [product] the spike of a history begins so long before its end: 3–4 minutes, with the last of it */
const SPIKE_BEFORE_US = 215 * SECOND;
/** a shorter gap is filled without a spike of its own */
const SPIKE_NEEDS_US = 5 * MINUTE;
/** a shorter gap is no gap: a restart, after which exactly the same events follow as without it */
const RESTART_US = MINUTE;
/** after a beginning without history: eleven full minutes, which a z-score with ten samples needs */
const FIRST_BURST_US = 12 * MINUTE;

/** Makes events slot by slot from its state alone; clock and checkpoint are its caller's. */
export class EventModel {
  readonly #settings: ModelSettings;
  readonly #state: ModelState;
  readonly #random: SeededRandom;

  constructor(settings: ModelSettings, state: ModelState) {
    this.#settings = settings;
    this.#state = structuredCopy(state);
    this.#random = new SeededRandom(state.random);
    this.#matchChannels();
  }

  /** The state of a stream of events that begins at `beganUs`. */
  static begin(settings: ModelSettings, beganUs: number): ModelState {
    return {
      version: 1,
      random: SeededRandom.of(settings.seed, 0).state,
      beganUs,
      slotUs: beganUs,
      channels: [],
    };
  }

  /**
   * The state after a time in which nothing ran: history is filled up to `nowUs`, at most `historyUs` of it, and a long
   * enough one holds a spike. A short interruption changes nothing, so the same events follow as without it.
   */
  static resume(settings: ModelSettings, state: ModelState, nowUs: number, historyUs: number): ModelState {
    const gap = nowUs - state.slotUs;
    if (gap <= RESTART_US) return state;
    if (gap <= historyUs) return EventModel.withSpike(settings, state, nowUs, gap);
    // the streams of before ended unseen
    const beganUs = nowUs - historyUs;
    return EventModel.withSpike(settings, { ...state, slotUs: beganUs, beganUs, channels: [] }, nowUs, historyUs);
  }

  /** Puts a moment of one channel 3–4 minutes before `nowUs`, if the history is long enough to show it. */
  static withSpike(settings: ModelSettings, state: ModelState, nowUs: number, historyUs: number): ModelState {
    if (historyUs < SPIKE_NEEDS_US || settings.bursts.everyUs === 0) return state;
    const model = new EventModel(settings, state);
    // a moment that lasts stays as it is: its events may have been handed out already
    const [first, ...others] = model.#state.channels
      .filter((channel) => channel.burstUs > state.slotUs)
      .toSorted((x, y) => x.burstUs - y.burstUs);
    if (first !== undefined) first.burstUs = nowUs - SPIKE_BEFORE_US;
    others.forEach((channel, i) => {
      if (channel.burstUs < nowUs) channel.burstUs = nowUs + MINUTE + ((i + 0.5) / others.length) * 0.4 * settings.bursts.everyUs;
    });
    return model.snapshot();
  }

  snapshot(): ModelState {
    return structuredCopy({ ...this.#state, random: this.#random.state });
  }

  /** event time of the slot that comes next, µs */
  get slotUs(): number {
    return this.#state.slotUs;
  }

  /** The events of the next slot in the order of sending. */
  slot(): GeneratedEvent[] {
    const { rate, produce } = this.#settings;
    const state = this.#state;
    const stepUs = SECOND / rate;
    const now = state.slotUs;
    state.slotUs = now + stepUs;
    const events: GeneratedEvent[] = [];
    for (const channel of state.channels) {
      if (channel.startedUs !== 0) continue;
      channel.startedUs = now;
      channel.viewersAtUs = now;
      this.#send(events, 'stream_meta', channel, now, (timeUs) => streamStart(this.#random, channel, timeUs), false);
    }
    const channel = this.#random.pick(state.channels);
    const kind = this.#random.weighted(WEIGHTS);
    // a kind that is switched off still uses up its slot
    if (this.#random.chance(KEPT[kind])) this.#one(events, kind, channel, now);
    if (produce.chat) this.#wave(events, now, stepUs);
    return events;
  }

  #one(events: GeneratedEvent[], kind: EventKind, channel: ChannelState, now: number): void {
    const random = this.#random;
    const { users, seed } = this.#settings;
    switch (kind) {
      case 'chat': {
        const wave = this.#strength(channel, now) > 0 ? channel.wave : -1;
        const who = pickPerson(random, users, seed, wave >= 0);
        this.#send(events, kind, channel, now, (timeUs) => chatEvent(random, channel.name, who, timeUs, wave), true);
        return;
      }
      case 'viewer':
        moveViewers(random, channel, now);
        this.#send(events, kind, channel, now, (timeUs) => viewerEvent(random, channel, timeUs), true);
        return;
      case 'transactions': {
        const who = pickPerson(random, users, seed, false);
        this.#send(events, kind, channel, now, (timeUs) => transactionEvent(random, channel.name, who, timeUs), true);
        return;
      }
      case 'stream_meta':
        this.#send(events, kind, channel, now, (timeUs) => streamChange(random, channel, timeUs), false);
    }
  }

  /** What a moment adds to the chat of this slot. */
  #wave(events: GeneratedEvent[], now: number, stepUs: number): void {
    const { channels } = this.#state;
    const { bursts } = this.#settings;
    if (bursts.everyUs === 0) return;
    const waiting: { readonly at: number; readonly channel: ChannelState }[] = [];
    for (const channel of channels) {
      const strength = this.#strength(channel, now);
      if (strength > 0) {
        const more = ((bursts.factor - 1) * strength * WEIGHTS[0]![1]) / channels.length;
        const count = Math.floor(more) + (this.#random.chance(more % 1) ? 1 : 0);
        for (let i = 0; i < count; i++) waiting.push({ at: now + this.#random.next() * stepUs, channel });
      } else if (now >= channel.burstUs + bursts.lengthUs) {
        channel.burstUs = now + bursts.everyUs * (0.85 + this.#random.next() * 0.3);
        channel.wave = this.#random.integer(0, WAVES.length - 1);
      }
    }
    waiting.sort((a, b) => a.at - b.at);
    for (const { at, channel } of waiting) this.#one(events, 'chat', channel, at);
  }

  /** 0: no moment; rises in two seconds, stays, and fades in the last third. */
  #strength(channel: ChannelState, now: number): number {
    const { everyUs, lengthUs } = this.#settings.bursts;
    const since = now - channel.burstUs;
    if (everyUs === 0 || since < 0 || since >= lengthUs) return 0;
    return Math.max(0.05, Math.min(1, since / (2 * SECOND), ((lengthUs - since) / lengthUs) * 3));
  }

  #send(
    events: GeneratedEvent[],
    kind: EventKind,
    channel: ChannelState,
    sentUs: number,
    make: (timeUs: number) => Record<string, unknown>,
    mayStray: boolean,
  ): void {
    const random = this.#random;
    const { lateShare, disorderUs, brokenShare, produce } = this.#settings;
    let timeUs = sentUs;
    const roll = random.next();
    if (mayStray && roll < lateShare && sentUs - this.#state.beganUs > QUIET_US + LATE_US[1]) {
      timeUs -= LATE_US[0] + random.next() * (LATE_US[1] - LATE_US[0]);
    } else if (mayStray && roll > 0.8 && disorderUs > 0 && sentUs - this.#state.beganUs > disorderUs)
      timeUs -= random.next() * disorderUs;
    const event = make(timeUs);
    const value = mayStray && random.chance(brokenShare) ? broken(random, event) : JSON.stringify(event);
    if (produce[kind]) events.push({ kind, key: channel.name, value, sentUs });
  }

  /** Channels of the settings that have no state yet; a channel that is no longer named ends. */
  #matchChannels(): void {
    const { channels: names, bursts } = this.#settings;
    const state = this.#state;
    const known = new Map(state.channels.map((channel) => [channel.name, channel]));
    state.channels = names.map(
      (name, i) =>
        known.get(name) ?? this.#newChannel(name, state.slotUs + FIRST_BURST_US + (i / names.length) * 0.5 * bursts.everyUs),
    );
  }

  #newChannel(name: string, burstUs: number): ChannelState {
    const random = this.#random;
    return {
      name,
      streamId: `stream_${random.digits(10)}`,
      startedUs: 0,
      viewers: random.integer(100, 2000),
      trend: 0,
      viewersAtUs: 0,
      raiders: 0,
      category: random.pick(CATEGORIES),
      burstUs,
      wave: random.integer(0, WAVES.length - 1),
    };
  }
}

function structuredCopy(state: ModelState): ModelState {
  return { ...state, channels: state.channels.map((channel) => ({ ...channel })) };
}
