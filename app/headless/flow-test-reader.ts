import { parseTimestamp } from '../../engine/model/timestamp.ts';
import type { ByteRanges, RawBatch, SourceReader } from '../../engine/stream/connector.ts';
import type { TestMessage } from './flow-test.ts';

const PADDING = 8;

interface Raw {
  readonly message: TestMessage;
  readonly offset: number;
}

/** The messages of a test in place of a source: each partition in offset order, then at its end for ever. */
export class FlowTestReader implements SourceReader {
  readonly #partitions = new Map<number, { readonly messages: readonly Raw[]; next: number }>();

  constructor(messages: readonly TestMessage[]) {
    for (const number of [...new Set(messages.map(({ partition }) => partition))].toSorted((a, b) => a - b)) {
      let next = 0;
      const own = messages
        .filter(({ partition }) => partition === number)
        .map((message): Raw => {
          const offset = message.offset ?? next;
          next = offset + 1;
          return { message, offset };
        });
      this.#partitions.set(number, { messages: own, next: 0 });
    }
    if (messages.length === 0) this.#partitions.set(0, { messages: [], next: 0 });
  }

  partitions(): readonly number[] {
    return [...this.#partitions.keys()];
  }

  poll(ask: readonly number[], maxRows: number): Promise<readonly RawBatch[]> {
    return Promise.resolve(ask.map((number) => this.#read(number, maxRows)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The next messages of one port run. */
  #read(number: number, maxRows: number): RawBatch {
    const partition = this.#partitions.get(number)!;
    const from = partition.next;
    const port = partition.messages[from]?.message.port ?? 0;
    let to = from;
    while (to < partition.messages.length && to - from < maxRows && partition.messages[to]!.message.port === port) to++;
    partition.next = to;
    const run = partition.messages.slice(from, to);
    const ended = to === partition.messages.length;
    const offset = (partition.messages[to - 1]?.offset ?? -1) + 1;
    return {
      ...rangesOf(run.map(({ message }) => bytesOf(message))),
      partition: number,
      port,
      count: run.length,
      offsets: Float64Array.from(run, (raw) => raw.offset),
      timestamps: Float64Array.from(run, ({ message }) => parseTimestamp(message.timestamp ?? '') ?? 0),
      keys: rangesOf(run.map(({ message }) => (typeof message.key === 'string' ? Buffer.from(message.key) : undefined))),
      headers: rangesOf(
        run.map(({ message }) => (message.headers === undefined ? undefined : Buffer.from(JSON.stringify(message.headers)))),
      ),
      next: { offset },
      caughtUp: ended,
      ended,
      logEnd: (partition.messages.at(-1)?.offset ?? -1) + 1,
    };
  }
}

function bytesOf(message: TestMessage): Uint8Array | undefined {
  if (message.base64 !== undefined) return Buffer.from(message.base64, 'base64');
  return typeof message.text === 'string' ? Buffer.from(message.text) : undefined;
}

function rangesOf(values: readonly (Uint8Array | undefined)[]): ByteRanges {
  const bytes = new Uint8Array(values.reduce((sum, value) => sum + (value?.length ?? 0), 0) + PADDING);
  const start = new Int32Array(values.length);
  const end = new Int32Array(values.length);
  let at = 0;
  values.forEach((value, i) => {
    start[i] = value === undefined ? -1 : at;
    if (value !== undefined) bytes.set(value, at);
    at += value?.length ?? 0;
    end[i] = value === undefined ? -1 : at;
  });
  return { bytes, start, end };
}
