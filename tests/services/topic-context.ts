import type { Connections } from '../../connections/connections.ts';
import type { EventLog, LogRecord } from '../../connections/kafka/event-log.ts';
import type { Position, RawBatch, SourceContext } from '../../engine/stream/connector.ts';
import { TopicFeed } from '../../nodes/kafka-source/topic-feed.ts';

export function text(bytes: Uint8Array | undefined, start: number, end: number): string | undefined {
  return bytes === undefined || start < 0 ? undefined : new TextDecoder().decode(bytes.subarray(start, end));
}

export function record(
  partition: number,
  value: string,
  options: { key?: string; timeMs?: number; headers?: Record<string, string> } = {},
): LogRecord {
  const encoder = new TextEncoder();
  return {
    partition,
    key: options.key === undefined ? undefined : encoder.encode(options.key),
    value: encoder.encode(value),
    timestampUs: (options.timeMs ?? Date.now()) * 1000,
    headers: options.headers,
  };
}

export interface Opening {
  readonly positions?: ReadonlyMap<number, Position>;
  readonly from?: SourceContext<unknown>['from'];
  readonly bounded?: boolean;
  readonly start?: 'earliest' | 'latest';
  /** added to the wall clock, ms; moves the age of what was looked up */
  readonly clock?: { aheadMs: number };
}

/** A kafka-source over one topic, with the values it has given. */
export class Follower {
  readonly feed: TopicFeed;
  readonly lines: string[];
  readonly values: string[] = [];
  readonly positions = new Map<number, Position>();
  readonly ended = new Set<number>();
  readonly caughtUp = new Map<number, boolean>();
  readonly batches: RawBatch[] = [];

  private constructor(feed: TopicFeed, lines: string[]) {
    this.feed = feed;
    this.lines = lines;
  }

  static async open(log: EventLog, topic: string, opening: Opening = {}): Promise<Follower> {
    const lines: string[] = [];
    const clock = opening.clock ?? { aheadMs: 0 };
    const context: SourceContext<Connections> = {
      pipelineId: 'p',
      nodeId: 'n',
      connections: undefined as unknown as Connections,
      baseDirectory: '.',
      now: () => Date.now() + clock.aheadMs,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      random: () => 0.5,
      signal: new AbortController().signal,
      report: (line) => lines.push(line),
      positions: opening.positions ?? new Map(),
      from: opening.from ?? { kind: 'stored' },
      bounded: opening.bounded ?? false,
    };
    const reader = await log.reader(topic, { readCommitted: true });
    const feed = new TopicFeed(log, reader, { topic, start: opening.start ?? 'earliest' }, context);
    await feed.start();
    return new Follower(feed, lines);
  }

  async poll(maxRows = 1000, waitMs = 50, ask = this.feed.partitions()): Promise<void> {
    for (const batch of await this.feed.poll(ask, maxRows, waitMs)) {
      this.batches.push(batch);
      for (let row = 0; row < batch.count; row++)
        this.values.push(text(batch.bytes, batch.start[row]!, batch.end[row]!) ?? '<null>');
      this.positions.set(batch.partition, batch.next);
      this.caughtUp.set(batch.partition, batch.caughtUp);
      if (batch.ended) this.ended.add(batch.partition);
    }
  }

  /** Polls until the condition holds; gives up after 20 s. */
  async until(condition: (follower: this) => boolean, maxRows = 1000): Promise<this> {
    const deadline = Date.now() + 20_000;
    while (!condition(this)) {
      if (Date.now() > deadline) throw new Error(`condition not met; the last values: ${this.values.slice(-5).join(' ')}`);
      await this.poll(maxRows);
    }
    return this;
  }

  close(): Promise<void> {
    return this.feed.close();
  }
}
