/** JSON as text: PostgreSQL's json keeps the bytes as written, so parts are cut out, never parsed and printed again. */

// oxlint-disable-next-line no-control-regex -- these are what JSON escapes
const NEEDS_ESCAPE = /["\\\u0000-\u001f]/;

/** escape_json of PostgreSQL: only ", \ and control characters. */
export function escapeJson(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  let out = '"';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) out += '\\"';
    else if (code === 0x5c) out += '\\\\';
    else if (code >= 0x20) out += text[i]!;
    else if (code === 8) out += '\\b';
    else if (code === 9) out += '\\t';
    else if (code === 10) out += '\\n';
    else if (code === 12) out += '\\f';
    else if (code === 13) out += '\\r';
    else out += `\\u${code.toString(16).padStart(4, '0')}`;
  }
  return `${out}"`;
}

/** Raw text of a member of an object; undefined: no object, or no such key. Of repeated keys the last counts. */
export function jsonMember(json: string, key: string): string | undefined {
  let i = skipSpace(json, 0);
  if (json[i] !== '{') return undefined;
  let found: string | undefined;
  i = skipSpace(json, i + 1);
  while (json[i] === '"') {
    const keyEnd = skipString(json, i);
    const raw = json.slice(i, keyEnd);
    const name = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
    i = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = skipValue(json, i);
    if (name === key) found = json.slice(i, end);
    i = skipSpace(json, end);
    if (json[i] === ',') i = skipSpace(json, i + 1);
  }
  return found;
}

/** Raw text of an element of an array, from the end when negative; undefined: no array, or no such element. */
export function jsonElement(json: string, index: number): string | undefined {
  let i = skipSpace(json, 0);
  if (json[i] !== '[') return undefined;
  const elements: string[] = [];
  i = skipSpace(json, i + 1);
  while (i < json.length && json[i] !== ']') {
    const end = skipValue(json, i);
    elements.push(json.slice(i, end));
    i = skipSpace(json, end);
    if (json[i] === ',') i = skipSpace(json, i + 1);
  }
  return elements[index < 0 ? elements.length + index : index];
}

/** What ->> gives for a raw value: the text of a string, NULL for null, else the value as written. */
export function jsonScalarText(raw: string): string | null {
  if (raw === 'null') return null;
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
}

function skipSpace(json: string, from: number): number {
  let i = from;
  for (;;) {
    const code = json.charCodeAt(i);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return i;
    i++;
  }
}

/** End of the string that starts at `from` (its opening quote). */
function skipString(json: string, from: number): number {
  let i = from + 1;
  for (;;) {
    const code = json.charCodeAt(i);
    if (code === 0x22) return i + 1;
    i += code === 0x5c ? 2 : 1;
  }
}

function skipValue(json: string, from: number): number {
  let depth = 0;
  let i = from;
  while (i < json.length) {
    const character = json[i]!;
    if (character === '"') i = skipString(json, i);
    else if (character === '{' || character === '[') {
      depth++;
      i++;
      continue;
    } else if (character === '}' || character === ']') {
      if (depth === 0) return i;
      depth--;
      i++;
    } else if (depth > 0 && /[\s,:]/.test(character)) {
      i++;
      continue;
    } else {
      while (i < json.length && !/[\s,:\]}]/.test(json[i]!)) i++;
    }
    if (depth === 0) return i;
  }
  return i;
}
