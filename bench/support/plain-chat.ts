/** What a careful programmer writes without an engine: JSON.parse, objects, Maps. The rules are those of the chat branch. */

interface Window {
  count: number;
  readonly users: Set<string>;
  readonly emotes: Map<string, number>;
  sentiment: number;
  positive: number;
  negative: number;
}

export interface SummaryRow {
  readonly stream_id: string;
  /** ms */
  readonly window_start: number;
  readonly chat_count: number;
  readonly unique_chatters: number;
  /** null: no emote at all */
  readonly top_emotes: readonly string[] | null;
  readonly sentiment_score: number;
  readonly positive_count: number;
  readonly negative_count: number;
  readonly chat_rate: number;
  readonly z_score: number | null;
  readonly is_anomaly: boolean;
}

const SIZE_MS = 60_000;
const HOP_MS = 10_000;
const LATENESS_MS = 120_000;
const APART = SIZE_MS / HOP_MS;
const BASELINE = 30;
const MIN_SAMPLES = 10;

const TOKEN = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const HINTS = new Set(['positive', 'neutral', 'negative', 'excited', 'question']);
const POSITIVE =
  'love great awesome amazing excellent good best wonderful fantastic perfect happy thanks lol haha nice cool fun enjoy excited pog pogchamp kekw';
const NEGATIVE =
  'hate bad terrible awful worst sucks boring annoying stupid dumb trash cringe fail rip sad angry mad disappointed frustrated';
const WEIGHTS = new Map([
  ...POSITIVE.split(' ').map((word) => [word, 1] as const),
  ...NEGATIVE.split(' ').map((word) => [word, -1] as const),
]);

interface Chat {
  readonly message_id?: unknown;
  readonly event_id?: unknown;
  readonly channel?: unknown;
  readonly stream_id?: unknown;
  readonly username?: unknown;
  readonly user_id?: unknown;
  readonly message?: unknown;
  readonly emotes?: unknown;
  readonly badges?: unknown;
  readonly is_action?: unknown;
  readonly is_subscriber?: unknown;
  readonly is_moderator?: unknown;
  readonly bits?: unknown;
  readonly sentiment_hint?: unknown;
  readonly timestamp?: unknown;
  readonly metadata?: unknown;
}

function isText(value: unknown, most: number): boolean {
  return value === undefined || (typeof value === 'string' && (value.length <= most || [...value].length <= most));
}

function isTexts(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((each) => typeof each === 'string'));
}

function isBoolean(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

/** The JSON Schema of the chat topic, by hand. */
function isValid(event: Chat): boolean {
  return (
    typeof event.message === 'string' &&
    event.message.length > 0 &&
    isText(event.message, 500) &&
    typeof event.timestamp === 'string' &&
    TIME.test(event.timestamp) &&
    (event.message_id !== undefined || event.event_id !== undefined) &&
    isText(event.message_id, Infinity) &&
    isText(event.event_id, Infinity) &&
    isText(event.channel, 100) &&
    isText(event.stream_id, 100) &&
    isText(event.username, 50) &&
    isText(event.user_id, Infinity) &&
    isTexts(event.emotes) &&
    isTexts(event.badges) &&
    isBoolean(event.is_action) &&
    isBoolean(event.is_subscriber) &&
    isBoolean(event.is_moderator) &&
    (event.bits === undefined || (Number.isInteger(event.bits) && (event.bits as number) >= 0)) &&
    (event.sentiment_hint === undefined || HINTS.has(event.sentiment_hint as string)) &&
    (event.metadata === undefined ||
      (typeof event.metadata === 'object' && event.metadata !== null && !Array.isArray(event.metadata)))
  );
}

function sentimentOf(message: string): number {
  let tokens = 0;
  let sum = 0;
  for (const [token] of message.toLowerCase().matchAll(TOKEN)) {
    tokens++;
    sum += WEIGHTS.get(token.replaceAll('’', "'")) ?? 0;
  }
  return tokens === 0 ? 0 : Math.max(-1, Math.min(1, sum / tokens));
}

function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function topTen(counts: ReadonlyMap<string, number>): readonly string[] | null {
  if (counts.size === 0) return null;
  const sorted = [...counts].toSorted(([a, n], [b, m]) => m - n || compareBytes(a, b));
  return sorted.slice(0, 10).map(([name]) => name);
}

export class PlainChat {
  readonly rows: SummaryRow[] = [];
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  /** window start → channel → window */
  readonly #windows = new Map<number, Map<string, Window>>();
  readonly #history = new Map<string, { seen: number; readonly rates: number[] }>();
  #newest = -Infinity;
  dead = 0;
  late = 0;

  add(bytes: Uint8Array): void {
    let event: Chat;
    try {
      event = JSON.parse(this.#text.decode(bytes)) as Chat;
    } catch {
      this.dead++;
      return;
    }
    if (!isValid(event)) {
      this.dead++;
      return;
    }
    const time = Date.parse(event.timestamp as string);
    const channel = (event.channel ?? event.stream_id) as string;
    const sentiment = sentimentOf(event.message as string);
    const closed = this.#newest - LATENESS_MS;
    if (time > this.#newest) this.#newest = time;
    const last = Math.floor(time / HOP_MS) * HOP_MS;
    if (last - SIZE_MS + HOP_MS + SIZE_MS <= closed) {
      this.late++;
      return;
    }
    for (let start = last - SIZE_MS + HOP_MS; start <= last; start += HOP_MS) {
      let channels = this.#windows.get(start);
      if (channels === undefined) this.#windows.set(start, (channels = new Map<string, Window>()));
      let window = channels.get(channel);
      if (window === undefined) {
        window = { count: 0, users: new Set(), emotes: new Map(), sentiment: 0, positive: 0, negative: 0 };
        channels.set(channel, window);
      }
      window.count++;
      if (event.user_id !== undefined) window.users.add(event.user_id as string);
      for (const emote of (event.emotes as string[] | undefined) ?? [])
        window.emotes.set(emote, (window.emotes.get(emote) ?? 0) + 1);
      window.sentiment += sentiment;
      if (sentiment > 0) window.positive++;
      else if (sentiment < 0) window.negative++;
    }
    this.#close(this.#newest - LATENESS_MS);
  }

  end(): void {
    this.#close(Infinity);
  }

  #close(watermark: number): void {
    // windows are made nearly in order of time: the first one tells for most events that nothing ends
    for (const first of this.#windows.keys()) {
      if (first + SIZE_MS > watermark) return;
      break;
    }
    const ended = [...this.#windows.keys()].filter((start) => start + SIZE_MS <= watermark).toSorted((a, b) => a - b);
    for (const start of ended) {
      for (const [channel, window] of [...this.#windows.get(start)!].toSorted(([a], [b]) => compareBytes(a, b)))
        this.#emit(start, channel, window);
      this.#windows.delete(start);
    }
  }

  #emit(start: number, channel: string, window: Window): void {
    const rate = window.count / 60;
    let history = this.#history.get(channel);
    if (history === undefined) this.#history.set(channel, (history = { seen: 0, rates: [] }));
    const base: number[] = [];
    for (let i = history.seen - APART; i >= APART - 1 && base.length < BASELINE; i -= APART) base.push(history.rates[i]!);
    let z: number | null = null;
    if (base.length >= MIN_SAMPLES) {
      const mean = base.reduce((sum, x) => sum + x, 0) / base.length;
      const spread = Math.sqrt(base.reduce((sum, x) => sum + (x - mean) ** 2, 0) / base.length);
      z = (rate - mean) / Math.max(spread, 0.01 * Math.abs(mean), 1e-9);
    }
    history.rates.push(rate);
    history.seen++;
    this.rows.push({
      stream_id: channel,
      window_start: start,
      chat_count: window.count,
      unique_chatters: window.users.size,
      top_emotes: topTen(window.emotes),
      sentiment_score: window.sentiment / window.count,
      positive_count: window.positive,
      negative_count: window.negative,
      chat_rate: rate,
      z_score: z,
      is_anomaly: z !== null && Math.abs(z) > 3,
    });
  }
}
