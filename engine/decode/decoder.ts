import { must } from '../model/assert.ts';
import { allRows, Batch, type BytesColumn, type Column, type Layout, type Origin } from '../model/batch.ts';
import type { DecodeSpec } from '../model/decode-spec.ts';
import type { ByteRanges, RawBatch } from '../stream/connector.ts';
import { ColumnBuffer } from './column-buffer.ts';
import { compileScanner, type Scanner } from './compile-scanner.ts';
import { GeneralPath, type Target } from './general-path.ts';
import { compileSchema, isMistake } from './json-schema.ts';
import { checkText, takeText } from './message-path.ts';
import { Refusal } from './refusal.ts';
import { sourceColumns, type ColumnOrigin } from './source-columns.ts';

export { inferSourceSchema } from './infer-source-schema.ts';

/** A raw message that is no row: `row` is the physical row of the batch (raw row − from), `code` is stable. */
export type OnDead = (row: number, code: string, sentence: string) => void;

/** One per source partition (or per source port and worker): keeps dictionaries and learned key order between calls. */
export interface Decoder {
  readonly layout: Layout;
  /**
   * Raw rows [from, to) as a batch of to − from physical rows whose columns are exactly `layout`; `rows` leaves out dead rows.
   * `times` (µs; 0 for a source without event time), `offsets`, `raw` and `minTime` (+Infinity when no row is left) are set;
   * `watermarks` has the right length and undefined content, `lastWatermark` is −Infinity: the loop fills them, and applies the ceiling (T4).
   * All arrays and column objects are reused by the next call.
   */
  decode(raw: RawBatch, from: number, to: number, origin: Origin, onDead: OnDead): Batch;
  /** memory held by dictionaries and buffers (W5) */
  bytes(): number;
}

/** For tests, which compare the paths: they give the same rows. */
export interface DecoderOptions {
  /** leave out the fast path */
  readonly path?: 'general' | undefined;
  /** messages after which a scanner is written for their shape */
  readonly shapeAfter?: number | undefined;
}

/** `spec` has been accepted by `inferSourceSchema`, and every wanted column is one of its columns. */
export function createDecoder(spec: DecodeSpec, wanted: Layout, options: DecoderOptions = {}): Decoder {
  return new ColumnDecoder(spec, wanted, options);
}

/** A column that comes from the log and not from the message. */
interface MetaColumn {
  readonly from: ColumnOrigin;
  readonly buffer: ColumnBuffer | undefined;
  readonly isTime: boolean;
}

/** Every message is followed by this many readable bytes, so that four at a time may be read. */
const PADDING = 8;
const NO_BYTES = new Uint8Array(PADDING);

class ColumnDecoder implements Decoder {
  readonly layout: Layout;
  readonly #buffers: readonly ColumnBuffer[];
  readonly #origins: readonly ColumnOrigin[];
  readonly #meta: readonly MetaColumn[];
  readonly #general: GeneralPath | undefined;
  readonly #scanner: Scanner | undefined;
  #capacity = 0;
  #times = new Float64Array(0);
  #watermarks = new Float64Array(0);
  #rows = new Int32Array(0);

  constructor(spec: DecodeSpec, wanted: Layout, options: DecoderOptions) {
    this.layout = wanted;
    const { columns } = sourceColumns(spec);
    const origins: ColumnOrigin[] = [];
    this.#buffers = wanted.map((field) => {
      const column = must(
        columns.find((candidate) => candidate.name === field.name && candidate.type === field.type),
        `no source column ${field.name} ${field.type}`,
      );
      origins.push(column.from);
      const form: BytesColumn['form'] = column.type === 'json' ? 'json' : column.from === 'property' ? 'json-string' : 'utf8';
      return new ColumnBuffer(field, form);
    });
    this.#origins = origins;
    const bufferOf = (name: string): ColumnBuffer | undefined => this.#buffers.find((buffer) => buffer.field.name === name);
    const isTime = (name: string): boolean => name === spec.eventTime;
    const targets: Target[] = [];
    const meta: MetaColumn[] = [];
    for (const source of columns) {
      if (source.from === 'property') targets.push({ source, buffer: bufferOf(source.name), isTime: isTime(source.name) });
      else meta.push({ from: source.from, buffer: bufferOf(source.name), isTime: isTime(source.name) });
    }
    this.#meta = meta.filter((column) => column.from === 'value' || column.isTime || column.buffer !== undefined);
    if (spec.format === 'json') {
      const compiled = compileSchema(spec.schema);
      if (isMistake(compiled)) throw new Error(`bug: a decoder for a refused schema: ${compiled.sentence}`);
      this.#general = new GeneralPath(compiled, targets);
      this.#scanner = options.path === 'general' ? undefined : compileScanner(spec.schema, targets, options.shapeAfter);
    }
  }

  decode(raw: RawBatch, from: number, to: number, origin: Origin, onDead: OnDead): Batch {
    const length = to - from;
    this.#reserve(length);
    const times = this.#times;
    const rows = this.#rows;
    const buffers = this.#buffers;
    for (const buffer of buffers) buffer.begin(length);
    const bytes = padded(raw, from, to);
    this.#scanner?.begin(bytes, times);
    let count = 0;
    let minTime = Infinity;
    for (let row = 0; row < length; row++) {
      times[row] = 0;
      if (this.#decodeRow(raw, bytes, from + row, row, onDead)) {
        rows[count++] = row;
        if (times[row]! < minTime) minTime = times[row]!;
      } else {
        for (const buffer of buffers) buffer.setNull(row);
      }
      for (const buffer of buffers) buffer.endRow(row);
    }
    return new Batch({
      origin,
      columns: buffers.map((buffer, i): Column => buffer.column(this.#bytesBehind(i, raw, bytes))),
      length,
      rows: count === length ? allRows(length) : rows,
      count,
      times,
      offsets: raw.offsets.subarray(from, to),
      watermarks: this.#watermarks,
      minTime,
      lastWatermark: -Infinity,
      raw: { bytes, start: raw.start.subarray(from, to), end: raw.end.subarray(from, to) },
    });
  }

  bytes(): number {
    let sum = this.#times.byteLength + this.#watermarks.byteLength + this.#rows.byteLength;
    for (const buffer of this.#buffers) sum += buffer.bytes();
    return sum;
  }

  #reserve(length: number): void {
    if (length <= this.#capacity) return;
    this.#capacity = Math.max(length, this.#capacity * 2, 64);
    this.#times = new Float64Array(this.#capacity);
    this.#watermarks = new Float64Array(this.#capacity);
    this.#rows = new Int32Array(this.#capacity);
  }

  #decodeRow(raw: RawBatch, bytes: Uint8Array, rawRow: number, row: number, onDead: OnDead): boolean {
    const start = raw.start[rawRow]!;
    const end = raw.end[rawRow]!;
    const scanner = this.#scanner;
    if (scanner !== undefined && start >= 0 && scanner.scan(start, end, row)) {
      if (this.#meta.length === 0) return true;
    } else if (this.#general !== undefined) {
      try {
        if (start < 0) throw new Refusal('no_message', 'the record has a key but no message (a tombstone)');
        this.#general.decode(bytes, start, end, row, this.#times);
      } catch (refusal) {
        return dead(refusal, row, onDead);
      }
    }
    try {
      for (const column of this.#meta) this.#takeMeta(column, raw, bytes, rawRow, row);
    } catch (refusal) {
      return dead(refusal, row, onDead);
    }
    return true;
  }

  #takeMeta(column: MetaColumn, raw: RawBatch, bytes: Uint8Array, rawRow: number, row: number): void {
    const { buffer } = column;
    switch (column.from) {
      case 'value': {
        const start = raw.start[rawRow]!;
        if (buffer !== undefined) takeText(buffer, bytes, start, raw.end[rawRow]!, row, 'message');
        else if (start >= 0) checkText(bytes, start, raw.end[rawRow]!, 'message');
        return;
      }
      case 'key':
      case 'headers': {
        const ranges = column.from === 'key' ? raw.keys : raw.headers;
        if (buffer === undefined) return;
        if (ranges === undefined) buffer.setNull(row);
        else takeText(buffer, ranges.bytes, ranges.start[rawRow]!, ranges.end[rawRow]!, row, column.from);
        return;
      }
      case 'timestamp': {
        const time = raw.timestamps?.[rawRow];
        if (column.isTime) {
          if (time === undefined) throw new Refusal('missing_field', 'the record has no timestamp, which is the event time here');
          this.#times[row] = time;
        }
        if (time === undefined) buffer?.setNull(row);
        else buffer?.setNumber(row, time);
        return;
      }
      case 'partition':
        buffer?.setNumber(row, raw.partition);
        return;
      case 'offset':
        buffer?.setNumber(row, raw.offsets[rawRow]!);
        return;
      case 'property':
        throw new Error('bug: a property is no meta column');
    }
  }

  #bytesBehind(column: number, raw: RawBatch, bytes: Uint8Array): Uint8Array {
    const from = this.#origins[column]!;
    const ranges: ByteRanges | undefined = from === 'key' ? raw.keys : from === 'headers' ? raw.headers : undefined;
    if (from !== 'key' && from !== 'headers') return bytes;
    return ranges?.bytes ?? NO_BYTES;
  }
}

function dead(refusal: unknown, row: number, onDead: OnDead): false {
  if (!(refusal instanceof Refusal)) throw refusal;
  onDead(row, refusal.code, refusal.sentence);
  return false;
}

/** The bytes of the batch; copied only when a connector left less behind the last message than it promises. */
function padded(raw: RawBatch, from: number, to: number): Uint8Array {
  let last = 0;
  for (let row = from; row < to; row++) if (raw.end[row]! > last) last = raw.end[row]!;
  if (last + PADDING <= raw.bytes.length) return raw.bytes;
  const copy = new Uint8Array(last + PADDING);
  copy.set(raw.bytes.subarray(0, last));
  return copy;
}
