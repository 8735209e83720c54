import type { Type } from '../../engine/model/type.ts';
import type { AggregateState } from '../../engine/stream/aggregate.ts';
import type { SnapshotOut } from '../../engine/stream/operator.ts';
import { PieceReader, type PieceWriter } from './byte-io.ts';
import { EndHeap } from './end-heap.ts';
import { grownBytes, grownFloats, grownInts } from './growing.ts';
import { KeyTable } from './keys.ts';
import { CHUNK_SHIFT, CHUNK_SLOTS, SlotStore, TOUCHED, UNSAVED } from './slot-store.ts';

/** Key tables with fewer dead keys are left alone. */
const DEAD_KEYS = 4096;

/**
 * The sessions that one partition's rows form, each in a slot. A row spans [max(time, own watermark), time + gap): sessions are
 * the connected spans of a key. Cutting at the watermark keeps a row that comes behind it from reaching into a session that may
 * have been closed and sent already; so the sessions do not depend on interleaving (D1). Rows at or after their watermark,
 * which is nearly all, form sessions by the gap alone: a silence of `gap` or more ends one.
 */
export class SessionStore extends SlotStore {
  readonly gapUs: number;
  /** per slot: key, −1 = free */
  keyOf = new Int32Array(0);
  /** beginning of the span, µs: what decides whether sessions touch */
  spanStarts = new Float64Array(0);
  /** least and greatest event time, µs */
  starts = new Float64Array(0);
  lasts = new Float64Array(0);
  rows = new Float64Array(0);
  /** chain of a key's sessions */
  nexts = new Int32Array(0);
  /** per key: the session a row was in last, −1 = none */
  heads = new Int32Array(0);
  /** when sessions of this partition may close */
  readonly #ends = new EndHeap();
  /** the end under which a slot stands in the heap; other entries of the slot are leftovers */
  #heapEnds = new Float64Array(0);
  live = 0;
  #liveKeys = 0;
  #free: number[] = [];
  /** restore leaves the list of free slots to the first row */
  #freeUnknown = false;
  readonly #touching: number[] = [];
  readonly #saved = new Set<number>();
  #used = new Uint8Array(0);

  constructor(gapUs: number, keyTypes: readonly Type[], create: readonly (() => AggregateState)[]) {
    super(keyTypes, create);
    this.gapUs = gapUs;
  }

  get liveKeys(): number {
    return this.#liveKeys;
  }

  end(slot: number): number {
    return this.lasts[slot]! + this.gapUs;
  }

  /**
   * The session of a row, made, extended or joined as needed. `settle` is called before two sessions are joined: the states must
   * then hold every row before this one, so that sums do not depend on batch bounds.
   */
  place(key: number, time: number, watermark: number, settle: () => void): number {
    const from = time > watermark ? time : watermark;
    const to = time + this.gapUs;
    if (key >= this.heads.length) this.heads = grownInts(this.heads, Math.max(key + 1, this.keys.size), -1);
    const head = this.heads[key]!;
    // most rows continue the session of the row before them, alone
    if (head >= 0 && this.nexts[head]! < 0 && this.#touches(head, from, to)) {
      this.#extend(head, from, time);
      return head;
    }
    const touching = this.#touching;
    touching.length = 0;
    for (let slot = head; slot >= 0; slot = this.nexts[slot]!) if (this.#touches(slot, from, to)) touching.push(slot);
    let found = touching[0] ?? -1;
    if (touching.length > 1) {
      // the chain's order is no property of the rows: join in the order of event time
      touching.sort((a, b) => this.starts[a]! - this.starts[b]! || this.spanStarts[a]! - this.spanStarts[b]!);
      settle();
      found = touching[0]!;
      for (let i = 1; i < touching.length; i++) this.#join(found, touching[i]!);
    }
    if (found < 0) found = this.#open(key, from, time);
    else this.#extend(found, from, time);
    return found;
  }

  #touches(slot: number, from: number, to: number): boolean {
    return this.spanStarts[slot]! < to && from < this.lasts[slot]! + this.gapUs;
  }

  #extend(slot: number, from: number, time: number): void {
    if (from < this.spanStarts[slot]!) this.spanStarts[slot] = from;
    if (time < this.starts[slot]!) this.starts[slot] = time;
    if (time > this.lasts[slot]!) this.lasts[slot] = time;
    this.rows[slot]! += 1;
    this.marks[slot >> CHUNK_SHIFT] = UNSAVED | TOUCHED;
    this.#used[slot] = 1;
  }

  #open(key: number, from: number, time: number): number {
    const slot = this.#take();
    this.keyOf[slot] = key;
    this.spanStarts[slot] = from;
    this.starts[slot] = time;
    this.lasts[slot] = time;
    this.rows[slot] = 1;
    this.#link(slot, key);
    this.marks[slot >> CHUNK_SHIFT] = UNSAVED | TOUCHED;
    this.#used[slot] = 1;
    this.defer(slot, this.end(slot));
    return slot;
  }

  /** Asks for the session again when the watermark has reached `end`. */
  defer(slot: number, end: number): void {
    this.#heapEnds[slot] = end;
    this.#ends.push(slot, end);
  }

  /** A session of this partition that has ended by `time`, −1 when there is none. It is asked for once, unless deferred. */
  takeEnded(time: number): number {
    while (this.#ends.size > 0 && this.#ends.least <= time) {
      const slot = this.#ends.leastSlot;
      const current = this.#heapEnds[slot] === this.#ends.least;
      this.#ends.pop();
      if (!current || this.keyOf[slot]! < 0) continue;
      this.#heapEnds[slot] = NaN;
      const end = this.end(slot);
      if (end <= time) return slot;
      this.defer(slot, end);
    }
    return -1;
  }

  /** Lower bound of the next end, +∞ when there is no session. */
  get nextEnd(): number {
    return this.#ends.least;
  }

  #take(): number {
    if (this.#freeUnknown) {
      this.#freeUnknown = false;
      this.#free = [];
      for (let slot = (this.chunks << CHUNK_SHIFT) - 1; slot >= 0; slot--) if (this.keyOf[slot]! < 0) this.#free.push(slot);
    }
    if (this.#free.length === 0) this.#addSlots(this.takeChunk());
    return this.#free.pop()!;
  }

  #addSlots(chunk: number): void {
    const first = chunk << CHUNK_SHIFT;
    const end = first + CHUNK_SLOTS;
    this.keyOf = grownInts(this.keyOf, end, -1);
    this.spanStarts = grownFloats(this.spanStarts, end);
    this.starts = grownFloats(this.starts, end);
    this.lasts = grownFloats(this.lasts, end);
    this.rows = grownFloats(this.rows, end);
    this.nexts = grownInts(this.nexts, end, -1);
    this.#heapEnds = grownFloats(this.#heapEnds, end, NaN);
    this.#used = grownBytes(this.#used, end);
    for (let slot = end - 1; slot >= first; slot--) this.#free.push(slot);
  }

  #link(slot: number, key: number): void {
    this.heads = grownInts(this.heads, Math.max(key + 1, this.keys.size), -1);
    if (this.heads[key]! < 0) this.#liveKeys++;
    this.nexts[slot] = this.heads[key]!;
    this.heads[key] = slot;
    this.live++;
  }

  /** `other`'s rows into `slot`, which is earlier. */
  #join(slot: number, other: number): void {
    one[0] = slot;
    two[0] = other;
    for (const state of this.states) state.combine(one, state, two, 1);
    this.spanStarts[slot] = Math.min(this.spanStarts[slot]!, this.spanStarts[other]!);
    this.starts[slot] = Math.min(this.starts[slot]!, this.starts[other]!);
    this.lasts[slot] = Math.max(this.lasts[slot]!, this.lasts[other]!);
    this.rows[slot]! += this.rows[other]!;
    this.#release(other);
    this.marks[slot >> CHUNK_SHIFT] = UNSAVED | TOUCHED;
  }

  /** The session is closed, or joined into another. */
  free(slot: number): void {
    this.#release(slot);
    if (this.keys.size - this.#liveKeys > DEAD_KEYS && this.#liveKeys * 2 < this.keys.size) this.#renew();
  }

  #release(slot: number): void {
    const key = this.keyOf[slot]!;
    if (this.heads[key] === slot) this.heads[key] = this.nexts[slot]!;
    else {
      let before = this.heads[key]!;
      while (this.nexts[before] !== slot) before = this.nexts[before]!;
      this.nexts[before] = this.nexts[slot]!;
    }
    if (this.heads[key]! < 0) this.#liveKeys--;
    one[0] = slot;
    this.clear(one, 1);
    this.keyOf[slot] = -1;
    this.nexts[slot] = -1;
    this.rows[slot] = 0;
    this.#used[slot] = 0;
    this.live--;
    this.#free.push(slot);
    this.marks[slot >> CHUNK_SHIFT]! |= UNSAVED;
  }

  /** Touched since the last call; forgets it. */
  takeTouched(visit: (slot: number) => void): void {
    for (let chunk = 0; chunk < this.chunks; chunk++) {
      if ((this.marks[chunk]! & TOUCHED) === 0) continue;
      this.marks[chunk]! &= ~TOUCHED;
      for (let slot = chunk << CHUNK_SHIFT; slot < (chunk + 1) << CHUNK_SHIFT; slot++) {
        if (this.#used[slot] !== 1) continue;
        this.#used[slot] = 0;
        visit(slot);
      }
    }
  }

  isTouched(slot: number): boolean {
    return this.#used[slot] === 1;
  }

  #renew(): void {
    const old = this.keys;
    const keys = new KeyTable(old.types);
    const heads = new Int32Array(this.#liveKeys + 64).fill(-1);
    for (let key = 0; key < old.size; key++) {
      const head = this.heads[key] ?? -1;
      if (head < 0) continue;
      const renamed = keys.dictionary.adopt(old.dictionary, key);
      heads[renamed] = head;
      for (let slot = head; slot >= 0; slot = this.nexts[slot]!) this.keyOf[slot] = renamed;
    }
    this.keys = keys;
    this.heads = heads;
  }

  snapshot(out: SnapshotOut, writer: PieceWriter): void {
    for (let chunk = 0; chunk < this.chunks; chunk++) {
      if ((this.marks[chunk]! & UNSAVED) === 0) continue;
      this.marks[chunk]! &= ~UNSAVED;
      const slots: number[] = [];
      for (let slot = chunk << CHUNK_SHIFT; slot < (chunk + 1) << CHUNK_SHIFT; slot++) if (this.keyOf[slot]! >= 0) slots.push(slot);
      if (slots.length === 0) {
        if (this.#saved.delete(chunk)) out.delete(String(chunk));
        continue;
      }
      writer.begin();
      writer.i32(slots.length);
      for (const slot of slots) {
        writer.i32(slot);
        writer.text(this.keys.dictionary, this.keyOf[slot]!);
        writer.f64(this.spanStarts[slot]!);
        writer.f64(this.starts[slot]!);
        writer.f64(this.lasts[slot]!);
        writer.f64(this.rows[slot]!);
      }
      const list = Int32Array.from(slots);
      for (const state of this.states) state.write(list, list.length, writer);
      this.#saved.add(chunk);
      out.put(String(chunk), writer.take());
    }
  }

  /** Pieces come in any order, each once, before the first row. */
  restore(piece: string, bytes: Uint8Array): void {
    while (this.chunks <= Number(piece)) this.#addSlots(this.takeChunk());
    const reader = new PieceReader(bytes);
    const slots = new Int32Array(reader.i32());
    for (let i = 0; i < slots.length; i++) {
      const slot = reader.i32();
      slots[i] = slot;
      this.keyOf[slot] = reader.text(this.keys.dictionary);
      this.spanStarts[slot] = reader.f64();
      this.starts[slot] = reader.f64();
      this.lasts[slot] = reader.f64();
      this.rows[slot] = reader.f64();
      this.#link(slot, this.keyOf[slot]!);
      this.defer(slot, this.end(slot));
    }
    for (const state of this.states) state.read(slots, slots.length, reader);
    this.#freeUnknown = true;
    this.#saved.add(Number(piece));
  }

  override bytes(): number {
    const perSlot = this.spanStarts.byteLength * 4 + this.keyOf.byteLength * 2 + this.#used.byteLength;
    return super.bytes() + perSlot + this.heads.byteLength + this.#free.length * 8 + this.#ends.bytes();
  }
}

const one = new Int32Array(1);
const two = new Int32Array(1);
