/** [I]LIKE: `%` any text, `_` one character, `\` takes the next character as it is. The whole text must match. */
export type LikeTest = (text: string) => boolean;

const ANY = 0;
const ONE = 1;
type Token = typeof ANY | typeof ONE | string;

/** undefined: the pattern ends with its escape character (PostgreSQL: an error when it is reached). */
export function compileLike(pattern: string): LikeTest | undefined {
  const tokens: Token[] = [];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === '%') {
      if (tokens.at(-1) !== ANY) tokens.push(ANY);
    } else if (character === '_') tokens.push(ONE);
    else if (character === '\\') {
      if (++i === characters.length) return undefined;
      tokens.push(characters[i]!);
    } else tokens.push(character);
  }
  return simpleTest(tokens) ?? ((text) => matches([...text], tokens));
}

/** One literal with % before, after, both or neither needs no matcher. */
function simpleTest(tokens: readonly Token[]): LikeTest | undefined {
  const from = tokens[0] === ANY ? 1 : 0;
  const to = tokens.length > from && tokens.at(-1) === ANY ? tokens.length - 1 : tokens.length;
  const middle = tokens.slice(from, to);
  if (!middle.every((token) => typeof token === 'string')) return undefined;
  const literal = middle.join('');
  const openStart = from === 1;
  const openEnd = to < tokens.length;
  if (openStart && (openEnd || literal === '')) return (text) => text.includes(literal);
  if (openStart) return (text) => text.endsWith(literal);
  if (openEnd) return (text) => text.startsWith(literal);
  return (text) => text === literal;
}

/** Greedy with one remembered %: linear in text × pattern. */
function matches(text: readonly string[], tokens: readonly Token[]): boolean {
  let i = 0;
  let j = 0;
  let star = -1;
  let mark = 0;
  while (i < text.length) {
    const token = tokens[j];
    if (token === ANY) {
      star = j++;
      mark = i;
    } else if (token === ONE || token === text[i]) {
      i++;
      j++;
    } else if (star >= 0) {
      j = star + 1;
      i = ++mark;
    } else return false;
  }
  while (tokens[j] === ANY) j++;
  return j === tokens.length;
}

/** LIKE … ESCAPE 'c' as a pattern with the usual backslash; undefined: the escape is not one character (or empty: none). */
export function withBackslash(pattern: string, escape: string): string | undefined {
  const characters = [...escape];
  if (characters.length > 1) return undefined;
  if (characters[0] === '\\') return pattern;
  let out = '';
  let afterEscape = false;
  for (const character of pattern) {
    if (character === characters[0] && !afterEscape) {
      out += '\\';
      afterEscape = true;
      continue;
    }
    out += character === '\\' && !afterEscape ? '\\\\' : character;
    afterEscape = false;
  }
  return out;
}
