const WORD = /^[\p{L}\p{M}\p{N}]$/u;
const PAGE_BITS = 8;
const pages: (Int32Array | undefined)[] = [];

/**
 * [S1] 0 for a code point that is no letter, mark or digit, else its lower case by Unicode's simple mapping
 * (one code point to one, no context: Σ → σ everywhere, İ → i), like lower() under PostgreSQL's C.UTF-8.
 * Pages of 256 code points are classified on first use.
 */
export function lowerWordCharacter(codePoint: number): number {
  const page = (pages[codePoint >> PAGE_BITS] ??= classify(codePoint >> PAGE_BITS));
  return page[codePoint & 255]!;
}

function classify(index: number): Int32Array {
  const page = new Int32Array(256);
  for (let i = 0; i < 256; i++) {
    const codePoint = (index << PAGE_BITS) | i;
    const text = String.fromCodePoint(codePoint);
    if (codePoint !== 0 && WORD.test(text)) page[i] = simpleLower(codePoint, text);
  }
  return page;
}

/** U+0130 is the only code point whose full lower case has more than one code point. */
function simpleLower(codePoint: number, text: string): number {
  return codePoint === 0x130 ? 0x69 : text.toLowerCase().codePointAt(0)!;
}

/** Appends the UTF-8 form of a code point; returns the new end. `into` must have four bytes free. */
export function putUtf8(into: Uint8Array, at: number, codePoint: number): number {
  if (codePoint < 0x80) {
    into[at] = codePoint;
    return at + 1;
  }
  if (codePoint < 0x800) {
    into[at] = 0xc0 | (codePoint >> 6);
    into[at + 1] = 0x80 | (codePoint & 63);
    return at + 2;
  }
  if (codePoint < 0x10000) {
    into[at] = 0xe0 | (codePoint >> 12);
    into[at + 1] = 0x80 | ((codePoint >> 6) & 63);
    into[at + 2] = 0x80 | (codePoint & 63);
    return at + 3;
  }
  into[at] = 0xf0 | (codePoint >> 18);
  into[at + 1] = 0x80 | ((codePoint >> 12) & 63);
  into[at + 2] = 0x80 | ((codePoint >> 6) & 63);
  into[at + 3] = 0x80 | (codePoint & 63);
  return at + 4;
}
