import { decodeUtf8, encodeUtf8 } from '../../../engine/model/dictionary.ts';
import type { Batch } from '../../../engine/model/batch.ts';
import type { Out, Outbox, SinkOperator, SnapshotOut } from '../../../engine/stream/operator.ts';
import { JsonBytes } from '../../kit/json-bytes.ts';
import type { KeyedRows } from '../../kit/outbox-row.ts';

interface Kept {
  readonly timeUs: number;
  readonly line: Uint8Array;
}

/** pieces of the view begin with this; every other piece belongs to the encoder inside */
const PIECE = 'view ';

/**
 * [E5] The newest row per key as Redis should hold it: last value within the time to live, measured in event time. Kept as
 * state so that it can be written again when Redis has lost it.
 */
export class ValueView implements SinkOperator {
  readonly #rows: KeyedRows;
  /** Infinity: never expires */
  readonly #ttlUs: number;
  readonly #view = new Map<string, Kept>();
  readonly #changed = new Set<string>();
  #newestUs = Number.NEGATIVE_INFINITY;
  #sweptUs = Number.NEGATIVE_INFINITY;
  #bytes = 0;

  constructor(rows: KeyedRows, ttlUs: number) {
    this.#rows = rows;
    this.#ttlUs = ttlUs;
  }

  onBatch(input: number, batch: Batch, out: Out): void {
    this.#rows.onBatch(input, batch, out);
  }

  onWatermark(time: number, out: Out): void {
    this.#rows.onWatermark(time, out);
  }

  takeOutbox(): Outbox | undefined {
    const buffer = new JsonBytes();
    let rows = 0;
    this.#rows.takeRows((key, timeUs, line) => {
      buffer.raw(line, 0, line.length);
      rows++;
      this.#keep(key, { timeUs, line: line.slice() });
      this.#changed.add(key);
      if (timeUs > this.#newestUs) this.#newestUs = timeUs;
    });
    return rows === 0 ? undefined : { rows, bytes: buffer.bytes.slice(0, buffer.length) };
  }

  rewrite(): Outbox | undefined {
    const buffer = new JsonBytes();
    let rows = 0;
    for (const { timeUs, line } of this.#view.values()) {
      if (this.#isExpired(timeUs)) continue;
      buffer.raw(line, 0, line.length);
      rows++;
    }
    return rows === 0 ? undefined : { rows, bytes: buffer.bytes.slice(0, buffer.length) };
  }

  snapshot(out: SnapshotOut): void {
    this.#rows.snapshot(out);
    // a walk over all keys, so only twice per time to live
    if (this.#newestUs >= this.#sweptUs + this.#ttlUs / 2) {
      this.#sweptUs = this.#newestUs;
      for (const [key, kept] of this.#view) {
        if (!this.#isExpired(kept.timeUs)) continue;
        this.#bytes -= kept.line.length;
        this.#view.delete(key);
        this.#changed.delete(key);
        out.delete(PIECE + key);
      }
    }
    for (const key of this.#changed) {
      const { timeUs, line } = this.#view.get(key)!;
      out.put(PIECE + key, encodeUtf8(`${timeUs} ${decodeUtf8(line, 0, line.length)}`));
    }
    this.#changed.clear();
  }

  restore(key: string, bytes: Uint8Array): void {
    if (!key.startsWith(PIECE)) return this.#rows.restore(key, bytes);
    const text = decodeUtf8(bytes, 0, bytes.length);
    const space = text.indexOf(' ');
    const timeUs = Number(text.slice(0, space));
    this.#keep(key.slice(PIECE.length), { timeUs, line: encodeUtf8(text.slice(space + 1)) });
    if (timeUs > this.#newestUs) this.#newestUs = timeUs;
  }

  inspect(limit: number): unknown {
    const first = [...this.#view.keys()].slice(0, limit);
    return { keys: this.#view.size, first, waiting: this.#rows.inspect(limit) };
  }

  bytes(): number {
    return this.#rows.bytes() + this.#bytes + this.#view.size * 150;
  }

  #keep(key: string, kept: Kept): void {
    this.#bytes += kept.line.length - (this.#view.get(key)?.line.length ?? 0);
    this.#view.set(key, kept);
  }

  #isExpired(timeUs: number): boolean {
    return timeUs + this.#ttlUs < this.#newestUs;
  }
}
