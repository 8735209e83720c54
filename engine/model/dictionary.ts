/**
 * Texts of one generation, interned to small dense ids (0, 1, 2 …; −1 is NULL everywhere).
 * Ids mean nothing outside this object: they never leave a worker and never enter a checkpoint. A state that sees
 * another dictionary than its own rebases its ids first (`mapFrom`); the old dictionary then becomes garbage.
 * Texts are kept as UTF-8 bytes in one arena; strings are made late and cached.
 */
export class Dictionary {
  #arena = new Uint8Array(4096);
  #arenaEnd = 0;
  #starts = new Int32Array(257);
  #hashes = new Int32Array(256);
  #size = 0;
  #table = new Int32Array(512).fill(-1);
  #strings: (string | undefined)[] = [];

  get size(): number {
    return this.#size;
  }

  /** Id of the UTF-8 text bytes[from, to); `hash` is `hashBytes` of the same range. */
  intern(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const mask = this.#table.length - 1;
    let probe = (hash ^ (hash >>> 15)) & mask;
    const length = to - from;
    for (;;) {
      const id = this.#table[probe]!;
      if (id < 0) break;
      if (this.#hashes[id] === hash && this.#matches(id, bytes, from, length)) return id;
      probe = (probe + 1) & mask;
    }
    return this.#add(bytes, from, to, hash, probe);
  }

  internText(text: string): number {
    const bytes = encodeUtf8(text);
    return this.intern(bytes, 0, bytes.length, hashBytes(bytes, 0, bytes.length));
  }

  /** Id of a text, or −1 when it was never interned. */
  find(text: string): number {
    const bytes = encodeUtf8(text);
    const hash = hashBytes(bytes, 0, bytes.length);
    const mask = this.#table.length - 1;
    let probe = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const id = this.#table[probe]!;
      if (id < 0) return -1;
      if (this.#hashes[id] === hash && this.#matches(id, bytes, 0, bytes.length)) return id;
      probe = (probe + 1) & mask;
    }
  }

  string(id: number): string {
    let text = this.#strings[id];
    if (text === undefined) {
      text = decodeUtf8(this.#arena, this.#starts[id]!, this.#starts[id + 1]!);
      this.#strings[id] = text;
    }
    return text;
  }

  /** The UTF-8 bytes of a text. A view: valid until the next intern. */
  bytesOf(id: number): Uint8Array {
    return this.#arena.subarray(this.#starts[id]!, this.#starts[id + 1]!);
  }

  byteLength(id: number): number {
    return this.#starts[id + 1]! - this.#starts[id]!;
  }

  hashOf(id: number): number {
    return this.#hashes[id]!;
  }

  /** Order of the UTF-8 bytes (X3). */
  compare(a: number, b: number): number {
    if (a === b) return 0;
    const arena = this.#arena;
    let i = this.#starts[a]!;
    let j = this.#starts[b]!;
    const iEnd = this.#starts[a + 1]!;
    const jEnd = this.#starts[b + 1]!;
    while (i < iEnd && j < jEnd) {
      const difference = arena[i++]! - arena[j++]!;
      if (difference !== 0) return difference;
    }
    return iEnd - i - (jEnd - j);
  }

  /** Translation table from another dictionary's ids to ids of this one; every text of `other` is interned here. */
  mapFrom(other: Dictionary): Int32Array {
    const map = new Int32Array(other.size);
    for (let id = 0; id < map.length; id++) map[id] = this.adopt(other, id);
    return map;
  }

  /** Id here of one text of another dictionary. */
  adopt(other: Dictionary, id: number): number {
    if (id < 0) return -1;
    return this.intern(other.#arena, other.#starts[id]!, other.#starts[id + 1]!, other.#hashes[id]!);
  }

  /** Memory held, for W5. */
  bytes(): number {
    return this.#arena.length + this.#starts.byteLength + this.#hashes.byteLength + this.#table.byteLength;
  }

  #matches(id: number, bytes: Uint8Array, from: number, length: number): boolean {
    const start = this.#starts[id]!;
    if (this.#starts[id + 1]! - start !== length) return false;
    const arena = this.#arena;
    for (let i = 0; i < length; i++) if (arena[start + i] !== bytes[from + i]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number, probe: number): number {
    const id = this.#size;
    const length = to - from;
    if (this.#arenaEnd + length > this.#arena.length) {
      const grown = new Uint8Array(Math.max(this.#arena.length * 2, this.#arenaEnd + length));
      grown.set(this.#arena.subarray(0, this.#arenaEnd));
      // `bytes` may be this very arena (adopt from self is never needed, so only the copy matters)
      this.#arena = grown;
    }
    if (id + 1 >= this.#starts.length) {
      const starts = new Int32Array(this.#starts.length * 2);
      starts.set(this.#starts);
      this.#starts = starts;
    }
    if (id >= this.#hashes.length) {
      const hashes = new Int32Array(this.#hashes.length * 2);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    if (length <= 32) for (let i = 0; i < length; i++) this.#arena[this.#arenaEnd + i] = bytes[from + i]!;
    else this.#arena.set(bytes.subarray(from, to), this.#arenaEnd);
    this.#arenaEnd += length;
    this.#starts[id + 1] = this.#arenaEnd;
    this.#hashes[id] = hash;
    this.#table[probe] = id;
    this.#size = id + 1;
    if (this.#size * 2 > this.#table.length) this.#grow();
    return id;
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2).fill(-1);
    const mask = table.length - 1;
    for (let id = 0; id < this.#size; id++) {
      const hash = this.#hashes[id]!;
      let probe = (hash ^ (hash >>> 15)) & mask;
      while (table[probe]! >= 0) probe = (probe + 1) & mask;
      table[probe] = id;
    }
    this.#table = table;
  }
}

/** h·31 + byte over [from, to), 32 bits. Decoders compute the same value while they scan. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  return hash;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Valid UTF-8 in, text out; short ASCII texts are made without the decoder's call cost. */
export function decodeUtf8(bytes: Uint8Array, from: number, to: number): string {
  if (to - from <= 24) {
    let text = '';
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      if (byte >= 0x80) return decoder.decode(bytes.subarray(from, to));
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decoder.decode(bytes.subarray(from, to));
}
