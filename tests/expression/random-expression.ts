import * as fc from 'fast-check';

/** Random expressions over the fixture's columns, in the user's language; typed by construction. */
type Kind = 'integer' | 'float' | 'decimal' | 'text' | 'boolean' | 'timestamp' | 'interval' | 'list' | 'json';

const COLUMNS: Readonly<Record<Kind, readonly string[]>> = {
  integer: ['i', 'k'],
  float: ['f', 'g'],
  decimal: ['d', 'e'],
  text: ['t', 'u', 'v'],
  boolean: ['b', 'c'],
  timestamp: ['s', 'r'],
  interval: ['(s - r)'],
  list: ['l'],
  json: ['j'],
};

const LITERALS: Readonly<Record<Kind, readonly string[]>> = {
  integer: ['0', '1', '-3', '12', 'NULL::int'],
  float: ['0.5', '2.5e0', '1e300', '-1.25', '3.0'],
  decimal: ['1.5::numeric(10,1)', '0::numeric(5,2)', '-2.25::numeric(5,2)'],
  text: ["'abc'", "'a'", "'é'", "''", "'😀'", "'x,y'", 'NULL::text'],
  boolean: ['(i = 1)', '(t IS NULL)'],
  timestamp: ["timestamptz '2026-09-07 07:17:12.25+00'", "'2024-02-29'::timestamptz"],
  interval: ["interval '1 day 02:00'", "interval '1 mon'", "interval '-90 min'"],
  list: ["ARRAY['a', v]", "'{abc,NULL}'::text[]"],
  json: ["json_build_object('a', i, 'b', t)", '\'[1,"x"]\'::json'],
};

/** $type takes a sub-expression of that type. */
const FORMS: Readonly<Record<Kind, readonly string[]>> = {
  integer: [
    ...['+', '-', '*', '/', '%'].map((op) => `($integer ${op} $integer)`),
    'length($text)',
    'abs($integer)',
    '-($integer)',
    'coalesce($integer, $integer)',
    'CASE WHEN $boolean THEN $integer ELSE $integer END',
    'greatest($integer, $integer)',
    'nullif($integer, $integer)',
    'strpos($text, $text)',
    'cardinality($list)',
    '($float)::int',
    '($decimal)::int',
    'mod($integer, $integer)',
    '($text)::int',
  ],
  float: [
    ...['+', '-', '*', '/'].flatMap((op) => [`($float ${op} $float)`, `($integer ${op} $float)`]),
    '($decimal / $integer)',
    'round($float)',
    'floor($decimal)',
    'sqrt($float)',
    'extract(epoch from $interval)',
    'extract(hour from $timestamp)',
    'coalesce($float, $decimal)',
    'least($float, $integer)',
    'CASE WHEN $boolean THEN $float ELSE $integer END',
  ],
  decimal: [
    '($decimal + $decimal)',
    '($decimal - $integer)',
    '($decimal * $integer)',
    'round($decimal, 1)',
    'abs($decimal)',
    'coalesce($decimal, 0.5)',
    '($decimal % $decimal)',
    '($integer)::numeric(12, 2)',
    '($float)::numeric(15, 3)',
    'greatest($decimal, $decimal)',
  ],
  text: [
    '($text || $text)',
    'lower($text)',
    'upper($text)',
    'substr($text, $integer)',
    'substr($text, $integer, $integer)',
    "split_part($text, ',', $integer)",
    'trim($text)',
    'replace($text, $text, $text)',
    'coalesce($text, $text)',
    'CASE WHEN $boolean THEN $text WHEN $boolean THEN $text END',
    '($integer)::text',
    '($float)::text',
    '($decimal)::text',
    '($boolean)::text',
    '($timestamp)::text',
    'concat($text, $integer, $boolean, $float)',
    "format('%s/%s', $text, $decimal)",
    "array_to_string($list, '-')",
    '($list)[$integer]',
    "($json ->> 'a')",
    '($json ->> $integer)',
    "regexp_replace($text, '[a-c]+', '<\\&>', 'g')",
    'nullif($text, $text)',
    'least($text, $text)',
    'left($text, $integer)',
    '($json)::text',
  ],
  boolean: [
    ...['=', '<>', '<', '<=', '>', '>='].flatMap((op) => [
      `($integer ${op} $integer)`,
      `($float ${op} $integer)`,
      `($text ${op} $text)`,
      `($decimal ${op} $float)`,
    ]),
    '($timestamp < $timestamp)',
    '($interval > $interval)',
    '($boolean AND $boolean)',
    '($boolean OR $boolean)',
    '($boolean AND $boolean AND $boolean)',
    'NOT $boolean',
    '$text IS NULL',
    '($boolean) IS NOT TRUE',
    '($integer IS DISTINCT FROM $integer)',
    '($text IS NOT DISTINCT FROM $text)',
    '$integer IN (1, 12, $integer)',
    "$text NOT IN ('abc', '', $text)",
    '$text = ANY($list)',
    '$integer BETWEEN $integer AND $integer',
    "$text LIKE '%a%'",
    "$text ILIKE 'A_%'",
    '$text LIKE $text',
    "$text ~ '^[a-zé]+'",
    "$text ~* 'b|X'",
    'starts_with($text, $text)',
    'coalesce($boolean, $boolean)',
  ],
  timestamp: [
    '($timestamp + $interval)',
    '($timestamp - $interval)',
    "date_trunc('hour', $timestamp)",
    "date_trunc('month', $timestamp)",
    'coalesce($timestamp, $timestamp)',
    "date_bin('7 minutes', $timestamp, $timestamp)",
    'greatest($timestamp, $timestamp)',
  ],
  interval: ['($timestamp - $timestamp)', '($interval + $interval)', '($interval * $integer)', "($integer * interval '1 minute')"],
  list: ['ARRAY[$text, $text]', '($list || $list)', 'coalesce($list, $list)'],
  json: [
    "($json -> 'b')",
    "json_build_object('k', $integer, 'm', $text, 'n', $float, 'o', $json)",
    'to_json($text)',
    'to_json($timestamp)',
    'json_build_array($decimal, $boolean, $list)',
    '($json -> 1)',
  ],
};

const RESULTS: readonly Kind[] = ['integer', 'float', 'decimal', 'text', 'boolean', 'boolean', 'timestamp', 'list', 'json', 'text'];

function ofKind(kind: Kind, depth: number): fc.Arbitrary<string> {
  // a column in most places: PostgreSQL computes constant parts when it plans, also where no row would reach them
  const leaf = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...COLUMNS[kind]) },
    { weight: 1, arbitrary: fc.constantFrom(...LITERALS[kind]) },
  );
  if (depth === 0) return leaf;
  const form = fc.constantFrom(...FORMS[kind]).chain((text) => {
    const parts = text.split(/\$([a-z]+)/);
    const inner = parts.map((part, i) => (i % 2 === 1 ? ofKind(part as Kind, depth - 1) : fc.constant(part)));
    return fc.tuple(...inner).map((pieces) => pieces.join(''));
  });
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 4, arbitrary: form });
}

export const randomExpression: fc.Arbitrary<string> = fc
  .constantFrom(...RESULTS)
  .chain((kind) => fc.integer({ min: 1, max: 3 }).chain((depth) => ofKind(kind, depth)));
