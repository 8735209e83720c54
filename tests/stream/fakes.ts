import { Fault } from '../../engine/model/fault.ts';
import type { Fence, RawBatch, RefusedRow, SinkWriter, SourceReader } from '../../engine/stream/connector.ts';
import type { Outbox } from '../../engine/stream/operator.ts';
import { rawRows } from '../support/raw-rows.ts';
import type { VirtualHost } from './virtual-host.ts';

type Message = Readonly<Record<string, unknown>> | string;

/** A log in memory: partitions of messages, to which a test may add while the loop runs. */
export class FakeReader implements SourceReader {
  readonly log: Message[][];
  /** offsets to read from */
  readonly next: number[];
  readonly asked: number[][] = [];
  /** after the last message a partition is at its end for ever */
  readonly bounded: boolean;
  /** at most so many messages a poll and partition */
  readonly most: number;
  /** how long every poll takes */
  readonly takesMs: number;
  readonly #host: VirtualHost;

  constructor(
    host: VirtualHost,
    log: Message[][],
    options: { bounded?: boolean; most?: number; takesMs?: number; from?: readonly number[] } = {},
  ) {
    this.#host = host;
    this.takesMs = options.takesMs ?? 0;
    this.log = log;
    this.bounded = options.bounded ?? false;
    this.most = options.most ?? Infinity;
    this.next = log.map((_, partition) => options.from?.[partition] ?? 0);
  }

  partitions(): readonly number[] {
    return this.log.map((_, partition) => partition);
  }

  async poll(ask: readonly number[], maxRows: number, waitMs: number): Promise<readonly RawBatch[]> {
    this.asked.push([...ask]);
    if (this.takesMs > 0) await this.#host.sleep(this.takesMs);
    if (ask.every((partition) => this.log[partition]!.length <= this.next[partition]!) && !this.bounded)
      await this.#host.sleep(waitMs);
    return ask.map((partition) => {
      const from = this.next[partition]!;
      const messages = this.log[partition]!.slice(from, from + Math.min(maxRows, this.most));
      this.next[partition] = from + messages.length;
      const atEnd = this.next[partition]! >= this.log[partition]!.length;
      const texts = messages.map((message) => (typeof message === 'string' ? message : JSON.stringify(message)));
      return { ...rawRows(texts, { partition, firstOffset: from, ended: atEnd && this.bounded }), caughtUp: atEnd };
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export interface Pushed {
  readonly epoch: number;
  readonly rows: readonly unknown[];
}

/** A sink in memory with the fence of E2: it outlives the run that writes to it. */
export class FakeSink {
  fence: Fence | undefined;
  readonly pushed: Pushed[] = [];
  /** thrown by every push while it is set */
  fault: Fault | undefined;
  attempts = 0;
  refuse: readonly RefusedRow[] = [];

  writer(): SinkWriter {
    return {
      guarantee: { level: 'exactly-once', because: 'the fence moves with the rows' },
      fence: () => Promise.resolve(this.fence),
      take: (expected, next) => {
        if (JSON.stringify(expected) !== JSON.stringify(this.fence)) return Promise.reject(this.#fenced());
        this.fence = next;
        return Promise.resolve();
      },
      push: (fence, epoch, outbox) => this.#push(fence, epoch, outbox),
      close: () => Promise.resolve(),
    };
  }

  get rows(): readonly unknown[] {
    return this.pushed.flatMap(({ rows }) => rows);
  }

  #fenced(): Fault {
    return new Fault('fenced', 'fenced', 'Another run has taken over the sink.');
  }

  async #push(fence: Fence, epoch: number, outbox: Outbox): Promise<readonly RefusedRow[]> {
    this.attempts++;
    await Promise.resolve();
    if (this.fault !== undefined) throw this.fault;
    const { lineage, owner, epoch: previous } = this.fence!;
    if (lineage !== fence.lineage || owner !== fence.owner) throw this.#fenced();
    if (epoch <= previous) return [];
    if (fence.epoch !== previous) throw this.#fenced();
    this.fence = { ...fence, epoch };
    this.pushed.push({ epoch, rows: linesOf(outbox) });
    return this.refuse;
  }
}

export function linesOf(outbox: Outbox): readonly unknown[] {
  return Buffer.from(outbox.bytes)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}
