import { encodeUtf8 } from '../../engine/model/dictionary.ts';
import { decodeSpec } from './raw-batch.ts';

/** The source that all messages below are sent to. */
export const hostileSpec = decodeSpec(
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['id', 'at'],
    properties: {
      id: { type: 'string', minLength: 1, maxLength: 10 },
      at: { type: 'string', format: 'date-time' },
      n: { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
      free: { type: 'integer' },
      small: { type: 'integer', minimum: 0, exclusiveMaximum: 10 },
      x: { type: 'number' },
      ratio: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
      price: { type: ['number', 'string'] },
      flag: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string', maxLength: 5 }, maxItems: 3, uniqueItems: true },
      kind: { type: 'string', enum: ['one', 'two'] },
      fixed: { type: 'string', const: 'only' },
      uuid: { type: 'string', format: 'uuid' },
      hex: { type: 'string', pattern: '^[0-9a-f]+$' },
      epoch: { type: 'number' },
      maybe: { type: ['string', 'null'] },
      nested: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } }, additionalProperties: false },
      any: {},
    },
  },
  { eventTime: 'at', decimals: { price: 2 }, timeUnits: { epoch: 'ms' } },
);

export interface NamedMessage {
  readonly name: string;
  readonly message: Uint8Array | string | null;
  /** undefined: accepted (it stands next to a bad one, on the good side of the limit) */
  readonly code: string | undefined;
}

const TIME = '"2026-09-07T07:17:12.25Z"';

/** A good message with some members given as raw JSON text. */
function event(members: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = { id: '"e1"', at: TIME, ...members };
  return `{${Object.entries(all)
    .map(([key, value]) => `${JSON.stringify(key)}:${value}`)
    .join(',')}}`;
}

function bytes(...parts: readonly (string | number | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...encodeUtf8(part)] : typeof part === 'number' ? [part] : [...part])),
  );
}

/** a good message whose free text member holds these bytes */
function withBytes(...raw: readonly number[]): Uint8Array {
  return bytes(`{"id":"e1","at":${TIME},"maybe":"ab`, raw, 'cd"}');
}

const pad = (size: number): string => {
  const empty = event({ any: '""' });
  return event({ any: `"${'x'.repeat(size - empty.length)}"` });
};
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const objects = (levels: number): string => '{"k":'.repeat(levels) + '1' + '}'.repeat(levels);
const manyKeys = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`;

type Row = readonly [name: string, message: Uint8Array | string | null, code: string | undefined];

const size: readonly Row[] = [
  ['a tombstone', null, 'no_message'],
  ['exactly 1 MiB', pad(1_048_576), undefined],
  ['1 MiB and one byte', pad(1_048_577), 'message_too_large'],
  ['2 MiB of spaces', ' '.repeat(2_097_152), 'message_too_large'],
  ['too large and not UTF-8', bytes('x'.repeat(1_048_576), 0xff), 'message_too_large'],
  ['32 levels', event({ any: nested(31) }), undefined],
  ['33 levels', event({ any: nested(32) }), 'too_deep'],
  ['33 levels of objects', event({ any: objects(32) }), 'too_deep'],
  ['100,000 open brackets', '['.repeat(100_000), 'too_deep'],
  ['500,000 open objects', '{"a":'.repeat(200_000), 'too_deep'],
  ['deep inside an undeclared member', event({ unknown: nested(40) }), 'too_deep'],
  ['1,000 keys', event({ any: manyKeys(997) }), undefined],
  ['1,001 keys', event({ any: manyKeys(998) }), 'too_many_keys'],
  ['20,000 keys', manyKeys(20_000), 'too_many_keys'],
  [
    '1,001 keys spread over objects',
    event({ any: `[${Array.from({ length: 998 }, () => '{"k":1}').join(',')}]` }),
    'too_many_keys',
  ],
];

const encoding: readonly Row[] = [
  ['a lone continuation byte', withBytes(0x80), 'invalid_utf8'],
  ['0xff', withBytes(0xff), 'invalid_utf8'],
  ['0xfe', withBytes(0xfe), 'invalid_utf8'],
  ['overlong NUL', withBytes(0xc0, 0x80), 'invalid_utf8'],
  ['overlong slash in two bytes', withBytes(0xc0, 0xaf), 'invalid_utf8'],
  ['overlong slash in three bytes', withBytes(0xe0, 0x80, 0xaf), 'invalid_utf8'],
  ['overlong slash in four bytes', withBytes(0xf0, 0x80, 0x80, 0xaf), 'invalid_utf8'],
  ['a surrogate in UTF-8', withBytes(0xed, 0xa0, 0x80), 'invalid_utf8'],
  ['a surrogate pair in UTF-8 (CESU-8)', withBytes(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80), 'invalid_utf8'],
  ['beyond U+10FFFF', withBytes(0xf4, 0x90, 0x80, 0x80), 'invalid_utf8'],
  ['five-byte sequence', withBytes(0xf8, 0x88, 0x80, 0x80, 0x80), 'invalid_utf8'],
  ['a cut two-byte sequence', withBytes(0xc3), 'invalid_utf8'],
  ['a cut three-byte sequence', withBytes(0xe2, 0x82), 'invalid_utf8'],
  ['a cut four-byte sequence', withBytes(0xf0, 0x9f, 0x98), 'invalid_utf8'],
  ['a sequence cut by the end', bytes('{"id":"e1","at":', TIME, ',"maybe":"', 0xe2), 'invalid_utf8'],
  ['Latin-1', bytes('{"id":"caf', 0xe9, '","at":', TIME, '}'), 'invalid_utf8'],
  [
    'UTF-16 little endian',
    bytes(
      0xff,
      0xfe,
      [...'{}'].flatMap((c) => [c.charCodeAt(0), 0]),
    ),
    'invalid_utf8',
  ],
  ['invalid in a key', bytes('{"id":"e1","at":', TIME, ',"k', 0xff, '":1}'), 'invalid_utf8'],
  ['invalid in an undeclared member', bytes('{"id":"e1","at":', TIME, ',"u":{"v":"', 0xc1, 0x81, '"}}'), 'invalid_utf8'],
  ['invalid behind the message', bytes(event({}), 0xff), 'invalid_utf8'],
  ['the last code point', event({ maybe: '"\u{10ffff}"' }), undefined],
  ['every length of sequence', event({ maybe: '"aé€😀"' }), undefined],
  ['a byte order mark', bytes(0xef, 0xbb, 0xbf, event({})), 'invalid_json'],
  ['a byte order mark inside a text', event({ maybe: '"\ufeff"' }), undefined],
];

const grammar: readonly Row[] = [
  ['nothing', '', 'invalid_json'],
  ['spaces', '   ', 'invalid_json'],
  ['one brace', '{', 'invalid_json'],
  ['a closing brace', '}', 'invalid_json'],
  ['text', 'hello', 'invalid_json'],
  ['cut in the middle', event({}).slice(0, 20), 'invalid_json'],
  ['the last byte is missing', event({}).slice(0, -1), 'invalid_json'],
  ['two messages in one', event({}) + event({}), 'invalid_json'],
  ['text behind the message', `${event({})}x`, 'invalid_json'],
  ['a comma behind the message', `${event({})},`, 'invalid_json'],
  ['spaces around the message', ` \r\n\t${event({})}\n `, undefined],
  ['a trailing comma', event({}).replace(/}$/, ',}'), 'invalid_json'],
  ['a leading comma', event({}).replace(/^{/, '{,'), 'invalid_json'],
  ['two commas', event({}).replace(',', ',,'), 'invalid_json'],
  ['no comma', event({}).replace(',', ' '), 'invalid_json'],
  ['no colon', event({}).replace(':', ' '), 'invalid_json'],
  ['equals for colon', event({}).replace(':', '='), 'invalid_json'],
  ['single quotes', "{'id':'e1'}", 'invalid_json'],
  ['keys without quotes', '{id:"e1"}', 'invalid_json'],
  ['a number for a key', '{1:"e1"}', 'invalid_json'],
  ['a key without value', '{"id"}', 'invalid_json'],
  ['a colon without value', '{"id":}', 'invalid_json'],
  ['a comment', `/* c */${event({})}`, 'invalid_json'],
  ['a line comment inside', '{"id":"e1", // c\n"at":1}', 'invalid_json'],
  ['a closing bracket for a brace', event({}).replace(/}$/, ']'), 'invalid_json'],
  ['an array that is not closed', event({ tags: '["a"' }), 'invalid_json'],
  ['a trailing comma in an array', event({ tags: '["a",]' }), 'invalid_json'],
  ['only a comma in an array', event({ tags: '[,]' }), 'invalid_json'],
  ['True', event({ flag: 'True' }), 'invalid_json'],
  ['truth', event({ flag: 'truth' }), 'invalid_json'],
  ['fals', event({ flag: 'fals' }), 'invalid_json'],
  ['nul', event({ maybe: 'nul' }), 'invalid_json'],
  ['undefined', event({ any: 'undefined' }), 'invalid_json'],
  ['None', event({ any: 'None' }), 'invalid_json'],
  ['NaN', event({ x: 'NaN' }), 'invalid_json'],
  ['Infinity', event({ x: 'Infinity' }), 'invalid_json'],
  ['minus Infinity', event({ x: '-Infinity' }), 'invalid_json'],
  ['NaN in an undeclared member', event({ u: '{"v":[NaN]}' }), 'invalid_json'],
  ['a leading zero', event({ n: '01' }), 'invalid_json'],
  ['minus zero one', event({ n: '-01' }), 'invalid_json'],
  ['a leading plus', event({ n: '+1' }), 'invalid_json'],
  ['only a minus', event({ n: '-' }), 'invalid_json'],
  ['a point without fraction', event({ x: '1.' }), 'invalid_json'],
  ['a point without integer', event({ x: '.5' }), 'invalid_json'],
  ['an exponent without digits', event({ x: '1e' }), 'invalid_json'],
  ['an exponent with only a sign', event({ x: '1e+' }), 'invalid_json'],
  ['two points', event({ x: '1.2.3' }), 'invalid_json'],
  ['hexadecimal', event({ n: '0x10' }), 'invalid_json'],
  ['digits with underscores', event({ n: '1_000' }), 'invalid_json'],
  ['a big integer suffix', event({ n: '1n' }), 'invalid_json'],
  ['a number with a letter', event({ n: '12a' }), 'invalid_json'],
  ['a raw newline in a text', event({ maybe: '"a\nb"' }), 'invalid_json'],
  ['a raw tab in a text', event({ maybe: '"a\tb"' }), 'invalid_json'],
  ['a raw NUL in a text', event({ maybe: '"a\0b"' }), 'invalid_json'],
  ['a raw NUL between members', event({}).replace(',', ',\0'), 'invalid_json'],
  ['NUL bytes for a time', event({}).replace(TIME, `"${'\0'.repeat(24)}"`), 'invalid_json'],
  ['an unknown escape', event({ maybe: '"\\x41"' }), 'invalid_json'],
  ['an escape of a quote style', event({ maybe: `"\\'"` }), 'invalid_json'],
  ['\\u with three digits', event({ maybe: '"\\u123"' }), 'invalid_json'],
  ['\\u with a letter', event({ maybe: '"\\u12g4"' }), 'invalid_json'],
  ['\\U', event({ maybe: '"\\U0041"' }), 'invalid_json'],
  ['an escape at the end', event({ maybe: '"a\\' }), 'invalid_json'],
  ['a text that is not closed', event({ maybe: '"abc' }), 'invalid_json'],
  ['DEL and U+2028 are plain text', event({ maybe: '"\u007f\u2028"' }), undefined],
  ['a no-break space between members', event({}).replace(',', ',\u00a0'), 'invalid_json'],
  ['a form feed between members', event({}).replace(',', ',\f'), 'invalid_json'],
];

const texts: readonly Row[] = [
  ['a lone high surrogate', event({ maybe: '"\\ud83d"' }), 'lone_surrogate'],
  ['a lone low surrogate', event({ maybe: '"\\ude00"' }), 'lone_surrogate'],
  ['surrogates the wrong way round', event({ maybe: '"\\ude00\\ud83d"' }), 'lone_surrogate'],
  ['a high surrogate before plain text', event({ maybe: '"\\ud83dx"' }), 'lone_surrogate'],
  ['two high surrogates', event({ maybe: '"\\ud83d\\ud83d\\ude00"' }), 'lone_surrogate'],
  ['a lone surrogate in a key', event({ any: '{"\\udfff":1}' }), 'lone_surrogate'],
  ['a lone surrogate in an undeclared member', event({ u: '["\\ud800"]' }), 'lone_surrogate'],
  ['a surrogate pair', event({ maybe: '"\\ud83d\\ude00"' }), undefined],
  ['U+0000', event({ maybe: '"a\\u0000b"' }), 'nul_character'],
  ['U+0000 in a key', event({ any: '{"\\u0000":1}' }), 'nul_character'],
  ['U+0000 in a list', event({ tags: '["\\u0000"]' }), 'nul_character'],
  ['U+0000 in an undeclared member', event({ u: '{"v":"\\u0000"}' }), 'nul_character'],
  ['U+0001', event({ maybe: '"\\u0001"' }), undefined],
  ['empty where one character is needed', event({ id: '""' }), 'schema_mismatch'],
  ['ten characters', event({ id: '"0123456789"' }), undefined],
  ['eleven characters', event({ id: '"01234567890"' }), 'schema_mismatch'],
  ['ten code points in forty bytes', event({ id: `"${'😀'.repeat(10)}"` }), undefined],
  ['ten code points, all escaped', event({ id: `"${'\\ud83d\\ude00'.repeat(10)}"` }), undefined],
  ['eleven code points', event({ id: `"${'é'.repeat(11)}"` }), 'schema_mismatch'],
  ['not in the enumeration', event({ kind: '"three"' }), 'schema_mismatch'],
  ['another case of an enumerated text', event({ kind: '"One"' }), 'schema_mismatch'],
  ['an enumerated text in escapes', event({ kind: '"\\u006fne"' }), undefined],
  ['not the constant', event({ fixed: '"other"' }), 'schema_mismatch'],
  ['a UUID without dashes', event({ uuid: '"baa1c6f1404b4eaf962a01dec28753f8"' }), 'schema_mismatch'],
  ['a UUID with a wrong letter', event({ uuid: '"gaa1c6f1-404b-4eaf-962a-01dec28753f8"' }), 'schema_mismatch'],
  ['against the pattern', event({ hex: '"12xz"' }), 'schema_mismatch'],
  ['a pattern met by escapes', event({ hex: '"\\u0061"' }), undefined],
];

const keys: readonly Row[] = [
  ['a declared key twice', event({}).replace('}', ',"id":"e2"}'), 'duplicate_key'],
  ['an undeclared key twice', event({ u: '1' }).replace('}', ',"u":1}'), 'duplicate_key'],
  ['a key twice with equal values', event({}).replace('}', ',"id":"e1"}'), 'duplicate_key'],
  ['a key twice, once in escapes', event({}).replace('}', ',"\\u0069d":"e2"}'), 'duplicate_key'],
  ['a key twice in a nested object', event({ any: '{"a":1,"a":2}' }), 'duplicate_key'],
  ['a key twice in an object of a list', event({ any: '[{"a":1},{"b":1,"b":1}]' }), 'duplicate_key'],
  ['the empty key twice', event({ any: '{"":1,"":1}' }), 'duplicate_key'],
  ['the same key in two objects', event({ any: '[{"a":1},{"a":1}]' }), undefined],
  ['__proto__', event({ __proto: '1' }).replace('__proto', '__proto__'), undefined],
  ['__proto__ twice', event({ p: '1' }).replace('"p":1', '"__proto__":{"x":1},"__proto__":{}'), 'duplicate_key'],
  [
    '__proto__ that would pollute',
    event({ any: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}' }),
    undefined,
  ],
  ['toString and constructor as members', event({ toString: '1', constructor: '"x"', hasOwnProperty: 'null' }), undefined],
  ['constructor in an object that allows only a', event({ nested: '{"a":1,"constructor":1}' }), 'schema_mismatch'],
  ['__proto__ in an object that allows only a', event({ nested: '{"a":1,"__proto__":1}' }), 'schema_mismatch'],
  ['no id', `{"at":${TIME}}`, 'missing_field'],
  ['no event time', '{"id":"e1"}', 'missing_field'],
  ['an empty object', '{}', 'missing_field'],
  ['a required member of a nested object is missing', event({ nested: '{}' }), 'missing_field'],
  ['an undeclared member of a closed object', event({ nested: '{"a":1,"b":2}' }), 'schema_mismatch'],
];

const types: readonly Row[] = [
  ['an array for the message', `[${event({})}]`, 'wrong_type'],
  ['null for the message', 'null', 'wrong_type'],
  ['a text for the message', '"text"', 'wrong_type'],
  ['a number for the message', '17', 'wrong_type'],
  ['a number for a text', event({ id: '1' }), 'wrong_type'],
  ['null for a text', event({ id: 'null' }), 'wrong_type'],
  ['null for an optional text', event({ kind: 'null' }), 'wrong_type'],
  ['null where null is allowed', event({ maybe: 'null' }), undefined],
  ['null for the event time', event({ at: 'null' }), 'wrong_type'],
  ['a number for the event time', event({ at: '1788765432' }), 'wrong_type'],
  ['a text for an integer', event({ n: '"1"' }), 'wrong_type'],
  ['a fraction for an integer', event({ n: '1.5' }), 'wrong_type'],
  ['a fraction that float64 cannot see', event({ free: '4503599627370496.3' }), 'wrong_type'],
  ['almost one', event({ free: '0.99999999999999999999999' }), 'wrong_type'],
  ['1.0 is an integer', event({ n: '1.0' }), undefined],
  ['1e2 is an integer', event({ n: '1e2' }), undefined],
  ['120e-1 is an integer', event({ n: '120e-1' }), undefined],
  ['1e-1 is no integer', event({ n: '1e-1' }), 'wrong_type'],
  ['true for an integer', event({ n: 'true' }), 'wrong_type'],
  ['a list for an integer', event({ n: '[1]' }), 'wrong_type'],
  ['an object for a text', event({ id: '{"a":1}' }), 'wrong_type'],
  ['0 for a boolean', event({ flag: '0' }), 'wrong_type'],
  ['"true" for a boolean', event({ flag: '"true"' }), 'wrong_type'],
  ['a text for a list', event({ tags: '"a"' }), 'wrong_type'],
  ['a number in a list of texts', event({ tags: '["a",1]' }), 'wrong_type'],
  ['null in a list of texts', event({ tags: '[null]' }), 'wrong_type'],
  ['a list in a list of texts', event({ tags: '[["a"]]' }), 'wrong_type'],
  ['four elements where three are allowed', event({ tags: '["a","b","c","d"]' }), 'schema_mismatch'],
  ['equal elements', event({ tags: '["a","a"]' }), 'schema_mismatch'],
  ['equal elements, one in escapes', event({ tags: '["a","\\u0061"]' }), 'schema_mismatch'],
  ['an element that is too long', event({ tags: '["toolong"]' }), 'schema_mismatch'],
  ['a list for an object', event({ nested: '[]' }), 'wrong_type'],
  ['a text inside a nested object', event({ nested: '{"a":"1"}' }), 'wrong_type'],
];

const numbers: readonly Row[] = [
  ['2^53 − 1', event({ free: '9007199254740991' }), undefined],
  ['2^53', event({ free: '9007199254740992' }), 'number_out_of_range'],
  ['2^53 + 1, which float64 rounds down', event({ free: '9007199254740993' }), 'number_out_of_range'],
  ['−2^53', event({ free: '-9007199254740992' }), 'number_out_of_range'],
  ['2^64', event({ free: '18446744073709551616' }), 'number_out_of_range'],
  ['1e30 for an integer', event({ free: '1e30' }), 'number_out_of_range'],
  ['a thousand digits', event({ free: '9'.repeat(1000) }), 'number_out_of_range'],
  ['beyond its maximum', event({ n: '1e300' }), 'out_of_range'],
  ['1e999', event({ x: '1e999' }), 'number_out_of_range'],
  ['−1e999', event({ x: '-1e999' }), 'number_out_of_range'],
  ['1e999 in an undeclared member', event({ u: '[1e999]' }), 'number_out_of_range'],
  ['1e308', event({ x: '1e308' }), undefined],
  ['1e-400, which float64 makes 0', event({ x: '1e-400' }), 'number_out_of_range'],
  ['0e-400 is 0', event({ x: '0e-400' }), undefined],
  ['an exponent of twenty digits', event({ x: '1e99999999999999999999' }), 'number_out_of_range'],
  ['a negative exponent of twenty digits', event({ x: '1e-99999999999999999999' }), 'number_out_of_range'],
  ['below the minimum', event({ small: '-1' }), 'out_of_range'],
  ['at the exclusive maximum', event({ small: '10' }), 'out_of_range'],
  ['at the minimum', event({ small: '0' }), undefined],
  ['at the exclusive minimum', event({ ratio: '0' }), 'out_of_range'],
  ['above the maximum', event({ ratio: '1.0000001' }), 'out_of_range'],
  ['a price of 19.99', event({ price: '19.99' }), undefined],
  ['a price in a text', event({ price: '"19.99"' }), undefined],
  ['a price with zeros behind', event({ price: '19.9900' }), undefined],
  ['a price of 1999e-2', event({ price: '1999e-2' }), undefined],
  ['a price of three digits', event({ price: '19.999' }), 'decimal_inexact'],
  ['a price that a float computed', event({ price: '49.900000000000006' }), 'decimal_inexact'],
  ['a price of 1e-9', event({ price: '1e-9' }), 'decimal_inexact'],
  ['a price too large for its digits', event({ price: '90071992547409.92' }), 'number_out_of_range'],
  ['a price with a currency', event({ price: '"$19.99"' }), 'wrong_type'],
  ['a price with a comma', event({ price: '"19,99"' }), 'wrong_type'],
  ['an empty price', event({ price: '""' }), 'wrong_type'],
  ['a price with a space', event({ price: '" 1"' }), 'wrong_type'],
  ['NaN as a price', event({ price: '"NaN"' }), 'wrong_type'],
];

const times: readonly Row[] = [
  ['30 February', event({ at: '"2026-02-30T00:00:00Z"' }), 'invalid_timestamp'],
  ['29 February of a common year', event({ at: '"2026-02-29T00:00:00Z"' }), 'invalid_timestamp'],
  ['29 February of 1900', event({ at: '"1900-02-29T00:00:00Z"' }), 'invalid_timestamp'],
  ['29 February of a leap year', event({ at: '"2024-02-29T00:00:00Z"' }), undefined],
  ['month 13', event({ at: '"2026-13-01T00:00:00Z"' }), 'invalid_timestamp'],
  ['month 0', event({ at: '"2026-00-01T00:00:00Z"' }), 'invalid_timestamp'],
  ['day 0', event({ at: '"2026-01-00T00:00:00Z"' }), 'invalid_timestamp'],
  ['31 April', event({ at: '"2026-04-31T00:00:00Z"' }), 'invalid_timestamp'],
  ['hour 24', event({ at: '"2026-09-07T24:00:00Z"' }), 'invalid_timestamp'],
  ['minute 60', event({ at: '"2026-09-07T00:60:00Z"' }), 'invalid_timestamp'],
  ['a leap second', event({ at: '"2016-12-31T23:59:60Z"' }), 'invalid_timestamp'],
  ['no zone', event({ at: '"2026-09-07T07:17:12"' }), 'invalid_timestamp'],
  ['a zone without colon', event({ at: '"2026-09-07T07:17:12+0200"' }), 'invalid_timestamp'],
  ['a zone of 24 hours', event({ at: '"2026-09-07T07:17:12+24:00"' }), 'invalid_timestamp'],
  ['a space for T', event({ at: '"2026-09-07 07:17:12Z"' }), 'invalid_timestamp'],
  ['a date alone', event({ at: '"2026-09-07"' }), 'invalid_timestamp'],
  ['no seconds', event({ at: '"2026-09-07T07:17Z"' }), 'invalid_timestamp'],
  ['a point without digits', event({ at: '"2026-09-07T07:17:12.Z"' }), 'invalid_timestamp'],
  ['a comma for the point', event({ at: '"2026-09-07T07:17:12,5Z"' }), 'invalid_timestamp'],
  ['spaces around', event({ at: '" 2026-09-07T07:17:12Z "' }), 'invalid_timestamp'],
  ['a year of five digits', event({ at: '"12026-09-07T07:17:12Z"' }), 'invalid_timestamp'],
  ['the year 1600', event({ at: '"1600-01-01T00:00:00Z"' }), 'invalid_timestamp'],
  ['the year 9999', event({ at: '"9999-12-31T23:59:59Z"' }), 'invalid_timestamp'],
  ['epoch seconds in a text', event({ at: '"1788765432"' }), 'invalid_timestamp'],
  ['an empty text', event({ at: '""' }), 'invalid_timestamp'],
  ['now', event({ at: '"now"' }), 'invalid_timestamp'],
  ['full-width digits', event({ at: '"２026-09-07T07:17:12Z"' }), 'invalid_timestamp'],
  ['twelve digits of a second are cut', event({ at: '"2026-09-07T07:17:12.123456789012Z"' }), undefined],
  ['an hour west', event({ at: '"2026-09-07T07:17:12-01:00"' }), undefined],
  ['small letters', event({ at: '"2026-09-07t07:17:12z"' }), undefined],
  ['the last microsecond', event({ at: '"2255-06-05T23:47:34.740991Z"' }), undefined],
  ['one microsecond later', event({ at: '"2255-06-05T23:47:34.740992Z"' }), 'invalid_timestamp'],
  ['epoch ms', event({ epoch: '1788765432250' }), undefined],
  ['epoch ms with digits past µs', event({ epoch: '1788765432250.12345' }), undefined],
  ['epoch ms in the year 5000', event({ epoch: '95617584000000' }), 'invalid_timestamp'],
  ['epoch ms of 1e300', event({ epoch: '1e300' }), 'invalid_timestamp'],
  ['epoch ms in a text', event({ epoch: '"1788765432250"' }), 'wrong_type'],
];

const groups: Readonly<Record<string, readonly Row[]>> = { size, encoding, grammar, texts, keys, types, numbers, times };

export const namedMessages: readonly NamedMessage[] = Object.entries(groups).flatMap(([group, rows]) =>
  rows.map(([name, message, code]) => ({ name: `${group}: ${name}`, message, code })),
);
