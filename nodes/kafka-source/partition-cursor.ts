import { crc32 } from 'node:zlib';
import type { Position, RawBatch, ByteRanges } from '../../engine/stream/connector.ts';
import type { Bounds, LogSlice } from '../../connections/kafka/event-log.ts';

/** What finds a position again: the topic's identity, and the last message before it where one was read. */
export interface Anchor {
  readonly identity: string;
  readonly last?: { readonly offset: number; readonly timestampUs: number; readonly crc: number };
}

export function anchorOf(position: Position): Anchor | undefined {
  return position.anchor as Anchor | undefined;
}

/** One partition of a topic: where it is read on, and what was fetched but not yet given. */
export class PartitionCursor {
  readonly partition: number;
  /** bounded input: nothing at or after this offset is read */
  readonly endAt: number;
  bounds: Bounds;
  identity: string;
  #offset: number;
  #last: Anchor['last'];
  #slices: LogSlice[] = [];
  #row = 0;
  #buffered = 0;
  #fetchFrom: number;
  /** where this partition begins is news to the engine; later only what this poll has seen of the end */
  #news: 'first' | 'end' | undefined = 'first';

  constructor(partition: number, identity: string, position: Position, bounds: Bounds, endAt: number) {
    this.partition = partition;
    this.identity = identity;
    this.bounds = bounds;
    this.endAt = endAt;
    this.#offset = position.offset;
    this.#fetchFrom = position.offset;
    this.#last = anchorOf(position)?.last;
  }

  get buffered(): number {
    return this.#buffered;
  }

  get fetchFrom(): number {
    return this.#fetchFrom;
  }

  get ended(): boolean {
    return this.#offset >= this.endAt;
  }

  get position(): Position {
    const anchor: Anchor = this.#last === undefined ? { identity: this.identity } : { identity: this.identity, last: this.#last };
    return { offset: this.#offset, anchor };
  }

  /** Takes an answer; one that belongs to an ask before a rewind is dropped. */
  add(slice: LogSlice): void {
    if (slice.from !== this.#fetchFrom) return;
    this.bounds = slice.bounds;
    this.#fetchFrom = slice.next;
    if (slice.count > 0) {
      this.#slices.push(slice);
      this.#buffered += slice.count;
    } else if (this.#buffered === 0) {
      this.#offset = Math.min(slice.next, this.endAt);
      this.#news ??= 'end';
    }
  }

  /** What an earlier poll saw of the end may not be true any more. */
  forgetEnd(): void {
    if (this.#news === 'end') this.#news = undefined;
  }

  /** Up to maxRows messages; an empty batch where only the end was seen; undefined: nothing new. */
  take(maxRows: number): RawBatch | undefined {
    const slice = this.#slices[0];
    if (slice === undefined) {
      if (this.#news === undefined) return undefined;
      this.#news = undefined;
      return this.#batch(EMPTY, 0, 0);
    }
    const from = this.#row;
    let to = Math.min(slice.count, from + maxRows);
    while (to > from && slice.offsets[to - 1]! >= this.endAt) to--;
    const cut = to < Math.min(slice.count, from + maxRows);
    this.#row = to;
    this.#buffered -= to - from;
    if (to > from) this.#last = lastOf(slice, to - 1);
    if (cut) {
      this.#offset = this.endAt;
      this.#slices = [];
      this.#buffered = 0;
    } else if (to === slice.count) {
      this.#slices.shift();
      this.#row = 0;
      // behind the last buffered message there is nothing visible up to where the next fetch begins
      this.#offset = this.#slices.length > 0 ? slice.next : Math.min(this.#fetchFrom, this.endAt);
    } else {
      this.#offset = slice.offsets[to - 1]! + 1;
    }
    this.#news = undefined;
    return this.#batch(slice, from, to);
  }

  #batch(slice: Rows, from: number, to: number): RawBatch {
    return {
      partition: this.partition,
      port: 0,
      count: to - from,
      ...part(slice, from, to),
      offsets: slice.offsets.subarray(from, to),
      timestamps: slice.timestamps.subarray(from, to),
      keys: slice.keys && part(slice.keys, from, to),
      headers: slice.headers && part(slice.headers, from, to),
      next: this.position,
      caughtUp: this.#offset >= Math.min(this.bounds.end, this.endAt),
      ended: this.ended,
      logEnd: Math.min(this.bounds.end, this.endAt),
    };
  }
}

type Rows = ByteRanges & Pick<LogSlice, 'offsets' | 'timestamps' | 'keys' | 'headers'>;

const EMPTY: Rows = {
  bytes: new Uint8Array(8),
  start: new Int32Array(0),
  end: new Int32Array(0),
  offsets: new Float64Array(0),
  timestamps: new Float64Array(0),
  keys: undefined,
  headers: undefined,
};

function part(ranges: ByteRanges, from: number, to: number): ByteRanges {
  return { bytes: ranges.bytes, start: ranges.start.subarray(from, to), end: ranges.end.subarray(from, to) };
}

export function lastOf(slice: LogSlice, row: number): NonNullable<Anchor['last']> {
  let crc = 0;
  for (const ranges of [slice.keys, slice]) {
    if (ranges !== undefined && ranges.start[row]! >= 0)
      crc = crc32(ranges.bytes.subarray(ranges.start[row], ranges.end[row]), crc);
  }
  return { offset: slice.offsets[row]!, timestampUs: slice.timestamps[row]!, crc };
}
