import { RE2JS } from 're2js';

/**
 * [X5] PostgreSQL's advanced regular expressions, the part that RE2 runs in linear time with the same meaning.
 * `.` and `[^…]` match line breaks, `^` `$` stand for the ends of the text, the longest match wins.
 */
export type PatternResult =
  | { readonly ok: true; readonly pattern: RE2JS; readonly groups: number }
  | { readonly ok: false; readonly reason: string; readonly at: number };

class Refusal {
  readonly reason: string;
  readonly at: number;
  constructor(reason: string, at: number) {
    this.reason = reason;
    this.at = at;
  }
}

/** `replaces`: the extent of a match counts, so non-greedy quantifiers are refused (their rule differs). */
export function compilePattern(
  source: string,
  options: { readonly ignoreCase: boolean; readonly replaces: boolean },
): PatternResult {
  const translator = new Translator(source, options.ignoreCase, options.replaces);
  try {
    const text = translator.whole();
    const flags = RE2JS.DOTALL | RE2JS.LONGEST_MATCH | (options.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    return { ok: true, pattern: RE2JS.compile(text, flags), groups: translator.groups };
  } catch (refusal) {
    if (refusal instanceof Refusal) return { ok: false, reason: refusal.reason, at: refusal.at };
    if (refusal instanceof Error && /RE2JS/.test(refusal.name)) return { ok: false, reason: refusal.message, at: 0 };
    throw refusal;
  }
}

const SPACE = '\\t\\n\\v\\f\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}';
const WHY: Readonly<Record<string, string>> = {
  b: '\\b is a backspace in PostgreSQL and a word boundary elsewhere',
  B: '\\B means different things in PostgreSQL and elsewhere',
  m: 'word boundaries (\\m) differ between PostgreSQL and RE2',
  M: 'word boundaries (\\M) differ between PostgreSQL and RE2',
  y: 'word boundaries (\\y) differ between PostgreSQL and RE2',
  Y: 'word boundaries (\\Y) differ between PostgreSQL and RE2',
};

class Translator {
  readonly #characters: readonly string[];
  readonly #ignoreCase: boolean;
  readonly #replaces: boolean;
  #i = 0;
  groups = 0;

  constructor(source: string, ignoreCase: boolean, replaces: boolean) {
    this.#characters = [...source];
    this.#ignoreCase = ignoreCase;
    this.#replaces = replaces;
  }

  whole(): string {
    if (this.#characters.slice(0, 3).join('') === '***') this.#refuse('the prefix *** is not supported');
    const text = this.#alternatives();
    if (this.#i < this.#characters.length) this.#refuse('this parenthesis is not opened');
    return text;
  }

  #alternatives(): string {
    const branches = [this.#branch()];
    while (this.#characters[this.#i] === '|') {
      this.#i++;
      branches.push(this.#branch());
    }
    return branches.join('|');
  }

  #branch(): string {
    let out = '';
    for (;;) {
      const character = this.#characters[this.#i];
      if (character === undefined || character === '|' || character === ')') return out;
      if (character === '^' || character === '$') {
        this.#i++;
        if (this.#startsQuantifier()) this.#refuse('a quantifier has nothing to repeat here');
        out += character;
        continue;
      }
      if (this.#startsQuantifier()) this.#refuse('a quantifier has nothing to repeat here');
      const atom = this.#atom(character);
      if (atom.constraint) {
        if (this.#startsQuantifier()) this.#refuse('a quantifier has nothing to repeat here');
        out += atom.text;
      } else out += atom.text + this.#quantifier();
    }
  }

  #startsQuantifier(): boolean {
    const character = this.#characters[this.#i];
    if (character === '*' || character === '+' || character === '?') return true;
    return character === '{' && isDigit(this.#characters[this.#i + 1]);
  }

  #quantifier(): string {
    if (!this.#startsQuantifier()) return '';
    const at = this.#i;
    let text = this.#characters[this.#i++]!;
    if (text === '{') {
      while (this.#i < this.#characters.length && this.#characters[this.#i] !== '}') text += this.#characters[this.#i++]!;
      this.#i++;
      text += '}';
      const bounds = /^\{(\d+)(,(\d*))?\}$/.exec(text);
      if (bounds === null) throw new Refusal('a repetition is written {n}, {n,} or {n,m}', at);
      const high = bounds[3] === undefined || bounds[3] === '' ? Number(bounds[1]) : Number(bounds[3]);
      if (Number(bounds[1]) > 255 || high > 255) throw new Refusal('a repetition goes up to 255', at);
      if (high < Number(bounds[1])) throw new Refusal('a repetition has its smaller number first', at);
    }
    if (this.#characters[this.#i] === '?') {
      if (this.#replaces) this.#refuse('non-greedy quantifiers match differently in PostgreSQL and RE2');
      this.#i++;
      // whether there is a match does not depend on greed
    }
    if (this.#startsQuantifier()) this.#refuse('two quantifiers in a row');
    return text;
  }

  #atom(character: string): { readonly text: string; readonly constraint: boolean } {
    if (character === '(') return { text: this.#group(), constraint: false };
    if (character === '[') return { text: this.#set(), constraint: false };
    if (character === '\\') return this.#escape();
    this.#i++;
    return { text: character === '.' ? '.' : quote(character), constraint: false };
  }

  #group(): string {
    const at = this.#i++;
    let open = '(';
    if (this.#characters[this.#i] === '?') {
      const kind = this.#characters[this.#i + 1];
      if (kind === '=' || kind === '!' || kind === '<') throw new Refusal('look-around is not supported: RE2 has none', at);
      if (kind !== ':') throw new Refusal('options inside a pattern are not supported; write ~* to ignore case', at);
      this.#i += 2;
      open = '(?:';
    } else this.groups++;
    const inner = this.#alternatives();
    if (this.#characters[this.#i] !== ')') throw new Refusal('this parenthesis is not closed', at);
    this.#i++;
    return `${open}${inner})`;
  }

  #escape(): { readonly text: string; readonly constraint: boolean } {
    const next = this.#characters[this.#i + 1];
    if (next === 'A' || next === 'Z') {
      this.#i += 2;
      return { text: next === 'A' ? '\\A' : '\\z', constraint: true };
    }
    const set = next === undefined ? undefined : classOf(next);
    if (set !== undefined) {
      this.#i += 2;
      return { text: next === next!.toLowerCase() ? `[${set}]` : `[^${set}]`, constraint: false };
    }
    return { text: quote(this.#escapedCharacter()), constraint: false };
  }

  /** A backslash that stands for one character. */
  #escapedCharacter(): string {
    const at = this.#i++;
    const next = this.#characters[this.#i++];
    if (next === undefined) throw new Refusal('the pattern ends with a backslash', at);
    const control = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\u0007', e: '\u001b' }[next];
    if (control !== undefined) return control;
    if (next === 'u' || next === 'U') {
      const length = next === 'u' ? 4 : 8;
      const digits = this.#characters.slice(this.#i, this.#i + length).join('');
      const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? parseInt(digits, 16) : Number.NaN;
      if (!(code <= 0x10ffff)) throw new Refusal(`\\${next} takes ${length} hexadecimal digits`, at);
      this.#i += length;
      return String.fromCodePoint(code);
    }
    if (/[0-9]/.test(next)) throw new Refusal('back-references are not supported: RE2 has none', at);
    if (/[\p{L}]/u.test(next)) throw new Refusal(WHY[next] ?? `\\${next} is not supported`, at);
    return next;
  }

  #set(): string {
    const at = this.#i++;
    let out = '[';
    if (this.#characters[this.#i] === '^') {
      out += '^';
      this.#i++;
    }
    let first = true;
    for (;;) {
      const character = this.#characters[this.#i];
      if (character === undefined) throw new Refusal('this bracket is not closed', at);
      if (character === ']' && !first) {
        this.#i++;
        return `${out}]`;
      }
      first = false;
      const set = this.#setClass();
      if (set !== undefined) {
        out += set;
        if (this.#characters[this.#i] === '-' && this.#characters[this.#i + 1] !== ']')
          this.#refuse('a class cannot begin a range');
        continue;
      }
      const from = this.#setCharacter();
      if (this.#characters[this.#i] === '-' && this.#characters[this.#i + 1] !== ']') {
        this.#i++;
        if (this.#setClass() !== undefined) this.#refuse('a class cannot end a range');
        const to = this.#setCharacter();
        if (to.codePointAt(0)! < from.codePointAt(0)!) this.#refuse('a range has its smaller character first');
        out += `${quote(from)}-${quote(to)}`;
      } else out += quote(from);
    }
  }

  /** [:alpha:], \d … inside brackets; undefined when a single character comes. */
  #setClass(): string | undefined {
    const character = this.#characters[this.#i];
    const next = this.#characters[this.#i + 1];
    if (character === '\\' && next !== undefined) {
      const set = classOf(next);
      if (set === undefined) return undefined;
      if (next !== next.toLowerCase()) this.#refuse(`\\${next} inside brackets is not supported`);
      this.#i += 2;
      return set;
    }
    if (character !== '[' || (next !== ':' && next !== '.' && next !== '=')) return undefined;
    if (next !== ':') this.#refuse(`[${next} is not supported inside brackets`);
    const end = this.#characters.indexOf(':', this.#i + 2);
    const name = end < 0 ? '' : this.#characters.slice(this.#i + 2, end).join('');
    const set = namedClass(this.#ignoreCase && (name === 'upper' || name === 'lower') ? 'alpha' : name);
    if (set === undefined || this.#characters[end + 1] !== ']') this.#refuse(`the class [:${name}:] is not supported`);
    this.#i = end + 2;
    return set;
  }

  #setCharacter(): string {
    const character = this.#characters[this.#i];
    if (character === '\\') return this.#escapedCharacter();
    if (character === undefined) this.#refuse('this bracket is not closed');
    this.#i++;
    return character!;
  }

  #refuse(reason: string): never {
    throw new Refusal(reason, this.#i);
  }
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && /^[0-9]$/.test(character);
}

function quote(character: string): string {
  return /^[A-Za-z0-9]$/.test(character) ? character : `\\x{${character.codePointAt(0)!.toString(16)}}`;
}

/** \d, \s, \w and their opposites; digits are ASCII, the others Unicode, as in C.UTF-8. */
function classOf(letter: string): string | undefined {
  if (letter === 'd' || letter === 'D') return '0-9';
  if (letter === 's' || letter === 'S') return SPACE;
  if (letter === 'w' || letter === 'W') return `${ranges('Alphabetic')}0-9_`;
  return undefined;
}

function namedClass(name: string): string | undefined {
  switch (name) {
    case 'digit':
      return '0-9';
    case 'space':
      return SPACE;
    case 'alpha':
      return ranges('Alphabetic');
    case 'alnum':
      return `${ranges('Alphabetic')}0-9`;
    case 'upper':
      return ranges('Uppercase');
    case 'lower':
      return ranges('Lowercase');
    case 'xdigit':
      return '0-9a-fA-F';
    default:
      return undefined;
  }
}

const computed = new Map<string, string>();

/** RE2 knows no binary properties: their ranges are read once from the platform's Unicode tables. */
function ranges(property: 'Alphabetic' | 'Uppercase' | 'Lowercase'): string {
  const known = computed.get(property);
  if (known !== undefined) return known;
  const test = new RegExp(`^\\p{${property}}$`, 'u');
  let out = '';
  let start = -1;
  // beyond U+3FFFF nothing is assigned but tags and private use
  for (let code = 0; code <= 0x40000; code++) {
    const inside = code < 0x40000 && (code < 0xd800 || code > 0xdfff) && test.test(String.fromCodePoint(code));
    if (inside && start < 0) start = code;
    if (!inside && start >= 0) {
      out += start === code - 1 ? `\\x{${start.toString(16)}}` : `\\x{${start.toString(16)}}-\\x{${(code - 1).toString(16)}}`;
      start = -1;
    }
  }
  computed.set(property, out);
  return out;
}

/** regexp_replace: `\1` … `\9` and `\&` in the replacement, once or everywhere; empty matches as PostgreSQL steps over them. */
export function replaceAll(pattern: RE2JS, text: string, replacement: string, everywhere: boolean, groups: number): string {
  const matcher = pattern.matcher(text);
  let out = '';
  let copied = 0;
  let from = 0;
  while (from <= text.length && matcher.find(from)) {
    const start = matcher.start();
    const end = matcher.end();
    out += text.slice(copied, start) + expand(replacement, (group) => (group > groups ? '' : (matcher.group(group) ?? '')));
    copied = end;
    if (!everywhere) break;
    from = end;
    if (start === end) from += text.codePointAt(from)! > 0xffff ? 2 : 1;
  }
  return out + text.slice(copied);
}

function expand(replacement: string, group: (index: number) => string): string {
  return replacement.replace(/\\(.?)/gsu, (whole, next: string) => {
    if (next === '&') return group(0);
    if (next >= '1' && next <= '9') return group(Number(next));
    if (next === '\\') return '\\';
    return whole;
  });
}

/** Highest group a replacement names. */
export function highestGroup(replacement: string): number {
  let highest = 0;
  for (const [, next] of replacement.matchAll(/\\(.?)/gsu))
    if (next! >= '1' && next! <= '9') highest = Math.max(highest, Number(next));
  return highest;
}
