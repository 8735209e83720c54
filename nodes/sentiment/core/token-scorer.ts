import type { Lexicon } from './lexicon.ts';
import { lowerWordCharacter, putUtf8 } from './word-character.ts';

const SEPARATOR = 0;
/** beyond ASCII, or a JSON escape: the token is read code point by code point */
const SLOW = 1;
const APOSTROPHE = 2;
const QUOTE = 0x27;
const CURLY_QUOTE = 0x2019;
const BACKSLASH = 0x5c;

/** byte → class, or the lower-cased byte of an ASCII letter or digit (≥ 0x30) */
const PLAIN = byteClasses(false);
const ESCAPED = byteClasses(true);
const IDENTITY = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));

/** [S1] Splits UTF-8 bytes into tokens and adds up the weights of those that the lexicon knows. No strings are made. */
export class TokenScorer {
  /** of the text scored last */
  tokens = 0;
  sum = 0;
  positiveSum = 0;
  negativeSum = 0;
  positiveWords = 0;
  negativeWords = 0;
  #lexicon: Lexicon;
  #negation: boolean;
  /** tokens still to be flipped */
  #flip = 0;
  #scratch = new Uint8Array(256);
  #codePoint = 0;

  constructor(lexicon: Lexicon, negation: boolean) {
    this.#lexicon = lexicon;
    this.#negation = negation;
  }

  /** bytes[from, to) is valid UTF-8; `escaped`: the body of a JSON string, whose escapes are read as what they stand for. */
  score(bytes: Uint8Array, from: number, to: number, escaped: boolean): void {
    this.tokens = 0;
    this.sum = 0;
    this.positiveSum = 0;
    this.negativeSum = 0;
    this.positiveWords = 0;
    this.negativeWords = 0;
    this.#flip = 0;
    const classes = escaped ? ESCAPED : PLAIN;
    const presence = this.#lexicon.presence;
    const negation = this.#negation;
    let tokens = 0;
    let at = from;
    while (at < to) {
      let kind = classes[bytes[at]!]!;
      if (kind <= APOSTROPHE) {
        at = kind === SLOW ? this.#slowToken(bytes, at, to, escaped) : at + 1;
        continue;
      }
      const start = at;
      let hash = 0;
      for (;;) {
        do {
          hash = (Math.imul(hash, 31) + kind) | 0;
          kind = ++at < to ? classes[bytes[at]!]! : SEPARATOR;
        } while (kind > APOSTROPHE);
        if (kind !== APOSTROPHE) break;
        kind = at + 1 < to ? classes[bytes[at + 1]!]! : SEPARATOR;
        if (kind <= APOSTROPHE) break;
        hash = (Math.imul(hash, 31) + QUOTE) | 0;
        at++;
      }
      if (kind === SLOW) {
        at = this.#slowToken(bytes, start, to, escaped);
        continue;
      }
      tokens++;
      if (negation || presence[hash & 0xffff] === 1) this.#count(hash, bytes, start, at, LOWER);
    }
    this.tokens += tokens;
  }

  /** A token from its first byte on, or one character that is none; returns where reading goes on. */
  #slowToken(bytes: Uint8Array, start: number, to: number, escaped: boolean): number {
    let at = start;
    let end = 0;
    while (at < to) {
      let after = this.#read(bytes, at, escaped);
      let lower = lowerWordCharacter(this.#codePoint);
      if (lower === 0) {
        if (end === 0) return after;
        if ((this.#codePoint !== QUOTE && this.#codePoint !== CURLY_QUOTE) || after >= to) break;
        after = this.#read(bytes, after, escaped);
        lower = lowerWordCharacter(this.#codePoint);
        if (lower === 0) break;
        this.#scratch[end++] = QUOTE;
      }
      end = putUtf8(this.#scratch, end, lower);
      if (end + 8 > this.#scratch.length) this.#grow();
      at = after;
    }
    const scratch = this.#scratch;
    let hash = 0;
    for (let i = 0; i < end; i++) hash = (Math.imul(hash, 31) + scratch[i]!) | 0;
    this.tokens++;
    if (this.#negation || this.#lexicon.presence[hash & 0xffff] === 1) this.#count(hash, scratch, 0, end, IDENTITY);
    return at;
  }

  #count(hash: number, bytes: Uint8Array, from: number, to: number, lower: Uint8Array): void {
    const word = this.#lexicon.presence[hash & 0xffff] === 1 ? this.#lexicon.find(hash, bytes, from, to, lower) : -1;
    let weight = word < 0 ? 0 : this.#lexicon.weights[word]!;
    if (this.#negation) {
      if (this.#flip > 0) {
        this.#flip--;
        weight = -weight;
      }
      if ((word >= 0 && this.#lexicon.negators[word] === 1) || endsInNot(bytes, from, to)) this.#flip = 3;
    }
    if (weight > 0) {
      this.positiveSum += weight;
      this.positiveWords++;
    } else if (weight < 0) {
      this.negativeSum -= weight;
      this.negativeWords++;
    } else return;
    this.sum += weight;
  }

  /** Reads one code point into #codePoint; returns the position behind it. */
  #read(bytes: Uint8Array, at: number, escaped: boolean): number {
    const first = bytes[at]!;
    if (first < 0x80) {
      if (first === BACKSLASH && escaped) return this.#readEscape(bytes, at);
      this.#codePoint = first;
      return at + 1;
    }
    const second = bytes[at + 1]! & 63;
    if (first < 0xe0) {
      this.#codePoint = ((first & 31) << 6) | second;
      return at + 2;
    }
    const third = bytes[at + 2]! & 63;
    if (first < 0xf0) {
      this.#codePoint = ((first & 15) << 12) | (second << 6) | third;
      return at + 3;
    }
    this.#codePoint = ((first & 7) << 18) | (second << 12) | (third << 6) | (bytes[at + 3]! & 63);
    return at + 4;
  }

  /** Every short escape stands for a separator; \uXXXX for its code point, surrogates in pairs (V1 admits no lone one). */
  #readEscape(bytes: Uint8Array, at: number): number {
    if (bytes[at + 1] !== 0x75) {
      this.#codePoint = 0x20;
      return at + 2;
    }
    const unit = hex4(bytes, at + 2);
    if (unit < 0xd800 || unit > 0xdbff) {
      this.#codePoint = unit;
      return at + 6;
    }
    this.#codePoint = 0x10000 + ((unit - 0xd800) << 10) + (hex4(bytes, at + 8) - 0xdc00);
    return at + 12;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#scratch.length * 2);
    grown.set(this.#scratch);
    this.#scratch = grown;
  }
}

function hex4(bytes: Uint8Array, at: number): number {
  return (hex(bytes[at]!) << 12) | (hex(bytes[at + 1]!) << 8) | (hex(bytes[at + 2]!) << 4) | hex(bytes[at + 3]!);
}

function hex(byte: number): number {
  return byte <= 0x39 ? byte - 0x30 : (byte & 15) + 9;
}

function endsInNot(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from > 3 && (bytes[to - 3]! | 0x20) === 0x6e && bytes[to - 2] === QUOTE && (bytes[to - 1]! | 0x20) === 0x74;
}

function byteClasses(escaped: boolean): Uint8Array {
  const classes = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    if (byte >= 0x30 && byte <= 0x39) classes[byte] = byte;
    else if ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)) classes[byte] = byte | 0x20;
    else if (byte >= 0x80 || (escaped && byte === BACKSLASH)) classes[byte] = SLOW;
    else classes[byte] = byte === QUOTE ? APOSTROPHE : SEPARATOR;
  }
  return classes;
}
