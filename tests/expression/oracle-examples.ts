/** Expressions over the fixture's columns, each compared with PostgreSQL row by row. */
export const EXAMPLES: readonly string[] = `
i + k | i - k | i * k | i / k | k / i | i % k | -i | +i | - k | i / 2 | -7 / 2 | -7 % 3 | i + f | f * g | f / g | g / f | f - g | f ^ 2 | d + e | d - e | d * e | d / e | e / d | d % e | mod(d, e)
mod(i, k) | d + i | d * i | d * 1.5 | d + 1.505 | d > 1.5 | -d | i + 1.5 | d = 1.99 | d + f | i = d | d = e | 1.0 | 1e3 | .5 | 1e-7::text | (1e15)::text | f::text | g::text | d::text | e::text | i::text
abs(i) | abs(f) | abs(d) | round(f) | round(d) | round(d, 1) | round(e, 3) | round(d, -1) | round(i) | trunc(f) | trunc(d) | trunc(d, 1) | trunc(d, -1) | floor(f) | floor(d) | ceil(f) | ceiling(d) | ceil(i) | sign(f) | sqrt(f) | sqrt(k)
i = k | i <> k | i != k | i < k | i <= k | i > k | i >= k | f < g | f = 1.5 | t = 'abc' | t <> 'abc' | t < 'abc' | 'abc' < t | t >= u | u = E'x\\\\y"z\\n' | u = '' | u < 'a' | u = 'e😀f' | t = v | t < v | v > t | t <= v | v = 'ß' | b = c | b < c | b >= c | s = r | s < r | l = l | l < ARRAY['b'] | l = ARRAY['a','b'] | s > '2026-01-01' | s > '2026-01-01 10:00+02'
i IS NULL | i IS NOT NULL | t IS NULL | j IS NULL | l IS NOT NULL | b IS TRUE | b IS NOT TRUE | b IS FALSE | b IS NOT FALSE | b IS UNKNOWN | b IS NOT UNKNOWN | i IS DISTINCT FROM k | i IS NOT DISTINCT FROM NULL | t IS DISTINCT FROM v | t IS NOT DISTINCT FROM v | s IS DISTINCT FROM r
b AND c | b OR c | NOT b | b AND i > 0 | b OR i > 0 OR c | k <> 0 AND i / k > 0 | i <> 0 AND k / i > 0 | i = 0 OR k / i > 0 | b AND NULL | b OR NULL | NULL::boolean AND c
t || u | t || i | f || t | t || b | d || '!' | '!' || s | l || l | l || ARRAY['z'] | concat(t, i, b, f, d, s, l, j) | concat(t) | concat_ws('-', t, v, i) | concat_ws(t, 'a', 'b') | format('%s-%s%%', t, i) | format('%s', l) | format('%s', b) | format('x')
CASE WHEN i > 0 THEN 'pos' WHEN i < 0 THEN 'neg' END | CASE i WHEN 1 THEN 1 WHEN 42 THEN 1.5 ELSE d END | CASE WHEN b THEN t ELSE u END | CASE WHEN k <> 0 THEN i / k ELSE -1 END | CASE t WHEN 'abc' THEN v WHEN 'ABC' THEN t ELSE 'x' END | CASE WHEN b THEN l END | CASE WHEN c THEN j END | CASE WHEN b THEN s - r END > interval '1 hour'
coalesce(i, k) | coalesce(t, v, u) | coalesce(t, v) | coalesce(t, 'none') | coalesce(i, d, f) | coalesce(NULL, i) | coalesce(l, ARRAY['q']) | coalesce(j, '{}') | coalesce(s, r) | coalesce(b, c) | coalesce(i, k / 0) | coalesce(NULL, NULL)
nullif(i, 1) | nullif(t, 'abc') | nullif(t, v) | nullif(i, 1.5) | nullif(u, '') | nullif(b, c) | nullif(s, r) | greatest(i, k) | least(i, k, 3) | greatest(f, i) | least(t, u, v) | greatest(t, 'b') | greatest(d, e) | least(s, r) | greatest(b, c) | least(d, 1.505) | greatest(NULL, i)
i IN (1, 42) | i NOT IN (1, 42) | i IN (1, NULL) | i NOT IN (1, NULL) | t IN ('abc', 'ABC', '') | u IN ('', 'x') | u NOT IN ('', 'x') | i IN (k, 1) | i NOT IN (k, 2) | d IN (1.99, 5) | f IN (0, 1.5) | s IN ('2026-09-07 07:17:12.25+00') | b IN (true) | i IN (1, k / 1) | t IN (v, 'abc')
t = ANY(ARRAY['abc', 'x']) | t = ANY(l) | v = ANY(l) | u <> ALL(l) | t <> ALL(ARRAY['abc', NULL]) | i = ANY(ARRAY[1, 42]) | i = ANY('{1,42}') | t = ANY('{abc,"x y",NULL}') | t LIKE ANY(ARRAY['a%', '%C']) | t NOT LIKE ALL(ARRAY['a%', '%C']) | i < ANY(ARRAY[1, 2]) | 'x' = ANY(l) | i = ANY('{}')
i BETWEEN 0 AND 10 | i NOT BETWEEN 0 AND 10 | i BETWEEN SYMMETRIC 10 AND 0 | i NOT BETWEEN SYMMETRIC 10 AND k | t BETWEEN 'a' AND 'b' | s BETWEEN r AND '2027-01-01' | d BETWEEN 0 AND 1.999
t LIKE 'a%' | t LIKE '%c' | t LIKE '%b%' | t LIKE 'abc' | t LIKE 'a_c' | t LIKE '%' | t LIKE '' | t LIKE 'a\\%b\\_c' | t LIKE 'a!%b%' ESCAPE '!' | t NOT LIKE 'a%' | t ILIKE 'A%' | t NOT ILIKE '%àÉ%' | u LIKE '%😀%' | u LIKE '_😀_' | u LIKE '_' | t LIKE v || '%' | t ILIKE '%σσ' | u LIKE '%o%o%' | u LIKE '%%_o_%'
t ~ 'b' | t ~ '^a' | t !~ 'c$' | t ~* 'abc' | t !~* '^ABC$' | t ~ '[A-Z]+' | t ~ '^\\w+$' | t ~ '\\d{2}' | u ~ '\\s' | u ~ '^.$' | u ~ '.\\.b' | t ~ '(a|ab)(c|bcd)?$' | u ~ '[^a-z]' | t ~ '[[:alpha:]]' | t ~ '[[:upper:]]' | t ~* '[[:upper:]]' | t ~ 'é' | t ~* 'À' | u ~ '\\n' | t ~ '^\\s*\\S+\\s*$' | t ~ 'a{2}' | t ~ '' | t ~ '\\W' | u ~ '[\\d,]' | u ~ '^[^\\s]*$' | u ~ '\\u00e9|\\\\' | u ~ 'a.*?b'
lower(t) | upper(t) | lower(u) | upper(u) | length(t) | length(u) | char_length(t) | octet_length(t) | octet_length(u) | substr(t, 2) | substr(u, 2, 3) | substr(u, 0, 2) | substr(u, -1, 3) | substr(u, 2, i) | substring(u from 2 for 1) | substring(u for 2) | left(u, 2) | left(u, -2) | right(u, 2) | right(u, -2) | right(t, i) | left(t, 0)
position('b' in t) | position('' in t) | position('f' in u) | strpos(u, 'o') | split_part(u, '.', 2) | split_part(u, ',', -1) | split_part(u, ',', 3) | split_part(u, '', 1) | split_part(u, '.', k) | split_part(u, '.', 9) | trim(t) | ltrim(t) | rtrim(t) | btrim(t, ' ad') | trim(both 'a' from t) | trim(leading 'xyz' from u) | trim(trailing from t) | trim(t, v)
replace(t, 'b', 'XX') | replace(u, '', 'x') | replace(u, 'o', '') | starts_with(t, 'a') | starts_with(t, v) | regexp_replace(u, 'o', '0') | regexp_replace(u, 'o', '0', 'g') | regexp_replace(u, '(\\w)(\\w)', '\\2\\1', 'g') | regexp_replace(t, 'B', '[\\&]', 'i') | regexp_replace(u, 'x*', '-', 'g') | regexp_replace(u, '', '|', 'g') | regexp_replace(u, '^', '>', 'g') | regexp_replace(u, 'l|lo', 'L', 'g') | regexp_replace(u, '(a)?b', '<\\1>', 'g') | regexp_replace(u, 'o', t) | regexp_replace(u, '[aeiou]+', '\\\\', 'gi') | regexp_replace(u, '(l+)(o)?', '{\\1\\2}', 'g')
cardinality(l) | l[1] | l[2] | l[0] | l[-1] | l[k] | array_to_string(l, ',') | array_to_string(l, ',', '*') | array_to_string(l, t) | array_to_string(l, '-', v) | l::text | ARRAY['a', t, v] | ARRAY[t]::text | cardinality(ARRAY[t, v]) | '{a,"b c",NULL,"NULL"}'::text[] | ('{' || i || '}')::text[]
j -> 'a' | j -> 'b' | j -> 'b' -> 1 | j -> 'b' ->> 1 | j ->> 'a' | j ->> 's' | j -> 'c' ->> 'd' | j ->> 1 | j -> -1 | j ->> -1 | j -> 9 | j ->> t | j -> k | j ->> 'n' | j ->> 't' | j::text | (j ->> 'a')::int | (j -> 'b')::text | j -> 3 ->> 'k'
to_json(t) | to_json(u) | to_json(i) | to_json(f) | to_json(d) | to_json(b) | to_json(s) | to_json(l) | to_json(j) | json_build_object('a', i, 'b', t, 'c', l, 'd', j, 'e', s) | json_build_object(t, 1) | json_build_object(u, NULL) | json_build_array(i, t, NULL, b) | json_build_object() | json_array_length(coalesce(j -> 'b', '[]'))
t::int | u::float8 | v::int | v::numeric(10, 2) | u::numeric(4, 1) | '12'::int + i | f::int | g::int | d::int | e::int | i::float8 | d::float8 | f::numeric(15, 3) | i::numeric(10, 2) | i::numeric(3, 0) | d::numeric(3, 1) | e::numeric(10, 0) | b::int | b::text | ' TRUE '::boolean | 'off'::boolean | t::boolean | i::numeric + d | ' 1_000 '::int | '0x1F'::int
'2026-09-07 07:17:12.25+00'::timestamptz | '2026-09-07T07:17:12Z'::timestamptz | '2026-09-07'::timestamptz | '2026-09-07 07:17'::timestamptz | '2026-09-07 07:17:12.1234567+0530'::timestamptz | s::text | r::text | ('2026-02-' || (k + 24))::timestamptz
s + interval '1 hour' | s - interval '1 day' | r + interval '1 month' | r - interval '1 month' | r + interval '1 year 2 mons 3 days 04:05:06.7' | interval '90 minutes' + r | s - r > interval '1 day' | extract(epoch from s - r) | s + (s - r) | r + i * interval '1 hour' | r + interval '1 hour' * f | r + interval '1 day' / 7 | r + interval '1 month' * 1.5 | r - interval '1.5 hours' | r + interval '-1 day +02:00' | r + interval '2 weeks' | r + '1 day' | r + interval '1 day ago' | r + (interval '1 day' - interval '25 hours') | r + -interval '1 day' | s - r = interval '0' | interval '1 month' = interval '30 days' | interval '24 hours' = interval '1 day' | s - '2026-01-01' > '1 day' | (s - r)::text | (interval '1 year -1 day 01:02:03.5')::text | (interval '-1 mon 3 days -00:00:01')::text | (i * interval '1.25 hours')::text | ('0'::interval)::text | greatest(s - r, '1 day') = '1 day' | (interval '1 day' * 2.7 + interval '1 mon' * 0.3)::text
${['epoch', 'year', 'month', 'day', 'hour', 'minute', 'second', 'milliseconds', 'microseconds', 'dow', 'isodow', 'doy', 'week', 'isoyear', 'quarter', 'decade', 'century', 'millennium'].map((field) => `extract(${field} from s) | extract(${field} from r) | date_part('${field}', r)`).join(' | ')}
${['epoch', 'year', 'month', 'day', 'hour', 'minute', 'second', 'milliseconds', 'microseconds', 'quarter', 'decade', 'century', 'millennium', 'week'].map((field) => `extract(${field} from interval '13 years 5 mons 40 days 30:05:06.789' + (s - r)) | extract(${field} from interval '-5 mons -3 days -01:00:01.5' + (r - r))`).join(' | ')}
${['microseconds', 'milliseconds', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', 'decade', 'century'].map((unit) => `date_trunc('${unit}', s) | date_trunc('${unit}', r)`).join(' | ')}
date_bin('15 minutes', s, r) | date_bin('15 minutes', r, '2026-01-01') | date_bin('1 day 1 hour', s, '2000-01-01') | date_bin('-1 day', s, r) | date_bin('1 month', s, r) | date_bin(s - r, r, s) | to_timestamp(f) | to_timestamp(i) | to_timestamp(1789000000.123456)
f + 1e308 + 1e308 | g * g | g / 1e300 | 1 / g | i / (k - k) | d % (e - e) | sqrt(i) | split_part(u, '.', i * 0) | substr(t, 1, -1) | (t || 'x')::int | (u || 'x')::float8 | i = NULL | i + NULL | NULL | 'text' | true | i::text::int | f::text::float8
`
  .split(/ \| |\n/)
  .filter((text) => text.trim() !== '');

/** Compared within a relative bound: both use the C library's functions of their platform. */
export const INEXACT: readonly string[] = [
  'power(f, 2)',
  'pow(k, 0.5)',
  'power(i, k)',
  'f ^ g',
  'power(f, 400)',
  'ln(k)',
  'ln(f)',
  'ln(i)',
  'log(k)',
  'log(i)',
  'exp(k)',
  'exp(f)',
  'exp(i)',
  'exp(g)',
];
