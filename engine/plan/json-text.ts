/** What JSON.parse does not tell: the exact place of a syntax error, keys given twice, and nesting without a limit. */
export interface JsonMistake {
  readonly code: 'not_json' | 'duplicate_key' | 'forbidden_key' | 'too_deep';
  readonly message: string;
  /** 1-based */
  readonly line: number;
  readonly column: number;
}

const MAX_DEPTH = 64;
const NUMBER = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const BLANKS = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- JSON's grammar forbids them raw
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Mistakes of a JSON text: at most one syntax error (the last of the list), before it every key given twice. */
export function mistakesOfJson(text: string): readonly JsonMistake[] {
  const scan = new Scan(text);
  scan.document();
  return scan.mistakes;
}

class Scan {
  readonly mistakes: JsonMistake[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    if (!this.#value(0)) return;
    this.#skip();
    if (this.#at < this.#text.length) this.#fail('something stands after the end of the document');
  }

  /** false: a syntax error was found, the scan is over */
  #value(depth: number): boolean {
    this.#skip();
    const first = this.#text[this.#at];
    if (first === undefined) return this.#fail('the text ends in the middle');
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string() !== undefined;
    for (const word of ['true', 'false', 'null']) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return true;
      }
    }
    if (this.#match(NUMBER) !== undefined) return true;
    return this.#fail(`a value was expected, not ${quoted(first)}`);
  }

  #object(depth: number): boolean {
    if (depth >= MAX_DEPTH) return this.#tooDeep();
    this.#at++;
    const seen = new Set<string>();
    this.#skip();
    if (this.#take('}')) return true;
    for (;;) {
      this.#skip();
      const start = this.#at;
      if (this.#text[this.#at] !== '"') return this.#fail(`a name in double quotes was expected, not ${this.#found()}`);
      const key = this.#string();
      if (key === undefined) return false;
      if (seen.has(key)) this.#add('duplicate_key', `"${key}" is given twice in one object`, start);
      seen.add(key);
      // a JavaScript object would not keep it as a member, so it would be lost without a word
      if (key === '__proto__') this.#add('forbidden_key', '"__proto__" cannot be a name', start);
      this.#skip();
      if (!this.#take(':')) return this.#fail(`":" was expected after the name, not ${this.#found()}`);
      if (!this.#value(depth + 1)) return false;
      this.#skip();
      if (this.#take('}')) return true;
      if (!this.#take(',')) return this.#fail(`"," or "}" was expected, not ${this.#found()}`);
    }
  }

  #array(depth: number): boolean {
    if (depth >= MAX_DEPTH) return this.#tooDeep();
    this.#at++;
    this.#skip();
    if (this.#take(']')) return true;
    for (;;) {
      if (!this.#value(depth + 1)) return false;
      this.#skip();
      if (this.#take(']')) return true;
      if (!this.#take(',')) return this.#fail(`"," or "]" was expected, not ${this.#found()}`);
    }
  }

  #string(): string | undefined {
    const raw = this.#match(STRING);
    if (raw !== undefined) return JSON.parse(raw) as string;
    this.#fail('this text in quotes does not end, or holds a bare control character or an unknown escape');
    return undefined;
  }

  #skip(): void {
    this.#match(BLANKS);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #found(): string {
    const character = this.#text[this.#at];
    return character === undefined ? 'the end of the text' : quoted(character);
  }

  #tooDeep(): false {
    this.#add('too_deep', `objects and lists are nested more than ${MAX_DEPTH} deep`, this.#at);
    return false;
  }

  #fail(message: string): false {
    this.#add('not_json', message, this.#at);
    return false;
  }

  #add(code: JsonMistake['code'], message: string, at: number): void {
    const before = this.#text.slice(0, at).split('\n');
    this.mistakes.push({ code, message, line: before.length, column: before.at(-1)!.length + 1 });
  }
}

function quoted(character: string): string {
  return JSON.stringify(character);
}
