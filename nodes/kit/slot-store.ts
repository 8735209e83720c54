import type { AggregateState } from '../../engine/stream/aggregate.ts';
import { grownBytes } from './growing.ts';
import { KeyTable } from './keys.ts';
import type { Type } from '../../engine/model/type.ts';

/** Slots of one chunk are stored as one piece: a chunk is what a single change writes again. */
export const CHUNK_SLOTS = 256;
export const CHUNK_SHIFT = 8;

/** bits of `marks` */
export const UNSAVED = 1;
export const TOUCHED = 2;

/** Keys, aggregate states and the numbering of slots of one partition (or of one combination). */
export class SlotStore {
  keys: KeyTable;
  readonly states: readonly AggregateState[];
  /** per chunk: changed since the last snapshot, touched since the last interim rows */
  marks = new Uint8Array(0);
  #chunks = 0;
  #freeChunks: number[] = [];
  /** the buffer for a caller's selections of slots */
  #ramp = new Int32Array(0);

  constructor(keyTypes: readonly Type[], create: readonly (() => AggregateState)[]) {
    this.keys = new KeyTable(keyTypes);
    this.states = create.map((make) => make());
  }

  get chunks(): number {
    return this.#chunks;
  }

  takeChunk(): number {
    return this.#freeChunks.pop() ?? this.#addChunk();
  }

  /** `chunk` becomes one of the chunks in use; those before it become free. For restore, where pieces come in any order. */
  claimChunk(chunk: number): void {
    while (this.#chunks <= chunk) this.#freeChunks.push(this.#addChunk());
    const at = this.#freeChunks.indexOf(chunk);
    if (at >= 0) this.#freeChunks.splice(at, 1);
  }

  giveChunk(chunk: number): void {
    this.marks[chunk] = 0;
    this.#freeChunks.push(chunk);
  }

  #addChunk(): number {
    const chunk = this.#chunks++;
    this.marks = grownBytes(this.marks, this.#chunks);
    const slots = this.#chunks * CHUNK_SLOTS;
    // states double as they grow, so reserving chunk by chunk copies each slot a constant number of times
    for (const state of this.states) state.reserve(slots);
    return chunk;
  }

  clear(slots: Int32Array, count: number): void {
    for (const state of this.states) state.clear(slots, count);
  }

  /** at least `length` places; content is whatever the last caller left */
  buffer(length: number): Int32Array {
    if (this.#ramp.length < length) this.#ramp = new Int32Array(Math.max(length, 2048));
    return this.#ramp;
  }

  bytes(): number {
    let bytes = this.keys.bytes() + this.marks.byteLength;
    for (const state of this.states) bytes += state.bytes();
    return bytes;
  }
}
