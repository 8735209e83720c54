/**
 * Unicode simple case mapping, as PostgreSQL's builtin C.UTF-8: one character becomes one character, whatever stands around it.
 * JS maps fully (ß → SS, final sigma), so single characters are asked and answers of several characters are replaced.
 */
export function lower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapped(text, lowerOf);
}

export function upper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapped(text, upperOf);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function mapped(text: string, map: (character: string) => string): string {
  let out = '';
  for (const character of text) out += map(character);
  return out;
}

/** Letters younger than Unicode 16, the version of PostgreSQL 18, have no case here. */
function isYoung(character: string): boolean {
  const code = character.codePointAt(0)!;
  return (code >= 0x16ea0 && code <= 0x16ed3) || code === 0xa7ce || code === 0xa7cf || (code >= 0xa7d2 && code <= 0xa7d5);
}

function lowerOf(character: string): string {
  if (isYoung(character)) return character;
  const full = character.toLowerCase();
  // the only character whose full lower case has several characters is İ; its simple one is i
  return isOne(full) ? full : 'i';
}

function upperOf(character: string): string {
  if (isYoung(character)) return character;
  const full = character.toUpperCase();
  if (isOne(full)) return full;
  // Greek letters with iota subscript have a title-case letter as simple upper case; all others (ß, ŉ, ﬁ …) have none
  const code = character.codePointAt(0)!;
  if ((code >= 0x1f80 && code <= 0x1f87) || (code >= 0x1f90 && code <= 0x1f97) || (code >= 0x1fa0 && code <= 0x1fa7)) {
    return String.fromCodePoint(code + 8);
  }
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9);
  return character;
}

function isOne(text: string): boolean {
  return text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);
}
