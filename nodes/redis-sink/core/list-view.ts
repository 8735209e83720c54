import type { Batch } from '../../../engine/model/batch.ts';
import { decodeUtf8, encodeUtf8 } from '../../../engine/model/dictionary.ts';
import type { Out, Outbox, SinkOperator, SnapshotOut } from '../../../engine/stream/operator.ts';
import { JsonBytes } from '../../kit/json-bytes.ts';
import { keyOf, outranks, writeRow, type Rank, type RowShape } from '../../kit/outbox-row.ts';

interface Entry extends Rank {
  readonly line: string;
}

/**
 * [E5] The last `length` rows per key, newest first by (event time, source, partition, offset), so that the list depends
 * neither on epochs nor on interleaving. A list whose rows have changed leaves whole: a value in Redis is absolute.
 */
export class ListView implements SinkOperator {
  readonly #shape: RowShape;
  readonly #length: number;
  readonly #ttlUs: number;
  readonly #lists = new Map<string, Entry[]>();
  readonly #changed = new Set<string>();
  readonly #unsaved = new Set<string>();
  readonly #scratch = new JsonBytes();
  #newestUs = Number.NEGATIVE_INFINITY;
  #sweptUs = Number.NEGATIVE_INFINITY;
  #bytes = 0;

  constructor(shape: RowShape, length: number, ttlUs: number) {
    this.#shape = shape;
    this.#length = length;
    this.#ttlUs = ttlUs;
  }

  onBatch(_input: number, batch: Batch, out: Out): void {
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const key = keyOf(this.#shape, batch, row, out);
      if (key === undefined) continue;
      let list = this.#lists.get(key);
      if (list === undefined) this.#lists.set(key, (list = []));
      let at = 0;
      while (at < list.length && !outranks(batch, row, list[at]!)) at++;
      if (at >= this.#length) continue;
      const timeUs = batch.times[row]!;
      if (timeUs > this.#newestUs) this.#newestUs = timeUs;
      this.#scratch.clear();
      writeRow(this.#scratch, this.#shape, batch.columns, row);
      const line = decodeUtf8(this.#scratch.bytes, 0, this.#scratch.length);
      list.splice(at, 0, { time: timeUs, ...batch.origin, offset: batch.offsets[row]!, line });
      this.#bytes += line.length;
      if (list.length > this.#length) this.#bytes -= list.pop()!.line.length;
      this.#changed.add(key);
    }
  }

  takeOutbox(): Outbox | undefined {
    for (const key of this.#changed) this.#unsaved.add(key);
    const outbox = this.#outboxOf(this.#changed);
    this.#changed.clear();
    return outbox;
  }

  rewrite(): Outbox | undefined {
    return this.#outboxOf([...this.#lists.keys()].filter((key) => !this.#isExpired(this.#lists.get(key)!)));
  }

  #outboxOf(keys: Iterable<string>): Outbox | undefined {
    let rows = 0;
    let text = '';
    for (const key of keys) {
      for (const { line } of this.#lists.get(key)!) {
        text += line;
        rows++;
      }
    }
    return rows === 0 ? undefined : { rows, bytes: encodeUtf8(text) };
  }

  onWatermark(_time: number, _out: Out): void {}

  snapshot(out: SnapshotOut): void {
    if (this.#newestUs >= this.#sweptUs + this.#ttlUs / 2) {
      this.#sweptUs = this.#newestUs;
      for (const [key, list] of this.#lists) {
        if (!this.#isExpired(list)) continue;
        for (const { line } of list) this.#bytes -= line.length;
        this.#lists.delete(key);
        this.#unsaved.delete(key);
        out.delete(key);
      }
    }
    for (const key of this.#unsaved) out.put(key, encodeUtf8(JSON.stringify(this.#lists.get(key)!.map(pack))));
    this.#unsaved.clear();
  }

  restore(key: string, bytes: Uint8Array): void {
    const list = (JSON.parse(decodeUtf8(bytes, 0, bytes.length)) as Packed[]).map(unpack);
    this.#lists.set(key, list);
    for (const { line, time } of list) {
      this.#bytes += line.length;
      if (time > this.#newestUs) this.#newestUs = time;
    }
  }

  inspect(limit: number): unknown {
    const first = [...this.#lists].slice(0, limit).map(([key, list]) => ({ key, rows: list.length }));
    return { keys: this.#lists.size, first };
  }

  bytes(): number {
    return this.#bytes + this.#lists.size * 120;
  }

  #isExpired(list: readonly Entry[]): boolean {
    return list[0]!.time + this.#ttlUs < this.#newestUs;
  }
}

type Packed = readonly [time: number, source: number, partition: number, offset: number, line: string];

function pack({ time, source, partition, offset, line }: Entry): Packed {
  return [time, source, partition, offset, line];
}

function unpack([time, source, partition, offset, line]: Packed): Entry {
  return { time, source, partition, offset, line };
}
