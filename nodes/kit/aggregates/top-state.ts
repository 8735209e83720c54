import { must } from '../../../engine/model/assert.ts';
import { BytesColumn, ListColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import { encodeUtf8, type Dictionary } from '../../../engine/model/dictionary.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { capacityFor } from '../growing.ts';
import { IdSpace } from './id-space.ts';
import { SlotArrays } from './slot-arrays.ts';

/** While all slots as count arrays together need no more than this, a slot stays one when its dictionary grows. */
const DENSE_BYTES = 8 * 1024 * 1024;
/** With so few texts a slot starts as a count array; with more it becomes one when its table is no smaller. */
const DENSE_TEXTS = 64;
const SMALLEST_TABLE = 16;

/**
 * top(x, n) and top_counts(x, n): how often each text occurs, arrays flattened, NULLs skipped. A slot is either a hash table of
 * pairs (id + 1, count) at most half full, or an array of counts by id. Counts are 32-bit: 2^31 of one value in one pane.
 */
export class TopState implements AggregateState {
  /** tables of pairs; the dense ones are counts by id */
  readonly #slots = new SlotArrays();
  #space = new IdSpace();
  readonly #wanted: number;
  readonly #withCounts: boolean;

  constructor(wanted: number, withCounts: boolean) {
    this.#wanted = wanted;
    this.#withCounts = withCounts;
  }

  reserve(slots: number): void {
    this.#slots.reserve(slots);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, _batch: Batch): void {
    const column = must(input, 'top has an argument');
    if (column.kind !== 'text' && column.kind !== 'list') throw new Error(`bug: top of a ${column.kind} column`);
    if (this.#space.dictionary !== column.dictionary) this.#rebase(column.dictionary);
    const ids = column.ids;
    if (column.kind === 'text') {
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        if (ids[row]! >= 0) this.#add(slots[row]!, ids[row]!, 1);
      }
      return;
    }
    const { offsets, nulls } = column;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) if (ids[at]! >= 0) this.#add(slots[row]!, ids[at]!, 1);
    }
  }

  #length(): number {
    return capacityFor((this.#space.dictionary?.size ?? 0) + 1);
  }

  #add(slot: number, id: number, count: number): void {
    let table = this.#slots.arrays[slot];
    if (table === undefined) {
      const length = this.#length();
      const dense = length <= DENSE_TEXTS;
      table = this.#slots.begin(slot, dense, dense ? length : SMALLEST_TABLE * 2);
    }
    if (this.#slots.dense[slot] === 1) {
      if (id >= table.length) table = this.#grownDense(slot, table, id);
      if (this.#slots.dense[slot] === 1) {
        table[id]! += count;
        return;
      }
    }
    this.#addSparse(slot, table, id, count);
  }

  /** A longer array, or a table when few values stand in a long one; the slot's array afterwards. */
  #grownDense(slot: number, table: Int32Array, id: number): Int32Array {
    const length = Math.max(this.#length(), capacityFor(id + 1));
    if (this.#slots.live * length * 4 > DENSE_BYTES) {
      const pairs = pairsOf(table, true);
      if (pairs.length * 4 < length) {
        this.#slots.drop(table);
        this.#slots.dense[slot] = 0;
        this.#slots.sizes[slot] = 0;
        let cells = SMALLEST_TABLE * 2;
        while (cells < pairs.length * 2 + 4) cells *= 2;
        this.#slots.take(slot, cells);
        for (let i = 0; i < pairs.length; i += 2) this.#addSparse(slot, this.#slots.arrays[slot]!, pairs[i]!, pairs[i + 1]!);
        return this.#slots.arrays[slot]!;
      }
    }
    return this.#slots.grow(slot, table, length);
  }

  #addSparse(slot: number, table: Int32Array, id: number, count: number): void {
    const mask = table.length - 2;
    let probe = (Math.imul(id, 0x9e3779b1) << 1) & mask;
    for (;;) {
      const entry = table[probe]!;
      if (entry === id + 1) {
        table[probe + 1]! += count;
        return;
      }
      if (entry === 0) break;
      probe = (probe + 2) & mask;
    }
    table[probe] = id + 1;
    table[probe + 1] = count;
    this.#slots.sizes[slot]! += 1;
    if (this.#slots.sizes[slot]! * 4 > table.length) this.#growSparse(slot, table);
  }

  #growSparse(slot: number, table: Int32Array): void {
    const pairs = pairsOf(table, false);
    const length = this.#length();
    const dense = length <= table.length * 2;
    this.#slots.dense[slot] = dense ? 1 : 0;
    this.#slots.sizes[slot] = 0;
    this.#slots.take(slot, dense ? length : table.length * 2);
    for (let i = 0; i < pairs.length; i += 2) this.#add(slot, pairs[i]!, pairs[i + 1]!);
    this.#slots.drop(table);
  }

  #rebase(to: Dictionary): void {
    const from = this.#space.dictionary;
    this.#space.take(to);
    if (from === undefined || this.#slots.live === 0) return;
    for (let slot = 0; slot < this.#slots.arrays.length; slot++) {
      const table = this.#slots.arrays[slot];
      if (table === undefined) continue;
      const pairs = pairsOf(table, this.#slots.dense[slot] === 1);
      this.#slots.forget(slot, table);
      for (let i = 0; i < pairs.length; i += 2) this.#add(slot, to.adopt(from, pairs[i]!), pairs[i + 1]!);
    }
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    const theirs = other.#space.dictionary;
    if (theirs === undefined) return;
    const fresh = this.#space.meet(theirs, this.#slots.live > 0);
    if (fresh !== undefined) this.#rebase(fresh);
    const same = this.#space.dictionary === theirs;
    for (let i = 0; i < count; i++) {
      const table = other.#slots.arrays[from[i]!];
      if (table === undefined) continue;
      const to = into[i]!;
      if (same && this.#slots.arrays[to] === undefined) {
        this.#slots.copy(to, other.#slots, from[i]!);
        continue;
      }
      if (other.#slots.dense[from[i]!] === 1) {
        const mine = this.#slots.arrays[to];
        if (same && mine !== undefined && this.#slots.dense[to] === 1 && mine.length >= table.length) {
          for (let id = 0; id < table.length; id++) mine[id]! += table[id]!;
        } else {
          for (let id = 0; id < table.length; id++) {
            if (table[id] !== 0) this.#add(to, this.#space.translate(theirs, id), table[id]!);
          }
        }
      } else {
        for (let at = 0; at < table.length; at += 2) {
          if (table[at] !== 0) this.#add(to, this.#space.translate(theirs, table[at]! - 1), table[at + 1]!);
        }
      }
    }
  }

  clear(slots: Int32Array, count: number): void {
    this.#slots.clear(slots, count);
  }

  /** [W2] count descending, then bytes ascending. NULL where no value was seen. */
  finalise(slots: Int32Array, count: number): Column {
    const dictionary = this.#space.own();
    const best = new Int32Array(this.#wanted);
    const counts = new Float64Array(this.#wanted);
    const results: (Int32Array | undefined)[] = [];
    const texts: (string | undefined)[] = [];
    let total = 0;
    for (let i = 0; i < count; i++) {
      const found = this.#best(slots[i]!, dictionary, best, counts);
      total += found;
      if (this.#withCounts) texts.push(found === 0 ? undefined : countsJson(dictionary, best, counts, found));
      else results.push(found === 0 ? undefined : best.slice(0, found));
    }
    return this.#withCounts ? jsonColumn(texts) : listColumn(results, total, dictionary);
  }

  /** Fills `best` and `counts`, in order; returns how many. */
  #best(slot: number, dictionary: Dictionary, best: Int32Array, counts: Float64Array): number {
    const table = this.#slots.arrays[slot];
    if (table === undefined) return 0;
    const dense = this.#slots.dense[slot] === 1;
    const step = dense ? 1 : 2;
    let found = 0;
    for (let at = 0; at < table.length; at += step) {
      const occurrences = dense ? table[at]! : table[at + 1]!;
      if (occurrences === 0) continue;
      const id = dense ? at : table[at]! - 1;
      let place = found;
      if (found === this.#wanted) {
        const last = found - 1;
        if (occurrences < counts[last]! || (occurrences === counts[last] && dictionary.compare(id, best[last]!) > 0)) continue;
        place = last;
      } else found++;
      while (place > 0) {
        const before = place - 1;
        if (occurrences < counts[before]! || (occurrences === counts[before] && dictionary.compare(id, best[before]!) > 0)) break;
        best[place] = best[before]!;
        counts[place] = counts[before]!;
        place--;
      }
      best[place] = id;
      counts[place] = occurrences;
    }
    return found;
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) {
      const table = this.#slots.arrays[slots[i]!];
      const pairs = table === undefined ? [] : pairsOf(table, this.#slots.dense[slots[i]!] === 1);
      out.i32(pairs.length / 2);
      for (let k = 0; k < pairs.length; k += 2) {
        out.text(this.#space.own(), pairs[k]!);
        out.i32(pairs[k + 1]!);
      }
    }
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) {
      for (let left = input.i32(); left > 0; left--) this.#add(slots[i]!, input.text(this.#space.own()), input.i32());
    }
  }

  bytes(): number {
    return this.#slots.bytes() + (this.#space.dictionary?.bytes() ?? 0);
  }
}

/** id, count, id, count … */
function pairsOf(table: Int32Array, dense: boolean): number[] {
  const pairs: number[] = [];
  if (dense) {
    for (let id = 0; id < table.length; id++) if (table[id] !== 0) pairs.push(id, table[id]!);
  } else for (let at = 0; at < table.length; at += 2) if (table[at] !== 0) pairs.push(table[at]! - 1, table[at + 1]!);
  return pairs;
}

function countsJson(dictionary: Dictionary, ids: Int32Array, counts: Float64Array, length: number): string {
  const entries: { name: string; count: number }[] = [];
  for (let i = 0; i < length; i++) entries.push({ name: dictionary.string(ids[i]!), count: counts[i]! });
  return JSON.stringify(entries);
}

function listColumn(lists: readonly (Int32Array | undefined)[], total: number, dictionary: Dictionary): ListColumn {
  const offsets = new Int32Array(lists.length + 1);
  const flat = new Int32Array(total);
  let nulls: Uint8Array | undefined;
  let end = 0;
  lists.forEach((list, i) => {
    if (list === undefined) {
      nulls ??= new Uint8Array(lists.length);
      nulls[i] = 1;
    } else {
      flat.set(list, end);
      end += list.length;
    }
    offsets[i + 1] = end;
  });
  return new ListColumn(offsets, flat, dictionary, nulls);
}

function jsonColumn(texts: readonly (string | undefined)[]): BytesColumn {
  const start = new Int32Array(texts.length).fill(-1);
  const end = new Int32Array(texts.length).fill(-1);
  const parts = texts.map((text) => (text === undefined ? undefined : encodeUtf8(text)));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 8));
  let at = 0;
  parts.forEach((part, i) => {
    if (part === undefined) return;
    bytes.set(part, at);
    start[i] = at;
    at += part.length;
    end[i] = at;
  });
  return new BytesColumn(start, end, bytes, 'json');
}
