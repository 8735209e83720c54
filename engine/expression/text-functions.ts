import { constantText, implementation, int4, toInt4 } from './build.ts';
import { lower, upper } from './case-mapping.ts';
import type { FunctionEntry, Overload } from './function-entry.ts';
import { RowFailure } from './row-failure.ts';
import { patternRefusal } from './pattern-calls.ts';
import { Refusal } from './refusal.ts';
import { compilePattern, highestGroup, replaceAll } from './regular-expression.ts';
import type { InnerType, Node, Value } from './typed.ts';
import { textOf } from './value-text.ts';

/** `numbers`: positions of arguments that PostgreSQL wants as int4. */
function text(
  name: string,
  args: readonly InnerType[],
  result: InnerType,
  apply: (...args: never[]) => Value,
  numbers: readonly number[] = [],
): Overload {
  const sql = (texts: readonly string[]): string => {
    const written = `${name}(${texts.map((part, i) => (numbers.includes(i) ? toInt4(part) : part)).join(', ')})`;
    return result === 'integer' ? `(${written})::int8` : written;
  };
  return { args, result, int4: numbers, build: () => implementation(name, result, apply, { sql }) };
}

/** UTF-16 index of character number `index` (0-based); text.length when there are fewer. */
function unitOf(source: string, index: number): number {
  if (index >= source.length) return source.length;
  let unit = 0;
  for (let i = 0; i < index && unit < source.length; i++) unit += isHigh(source, unit) ? 2 : 1;
  return unit;
}

function isHigh(source: string, unit: number): boolean {
  const code = source.charCodeAt(unit);
  return code >= 0xd800 && code < 0xdc00;
}

export function characters(source: string): number {
  let count = 0;
  for (let unit = 0; unit < source.length; unit++) if (!isHigh(source, unit)) count++;
  return count;
}

function byteLength(source: string): number {
  let bytes = 0;
  for (const character of source) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function substring(source: string, from: number, count?: number): string {
  const start = int4(from);
  if (count === undefined) return source.slice(unitOf(source, Math.max(0, start - 1)));
  if (int4(count) < 0) throw new RowFailure('invalid_argument', 'a negative length is not allowed in substring');
  const end = start + count;
  if (end <= 1) return '';
  const unit = unitOf(source, Math.max(0, start - 1));
  return source.slice(unit, unit + unitOf(source.slice(unit), end - Math.max(1, start)));
}

function position(source: string, part: string): number {
  const unit = source.indexOf(part);
  return unit < 0 ? 0 : characters(source.slice(0, unit)) + 1;
}

function splitPart(source: string, delimiter: string, n: number): string {
  const field = int4(n);
  if (field === 0) throw new RowFailure('invalid_argument', 'the field number of split_part must not be zero');
  const parts = delimiter === '' ? [source] : source.split(delimiter);
  return parts[field > 0 ? field - 1 : parts.length + field] ?? '';
}

function left(source: string, n: number): string {
  const count = int4(n);
  return source.slice(0, unitOf(source, count >= 0 ? count : Math.max(0, characters(source) + count)));
}

function right(source: string, n: number): string {
  const count = int4(n);
  return source.slice(unitOf(source, count >= 0 ? Math.max(0, characters(source) - count) : -count));
}

function trimmed(source: string, set: string, atStart: boolean, atEnd: boolean): string {
  const taken = new Set(set);
  const list = [...source];
  let from = 0;
  let to = list.length;
  if (atStart) while (from < to && taken.has(list[from]!)) from++;
  if (atEnd) while (to > from && taken.has(list[to - 1]!)) to--;
  return from === 0 && to === list.length ? source : list.slice(from, to).join('');
}

function trim(name: string, atStart: boolean, atEnd: boolean): readonly Overload[] {
  return [
    text(name, ['text'], 'text', (source: string) => trimmed(source, ' ', atStart, atEnd)),
    text(name, ['text', 'text'], 'text', (source: string, set: string) => trimmed(source, set, atStart, atEnd)),
  ];
}

const SUBSTRING = (name: string): readonly Overload[] => [
  text(name, ['text', 'integer'], 'text', substring, [1]),
  text(name, ['text', 'integer', 'integer'], 'text', substring, [1, 2]),
];

const LENGTH = (name: string): readonly Overload[] => [text(name, ['text'], 'integer', characters)];

const outputs = (args: readonly Node[], values: readonly Value[]): string[] =>
  values.map((value, i) => (value === null ? '' : textOf(value, args[i]!.type)));

const CONCAT: Overload = {
  args: ['any'],
  variadic: true,
  result: 'text',
  build: (args) =>
    implementation('concat', 'text', (...values: readonly Value[]) => outputs(args, values).join(''), { strict: false }),
};

const CONCAT_WS: Overload = {
  args: ['text', 'any'],
  variadic: true,
  result: 'text',
  build: (args) => {
    const apply = (...values: readonly Value[]): Value => {
      const [separator, ...rest] = values;
      if (separator === null) return null;
      return rest.flatMap((value, i) => (value === null ? [] : [textOf(value!, args[i + 1]!.type)])).join(separator as string);
    };
    return implementation('concat_ws', 'text', apply, { strict: false, givesNull: args[0]!.nullable });
  },
};

const FORMAT: Overload = {
  args: ['text', 'any'],
  variadic: true,
  result: 'text',
  build: (args) => {
    const format = constantText(args[0]!, 'the format', 0);
    const pieces: string[] = [];
    let piece = '';
    for (const [part] of format.matchAll(/%.?|[^%]+/gsu)) {
      if (!part.startsWith('%')) piece += part;
      else if (part === '%%') piece += '%';
      else if (part === '%s') {
        pieces.push(piece);
        piece = '';
      } else throw new Refusal('invalid_literal', `format knows %s and %%, not ${part}`, undefined, 0);
    }
    pieces.push(piece);
    if (pieces.length > args.length)
      throw new Refusal(
        'wrong_arguments',
        `format has ${pieces.length - 1} × %s but ${args.length - 1} values`,
        'Give one value for each %s.',
      );
    const apply = (...values: readonly Value[]): string => {
      let out = pieces[0]!;
      for (let i = 1; i < pieces.length; i++) {
        const value = values[i]!;
        out += (value === null ? '' : textOf(value, args[i]!.type)) + pieces[i]!;
      }
      return out;
    };
    return implementation('format', 'text', apply, { strict: false });
  },
};

function regexpReplace(args: readonly Node[]): ReturnType<Overload['build']> {
  const source = constantText(args[1]!, 'the pattern', 1);
  const flags = args[3] === undefined ? '' : constantText(args[3], 'the flags', 3);
  if (!/^[gi]*$/.test(flags))
    throw new Refusal('pattern_not_supported', `flags of regexp_replace are g and i, not "${flags}"`, undefined, 3);
  const compiled = compilePattern(source, { ignoreCase: flags.includes('i'), replaces: true });
  if (!compiled.ok) throw patternRefusal(compiled.reason, source, 1);
  const { pattern, groups } = compiled;
  const everywhere = flags.includes('g');
  const apply = (value: string, _pattern: string, replacement: string): string =>
    replaceAll(pattern, value, replacement, everywhere, groups);
  if (args[2]!.op === 'constant' && typeof args[2]!.value === 'string' && highestGroup(args[2]!.value) > groups) {
    throw new Refusal(
      'invalid_literal',
      `the replacement names group ${highestGroup(args[2]!.value)}, but the pattern has ${groups}`,
      undefined,
      2,
    );
  }
  return implementation('regexp_replace', 'text', apply);
}

/** array_to_string(list, separator [, text for NULL]) */
const ARRAY_TO_STRING: readonly Overload[] = (['text[],text', 'text[],text,text'] as const).map((names) => ({
  args: names.split(',') as InnerType[],
  result: 'text' as const,
  build: (args) => {
    const apply = (list: readonly (string | null)[] | null, separator: string | null, forNull: string | null = null): Value => {
      if (list === null || separator === null) return null;
      return list.flatMap((item) => (item !== null ? [item] : forNull !== null ? [forNull] : [])).join(separator);
    };
    const givesNull = args[0]!.nullable || args[1]!.nullable;
    return implementation('array_to_string', 'text', apply, { strict: false, givesNull });
  },
}));

type List = readonly (string | null)[];

export const TEXT_FUNCTIONS: readonly FunctionEntry[] = [
  {
    name: 'lower',
    signature: 'lower(text) → text',
    summary: 'Lower case (Unicode simple mapping).',
    overloads: [text('lower', ['text'], 'text', lower)],
  },
  {
    name: 'upper',
    signature: 'upper(text) → text',
    summary: 'Upper case (Unicode simple mapping).',
    overloads: [text('upper', ['text'], 'text', upper)],
  },
  { name: 'length', signature: 'length(text) → integer', summary: 'Number of characters.', overloads: LENGTH('length') },
  { name: 'char_length', signature: 'char_length(text) → integer', summary: 'As length.', overloads: LENGTH('char_length') },
  {
    name: 'character_length',
    signature: 'character_length(text) → integer',
    summary: 'As length.',
    overloads: LENGTH('character_length'),
  },
  {
    name: 'octet_length',
    signature: 'octet_length(text) → integer',
    summary: 'Number of bytes in UTF-8.',
    overloads: [text('octet_length', ['text'], 'integer', byteLength)],
  },
  {
    name: 'substr',
    signature: 'substr(text, from [, count]) → text',
    summary: 'Part of a text; the first character is 1.',
    overloads: SUBSTRING('substr'),
  },
  { name: 'substring', signature: 'substring(text from … for …) → text', summary: 'As substr.', overloads: SUBSTRING('substring') },
  {
    name: 'left',
    signature: 'left(text, n) → text',
    summary: 'First n characters; negative: all but the last.',
    overloads: [text('left', ['text', 'integer'], 'text', left, [1])],
  },
  {
    name: 'right',
    signature: 'right(text, n) → text',
    summary: 'Last n characters; negative: all but the first.',
    overloads: [text('right', ['text', 'integer'], 'text', right, [1])],
  },
  {
    name: 'position',
    signature: 'position(part in text) → integer',
    summary: 'Where a part stands, from 1; 0: nowhere.',
    overloads: [
      {
        args: ['text', 'text'],
        result: 'integer',
        build: () =>
          implementation('position', 'integer', position, { sql: (args) => `(position((${args[1]}) in (${args[0]})))::int8` }),
      },
    ],
  },
  {
    name: 'strpos',
    signature: 'strpos(text, part) → integer',
    summary: 'As position.',
    overloads: [text('strpos', ['text', 'text'], 'integer', position)],
  },
  {
    name: 'split_part',
    signature: 'split_part(text, delimiter, n) → text',
    summary: 'The n-th part between delimiters; negative: from the end.',
    overloads: [text('split_part', ['text', 'text', 'integer'], 'text', splitPart, [2])],
  },
  {
    name: 'trim',
    signature: "trim([both 'x' from] text) → text",
    summary: 'Without spaces (or the given characters) at both ends.',
    overloads: trim('btrim', true, true),
  },
  { name: 'btrim', signature: 'btrim(text [, characters]) → text', summary: 'As trim.', overloads: trim('btrim', true, true) },
  {
    name: 'ltrim',
    signature: 'ltrim(text [, characters]) → text',
    summary: 'As trim, at the start.',
    overloads: trim('ltrim', true, false),
  },
  {
    name: 'rtrim',
    signature: 'rtrim(text [, characters]) → text',
    summary: 'As trim, at the end.',
    overloads: trim('rtrim', false, true),
  },
  {
    name: 'replace',
    signature: 'replace(text, from, to) → text',
    summary: 'Every occurrence of a part replaced.',
    overloads: [
      text('replace', ['text', 'text', 'text'], 'text', (source: string, from: string, to: string) =>
        from === '' ? source : source.split(from).join(to),
      ),
    ],
  },
  {
    name: 'starts_with',
    signature: 'starts_with(text, prefix) → boolean',
    summary: 'True when the text begins with the prefix.',
    overloads: [text('starts_with', ['text', 'text'], 'boolean', (source: string, prefix: string) => source.startsWith(prefix))],
  },
  {
    name: 'regexp_replace',
    signature: "regexp_replace(text, 'pattern', replacement [, 'gi']) → text",
    summary: 'Matches of a regular expression replaced; \\1 … \\9 and \\& stand for groups and the match.',
    overloads: [
      { args: ['text', 'text', 'text'], result: 'text', build: regexpReplace },
      { args: ['text', 'text', 'text', 'text'], result: 'text', build: regexpReplace },
    ],
  },
  {
    name: 'concat',
    signature: 'concat(value, …) → text',
    summary: 'Values one after another; NULL is nothing.',
    overloads: [CONCAT],
  },
  {
    name: 'concat_ws',
    signature: 'concat_ws(separator, value, …) → text',
    summary: 'Values with a separator between; NULLs are left out.',
    overloads: [CONCAT_WS],
  },
  { name: 'format', signature: "format('… %s …', value, …) → text", summary: 'A text with values put in.', overloads: [FORMAT] },
  {
    name: 'cardinality',
    signature: 'cardinality(text[]) → integer',
    summary: 'Number of elements.',
    overloads: [text('cardinality', ['text[]'], 'integer', (list: List) => list.length)],
  },
  {
    name: 'array_to_string',
    signature: 'array_to_string(text[], separator [, for_null]) → text',
    summary: 'Elements joined.',
    overloads: ARRAY_TO_STRING,
  },
];
