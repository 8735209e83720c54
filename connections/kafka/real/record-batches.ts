import { compressionsAlgorithmsByBitmask } from '@platformatic/kafka';
import { Fault } from '../../../engine/model/fault.ts';
import { PADDING_BYTES, type Bounds, type LogSlice } from '../event-log.ts';

/** Kafka's record batch, version 2; all numbers big-endian. */
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const FIRST_TIME_AT = 27;
const MAX_TIME_AT = 35;
const PRODUCER_AT = 43;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const COMPRESSION = 0b111;
const LOG_APPEND_TIME = 1 << 3;
const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

interface Part {
  readonly bytes: Uint8Array;
  /** records within bytes */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly base: number;
  readonly firstMs: number;
  /** the broker's time for all of them, or undefined */
  readonly appendMs: number | undefined;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * `answer` holds `size` bytes of record batches, and perhaps what followed them on the wire.
 * The records of one partition's answer from `from` on, as ranges into its bytes: uncompressed answers are not copied.
 * Control batches and those of aborted transactions are skipped; a batch that is cut off at the end is left for the next fetch.
 */
export function readRecords(
  partition: number,
  from: number,
  answer: Buffer,
  size: number,
  aborted: readonly AbortedTransaction[],
  bounds: Bounds,
): LogSlice {
  const { parts, next } = visibleParts(from, answer, size, aborted);
  const whole = joined(parts, answer);
  let capacity = 0;
  for (const part of whole.parts) capacity += part.count;
  const scan = new RecordScan(whole.bytes, capacity);
  for (const part of whole.parts) scan.take(part, from);
  return {
    kind: 'messages',
    partition,
    from,
    count: scan.count,
    bytes: whole.bytes,
    start: scan.start.subarray(0, scan.count),
    end: scan.end.subarray(0, scan.count),
    offsets: scan.offsets.subarray(0, scan.count),
    timestamps: scan.timestamps.subarray(0, scan.count),
    keys: scan.keyed
      ? { bytes: whole.bytes, start: scan.keyStart.subarray(0, scan.count), end: scan.keyEnd.subarray(0, scan.count) }
      : undefined,
    headers: scan.headers(),
    next,
    bounds,
  };
}

function visibleParts(
  from: number,
  answer: Buffer,
  size: number,
  aborted: readonly AbortedTransaction[],
): { parts: Part[]; next: number } {
  const waiting = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const open = new Set<bigint>();
  const parts: Part[] = [];
  let next = from;
  for (let at = 0; at + RECORDS_AT <= size;) {
    const end = at + 12 + answer.readInt32BE(at + LENGTH_AT);
    if (end > size) break;
    if (answer[at + MAGIC_AT] !== 2) {
      throw new Fault(
        'fatal',
        'kafka_old_messages',
        `Offset ${answer.readBigInt64BE(at)} is stored in a message format older than Kafka 0.11.`,
        {
          mend: 'Read the topic from a later offset, or copy it with a newer producer.',
        },
      );
    }
    const base = Number(answer.readBigInt64BE(at));
    const last = base + answer.readInt32BE(at + LAST_DELTA_AT);
    const attributes = answer.readInt16BE(at + ATTRIBUTES_AT);
    const producer = answer.readBigInt64BE(at + PRODUCER_AT);
    while (waiting.length > 0 && Number(waiting[0]!.firstOffset) <= last) open.add(waiting.shift()!.producerId);
    const control = (attributes & CONTROL) !== 0;
    // the marker that ends a transaction ends its being skipped, too
    if (control) open.delete(producer);
    const skipped = control || ((attributes & TRANSACTIONAL) !== 0 && open.has(producer));
    if (!skipped && last >= from) {
      const compression = attributes & COMPRESSION;
      const bytes = compression === 0 ? answer : decompress(compression, answer.subarray(at + RECORDS_AT, end), base);
      parts.push({
        bytes,
        from: compression === 0 ? at + RECORDS_AT : 0,
        to: compression === 0 ? end : bytes.length,
        count: answer.readInt32BE(at + COUNT_AT),
        base,
        firstMs: Number(answer.readBigInt64BE(at + FIRST_TIME_AT)),
        appendMs: (attributes & LOG_APPEND_TIME) === 0 ? undefined : Number(answer.readBigInt64BE(at + MAX_TIME_AT)),
      });
    }
    if (last >= from) next = last + 1;
    at = end;
  }
  return { parts, next };
}

function decompress(compression: number, bytes: Buffer, base: number): Uint8Array {
  const algorithm = compressionsAlgorithmsByBitmask[compression];
  if (algorithm === undefined)
    throw new Fault('fatal', 'kafka_codec', `Offset ${base} is compressed by an unknown codec (${compression}).`);
  try {
    return algorithm.decompressSync(bytes);
  } catch (error) {
    throw corrupt(base, error);
  }
}

function corrupt(base: number, cause?: unknown): Fault {
  return new Fault('fatal', 'kafka_corrupt', `The record batch at offset ${base} is damaged: its contents do not fit its head.`, {
    mend: 'Check the disks of the brokers; read past it with --from and a later time.',
    cause,
  });
}

/** All parts in one array with padding behind the last. Nothing is copied when they stand in the answer and it goes on far enough. */
function joined(parts: readonly Part[], answer: Buffer): { bytes: Uint8Array; parts: readonly Part[] } {
  const lastEnd = parts.at(-1)?.to ?? 0;
  if (parts.every((part) => part.bytes === answer) && lastEnd + PADDING_BYTES <= answer.length) return { bytes: answer, parts };
  const size = parts.reduce((sum, part) => sum + part.to - part.from, 0);
  const bytes = new Uint8Array(size + PADDING_BYTES);
  let at = 0;
  const moved = parts.map((part) => {
    bytes.set(part.bytes.subarray(part.from, part.to), at);
    const from = at;
    at += part.to - part.from;
    return { ...part, bytes, from, to: at };
  });
  return { bytes, parts: moved };
}

/** Walks records by their variable-length numbers; no object per record. */
class RecordScan {
  count = 0;
  keyed = false;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly keyStart: Int32Array;
  readonly keyEnd: Int32Array;
  readonly offsets: Float64Array;
  readonly timestamps: Float64Array;
  readonly #bytes: Uint8Array;
  #at = 0;
  #headers: (string | undefined)[] | undefined;

  constructor(bytes: Uint8Array, capacity: number) {
    this.#bytes = bytes;
    this.start = new Int32Array(capacity);
    this.end = new Int32Array(capacity);
    this.keyStart = new Int32Array(capacity);
    this.keyEnd = new Int32Array(capacity);
    this.offsets = new Float64Array(capacity);
    this.timestamps = new Float64Array(capacity);
  }

  take(part: Part, from: number): void {
    this.#at = part.from;
    for (let i = 0; i < part.count; i++) {
      const length = this.#number();
      const end = this.#at + length;
      if (end > part.to) throw corrupt(part.base);
      this.#at++;
      const timeDelta = this.#number();
      const offset = part.base + this.#number();
      if (offset >= from) this.#record(part, offset, timeDelta);
      this.#at = end;
    }
  }

  #record(part: Part, offset: number, timeDelta: number): void {
    const row = this.count++;
    this.offsets[row] = offset;
    this.timestamps[row] = (part.appendMs ?? part.firstMs + timeDelta) * 1000;
    const keyLength = this.#number();
    if (keyLength >= 0) {
      this.keyed = true;
      this.keyStart[row] = this.#at;
      this.#at += keyLength;
      this.keyEnd[row] = this.#at;
    } else {
      this.keyStart[row] = -1;
      this.keyEnd[row] = -1;
    }
    const length = this.#number();
    if (length >= 0) {
      this.start[row] = this.#at;
      this.#at += length;
      this.end[row] = this.#at;
    } else {
      this.start[row] = -1;
      this.end[row] = -1;
    }
    const headers = this.#number();
    if (headers > 0) {
      this.#headers ??= [];
      this.#headers[row] = this.#headerObject(headers);
    }
  }

  /** A name that comes twice keeps its last value. */
  #headerObject(count: number): string {
    const values = new Map<string, string | null>();
    for (let i = 0; i < count; i++) {
      const name = this.#text() ?? '';
      values.delete(name);
      values.set(name, this.#text());
    }
    return `{${[...values].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
  }

  #text(): string | null {
    const length = this.#number();
    if (length < 0) return null;
    const text = decoder.decode(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return text;
  }

  headers(): LogSlice['headers'] {
    if (this.#headers === undefined) return undefined;
    const texts = Array.from({ length: this.count }, (_, row) => this.#headers![row]);
    const encoded = texts.map((text) => (text === undefined ? undefined : encoder.encode(text)));
    const bytes = new Uint8Array(encoded.reduce((sum, one) => sum + (one?.length ?? 0), PADDING_BYTES));
    const start = new Int32Array(this.count).fill(-1);
    const end = new Int32Array(this.count).fill(-1);
    let at = 0;
    for (const [row, one] of encoded.entries()) {
      if (one === undefined) continue;
      bytes.set(one, at);
      start[row] = at;
      at += one.length;
      end[row] = at;
    }
    return { bytes, start, end };
  }

  /** A zigzag variable-length number; exact up to 2^53, which times and offsets keep. */
  #number(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    let scale = 128;
    do {
      byte = bytes[this.#at++]!;
      value += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte >= 0x80);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
