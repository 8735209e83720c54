import { encodeUtf8 } from '../../engine/model/dictionary.ts';
import type { ByteRanges, Position, RawBatch, SourceContext, SourceReader } from '../../engine/stream/connector.ts';
import type { EventModel } from './core/event-model.ts';
import { EVENT_KINDS, type GeneratedEvent, type ModelState } from './core/model-state.ts';

/** A state of the model, and how many of the events it makes from there have been handed out. */
export interface Anchor {
  readonly state: ModelState;
  readonly skip: number;
}

const PARTITIONS: readonly number[] = [0];
/** readable bytes behind the last message */
const PADDING = 8;

/** Hands out the model's events as the wall clock reaches them, in one partition; runs of one kind are one batch. */
export class GeneratorReader implements SourceReader {
  readonly #model: EventModel;
  readonly #context: SourceContext<unknown>;
  readonly #limit: number;
  readonly #untilUs: number;
  #anchor: ModelState;
  #sinceAnchor = 0;
  #offset: number;
  /** made but not handed out yet */
  #waiting: GeneratedEvent[] = [];

  constructor(
    model: EventModel,
    start: { readonly offset: number; readonly skip: number; readonly limit: number },
    context: SourceContext<unknown>,
  ) {
    this.#model = model;
    this.#context = context;
    this.#limit = start.limit;
    this.#offset = start.offset;
    this.#untilUs = context.bounded ? context.now() * 1000 : Infinity;
    this.#anchor = model.snapshot();
    while (this.#sinceAnchor < start.skip) {
      const events = model.slot();
      const skipped = Math.min(events.length, start.skip - this.#sinceAnchor);
      this.#sinceAnchor += skipped;
      this.#waiting = events.slice(skipped);
    }
  }

  partitions(): readonly number[] {
    return PARTITIONS;
  }

  async poll(ask: readonly number[], maxRows: number, waitMs: number): Promise<readonly RawBatch[]> {
    if (!ask.includes(0)) return [];
    let events = this.#take(maxRows);
    if (events.length === 0 && !this.#ended()) {
      const dueMs = Math.ceil(this.#nextUs() / 1000 - this.#context.now());
      await this.#context.sleep(Math.max(1, Math.min(waitMs, dueMs)));
      events = this.#take(maxRows);
    }
    const batches: RawBatch[] = [];
    for (let from = 0; from < events.length;) {
      let to = from + 1;
      while (to < events.length && events[to]!.kind === events[from]!.kind) to++;
      batches.push(this.#batch(events.slice(from, to), to === events.length));
      from = to;
    }
    if (batches.length === 0) batches.push(this.#batch([], true));
    return batches;
  }

  async close(): Promise<void> {}

  #nextUs(): number {
    return this.#waiting.length > 0 ? this.#waiting[0]!.sentUs : this.#model.slotUs;
  }

  #ended(): boolean {
    return (this.#limit > 0 && this.#offset >= this.#limit) || this.#nextUs() > this.#untilUs;
  }

  /** What is due by now, at most `maxRows`. */
  #take(maxRows: number): GeneratedEvent[] {
    const nowUs = Math.min(this.#context.now() * 1000, this.#untilUs);
    const wanted = this.#limit > 0 ? Math.min(maxRows, this.#limit - this.#offset) : maxRows;
    const taken: GeneratedEvent[] = [];
    if (this.#waiting.length === 0) {
      this.#anchor = this.#model.snapshot();
      this.#sinceAnchor = 0;
    }
    while (taken.length < wanted) {
      if (this.#waiting.length === 0) {
        if (this.#model.slotUs > nowUs) break;
        this.#waiting = this.#model.slot();
        continue;
      }
      // what a moment adds to a slot lies behind its beginning
      if (this.#waiting[0]!.sentUs > nowUs) break;
      taken.push(this.#waiting.shift()!);
    }
    return taken;
  }

  #batch(events: readonly GeneratedEvent[], isLast: boolean): RawBatch {
    const firstOffset = this.#offset;
    this.#offset += events.length;
    this.#sinceAnchor += events.length;
    const next: Position = { offset: this.#offset, anchor: { state: this.#anchor, skip: this.#sinceAnchor } satisfies Anchor };
    const nowUs = Math.min(this.#context.now() * 1000, this.#untilUs);
    return {
      ...ranges(events.map((event) => event.value)),
      partition: 0,
      port: events.length === 0 ? 0 : EVENT_KINDS.indexOf(events[0]!.kind),
      count: events.length,
      offsets: Float64Array.from(events, (_, i) => firstOffset + i),
      timestamps: Float64Array.from(events, (event) => Math.round(event.sentUs)),
      keys: ranges(events.map((event) => event.key)),
      headers: undefined,
      next,
      caughtUp: isLast && this.#nextUs() > nowUs,
      ended: isLast && this.#ended(),
      logEnd: undefined,
    };
  }
}

function ranges(texts: readonly string[]): ByteRanges {
  const encoded = texts.map(encodeUtf8);
  const bytes = new Uint8Array(encoded.reduce((sum, text) => sum + text.length, 0) + PADDING);
  const start = new Int32Array(texts.length);
  const end = new Int32Array(texts.length);
  let at = 0;
  encoded.forEach((text, i) => {
    start[i] = at;
    bytes.set(text, at);
    at += text.length;
    end[i] = at;
  });
  return { bytes, start, end };
}
