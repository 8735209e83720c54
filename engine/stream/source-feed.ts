import { createDecoder, type Decoder } from '../decode/decoder.ts';
import type { Batch } from '../model/batch.ts';
import type { DecodeSpec } from '../model/decode-spec.ts';
import { Fault } from '../model/fault.ts';
import { formatTimestamp } from '../model/timestamp.ts';
import type { Step } from '../plan/plan.ts';
import type { RawBatch } from './connector.ts';
import type { Graph } from './graph.ts';
import { Partition } from './partition.ts';

/** Physical rows of a batch: columns of this many rows stay in the second-level cache. */
const DEFAULT_BATCH_ROWS = 2048;
/** [T4] a clock is called behind when the first rows of a source, at least so many, all lie beyond the ceiling */
const CLOCK_BEHIND_ROWS = 10;

/** A raw message that became no row. */
export type RawDead = (
  step: Step,
  partition: number,
  raw: RawBatch,
  row: number,
  eventTime: number | undefined,
  code: string,
  sentence: string,
) => void;

/** One source of the plan: raw messages in, decoded batches with watermarks row by row into the graph. */
export class SourceFeed {
  readonly step: Step;
  readonly specs: readonly DecodeSpec[];
  readonly partitions = new Map<number, Partition>();
  readonly #graph: Graph;
  readonly #dead: RawDead;
  readonly #decoders = new Map<string, Decoder>();
  readonly batchRows: number;
  #accepted = false;

  constructor(step: Step, specs: readonly DecodeSpec[], graph: Graph, dead: RawDead, batchRows = DEFAULT_BATCH_ROWS) {
    this.step = step;
    this.specs = specs;
    this.#graph = graph;
    this.#dead = dead;
    this.batchRows = batchRows;
  }

  partition(number: number, nowMs: number): Partition {
    let partition = this.partitions.get(number);
    if (partition === undefined) {
      partition = new Partition(this.#graph.lane(this.step.index, number), nowMs);
      this.partitions.set(number, partition);
    }
    return partition;
  }

  /** Decodes and sends one raw batch. `ceilingUs`: event times beyond it are dead letters (T4). */
  take(partition: Partition, raw: RawBatch, ceilingUs: number): void {
    for (let from = 0; from < raw.count; from += this.batchRows) {
      const to = Math.min(raw.count, from + this.batchRows);
      // per batch, so that the clock costs nothing per row
      this.#graph.timed(this.step.index, () => this.#takeRows(partition, raw, from, to, ceilingUs));
    }
    partition.position = raw.next;
    if (raw.logEnd !== undefined) partition.lag = Math.max(0, raw.logEnd - raw.next.offset);
  }

  #takeRows(partition: Partition, raw: RawBatch, from: number, to: number, ceilingUs: number): void {
    const spec = this.specs[raw.port]!;
    const fates = this.#graph.fates(this.step.index);
    const origin = { source: this.#graph.origin(this.step.index), partition: partition.number };
    let dead = 0;
    const decoded = this.#decoder(partition, raw.port).decode(raw, from, to, origin, (row, code, sentence) => {
      dead++;
      this.#dead(this.step, partition.number, raw, from + row, undefined, code, sentence);
    });
    const batch =
      spec.ceiling && spec.eventTime !== undefined ? this.#belowCeiling(decoded, raw, from, ceilingUs, partition) : decoded;
    dead += decoded.count - batch.count;
    if (spec.eventTime !== undefined) this.#stamp(batch, partition, spec.latenessUs);
    else batch.watermarks.fill(-Infinity, 0, batch.length);
    fates.in += to - from;
    fates.dead += dead;
    if (batch.count === 0) return;
    fates.out[raw.port]! += batch.count;
    this.#graph.feed(partition.lane, raw.port, batch);
  }

  /** [T1] Running maximum of event time, row by row in offset order, minus lateness. */
  #stamp(batch: Batch, partition: Partition, latenessUs: number): void {
    const { times, watermarks, rows } = batch;
    let watermark = partition.watermark;
    let newest = partition.newest;
    let physical = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = rows[i]!;
      // rows between two accepted ones are dead; their watermark is never read, but bounds are over all physical rows
      while (physical < row) watermarks[physical++] = watermark;
      const time = times[row]!;
      if (time > newest) {
        newest = time;
        if (time - latenessUs > watermark) watermark = time - latenessUs;
      }
      watermarks[row] = watermark;
      physical = row + 1;
    }
    while (physical < batch.length) watermarks[physical++] = watermark;
    batch.lastWatermark = watermark;
    partition.watermark = watermark;
    partition.newest = newest;
  }

  #belowCeiling(batch: Batch, raw: RawBatch, from: number, ceilingUs: number, partition: Partition): Batch {
    const { times, rows, count } = batch;
    let beyond = 0;
    for (let i = 0; i < count; i++) if (times[rows[i]!]! > ceilingUs) beyond++;
    if (beyond === 0) {
      if (count > 0) this.#accepted = true;
      return batch;
    }
    if (!this.#accepted && beyond === count && count >= CLOCK_BEHIND_ROWS) {
      throw new Fault(
        'fatal',
        'clock_behind',
        `This computer's clock is behind the stream: the first ${count} events of ${this.step.node} are from ${formatTimestamp(times[rows[0]!]!)}, ` +
          `more than five minutes ahead of the clock. Nothing was read past them.`,
        { mend: 'Set the clock, then start again.' },
      );
    }
    const kept = new Int32Array(count - beyond);
    let k = 0;
    let minTime = Infinity;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const time = times[row]!;
      if (time <= ceilingUs) {
        kept[k++] = row;
        if (time < minTime) minTime = time;
      } else {
        const sentence = `The event time ${formatTimestamp(time)} is more than five minutes ahead of the clock, so the row was not used.`;
        this.#dead(this.step, partition.number, raw, from + row, time, 'future_timestamp', sentence);
      }
    }
    if (k > 0) this.#accepted = true;
    const selected = batch.select(kept, k);
    selected.minTime = minTime;
    return selected;
  }

  #decoder(partition: Partition, port: number): Decoder {
    const id = `${partition.number}/${port}`;
    let decoder = this.#decoders.get(id);
    if (decoder === undefined) {
      decoder = createDecoder(this.specs[port]!, this.step.wanted[port]!);
      this.#decoders.set(id, decoder);
    }
    return decoder;
  }

  /** memory of dictionaries and buffers */
  bytes(): number {
    let bytes = 0;
    for (const decoder of this.#decoders.values()) bytes += decoder.bytes();
    return bytes;
  }

  /** [T1, T2] Minimum over partitions that are not idle; idle when all are. */
  progress(): { readonly watermark: number; readonly idle: boolean } {
    let watermark = Infinity;
    let active = false;
    for (const partition of this.partitions.values()) {
      if (partition.idle) continue;
      active = true;
      watermark = Math.min(watermark, partition.ended ? Infinity : partition.watermark);
    }
    return { watermark: active ? watermark : -Infinity, idle: !active };
  }
}
