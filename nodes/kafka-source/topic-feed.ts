import { Fault } from '../../engine/model/fault.ts';
import type { Position, RawBatch, SourceContext, SourceReader } from '../../engine/stream/connector.ts';
import type { Connections } from '../../connections/connections.ts';
import type { EventLog, LogReader, TopicDescription } from '../../connections/kafka/event-log.ts';
import { anchorOf, PartitionCursor } from './partition-cursor.ts';
import { recreated, verifyPosition } from './verify-position.ts';

/** A new partition is found within this time. */
const LAYOUT_AGE_MS = 30_000;
/** How often a topic that is not there is looked for. */
const ABSENT_LOOK_MS = 1_000;
/** Group offsets are for people who watch lag; more often helps nobody. */
const GROUP_EVERY_MS = 5_000;
/** Fetched ahead of the engine, per partition: about two polls. */
const AHEAD_ROWS = 8_192;

export interface TopicSettings {
  readonly topic: string;
  readonly start: 'earliest' | 'latest';
}

/** All partitions of one topic, read from positions that the engine keeps. */
export class TopicFeed implements SourceReader {
  readonly #log: EventLog;
  readonly #reader: LogReader;
  readonly #settings: TopicSettings;
  readonly #context: SourceContext<Connections>;
  readonly #cursors = new Map<number, PartitionCursor>();
  #identity: string | undefined;
  #layoutAt = 0;
  #groupAt = -Infinity;
  #absent = false;
  #failure: unknown;

  constructor(log: EventLog, reader: LogReader, settings: TopicSettings, context: SourceContext<Connections>) {
    this.#log = log;
    this.#reader = reader;
    this.#settings = settings;
    this.#context = context;
  }

  async start(): Promise<void> {
    await this.#refresh(true);
  }

  partitions(): readonly number[] {
    return [...this.#cursors.keys()].toSorted((a, b) => a - b);
  }

  async poll(ask: readonly number[], maxRows: number, waitMs: number): Promise<readonly RawBatch[]> {
    const cursors = ask.flatMap((partition) => this.#cursors.get(partition) ?? []);
    for (const cursor of cursors) cursor.forgetEnd();
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      throw failure;
    }
    // what is at hand goes at once; the next fetch is under way meanwhile
    const told = take(cursors, maxRows);
    try {
      if (this.#context.now() - this.#layoutAt >= (this.#absent ? ABSENT_LOOK_MS : LAYOUT_AGE_MS)) await this.#refresh(false);
      if (!this.#absent) await this.#fetch(cursors, maxRows, told.length > 0 ? 0 : waitMs);
      else if (told.length === 0) await this.#context.sleep(Math.min(waitMs, ABSENT_LOOK_MS));
    } catch (error) {
      if (told.length === 0) throw error;
      // what has been taken must reach the engine first
      this.#failure = error;
    }
    const tellers = new Set(told.map((batch) => batch.partition));
    return [
      ...told,
      ...take(
        cursors.filter((cursor) => !tellers.has(cursor.partition)),
        maxRows,
      ),
    ];
  }

  async committed(positions: ReadonlyMap<number, Position>): Promise<void> {
    const now = this.#context.now();
    if (this.#absent || now - this.#groupAt < GROUP_EVERY_MS) return;
    this.#groupAt = now;
    const known = [...positions].filter(([partition]) => this.#cursors.has(partition));
    const offsets = new Map(known.map(([partition, { offset }]) => [partition, offset]));
    const group = `telemetra.${this.#context.pipelineId}.${this.#context.nodeId}`;
    try {
      await this.#log.noteGroup(group, this.#settings.topic, offsets);
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'fatal') throw error;
      this.#groupAt = Infinity;
      this.#context.report(`Offsets are not noted for tools that show lag: ${error.message} Reading goes on without.`);
    }
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  async #fetch(cursors: readonly PartitionCursor[], maxRows: number, waitMs: number): Promise<void> {
    const asks = cursors.flatMap((cursor) =>
      cursor.buffered >= Math.max(maxRows, AHEAD_ROWS) || cursor.fetchFrom >= cursor.endAt
        ? []
        : [{ partition: cursor.partition, offset: cursor.fetchFrom }],
    );
    if (asks.length === 0) return;
    for (const answer of await this.#reader.fetch(asks, waitMs)) {
      const cursor = this.#cursors.get(answer.partition);
      if (cursor === undefined || answer.from !== cursor.fetchFrom) continue;
      if (answer.kind === 'messages') cursor.add(answer);
      else if (answer.kind === 'gone') await this.#refresh(false);
      else {
        await this.#refresh(false);
        if (!this.#absent) throw outOfRange(this.#settings.topic, cursor.partition, answer.from, answer.bounds);
      }
    }
  }

  /** Looks at the topic: partitions that are new get a cursor, another topic of the same name is refused. */
  async #refresh(atStart: boolean): Promise<void> {
    const layout = await this.#reader.layout(0);
    this.#layoutAt = this.#context.now();
    if (layout === undefined) return this.#missing(atStart);
    const known = layout.identity === this.#identity && layout.partitions.every((partition) => this.#cursors.has(partition));
    if (known && !this.#absent) return;
    const { topic } = this.#settings;
    const description = await this.#log.describe(topic);
    if (description === undefined || description.identity !== layout.identity) return this.#missing(atStart);
    if (this.#absent) this.#context.report(`Topic "${topic}" is there now.`);
    await this.#adopt(description, atStart);
    this.#identity = layout.identity;
    this.#absent = false;
  }

  async #adopt(description: TopicDescription, atStart: boolean): Promise<void> {
    const { topic } = this.#settings;
    for (const [partition, cursor] of this.#cursors) {
      const found = description.partitions.find((candidate) => candidate.partition === partition);
      if (cursor.identity === '' && !this.#context.positions.has(partition)) {
        // it only stood for a topic that was still to come
        this.#cursors.delete(partition);
        continue;
      }
      if (found === undefined) throw recreated(topic, partition);
      if (this.#identity === description.identity) continue;
      await verifyPosition(this.#reader, topic, description, partition, cursor.position);
      cursor.identity = description.identity;
    }
    for (const { partition, start, end } of description.partitions) {
      if (this.#cursors.has(partition)) continue;
      const stored = this.#context.positions.get(partition);
      const known = this.#identity === undefined ? stored : undefined;
      if (known !== undefined) await verifyPosition(this.#reader, topic, description, partition, known);
      const position = known ?? { offset: await this.#startOffset(partition, { start, end }, atStart) };
      const endAt = this.#context.bounded ? end : Infinity;
      this.#cursors.set(partition, new PartitionCursor(partition, description.identity, position, { start, end }, endAt));
    }
    for (const partition of this.#context.positions.keys()) {
      if (!this.#cursors.has(partition)) throw recreated(topic, partition);
    }
  }

  async #startOffset(
    partition: number,
    bounds: { readonly start: number; readonly end: number },
    atStart: boolean,
  ): Promise<number> {
    const { from, positions } = this.#context;
    // a partition that came after this pipeline's first start is read whole, wherever the others began
    if (!atStart || positions.size > 0) return bounds.start;
    if (from.kind === 'time') return this.#log.offsetAt(this.#settings.topic, partition, from.timeUs);
    const start = from.kind === 'stored' ? this.#settings.start : from.kind;
    return start === 'latest' ? bounds.end : bounds.start;
  }

  #missing(atStart: boolean): void {
    const { topic } = this.#settings;
    if (this.#context.bounded) {
      throw new Fault(
        'fatal',
        'topic_missing',
        `There is no topic "${topic}" at ${this.#log.target}, so there is nothing to read to the end.`,
        {
          mend: 'Create the topic, or take --bounded away to wait for it.',
        },
      );
    }
    if (!this.#absent) {
      this.#context.report(
        atStart
          ? `Topic "${topic}" is not there yet; waiting for it.`
          : `Topic "${topic}" has been deleted: ${this.#context.nodeId} is paused until it is there again.`,
      );
    }
    this.#absent = true;
    if (this.#cursors.size > 0) return;
    // every topic has a partition 0, so it can stand for a topic that is still to come
    const positions: ReadonlyMap<number, Position> =
      this.#context.positions.size > 0 ? this.#context.positions : new Map([[0, { offset: 0 }]]);
    for (const [partition, position] of positions) {
      const bounds = { start: 0, end: position.offset };
      this.#cursors.set(partition, new PartitionCursor(partition, anchorOf(position)?.identity ?? '', position, bounds, Infinity));
    }
  }
}

function take(cursors: readonly PartitionCursor[], maxRows: number): readonly RawBatch[] {
  return cursors.flatMap((cursor) => cursor.take(maxRows) ?? []);
}

function outOfRange(
  topic: string,
  partition: number,
  offset: number,
  bounds: { readonly start: number; readonly end: number },
): Fault {
  const place = `Topic "${topic}" partition ${partition}`;
  if (offset < bounds.start) {
    return new Fault(
      'refused',
      'offset_out_of_range',
      `${place}: messages ${offset} to ${bounds.start - 1} are gone (retention or truncation) before this pipeline has read them.`,
      {
        mend: 'Accept the gap and read on with --from earliest --fresh, skip to now with --from latest --fresh, or raise the retention of the topic.',
      },
    );
  }
  return new Fault(
    'refused',
    'log_truncated',
    `${place} ends at ${bounds.end}, but this pipeline has already read up to ${offset}: the log has lost messages.`,
    {
      mend: 'Find out what happened to the topic, then start over with --from earliest --fresh.',
    },
  );
}
