import type { ReplayMessage, ReplayQueue } from '../../engine/host/replay-queue.ts';
import type { RawBatch, SourceReader } from '../../engine/stream/connector.ts';

/** [V7] the number of the partition through which dead letters come back; logs never have so many */
export const REPLAY_PARTITION = 1_000_000;
const PADDING = 8;

/** A source with one more partition, in which replayed messages are new input. Without any the source is as it was. */
export class ReplayReader implements SourceReader {
  readonly #inner: SourceReader;
  readonly #queue: ReplayQueue;
  readonly #source: string;
  readonly #bounded: boolean;
  #next: number;
  #known = false;
  readonly committed: SourceReader['committed'];

  constructor(inner: SourceReader, queue: ReplayQueue, source: string, next: number | undefined, bounded: boolean) {
    this.#inner = inner;
    this.#queue = queue;
    this.#source = source;
    this.#bounded = bounded;
    this.#next = next ?? 0;
    this.#known = next !== undefined;
    this.committed =
      inner.committed === undefined
        ? undefined
        : (positions) => inner.committed!(new Map([...positions].filter(([partition]) => partition !== REPLAY_PARTITION)));
  }

  partitions(): readonly number[] {
    this.#known ||= this.#queue.hasAny(this.#source);
    const inner = this.#inner.partitions();
    return this.#known ? [...inner, REPLAY_PARTITION] : inner;
  }

  async poll(ask: readonly number[], maxRows: number, waitMs: number): Promise<readonly RawBatch[]> {
    const replayed = ask.includes(REPLAY_PARTITION) ? this.#read(maxRows) : [];
    const inner = ask.filter((partition) => partition !== REPLAY_PARTITION);
    const brought = replayed.some((batch) => batch.count > 0);
    if (inner.length === 0) return replayed;
    return [...(await this.#inner.poll(inner, maxRows, brought ? 0 : waitMs)), ...replayed];
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** One batch per run of messages of the same port. */
  #read(maxRows: number): RawBatch[] {
    const messages = this.#queue.read(this.#source, this.#next, maxRows);
    const batches: RawBatch[] = [];
    for (let from = 0; from < messages.length;) {
      let to = from + 1;
      while (to < messages.length && messages[to]!.port === messages[from]!.port) to++;
      batches.push(this.#batch(messages.slice(from, to), to === messages.length));
      from = to;
    }
    if (batches.length === 0) batches.push(this.#batch([], true));
    return batches;
  }

  #batch(messages: readonly ReplayMessage[], last: boolean): RawBatch {
    const bytes = new Uint8Array(messages.reduce((sum, message) => sum + message.bytes.length, 0) + PADDING);
    const start = new Int32Array(messages.length);
    const end = new Int32Array(messages.length);
    const offsets = new Float64Array(messages.length);
    let at = 0;
    messages.forEach((message, i) => {
      start[i] = at;
      bytes.set(message.bytes, at);
      at += message.bytes.length;
      end[i] = at;
      offsets[i] = message.id;
      this.#next = message.id + 1;
    });
    return {
      partition: REPLAY_PARTITION,
      port: messages[0]?.port ?? 0,
      count: messages.length,
      bytes,
      start,
      end,
      offsets,
      timestamps: undefined,
      keys: undefined,
      headers: undefined,
      next: { offset: this.#next },
      caughtUp: last,
      ended: last && this.#bounded,
      logEnd: undefined,
    };
  }
}
