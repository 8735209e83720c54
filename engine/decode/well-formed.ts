import { decodeUtf8 } from '../model/dictionary.ts';
import { MAX_DEPTH, MAX_KEYS } from './limits.ts';
import { Refusal, shortened } from './refusal.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * [V1][V3] Walks one JSON text of valid UTF-8 in document order and throws a Refusal at the first thing wrong: grammar, depth, key count,
 * duplicate key, lone surrogate, U+0000, a number beyond float64. What it lets pass, JSON.parse parses.
 * Afterwards `members` has the byte range of each value of the root object.
 */
export class WellFormed {
  readonly members = new Map<string, readonly [start: number, end: number]>();
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #from = 0;
  #end = 0;
  #depth = 0;
  #keys = 0;

  walk(bytes: Uint8Array, from: number, end: number): void {
    this.members.clear();
    this.#bytes = bytes;
    this.#at = from;
    this.#from = from;
    this.#end = end;
    this.#depth = 0;
    this.#keys = 0;
    this.#space();
    this.#value();
    this.#space();
    if (this.#at < end) throw this.#invalid('more follows after the value');
  }

  #invalid(what: string): Refusal {
    const shown = decodeUtf8(this.#bytes, this.#at, Math.min(this.#at + 24, this.#end)).replace(/\uFFFD+$/, '');
    const where = this.#at >= this.#end ? 'the message ends' : `before ${shortened(shown)}`;
    return new Refusal('invalid_json', `not valid JSON at byte ${this.#at - this.#from}, ${where}: ${what}`);
  }

  #peek(): number {
    return this.#at < this.#end ? this.#bytes[this.#at]! : -1;
  }

  #space(): void {
    for (;;) {
      const byte = this.#peek();
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at++;
    }
  }

  #value(): void {
    const byte = this.#peek();
    if (byte === 0x7b) this.#object();
    else if (byte === 0x5b) this.#array();
    else if (byte === QUOTE) this.#string();
    else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) this.#number();
    else if (byte === 0x74) this.#word('true');
    else if (byte === 0x66) this.#word('false');
    else if (byte === 0x6e) this.#word('null');
    else throw this.#invalid('a value is expected');
  }

  #word(word: string): void {
    for (let i = 0; i < word.length; i++) {
      if (this.#at + i >= this.#end || this.#bytes[this.#at + i] !== word.charCodeAt(i)) throw this.#invalid('a value is expected');
    }
    this.#at += word.length;
  }

  #deeper(): void {
    if (++this.#depth > MAX_DEPTH)
      throw new Refusal('too_deep', `nested deeper than ${MAX_DEPTH} levels, at byte ${this.#at - this.#from}`);
    this.#at++;
    this.#space();
  }

  #object(): void {
    this.#deeper();
    const isRoot = this.#depth === 1;
    const seen = new Set<string>();
    if (this.#peek() === 0x7d) {
      this.#at++;
      this.#depth--;
      return;
    }
    for (;;) {
      if (this.#peek() !== QUOTE) throw this.#invalid('a key in double quotes is expected');
      const key = this.#string();
      if (++this.#keys > MAX_KEYS) throw new Refusal('too_many_keys', `more than ${MAX_KEYS} keys in one message`);
      if (seen.has(key)) throw new Refusal('duplicate_key', `the key ${shortened(key)} stands twice in one object`);
      seen.add(key);
      this.#space();
      if (this.#peek() !== 0x3a) throw this.#invalid('a colon is expected');
      this.#at++;
      this.#space();
      const start = this.#at;
      this.#value();
      if (isRoot) this.members.set(key, [start, this.#at]);
      this.#space();
      const byte = this.#peek();
      if (byte === 0x7d) break;
      if (byte !== 0x2c) throw this.#invalid('a comma or } is expected');
      this.#at++;
      this.#space();
    }
    this.#at++;
    this.#depth--;
  }

  #array(): void {
    this.#deeper();
    if (this.#peek() === 0x5d) {
      this.#at++;
      this.#depth--;
      return;
    }
    for (;;) {
      this.#value();
      this.#space();
      const byte = this.#peek();
      if (byte === 0x5d) break;
      if (byte !== 0x2c) throw this.#invalid('a comma or ] is expected');
      this.#at++;
      this.#space();
    }
    this.#at++;
    this.#depth--;
  }

  #string(): string {
    const start = this.#at++;
    let plain = true;
    for (;;) {
      const byte = this.#peek();
      if (byte === QUOTE) break;
      if (byte < 0) throw this.#invalid('a string is not closed');
      if (byte < 0x20) throw this.#invalid('a control character stands in a string');
      if (byte === BACKSLASH) {
        plain = false;
        this.#at++;
        const escape = this.#peek();
        if (escape === 0x75) {
          for (let i = 1; i <= 4; i++) {
            const hex = this.#at + i < this.#end ? this.#bytes[this.#at + i]! : 0;
            if (!isHex(hex)) throw this.#invalid('\\u needs four hexadecimal digits');
          }
          this.#at += 4;
        } else if (escape < 0 || !'"\\/bfnrt'.includes(String.fromCharCode(escape)))
          throw this.#invalid('unknown escape in a string');
      }
      this.#at++;
    }
    this.#at++;
    if (plain) return decodeUtf8(this.#bytes, start + 1, this.#at - 1);
    const text = JSON.parse(decodeUtf8(this.#bytes, start, this.#at)) as string;
    if (text.includes('\0'))
      throw new Refusal('nul_character', `U+0000 in the text ${shortened(text)}, which no database column can hold`);
    if (!text.isWellFormed()) throw new Refusal('lone_surrogate', `half of a surrogate pair in the text ${shortened(text)}`);
    return text;
  }

  #number(): void {
    const start = this.#at;
    if (this.#peek() === 0x2d) this.#at++;
    if (this.#peek() === 0x30) this.#at++;
    else if (this.#digits() === 0) throw this.#invalid('a digit is expected');
    if (this.#peek() === 0x2e) {
      this.#at++;
      if (this.#digits() === 0) throw this.#invalid('a digit is expected after the point');
    }
    if ((this.#peek() | 0x20) === 0x65) {
      this.#at++;
      if (this.#peek() === 0x2b || this.#peek() === 0x2d) this.#at++;
      if (this.#digits() === 0) throw this.#invalid('a digit is expected in the exponent');
    }
    const text = decodeUtf8(this.#bytes, start, this.#at);
    if (!Number.isFinite(Number(text))) {
      throw new Refusal('number_out_of_range', `the number ${text.slice(0, 40)} is larger than a double precision number can be`);
    }
  }

  #digits(): number {
    const start = this.#at;
    for (let byte = this.#peek(); byte >= 0x30 && byte <= 0x39; byte = this.#peek()) this.#at++;
    return this.#at - start;
  }
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
