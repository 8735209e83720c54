import type { Batch, Column } from '../../../engine/model/batch.ts';
import { FailedRows, type Selection } from '../../../engine/expression/expression.ts';
import type { AggregateState } from '../../../engine/stream/aggregate.ts';
import type { Out } from '../../../engine/stream/operator.ts';
import type { Aggregation } from './aggregation.ts';

/** How far the aggregates have taken a selection, and where its rows are copied to when some must be left out. */
interface Cursor {
  next: number;
  buffer: Int32Array;
}

/**
 * One batch evaluated for a window: keys, filters and arguments, then slots. The order is: rows that fail become dead letters,
 * then each row gets its slot or is late, then the aggregates take the rest. A row that fails leaves no trace in any group.
 */
export class BatchInput {
  readonly #aggregation: Aggregation;
  readonly #failed = new FailedRows();
  readonly #arguments: Column[] = [];
  readonly #matches: (Cursor & { rows: Int32Array; count: number })[];
  readonly keys: Column[] = [];
  /** slot by physical row; −1 = the row is dead or late. Set by the caller for the selected rows. */
  slots = new Int32Array(2048);
  /** the selected rows that did not fail */
  rows: Int32Array = new Int32Array(0);
  count = 0;
  readonly #all: Cursor = { next: 0, buffer: new Int32Array(0) };

  constructor(aggregation: Aggregation) {
    this.#aggregation = aggregation;
    this.#matches = aggregation.filters.map(() => ({ rows: new Int32Array(0), count: 0, next: 0, buffer: new Int32Array(0) }));
  }

  /** Evaluates everything; dead rows are handed out. */
  evaluate(batch: Batch, out: Out): void {
    const { keys, filters, arguments: args } = this.#aggregation;
    const failed = this.#failed;
    failed.reset(batch.length);
    keys.forEach((kernel, i) => (this.keys[i] = kernel.evaluate(batch, failed)));
    const selected = filters.map((filter, i) => batch.select(...this.#keep(i, filter.select(batch, failed))));
    args.forEach(({ kernel, filter }, i) => (this.#arguments[i] = kernel.evaluate(filter < 0 ? batch : selected[filter]!, failed)));
    if (this.slots.length < batch.length) this.slots = new Int32Array(batch.length);
    failed.rows.forEach((row, i) => {
      this.slots[row] = -1;
      out.dead(batch, row, failed.codes[i]!, failed.sentences[i]!);
    });
    const rest = failed.without(batch.rows, batch.count);
    this.rows = rest.rows;
    this.count = rest.count;
    this.#all.next = 0;
  }

  /** The condition's arrays are reused by its next select; arguments under the filter may be evaluated later. */
  #keep(filter: number, { match, matchCount }: Selection): [Int32Array, number] {
    const kept = this.#matches[filter]!;
    if (kept.rows.length < matchCount) kept.rows = new Int32Array(matchCount);
    for (let i = 0; i < matchCount; i++) kept.rows[i] = match[i]!;
    kept.count = matchCount;
    kept.next = 0;
    return [kept.rows, matchCount];
  }

  /**
   * Once slots are set: the aggregates take the rows that have one, up to (not including) physical row `until`, that they have not
   * taken yet. `dropped`: some rows have no slot.
   */
  accumulate(states: readonly AggregateState[], batch: Batch, dropped: boolean, until = batch.length): void {
    const { slots } = this;
    const some = dropped || this.#failed.count > 0;
    const all = this.#take(this.#all, this.rows, this.count, until, some);
    const taken = this.#matches.map((match) => this.#take(match, match.rows, match.count, until, some));
    this.#aggregation.calls.forEach((call, i) => {
      const input = call.argument < 0 ? undefined : this.#arguments[call.argument]!;
      const { rows, count } = call.filter < 0 ? all : taken[call.filter]!;
      if (count > 0) states[i]!.accumulate(slots, rows, count, input, batch);
    });
  }

  #take(
    cursor: Cursor,
    rows: Int32Array,
    count: number,
    until: number,
    some: boolean,
  ): { readonly rows: Int32Array; readonly count: number } {
    const from = cursor.next;
    let to = count;
    while (to > from && rows[to - 1]! >= until) to--;
    cursor.next = to;
    if (!some && from === 0) return { rows, count: to };
    if (cursor.buffer.length < to - from) cursor.buffer = new Int32Array(Math.max(2048, to - from));
    return { rows: cursor.buffer, count: withSlots(rows, from, to, this.slots, cursor.buffer) };
  }
}

/** Branchless: random verdicts cost no mispredictions. */
function withSlots(rows: Int32Array, from: number, to: number, slots: Int32Array, into: Int32Array): number {
  let kept = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    into[kept] = row;
    kept += slots[row]! < 0 ? 0 : 1;
  }
  return kept;
}
