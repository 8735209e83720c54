const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The columns of one outbox row with their values as JSON text, exactly as written: nothing is parsed into numbers, so a decimal
 * keeps its zeros and a long number its digits. `line` is an object without white space between its parts, as encoders write it.
 */
export function rowFields(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let at = 1;
  while (line.charCodeAt(at) === QUOTE) {
    const nameEnd = line.indexOf('"', at + 1);
    const end = valueEnd(line, nameEnd + 2);
    fields.set(line.slice(at + 1, nameEnd), line.slice(nameEnd + 2, end));
    at = end + 1;
  }
  return fields;
}

/** A JSON value as text: a string without its quotes, everything else as it stands; undefined = NULL. */
export function plainText(json: string | undefined): string | undefined {
  if (json === undefined || json === 'null') return undefined;
  return json.charCodeAt(0) === QUOTE ? (JSON.parse(json) as string) : json;
}

/** Position of the comma or brace behind the value that begins at `at`. */
function valueEnd(line: string, at: number): number {
  let depth = 0;
  for (let i = at; i < line.length; i++) {
    switch (line.charCodeAt(i)) {
      case QUOTE:
        for (i++; line.charCodeAt(i) !== QUOTE; i++) if (line.charCodeAt(i) === BACKSLASH) i++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth++;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        if (depth === 0) return i;
        depth--;
        break;
      case 0x2c: // ,
        if (depth === 0) return i;
    }
  }
  throw new Error('bug: an outbox row without its end');
}
