import { must } from '../../../engine/model/assert.ts';
import { BooleanColumn, NumberColumn, type Batch, type Column } from '../../../engine/model/batch.ts';
import type { Dictionary } from '../../../engine/model/dictionary.ts';
import type { Type } from '../../../engine/model/type.ts';
import type { AggregateState, ByteReader, ByteWriter } from '../../../engine/stream/aggregate.ts';
import { grownFloats } from '../growing.ts';
import { columnOfIds, IdInterner } from './id-column.ts';
import { IdSpace } from './id-space.ts';

/**
 * first and last: the value at the least or greatest (event time, source, partition, offset); NULLs are skipped.
 * A value is a number, a boolean as 0 or 1, or an id. An offset of −1 marks an empty slot.
 */
export class EdgeState implements AggregateState {
  #times = new Float64Array(0);
  #sources = new Float64Array(0);
  #partitions = new Float64Array(0);
  #offsets = new Float64Array(0);
  #values = new Float64Array(0);
  #space = new IdSpace();
  #interner = new IdInterner();
  #live = 0;
  readonly #sign: number;
  readonly #type: Type;
  readonly #asIds: boolean;

  constructor(last: boolean, type: Type) {
    this.#sign = last ? 1 : -1;
    this.#type = type;
    this.#asIds = type === 'text' || type === 'json' || type === 'text[]';
  }

  reserve(slots: number): void {
    this.#times = grownFloats(this.#times, slots);
    this.#sources = grownFloats(this.#sources, slots);
    this.#partitions = grownFloats(this.#partitions, slots);
    this.#offsets = grownFloats(this.#offsets, slots, -1);
    this.#values = grownFloats(this.#values, slots);
  }

  accumulate(slots: Int32Array, rows: Int32Array, count: number, input: Column | undefined, batch: Batch): void {
    const column = must(input, 'first and last have an argument');
    const { source, partition } = batch.origin;
    if (this.#asIds) {
      const { ids, dictionary } = this.#interner.intern(column, rows, count, batch.length);
      if (this.#space.dictionary !== dictionary) this.#rebase(dictionary);
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        if (ids[row]! >= 0) this.#add(slots[row]!, batch.times[row]!, source, partition, batch.offsets[row]!, ids[row]!);
      }
      return;
    }
    if (column.kind !== 'number' && column.kind !== 'boolean') throw new Error(`bug: ${this.#type} came as ${column.kind}`);
    const { values, nulls } = column;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      this.#add(slots[row]!, batch.times[row]!, source, partition, batch.offsets[row]!, values[row]!);
    }
  }

  #add(slot: number, time: number, source: number, partition: number, offset: number, value: number): void {
    if (this.#offsets[slot]! < 0) this.#live++;
    else if (this.#compare(slot, time, source, partition, offset) * this.#sign <= 0) return;
    this.#times[slot] = time;
    this.#sources[slot] = source;
    this.#partitions[slot] = partition;
    this.#offsets[slot] = offset;
    this.#values[slot] = value;
  }

  #compare(slot: number, time: number, source: number, partition: number, offset: number): number {
    if (time !== this.#times[slot]) return time - this.#times[slot]!;
    if (source !== this.#sources[slot]) return source - this.#sources[slot]!;
    if (partition !== this.#partitions[slot]) return partition - this.#partitions[slot]!;
    return offset - this.#offsets[slot]!;
  }

  #rebase(to: Dictionary): void {
    const from = this.#space.dictionary;
    if (from !== undefined && this.#live > 0) {
      for (let slot = 0; slot < this.#values.length; slot++) {
        if (this.#offsets[slot]! >= 0) this.#values[slot] = to.adopt(from, this.#values[slot]!);
      }
    }
    this.#space.take(to);
  }

  combine(into: Int32Array, other: this, from: Int32Array, count: number): void {
    const theirs = other.#space.dictionary;
    if (this.#asIds) {
      if (theirs === undefined) return;
      const fresh = this.#space.meet(theirs, this.#live > 0);
      if (fresh !== undefined) this.#rebase(fresh);
    }
    for (let i = 0; i < count; i++) {
      const slot = from[i]!;
      const offset = other.#offsets[slot]!;
      if (offset < 0) continue;
      const value = other.#values[slot]!;
      const own = this.#asIds ? this.#space.translate(theirs!, value) : value;
      this.#add(into[i]!, other.#times[slot]!, other.#sources[slot]!, other.#partitions[slot]!, offset, own);
    }
  }

  clear(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (this.#offsets[slot]! >= 0) this.#live--;
      this.#offsets[slot] = -1;
    }
  }

  finalise(slots: Int32Array, count: number): Column {
    if (this.#asIds) {
      const ids = new Int32Array(count);
      for (let i = 0; i < count; i++) ids[i] = this.#offsets[slots[i]!]! < 0 ? -1 : this.#values[slots[i]!]!;
      return columnOfIds(ids, this.#space.own(), this.#type);
    }
    const values = this.#type === 'boolean' ? new Uint8Array(count) : new Float64Array(count);
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (this.#offsets[slot]! < 0) {
        nulls ??= new Uint8Array(count);
        nulls[i] = 1;
      } else values[i] = this.#values[slot]!;
    }
    return values instanceof Uint8Array ? new BooleanColumn(values, nulls) : new NumberColumn(values, nulls);
  }

  write(slots: Int32Array, count: number, out: ByteWriter): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      out.f64(this.#offsets[slot]!);
      if (this.#offsets[slot]! < 0) continue;
      out.f64(this.#times[slot]!);
      out.i32(this.#sources[slot]!);
      out.i32(this.#partitions[slot]!);
      if (this.#asIds) out.text(this.#space.own(), this.#values[slot]!);
      else out.f64(this.#values[slot]!);
    }
  }

  read(slots: Int32Array, count: number, input: ByteReader): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const offset = input.f64();
      if (offset < 0) continue;
      this.#add(slot, input.f64(), input.i32(), input.i32(), offset, this.#asIds ? input.text(this.#space.own()) : input.f64());
    }
  }

  bytes(): number {
    return this.#times.byteLength * 5 + (this.#asIds ? this.#interner.bytes() + (this.#space.dictionary?.bytes() ?? 0) : 0);
  }
}
