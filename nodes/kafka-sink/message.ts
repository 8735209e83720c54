import type { Settings } from './definition.ts';

export interface Message {
  readonly key: Uint8Array | undefined;
  readonly value: Uint8Array | undefined;
  /** RFC 3339 */
  readonly timestamp: string | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Key, value and timestamp of one line of an outbox (without its line end). NULL → a null key or value. */
export function messageOf(settings: Settings, line: Uint8Array): Message {
  const whole = settings.value === 'row';
  if (whole && settings.key === '' && settings.timestamp_column === '')
    return { key: undefined, value: line, timestamp: undefined };
  const columns = columnsOf(line, [settings.key, settings.value_column, settings.timestamp_column]);
  const timestamp = columns.get(settings.timestamp_column);
  return {
    key: bytesOf(columns.get(settings.key)),
    value: whole ? line : bytesOf(columns.get(settings.value_column)),
    timestamp: timestamp === undefined ? undefined : timestamp,
  };
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : encoder.encode(text);
}

/**
 * The text of the wanted columns; NULL is left out. A JSON string gives its content, everything else its JSON as it
 * stands (so a decimal keeps its digits).
 */
function columnsOf(line: Uint8Array, wanted: readonly string[]): Map<string, string> {
  const text = decoder.decode(line);
  const found = new Map<string, string>();
  let at = 1;
  while (at < text.length && text[at] !== '}') {
    if (text[at] === ',') at++;
    const nameEnd = endOfValue(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const valueAt = nameEnd + 1;
    const valueEnd = endOfValue(text, valueAt);
    if (name !== '' && wanted.includes(name)) {
      const value = text.slice(valueAt, valueEnd);
      if (value.startsWith('"')) found.set(name, JSON.parse(value) as string);
      else if (value !== 'null') found.set(name, value);
    }
    at = valueEnd;
  }
  return found;
}

/** End of the JSON value that begins at `at`, in text that is known to be valid JSON without space between members. */
function endOfValue(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') {
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (depth === 0) return i + 1;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') {
      if (depth === 0) return i;
      depth--;
      if (depth === 0) return i + 1;
    } else if (char === ',' && depth === 0) return i;
  }
  return text.length;
}
