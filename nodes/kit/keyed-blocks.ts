import type { SnapshotOut } from '../../engine/stream/operator.ts';
import { PieceReader, PieceWriter } from './piece-io.ts';

/** How the state of one key is written and read, and when it ends. */
export interface KeyedCodec<V> {
  write(value: V, out: PieceWriter): void;
  read(input: PieceReader): V;
  /** event time, µs, after which the key is forgotten: watermark > expiry */
  expiry(value: V): number;
  /** memory of the value, estimated */
  bytes(value: V): number;
}

export interface Entry<V> {
  readonly key: string;
  readonly slot: number;
  readonly value: V;
  /** where the sweep will meet it */
  span: number;
}

const BLOCK = 256;
const PREFIX = 'keys/';
const ENTRY_BYTES = 120;

/**
 * State by key that ends in event time. Keys live in blocks of 256 slots; a snapshot writes the blocks in which something changed.
 * Slots are an address only: no result depends on them.
 */
export class KeyedBlocks<V> {
  #codec: KeyedCodec<V>;
  #entries = new Map<string, Entry<V>>();
  #slots: (Entry<V> | undefined)[] = [];
  #free: number[] = [];
  #dirty = new Set<number>();
  #written = new Set<number>();
  /** keys by span of expiry; a key whose life was prolonged is moved when its old span comes up */
  #spans = new Map<number, string[]>();
  #spanUs: number;
  #bytes = 0;
  #writer = new PieceWriter();

  /** `lifeUs`: usual life of a key, which sets how finely keys are swept */
  constructor(codec: KeyedCodec<V>, lifeUs: number) {
    this.#codec = codec;
    this.#spanUs = Math.max(1_000_000, Math.ceil(lifeUs / 32));
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry<V> | undefined {
    return this.#entries.get(key);
  }

  values(): IterableIterator<Entry<V>> {
    return this.#entries.values();
  }

  add(key: string, value: V): Entry<V> {
    const slot = this.#free.pop() ?? this.#slots.length;
    return this.#put({ key, slot, value, span: -Infinity });
  }

  /** The value was changed in place; `grown` is the change of its size in bytes. */
  changed(entry: Entry<V>, grown: number): void {
    this.#bytes += grown;
    this.#dirty.add(Math.floor(entry.slot / BLOCK));
  }

  delete(entry: Entry<V>): void {
    this.#entries.delete(entry.key);
    this.#slots[entry.slot] = undefined;
    this.#free.push(entry.slot);
    this.changed(entry, -(ENTRY_BYTES + entry.key.length + this.#codec.bytes(entry.value)));
  }

  /** Forgets every key whose expiry < watermark. */
  expire(watermark: number): void {
    for (const [span, keys] of this.#spans) {
      if (span * this.#spanUs >= watermark) continue;
      this.#spans.delete(span);
      for (const key of keys) {
        const entry = this.#entries.get(key);
        // a key that went and came back stands in the list of its former life too
        if (entry === undefined || entry.span !== span) continue;
        if (this.#codec.expiry(entry.value) < watermark) this.delete(entry);
        else this.#schedule(entry, span);
      }
    }
  }

  bytes(): number {
    return this.#bytes;
  }

  snapshot(out: SnapshotOut): void {
    const puts: number[] = [];
    for (const block of this.#dirty) {
      if (this.#slots.slice(block * BLOCK, (block + 1) * BLOCK).some((entry) => entry !== undefined)) puts.push(block);
      else if (this.#written.delete(block)) out.delete(`${PREFIX}${block}`);
    }
    for (const block of puts) {
      for (let slot = block * BLOCK; slot < Math.min((block + 1) * BLOCK, this.#slots.length); slot++) {
        const entry = this.#slots[slot];
        if (entry === undefined) continue;
        this.#writer.u32(slot);
        this.#writer.text(entry.key);
        this.#codec.write(entry.value, this.#writer);
      }
      out.put(`${PREFIX}${block}`, this.#writer.take());
      this.#written.add(block);
    }
    this.#dirty.clear();
  }

  /** False: not a piece of this state. */
  restore(key: string, bytes: Uint8Array): boolean {
    if (!key.startsWith(PREFIX)) return false;
    const block = Number(key.slice(PREFIX.length));
    const input = new PieceReader(bytes);
    while (!input.done) this.#put({ slot: input.u32(), key: input.text(), value: this.#codec.read(input), span: -Infinity });
    this.#dirty.delete(block);
    this.#written.add(block);
    return true;
  }

  /** After the last piece: slots between restored ones are free. */
  settle(): void {
    this.#free = [];
    for (let slot = this.#slots.length - 1; slot >= 0; slot--) if (this.#slots[slot] === undefined) this.#free.push(slot);
  }

  #put(entry: Entry<V>): Entry<V> {
    while (this.#slots.length <= entry.slot) this.#slots.push(undefined);
    this.#slots[entry.slot] = entry;
    this.#entries.set(entry.key, entry);
    this.changed(entry, ENTRY_BYTES + entry.key.length + this.#codec.bytes(entry.value));
    this.#schedule(entry, -Infinity);
    return entry;
  }

  /** Into the span in which the expiry lies, but never into one that has just been swept. */
  #schedule(entry: Entry<V>, after: number): void {
    const span = Math.max(Math.floor(this.#codec.expiry(entry.value) / this.#spanUs), after + 1);
    entry.span = span;
    const keys = this.#spans.get(span);
    if (keys === undefined) this.#spans.set(span, [entry.key]);
    else keys.push(entry.key);
  }
}
