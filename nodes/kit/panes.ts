import { must } from '../../engine/model/assert.ts';
import type { Type } from '../../engine/model/type.ts';
import type { AggregateState } from '../../engine/stream/aggregate.ts';
import type { SnapshotOut } from '../../engine/stream/operator.ts';
import { PieceReader, type PieceWriter } from './byte-io.ts';
import { grownInts } from './growing.ts';
import { KeyTable } from './keys.ts';
import { CHUNK_SHIFT, CHUNK_SLOTS, SlotStore, TOUCHED, UNSAVED } from './slot-store.ts';
import type { WindowGeometry } from './window-geometry.ts';

/** Above so many keys a pane that holds few of them finds them by hash instead of by an array over all keys. */
const DENSE_KEYS = 16_384;
/** Key tables with fewer dead keys are left alone. */
const DEAD_KEYS = 4096;

/** The rows of one partition in [start, end), by key. Entry i has keys[i] and slots[i]; entries of chunk c are c × 256 … */
export class Pane {
  readonly start: number;
  readonly end: number;
  /** end of the first and the last window that contains this pane, µs; a row is late when the first has ended (T3) */
  readonly firstEnd: number;
  readonly lastEnd: number;
  keys = new Int32Array(64);
  slots = new Int32Array(64);
  count = 0;
  rows = 0;
  readonly chunks: number[] = [];
  /** slot by key, −1 = none; empty when keys are found by hash */
  dense = new Int32Array(0);
  /** entry by key, open addressing over keys; −1 free */
  table: Int32Array | undefined;

  constructor(start: number, geometry: WindowGeometry) {
    this.start = start;
    this.end = start + geometry.paneUs;
    this.firstEnd = geometry.firstEnd(start);
    this.lastEnd = geometry.lastEnd(start);
  }

  /** −1 when the pane has no entry of this key */
  find(key: number): number {
    if (this.table === undefined) return key < this.dense.length ? this.dense[key]! : -1;
    const mask = this.table.length - 1;
    for (let probe = Math.imul(key, 0x9e3779b1) & mask; ; probe = (probe + 1) & mask) {
      const entry = this.table[probe]!;
      if (entry < 0) return -1;
      if (this.keys[entry] === key) return this.slots[entry]!;
    }
  }

  index(entry: number, allKeys: number): void {
    const key = this.keys[entry]!;
    if (this.table === undefined) {
      if (key < this.dense.length || allKeys <= DENSE_KEYS || this.count * 8 >= allKeys) {
        this.dense = grownInts(this.dense, key + 1, -1);
        this.dense[key] = this.slots[entry]!;
        return;
      }
      this.dense = new Int32Array(0);
      this.#rehash(512);
      return;
    }
    if (this.count * 2 > this.table.length) {
      if (this.count * 8 >= allKeys) {
        this.table = undefined;
        this.dense = new Int32Array(allKeys + (allKeys >> 2)).fill(-1);
        for (let i = 0; i < this.count; i++) this.dense[this.keys[i]!] = this.slots[i]!;
      } else this.#rehash(this.table.length * 2);
      return;
    }
    this.#put(entry);
  }

  #rehash(length: number): void {
    while (length < this.count * 2) length *= 2;
    this.table = new Int32Array(length).fill(-1);
    for (let entry = 0; entry < this.count; entry++) this.#put(entry);
  }

  #put(entry: number): void {
    const table = this.table!;
    const mask = table.length - 1;
    let probe = Math.imul(this.keys[entry]!, 0x9e3779b1) & mask;
    while (table[probe]! >= 0) probe = (probe + 1) & mask;
    table[probe] = entry;
  }

  reindex(allKeys: number): void {
    this.dense = new Int32Array(0);
    this.table = undefined;
    const all = this.count;
    for (this.count = 0; this.count < all;) {
      this.count++;
      this.index(this.count - 1, allKeys);
    }
  }

  bytes(): number {
    return (this.keys.length + this.slots.length + this.dense.length + (this.table?.length ?? 0)) * 4 + 200;
  }
}

/** All panes of one partition that some open window still needs. */
export class PaneStore extends SlotStore {
  readonly panes = new Map<number, Pane>();
  readonly geometry: WindowGeometry;
  /** entries of all panes by key: a key without entries is dead */
  #uses = new Int32Array(0);
  #live = 0;
  /** pieces that stand in the checkpoint but no longer here */
  #gone: string[] = [];
  readonly #saved = new Set<string>();

  constructor(geometry: WindowGeometry, keyTypes: readonly Type[], create: readonly (() => AggregateState)[]) {
    super(keyTypes, create);
    this.geometry = geometry;
  }

  pane(time: number): Pane {
    const start = this.geometry.paneStart(time);
    let pane = this.panes.get(start);
    if (pane === undefined) {
      pane = new Pane(start, this.geometry);
      this.panes.set(start, pane);
    }
    return pane;
  }

  /** The slot of a key in a pane, made when there is none. */
  slot(pane: Pane, key: number): number {
    const found = pane.find(key);
    return found >= 0 ? found : this.#add(pane, key);
  }

  #add(pane: Pane, key: number): number {
    const entry = pane.count;
    if (entry >> CHUNK_SHIFT >= pane.chunks.length) pane.chunks.push(this.takeChunk());
    const slot = (pane.chunks[entry >> CHUNK_SHIFT]! << CHUNK_SHIFT) + (entry & (CHUNK_SLOTS - 1));
    pane.keys = grownInts(pane.keys, entry + 1);
    pane.slots = grownInts(pane.slots, entry + 1);
    pane.keys[entry] = key;
    pane.slots[entry] = slot;
    pane.count++;
    pane.index(entry, this.keys.size);
    this.#use(key);
    return slot;
  }

  #use(key: number): void {
    this.#uses = grownInts(this.#uses, this.keys.size);
    if (this.#uses[key] === 0) this.#live++;
    this.#uses[key]! += 1;
  }

  /** No open window needs the pane any more: its slots are cleared, and with the last pane of a key the key goes (W5). */
  free(pane: Pane): void {
    this.clear(pane.slots, pane.count);
    for (let i = 0; i < pane.count; i++) {
      const left = this.#uses[pane.keys[i]!]! - 1;
      this.#uses[pane.keys[i]!] = left;
      if (left === 0) this.#live--;
    }
    pane.chunks.forEach((chunk, c) => {
      this.giveChunk(chunk);
      const piece = pieceKey(pane.start, c);
      if (this.#saved.delete(piece)) this.#gone.push(piece);
    });
    this.panes.delete(pane.start);
    const dead = this.keys.size - this.#live;
    if (dead > DEAD_KEYS && dead * 2 > this.keys.size) this.#renew();
  }

  /** A key table with the living keys only. */
  #renew(): void {
    const old = this.keys;
    const keys = new KeyTable(old.types);
    const map = new Int32Array(old.size).fill(-1);
    for (let key = 0; key < old.size; key++) if ((this.#uses[key] ?? 0) > 0) map[key] = keys.dictionary.adopt(old.dictionary, key);
    this.keys = keys;
    this.#uses = new Int32Array(keys.size);
    for (const pane of this.panes.values()) {
      for (let i = 0; i < pane.count; i++) {
        pane.keys[i] = map[pane.keys[i]!]!;
        this.#uses[pane.keys[i]!]! += 1;
      }
      pane.reindex(keys.size);
    }
  }

  /** keys that some pane holds */
  get liveKeys(): number {
    return this.#live;
  }

  snapshot(out: SnapshotOut, writer: PieceWriter): void {
    for (const piece of this.#gone) out.delete(piece);
    this.#gone = [];
    for (const pane of this.panes.values()) {
      pane.chunks.forEach((chunk, c) => {
        if ((this.marks[chunk]! & UNSAVED) === 0) return;
        this.marks[chunk]! &= ~UNSAVED;
        const from = c * CHUNK_SLOTS;
        const count = Math.min(CHUNK_SLOTS, pane.count - from);
        const piece = pieceKey(pane.start, c);
        writer.begin();
        writer.f64(c === 0 ? pane.rows : 0);
        writer.i32(count);
        for (let i = 0; i < count; i++) writer.text(this.keys.dictionary, pane.keys[from + i]!);
        const slots = pane.slots.subarray(from, from + count);
        for (const state of this.states) state.write(slots, count, writer);
        this.#saved.add(piece);
        out.put(piece, writer.take());
      });
    }
  }

  restore(piece: string, bytes: Uint8Array): void {
    const slash = piece.indexOf('/');
    const pane = this.pane(Number(piece.slice(0, slash)));
    const c = Number(piece.slice(slash + 1));
    const reader = new PieceReader(bytes);
    pane.rows += reader.f64();
    const count = reader.i32();
    const from = c * CHUNK_SLOTS;
    // pieces come in any order; when all are there, every chunk but the last is full
    const chunk = this.takeChunk();
    pane.chunks[c] = chunk;
    pane.count = Math.max(pane.count, from + count);
    pane.keys = grownInts(pane.keys, pane.count);
    pane.slots = grownInts(pane.slots, pane.count);
    for (let i = 0; i < count; i++) {
      const key = reader.text(this.keys.dictionary);
      pane.keys[from + i] = key;
      pane.slots[from + i] = (chunk << CHUNK_SHIFT) + i;
      this.#use(key);
      pane.dense = grownInts(pane.dense, key + 1, -1);
      pane.dense[key] = pane.slots[from + i]!;
    }
    const slots = pane.slots.subarray(from, from + count);
    for (const state of this.states) state.read(slots, count, reader);
    must(reader.done ? true : undefined, `piece ${piece} was read whole`);
    this.marks[chunk] = TOUCHED;
    this.#saved.add(piece);
  }

  override bytes(): number {
    let bytes = super.bytes() + this.#uses.byteLength + this.#saved.size * 64;
    for (const pane of this.panes.values()) bytes += pane.bytes();
    return bytes;
  }
}

function pieceKey(start: number, chunk: number): string {
  return `${start}/${chunk}`;
}
