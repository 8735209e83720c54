import { allRows, Batch, NumberColumn, type Column } from '../../../engine/model/batch.ts';
import { FailedRows } from '../../../engine/expression/expression.ts';
import { isDecimal } from '../../../engine/model/type.ts';
import type { Context, Out } from '../../../engine/stream/operator.ts';
import type { SlotStore } from '../../kit/slot-store.ts';
import type { Aggregation, CallPlan } from './aggregation.ts';

/** Rows of one emitted batch; a window of many keys leaves in several. */
const BATCH_ROWS = 4096;

/** Groups whose values stand in slots of a store; sorted as they shall leave. */
export class Groups {
  keys = new Int32Array(256);
  slots = new Int32Array(256);
  starts = new Float64Array(256);
  ends = new Float64Array(256);
  /** event time of the row, µs: window_end − 1, or the newest row's for a running window */
  times = new Float64Array(256);
  count = 0;

  add(key: number, slot: number, start: number, end: number, time: number): void {
    const at = this.count++;
    if (at === this.keys.length) this.#grow();
    this.keys[at] = key;
    this.slots[at] = slot;
    this.starts[at] = start;
    this.ends[at] = end;
    this.times[at] = time;
  }

  #grow(): void {
    const old = { ...this };
    const length = this.keys.length * 2;
    this.keys = new Int32Array(length);
    this.slots = new Int32Array(length);
    this.starts = new Float64Array(length);
    this.ends = new Float64Array(length);
    this.times = new Float64Array(length);
    this.keys.set(old.keys);
    this.slots.set(old.slots);
    this.starts.set(old.starts);
    this.ends.set(old.ends);
    this.times.set(old.times);
  }
}

/** Makes rows of finished or interim groups and sends them. Offsets count the rows of each port: they are part of the state (D3). */
export class Results {
  readonly #aggregation: Aggregation;
  readonly #context: Context;
  readonly #failed = new FailedRows();
  /** next offset, by port */
  readonly offsets: number[];
  /** [W2] arrays in final rows that were cut at their bound, since the start of this run */
  cutArrays = 0;

  constructor(aggregation: Aggregation, context: Context, ports: number) {
    this.#aggregation = aggregation;
    this.#context = context;
    this.offsets = Array.from({ length: ports }, () => 0);
  }

  /**
   * To every wired port of `ports`. `judged`: rows that cannot be computed become dead letters, whoever listens; otherwise they
   * are left out, because the final row of the same group will say it.
   */
  send(groups: Groups, store: SlotStore, ports: readonly number[], out: Out, judged: boolean): void {
    const wired = ports.filter((port) => this.#context.wired(port));
    if (wired.length === 0 && !judged) return;
    for (let from = 0; from < groups.count; from += BATCH_ROWS) {
      this.#sendSome(groups, from, Math.min(groups.count, from + BATCH_ROWS), store, wired, out, judged);
    }
  }

  #sendSome(groups: Groups, from: number, to: number, store: SlotStore, ports: readonly number[], out: Out, judged: boolean): void {
    const { calls, keyTypes, columns, bounds } = this.#aggregation;
    const count = to - from;
    const slots = groups.slots.subarray(from, to);
    const results = store.states.map((state) => state.finalise(slots, count));
    if (judged) for (const state of store.states) this.cutArrays += state.cutAmong?.(slots, count) ?? 0;
    const groupKeys = groups.keys.subarray(from, to);
    const keys = keyTypes.map((_, c) => store.keys.column(c, groupKeys, count));
    const limits = bounds ? [number(groups.starts.slice(from, to)), number(groups.ends.slice(from, to))] : [];
    const times = groups.times.slice(from, to);
    const inner = this.#batch([...keys, ...limits], times, count);
    this.#failed.reset(count);
    calls.forEach((call, i) => {
      if (call.ranged) this.#checkRange(results[i]!, call, count);
    });
    const computed = columns.map((column) => {
      if (typeof column === 'number') return results[column]!;
      return column.kernel.evaluate(inner.with([...column.calls.map((call) => results[call]!), ...keys, ...limits]), this.#failed);
    });
    const batch = inner.with([...keys, ...limits, ...computed]);
    if (judged) this.#failed.rows.forEach((row, i) => out.dead(batch, row, this.#failed.codes[i]!, this.#failed.sentences[i]!));
    const { rows, count: kept } = this.#failed.without(batch.rows, count);
    for (const port of ports) {
      const offsets = new Float64Array(count);
      for (let i = 0; i < count; i++) offsets[i] = this.offsets[port]! + i;
      this.offsets[port]! += count;
      const sent = batch.select(rows, kept);
      sent.offsets = offsets;
      out.emit(port, sent);
    }
  }

  #checkRange(column: Column, { type, text }: CallPlan, count: number): void {
    if (column.kind !== 'number') return;
    const kind = type === 'float' ? 'float' : isDecimal(type) ? 'decimal' : 'integer';
    const greatest = kind === 'float' ? Number.MAX_VALUE : Number.MAX_SAFE_INTEGER;
    const limit =
      kind === 'float' ? 'what a float holds' : kind === 'decimal' ? 'what a decimal keeps (15 to 16 digits)' : `±${greatest}`;
    for (let row = 0; row < count; row++) {
      if (column.nulls !== undefined && column.nulls[row] === 1) continue;
      if (Math.abs(column.values[row]!) <= greatest) continue;
      this.#failed.mark(row, `${kind}_out_of_range`, `${text} of this group lies beyond ${limit}`);
      column.values[row] = 0;
    }
  }

  #batch(columns: readonly Column[], times: Float64Array, count: number): Batch {
    let minTime = Infinity;
    for (const time of times) if (time < minTime) minTime = time;
    return new Batch({
      origin: { source: this.#context.node, partition: 0 },
      columns,
      length: count,
      rows: allRows(count),
      count,
      times,
      offsets: new Float64Array(count),
      watermarks: new Float64Array(count).fill(-Infinity),
      minTime,
      lastWatermark: -Infinity,
      raw: undefined,
    });
  }
}

function number(values: Float64Array): NumberColumn {
  return new NumberColumn(values, undefined);
}
