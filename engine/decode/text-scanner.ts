import { decodeUtf8, type Dictionary } from '../model/dictionary.ts';
import type { Check } from './shape.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const UNSURE = -1;

/** Strings of JSON texts, in place: where they end, that they are valid (V1), and their ids. Positions as in Scanner; open to the scanner that `shapedScan` writes. */
export class TextScanner {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** readable bytes */
  limit = 0;
  /** end of the message */
  end = 0;
  /** position behind the closing quote of the last interned string */
  after = 0;
  /** the last string that `slow` went through, unescaped, as UTF-8 */
  #scratch = new Uint8Array(256);
  #scratchEnd = 0;
  #codePoints = 0;

  take(bytes: Uint8Array): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limit = bytes.length;
  }

  /** Position behind the closing quote of the string that starts at `start`. Four bytes at a time. */
  string(start: number): number {
    const view = this.view;
    const end = this.end;
    let at = start;
    while (at < end) {
      const word = view.getInt32(at, true);
      const quotes = word ^ 0x22222222;
      const escapes = word ^ 0x5c5c5c5c;
      // the lowest marked byte is a control character, a quote, a backslash or not ASCII; marks above it may be wrong
      const marks = ((word - 0x20202020) | (quotes - 0x01010101) | (escapes - 0x01010101) | word) & 0x80808080;
      if (marks === 0) {
        at += 4;
        continue;
      }
      at += (31 - Math.clz32(marks & -marks)) >> 3;
      return this.bytes[at] === QUOTE ? (at < end ? at + 1 : UNSURE) : this.slow(start);
    }
    return UNSURE;
  }

  /** Id of the string that starts at `start`, and `after`; −1: unsure. */
  intern(dictionary: Dictionary, start: number): number {
    const bytes = this.bytes;
    const end = this.end;
    let hash = 0;
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.after = at + 1;
        return dictionary.intern(bytes, start, at, hash);
      }
      if (byte === BACKSLASH || byte < 0x20 || byte >= 0x80) return this.#internSlow(dictionary, start);
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    return UNSURE;
  }

  #internSlow(dictionary: Dictionary, start: number): number {
    const after = this.slow(start);
    if (after < 0) return UNSURE;
    this.after = after;
    const scratch = this.#scratch;
    const length = this.#scratchEnd;
    let hash = 0;
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + scratch[i]!) | 0;
    return dictionary.intern(scratch, 0, length, hash);
  }

  /** The limits on a text that stands, known to be valid, in [start, to). */
  fits(check: Check, start: number, to: number): boolean {
    const rawLength = to - start;
    // a code point takes 1 to 12 bytes ("\ud83d\ude00"), so most texts need no counting
    if (rawLength > check.maxLength || rawLength < check.minLength * 12) {
      if (this.slow(start) < 0) return false;
      if (this.#codePoints > check.maxLength || this.#codePoints < check.minLength) return false;
    }
    if (check.options !== undefined && !this.#isOption(check.options, start, rawLength)) return false;
    if (check.isUuid && !this.#isUuid(start, rawLength)) return false;
    if (check.test !== undefined) {
      if (this.slow(start) < 0 || !check.test(decodeUtf8(this.#scratch, 0, this.#scratchEnd))) return false;
    }
    return true;
  }

  #isOption(options: readonly Uint8Array[], start: number, length: number): boolean {
    const bytes = this.bytes;
    next: for (let i = 0; i < options.length; i++) {
      const option = options[i]!;
      if (option.length !== length) continue;
      for (let k = 0; k < length; k++) if (bytes[start + k] !== option[k]) continue next;
      // an option that holds a backslash is written with an escape, so it is never met like this
      return option.indexOf(BACKSLASH) < 0;
    }
    return false;
  }

  #isUuid(start: number, length: number): boolean {
    if (length !== 36) return false;
    for (let i = 0; i < 36; i++) {
      const byte = this.bytes[start + i]!;
      if (i === 8 || i === 13 || i === 18 || i === 23 ? byte !== 0x2d : hexValue(byte) < 0) return false;
    }
    return true;
  }

  /** Byte by byte: UTF-8, escapes, surrogate pairs; leaves the unescaped text in #scratch. */
  slow(start: number): number {
    const bytes = this.bytes;
    const end = this.end;
    if (this.#scratch.length < end - start) this.#scratch = new Uint8Array(end - start);
    const scratch = this.#scratch;
    let at = start;
    let to = 0;
    let codePoints = 0;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.#scratchEnd = to;
        this.#codePoints = codePoints;
        return at + 1;
      }
      if (byte < 0x20) return UNSURE;
      codePoints++;
      if (byte === BACKSLASH) {
        const escape = bytes[at + 1]!;
        if (escape !== 0x75) {
          const plain = unescaped(escape);
          if (plain === 0) return UNSURE;
          scratch[to++] = plain;
          at += 2;
          continue;
        }
        let code = hex4(bytes, at + 2);
        at += 6;
        if (code <= 0 || (code >= 0xdc00 && code < 0xe000)) return UNSURE;
        if (code >= 0xd800 && code < 0xdc00) {
          const low = bytes[at] === BACKSLASH && bytes[at + 1] === 0x75 ? hex4(bytes, at + 2) : -1;
          if (low < 0xdc00 || low >= 0xe000) return UNSURE;
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          at += 6;
        }
        to = putUtf8(scratch, to, code);
      } else if (byte < 0x80) {
        scratch[to++] = byte;
        at++;
      } else {
        const length = sequenceLength(bytes, at);
        if (length === 0 || at + length > end) return UNSURE;
        for (let i = 0; i < length; i++) scratch[to++] = bytes[at + i]!;
        at += length;
      }
    }
    return UNSURE;
  }
}

function unescaped(escape: number): number {
  switch (escape) {
    case 0x22:
    case 0x5c:
    case 0x2f:
      return escape;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    default:
      return 0;
  }
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** four hexadecimal digits, negative when they are none */
function hex4(bytes: Uint8Array, at: number): number {
  const a = hexValue(bytes[at]!);
  const b = hexValue(bytes[at + 1]!);
  const c = hexValue(bytes[at + 2]!);
  const d = hexValue(bytes[at + 3]!);
  return (a | b | c | d) < 0 ? -1 : (a << 12) | (b << 8) | (c << 4) | d;
}

/** Length of the valid UTF-8 sequence at a byte ≥ 0x80 (no overlong forms, no surrogates, up to U+10FFFF); 0: invalid. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const second = bytes[at + 1]!;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return (second & 0xc0) === 0x80 ? 2 : 0;
  const isThird = (bytes[at + 2]! & 0xc0) === 0x80;
  if (lead < 0xf0) {
    const least = lead === 0xe0 ? 0xa0 : 0x80;
    const most = lead === 0xed ? 0x9f : 0xbf;
    return second >= least && second <= most && isThird ? 3 : 0;
  }
  const least = lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xf4 ? 0x8f : 0xbf;
  return second >= least && second <= most && isThird && (bytes[at + 3]! & 0xc0) === 0x80 ? 4 : 0;
}

function putUtf8(into: Uint8Array, at: number, code: number): number {
  if (code < 0x80) into[at++] = code;
  else if (code < 0x800) {
    into[at++] = 0xc0 | (code >> 6);
    into[at++] = 0x80 | (code & 0x3f);
  } else if (code < 0x10000) {
    into[at++] = 0xe0 | (code >> 12);
    into[at++] = 0x80 | ((code >> 6) & 0x3f);
    into[at++] = 0x80 | (code & 0x3f);
  } else {
    into[at++] = 0xf0 | (code >> 18);
    into[at++] = 0x80 | ((code >> 12) & 0x3f);
    into[at++] = 0x80 | ((code >> 6) & 0x3f);
    into[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
