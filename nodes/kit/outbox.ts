import { must } from '../../engine/model/assert.ts';
import type { Batch } from '../../engine/model/batch.ts';
import type { Context, InputShape, Out, Outbox, SinkOperator, SnapshotOut } from '../../engine/stream/operator.ts';
import { JsonBytes } from './json-bytes.ts';
import { NewestFullOutbox } from './newest-full-outbox.ts';
import { keyOf, outranks, writeRow, type KeyedRows, type Rank, type RowShape } from './outbox-row.ts';

export interface OutboxOptions {
  /** columns of a row, in this order; absent or empty: every column that comes */
  readonly columns?: readonly string[] | undefined;
  /** [K9] one row per key and epoch; absent or empty: plain append */
  readonly key?: readonly string[] | undefined;
  /** [W4] the input is `updates` by key + window: keep the newest full window of each key */
  readonly newestFull?: boolean | undefined;
}

/** The encoder of a sink: rows of its one input as JSON lines (`Outbox`). */
export function outboxEncoder(input: InputShape, options: OutboxOptions): { create(context: Context): SinkOperator } {
  const shape = rowShape(input, options);
  if (options.newestFull === true) return { create: () => newestFullRows(input, shape) };
  return { create: () => (shape.key.length > 0 ? new KeyedOutbox(shape) : new AppendOutbox(shape)) };
}

export function rowShape(input: InputShape, options: OutboxOptions): RowShape {
  const names = (options.columns ?? []).length > 0 ? options.columns! : input.layout.map((column) => column.name);
  return {
    columns: names.map((name, i) => {
      const index = indexOf(input, name);
      return { index, type: input.layout[index]!.type, lead: `${i === 0 ? '{' : ','}"${name}":` };
    }),
    key: (options.key ?? []).map((name) => ({ index: indexOf(input, name), name })),
  };
}

export function newestFullRows(input: InputShape, shape: RowShape): NewestFullOutbox {
  const mode = input.schema.mode;
  const bounds = mode.kind === 'updates' ? mode.key.filter((name) => !mode.groupKey.includes(name)) : [];
  const end = indexOf(input, must(bounds.at(-1), 'newest full window without window bounds in the key'));
  return new NewestFullOutbox(shape, end, must(input.schema.window, 'newest full window without a window of fixed size').sizeUs);
}

function indexOf(input: InputShape, name: string): number {
  const index = input.layout.findIndex((column) => column.name === name);
  return must(index < 0 ? undefined : index, `column ${name} is not in the layout`);
}

/** Every row, in the order it came. */
class AppendOutbox implements SinkOperator {
  readonly #shape: RowShape;
  readonly #buffer = new JsonBytes();
  #rows = 0;

  constructor(shape: RowShape) {
    this.#shape = shape;
  }

  onBatch(_input: number, batch: Batch, _out: Out): void {
    for (let i = 0; i < batch.count; i++) writeRow(this.#buffer, this.#shape, batch.columns, batch.rows[i]!);
    this.#rows += batch.count;
  }

  takeOutbox(): Outbox | undefined {
    if (this.#rows === 0) return undefined;
    const outbox = { rows: this.#rows, bytes: this.#buffer.bytes.slice(0, this.#buffer.length) };
    this.#rows = 0;
    this.#buffer.clear();
    return outbox;
  }

  onWatermark(_time: number, _out: Out): void {}
  snapshot(_out: SnapshotOut): void {}
  restore(_key: string, _bytes: Uint8Array): void {}

  inspect(_limit: number): unknown {
    return { waitingRows: this.#rows, waitingBytes: this.#buffer.length };
  }

  bytes(): number {
    return this.#buffer.length;
  }
}

interface Kept extends Rank {
  start: number;
  end: number;
}

/** [K9] One row per key and epoch, the greatest by (event time, source, partition, offset). */
export class KeyedOutbox implements KeyedRows {
  readonly #shape: RowShape;
  #buffer = new JsonBytes();
  #kept = new Map<string, Kept>();
  #garbage = 0;

  constructor(shape: RowShape) {
    this.#shape = shape;
  }

  onBatch(_input: number, batch: Batch, out: Out): void {
    const { source, partition } = batch.origin;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const key = keyOf(this.#shape, batch, row, out);
      if (key === undefined) continue;
      const kept = this.#kept.get(key);
      if (kept !== undefined && !outranks(batch, row, kept)) continue;
      const start = this.#buffer.length;
      writeRow(this.#buffer, this.#shape, batch.columns, row);
      const now = { time: batch.times[row]!, source, partition, offset: batch.offsets[row]!, start, end: this.#buffer.length };
      if (kept === undefined) this.#kept.set(key, now);
      else {
        this.#garbage += kept.end - kept.start;
        Object.assign(kept, now);
      }
    }
    if (this.#garbage > 1 << 20 && this.#garbage * 2 > this.#buffer.length) this.#compact();
  }

  takeOutbox(): Outbox | undefined {
    if (this.#kept.size === 0) return undefined;
    if (this.#garbage > 0) this.#compact();
    const outbox = { rows: this.#kept.size, bytes: this.#buffer.bytes.slice(0, this.#buffer.length) };
    this.#forget();
    return outbox;
  }

  takeRows(each: (key: string, timeUs: number, line: Uint8Array) => void): void {
    for (const [key, kept] of this.#kept) each(key, kept.time, this.#buffer.bytes.subarray(kept.start, kept.end));
    this.#forget();
  }

  #forget(): void {
    this.#kept = new Map();
    this.#buffer.clear();
    this.#garbage = 0;
  }

  #compact(): void {
    const packed = new JsonBytes();
    packed.reserve(this.#buffer.length - this.#garbage);
    for (const kept of this.#kept.values()) {
      const start = packed.length;
      packed.raw(this.#buffer.bytes, kept.start, kept.end);
      kept.start = start;
      kept.end = packed.length;
    }
    this.#buffer = packed;
    this.#garbage = 0;
  }

  onWatermark(_time: number, _out: Out): void {}
  snapshot(_out: SnapshotOut): void {}
  restore(_key: string, _bytes: Uint8Array): void {}

  inspect(_limit: number): unknown {
    return { waitingRows: this.#kept.size, waitingBytes: this.#buffer.length - this.#garbage };
  }

  bytes(): number {
    return this.#buffer.length + this.#kept.size * 120;
  }
}
