import { beforeAll, describe, expect, test } from 'vitest';
import type { PhysicalField } from '../model/batch.ts';
import type { Field, Schema } from '../model/schema.ts';
import type { Type } from '../model/type.ts';
import { batchOf, columnOf } from './column-fixture.ts';
import {
  analyse,
  analyseAggregate,
  compile,
  compileCondition,
  FailedRows,
  functionList,
  loadParser,
  sqlOf,
  type AggregateSignature,
  type Typed,
} from './expression.ts';
import type { Value } from './typed.ts';

beforeAll(loadParser);

const FIELDS: readonly PhysicalField[] = [
  { name: 'channel', type: 'text', nullable: true, as: 'dictionary' },
  { name: 'stream_id', type: 'text', nullable: true, as: 'dictionary' },
  { name: 'message', type: 'text', nullable: false, as: 'bytes' },
  { name: 'userId', type: 'text', nullable: false, as: 'bytes' },
  { name: 'user', type: 'text', nullable: true, as: 'bytes' },
  { name: 'amount', type: 'decimal(2)', nullable: true, as: 'number' },
  { name: 'bits', type: 'integer', nullable: false, as: 'number' },
  { name: 'ratio', type: 'float', nullable: true, as: 'number' },
  { name: 'at', type: 'timestamp', nullable: false, as: 'number' },
  { name: 'emotes', type: 'text[]', nullable: true, as: 'list' },
  { name: 'metadata', type: 'json', nullable: true, as: 'bytes' },
  { name: 'größe', type: 'integer', nullable: true, as: 'number' },
];

function schemaOf(fields: readonly Field[]): Schema {
  return { fields, mode: { kind: 'append' }, keys: [], window: undefined, timed: true };
}
const SCHEMA = schemaOf(FIELDS);

function typed(text: string, wanted?: Type): Typed {
  const analysis = analyse(text, SCHEMA, wanted === undefined ? {} : { expect: wanted });
  if (!analysis.ok) throw new Error(JSON.stringify(analysis.problems));
  return analysis.expression;
}

function problems(text: string, wanted?: Type): readonly unknown[] {
  const analysis = analyse(text, SCHEMA, wanted === undefined ? {} : { expect: wanted });
  if (analysis.ok) throw new Error(`accepted: ${sqlOf(analysis.expression)}`);
  return analysis.problems.map(({ code, position, mend }) => [code, position, mend]);
}

describe('problems have a code, a place and a mend', () => {
  const cases: readonly (readonly [string, string, number | undefined, RegExp | undefined])[] = [
    ['', 'expression_empty', 0, /amount > 100/],
    ['   ', 'expression_empty', 0, undefined],
    ['bits +', 'expression_syntax', 6, undefined],
    ["message = 'open", 'expression_syntax', 10, undefined],
    ["'😀é' || message )", 'expression_syntax', 17, undefined],
    ['bits, amount', 'expression_one_value', 0, undefined],
    ['bits; SELECT 1', 'expression_one_value', 0, undefined],
    ['bits FROM chat', 'expression_one_value', 0, undefined],
    ['bits AS b', 'expression_one_value', 0, undefined],
    ["'😀é' || chanel", 'unknown_column', 9, /channel/],
    ['userId', 'unknown_column', 0, /"userId" in double quotes/],
    ['größe + grösse', 'unknown_column', 8, /größe/],
    ['zzzzzzzzz', 'unknown_column', 0, /The columns are/],
    ['chat.message', 'not_supported', 0, /message alone/],
    ['*', 'not_supported', 0, undefined],
    ['user', 'reserved_word', 0, /"user"/],
    ['lowre(message)', 'unknown_function', 0, /lower/],
    ['substr(message)', 'wrong_arguments', 0, /substr\(text, from/],
    ['bits + message', 'type_mismatch', 5, undefined],
    ['bits AND true', 'type_mismatch', 0, undefined],
    ["bits = 'many'", 'invalid_literal', 7, undefined],
    ["at > 'yesterday'", 'invalid_literal', 5, undefined],
    ['ratio % 2', 'type_mismatch', 6, /numeric/],
    ['round(ratio, 2)', 'type_mismatch', 0, /round\(x::numeric/],
    ['now()', 'volatile_function', 0, /event time/],
    ['bits > random()', 'volatile_function', 7, undefined],
    ['current_timestamp', 'volatile_function', 0, undefined],
    ['(SELECT 1)', 'subquery_not_allowed', 0, /join/],
    ['bits IN (SELECT 1)', 'subquery_not_allowed', 5, undefined],
    ['EXISTS (SELECT 1)', 'subquery_not_allowed', 0, undefined],
    ['sum(bits)', 'aggregate_not_allowed', 0, /window/],
    ['count(*) OVER ()', 'window_not_allowed', 0, undefined],
    ['metadata = metadata', 'json_comparison', 9, /->>/],
    ['at - at', 'interval_result', 0, /epoch/],
    ['amount * amount * amount * amount', 'decimal_scale', 25, /round/],
    ['ratio::numeric', 'unknown_type', 0, /numeric\(15, 2\)/],
    ['metadata::jsonb', 'unknown_type', 0, /json/],
    ['bits::boolean', 'cast_not_possible', 0, /<> 0/],
    ["message ~ '\\mfoo'", 'pattern_not_supported', 10, undefined],
    ["message ~ 'a(?=b)'", 'pattern_not_supported', 10, undefined],
    ["message ~ '(a)\\1'", 'pattern_not_supported', 10, undefined],
    ["message ~ '\\bfoo'", 'pattern_not_supported', 10, undefined],
    ["regexp_replace(message, 'a+?', 'b')", 'pattern_not_supported', 24, undefined],
    ['message ~ channel', 'constant_required', 10, undefined],
    ['\'a\' COLLATE "C" = message', 'not_supported', 4, /Leave it out/],
    ['$1 + 1', 'not_supported', 0, undefined],
    ['(bits, bits) = (1, 2)', 'not_supported', 0, undefined],
    ['9007199254740992', 'invalid_literal', 0, undefined],
    ["format('%d', bits)", 'invalid_literal', 7, undefined],
    ['extract(fortnight from at)', 'invalid_literal', 8, undefined],
    [`${'('.repeat(40)}1${'+1)'.repeat(40)}`, 'expression_too_deep', undefined, /derive/],
    [`bits IN (${'1, '.repeat(600)}1)`, 'expression_too_large', undefined, /derive/],
    [`message = '${'x'.repeat(5000)}'`, 'expression_too_long', 0, /derive/],
  ];
  test.each(cases)('[X6] %s → %s', (text, code, position, mend) => {
    const [[foundCode, foundPosition, foundMend]] = problems(text) as [[string, number, string | undefined]];
    expect(foundCode).toBe(code);
    if (position !== undefined) expect(foundPosition).toBe(position);
    if (mend !== undefined) expect(foundMend).toMatch(mend);
  });

  test('several mistakes are found at once', () => {
    expect(problems('chanel = 1 AND lowre(message) = 2').map((problem) => (problem as string[])[0])).toEqual([
      'unknown_column',
      'unknown_function',
    ]);
  });

  test('the expected type is named', () => {
    expect(problems('bits', 'boolean')).toEqual([['type_mismatch', 0, 'Write a condition, for example amount > 100.']]);
    expect(typed('NULL', 'integer').type).toBe('integer');
    expect(typed('bits', 'float').type).toBe('float');
  });
});

test.each([
  ['\\b', /word boundar/],
  ['\\mfoo', /word boundar/],
  ['foo\\M', /word boundar/],
  ['\\Yfoo', /word boundar/],
  ['(a)\\1', /back-reference/],
  ['a(?=b)', /look/],
  ['a(?!b)', /look/],
  ['(?<=a)b', /look/],
])('[X5] the pattern %s is refused with the reason', (pattern, reason) => {
  const analysis = analyse(`message ~ '${pattern}'`, SCHEMA);
  expect(analysis.ok ? [] : analysis.problems).toEqual([
    expect.objectContaining({ code: 'pattern_not_supported', message: expect.stringMatching(reason) as string }),
  ]);
});

test('[X5] a pattern that costs a backtracking machine 2^5000 steps is matched', () => {
  const layout: readonly PhysicalField[] = [{ name: 'message', type: 'text', nullable: false, as: 'bytes' }];
  const texts = ['a'.repeat(5000), `${'a'.repeat(5000)}!`];
  const columns = [
    columnOf(
      layout[0]!,
      texts.map((text) => text),
    ),
  ];
  const failed = new FailedRows();
  failed.reset(2);
  const { match, matchCount } = compileCondition(typed("message ~ '^(a+)+$'"), layout).select(batchOf(columns, 2), failed);
  expect(Array.from(match.slice(0, matchCount))).toEqual([0]);
});

test('[X4] sqlOf makes every cast explicit', () => {
  const texts = [
    'bits / 60.0',
    'amount * 1.5',
    "coalesce(channel, stream_id) = 'a''b'",
    '"userId"',
    '"user"',
    'ceil(bits)',
    'amount / 2',
    'extract(hour from at)',
    'length(message)',
  ];
  expect(texts.map((text) => `${text} : ${typed(text).type} = ${sqlOf(typed(text))}`)).toMatchInlineSnapshot(`
    [
      "bits / 60.0 : float = ((bits)::float8) / ('60'::float8)",
      "amount * 1.5 : decimal(3) = (amount) * ('1.5'::numeric(38,1))",
      "coalesce(channel, stream_id) = 'a''b' : boolean = (coalesce(channel, stream_id)) = ('a''b'::text)",
      ""userId" : text = "userId"",
      ""user" : text = "user"",
      "ceil(bits) : float = ceil((bits)::float8)",
      "amount / 2 : float = ((amount)::float8) / ('2'::float8)",
      "extract(hour from at) : float = (extract('hour' from at))::float8",
      "length(message) : integer = (length(message))::int8",
    ]
  `);
});

test('columns say where a dictionary pays', () => {
  expect(
    typed("coalesce(channel, stream_id) = 'x' AND lower(message) LIKE '%a%' AND user = ANY(emotes)".replace('user', '"user"'))
      .columns,
  ).toEqual({
    channel: 'dictionary',
    stream_id: 'dictionary',
    message: 'any',
    user: 'dictionary',
    emotes: 'any',
  });
});

const COUNT: AggregateSignature = {
  name: 'count',
  summary: '',
  star: true,
  distinct: true,
  options: 0,
  accepts: () => undefined,
  result: () => 'integer',
  nullable: false,
};
const SUM: AggregateSignature = {
  name: 'sum',
  summary: '',
  star: false,
  distinct: false,
  options: 0,
  accepts: (type) => (type === 'integer' || type === 'float' ? undefined : 'a number'),
  result: (type) => type!,
  nullable: true,
};
const TOP: AggregateSignature = {
  name: 'top',
  summary: '',
  star: false,
  distinct: false,
  options: 1,
  accepts: () => undefined,
  result: () => 'text[]',
  nullable: false,
};
const FUNCTIONS = [COUNT, SUM, TOP];
const KEYS: readonly Field[] = [{ name: 'stream_id', type: 'text', nullable: true }];

describe('[W2] expressions over aggregates', () => {
  const aggregate = (text: string) => analyseAggregate(text, SCHEMA, FUNCTIONS, { keys: KEYS });
  const accepted = (text: string) => {
    const analysis = aggregate(text);
    if (!analysis.ok) throw new Error(JSON.stringify(analysis.problems));
    return analysis;
  };

  test('calls are taken out and the rest is an expression over $0, $1 …', () => {
    const { calls, outer } = accepted('count(*) / 60.0 + sum(bits) FILTER (WHERE bits > 0) * count(*) + count(DISTINCT "userId")');
    expect(calls.map((call) => call.sql)).toEqual([
      'count(*)',
      "sum(bits) FILTER (WHERE (bits) > ('0'::int8))",
      'count(DISTINCT "userId")',
    ]);
    expect(calls.map((call) => [call.name, call.distinct, call.argument?.type, call.filter?.type, call.type])).toEqual([
      ['count', false, undefined, undefined, 'integer'],
      ['sum', false, 'integer', 'boolean', 'integer'],
      ['count', true, 'text', undefined, 'integer'],
    ]);
    expect(outer.type).toBe('float');
    expect(Object.keys(outer.columns)).toEqual(['$0', '$1', '$2']);
    expect(calls[2]!.argument!.columns).toEqual({ userId: 'dictionary' });
  });

  test('options are constants; group keys stand outside', () => {
    const { calls, outer } = accepted('top(emotes, 10)');
    expect(calls[0]!.options).toEqual([10]);
    expect(outer.type).toBe('text[]');
    expect(accepted("stream_id || ': ' || count(*)").outer.columns).toEqual({ stream_id: 'any', $0: 'any' });
  });

  test('an outer expression runs over the finished aggregates', () => {
    const { outer } = accepted('count(*) / 60.0');
    const layout: PhysicalField[] = [{ name: '$0', type: 'integer', nullable: false, as: 'number' }];
    const column = compile(outer, layout).evaluate(batchOf([columnOf(layout[0]!, [30, 90])], 2), fresh(2));
    expect(column.kind === 'number' && Array.from(column.values.slice(0, 2))).toEqual([0.5, 1.5]);
  });

  test.each([
    ['sum(count(*))', 'nested_aggregate', 4],
    ['bits + count(*)', 'not_grouped', 0],
    ['sum(message)', 'type_mismatch', 4],
    ['sum(*)', 'wrong_arguments', 0],
    ['top(emotes)', 'wrong_arguments', 0],
    ['top(emotes, bits)', 'constant_required', 12],
    ['sum(DISTINCT bits)', 'not_supported', 0],
    ['count(bits ORDER BY at)', 'not_supported', 0],
    ['count(*) OVER ()', 'window_not_allowed', 0],
    ['cuont(*)', 'unknown_function', 0],
    ['count(DISTINCT metadata)', 'json_comparison', 0],
  ])('%s → %s', (text, code, position) => {
    const analysis = aggregate(text);
    expect(analysis.ok ? 'accepted' : [analysis.problems[0]!.code, analysis.problems[0]!.position]).toEqual([code, position]);
  });
});

function fresh(length: number): FailedRows {
  const failed = new FailedRows();
  failed.reset(length);
  return failed;
}

describe('kernels', () => {
  const layout: readonly PhysicalField[] = [
    { name: 'bits', type: 'integer', nullable: true, as: 'number' },
    { name: 'channel', type: 'text', nullable: true, as: 'dictionary' },
    { name: 'stream_id', type: 'text', nullable: true, as: 'dictionary' },
    { name: 'message', type: 'text', nullable: true, as: 'bytes' },
  ];
  const rows: readonly (readonly Value[])[] = [
    [0, 'a', null, 'hello'],
    [5, null, 'b', 'say "x"'],
    [null, null, null, null],
    [-2, 'a', 'b', 'é\n'],
  ];
  const batch = (selected = [0, 1, 2, 3]) =>
    batchOf(
      layout.map((field, i) =>
        columnOf(
          field,
          rows.map((row) => row[i]!),
          true,
        ),
      ),
      rows.length,
      Int32Array.from(selected),
      selected.length,
    );

  test('[X3] a failing row is marked, the others go on', () => {
    const failed = fresh(4);
    const column = compile(typed('10 / bits'), layout).evaluate(batch(), failed);
    expect(failed.rows).toEqual([0]);
    expect(failed.codes).toEqual(['division_by_zero']);
    expect(column.kind === 'number' && [column.values[1], column.values[3], column.nulls![0], column.nulls![2]]).toEqual([
      2, -5, 1, 1,
    ]);
    expect(Array.from(failed.without(batch().rows, 4).rows.slice(0, 3))).toEqual([1, 2, 3]);
  });

  test('[X3] rows that are decided are not evaluated', () => {
    const failed = fresh(4);
    compile(typed('bits <> 0 AND 10 / bits > 1'), layout).evaluate(batch(), failed);
    compile(typed('CASE WHEN bits = 0 THEN 0 ELSE 10 / bits END'), layout).evaluate(batch(), failed);
    compile(typed('10 / bits > 1'), layout).evaluate(batch([1, 3]), failed);
    expect(failed.count).toBe(0);
  });

  test('[X4] results beyond ±(2^53 − 1) fail', () => {
    const failed = fresh(4);
    compile(typed('(bits + 9007199254740990) * 1'), layout).evaluate(batch(), failed);
    expect([failed.rows, failed.codes]).toEqual([[1], ['integer_out_of_range']]);
  });

  test('[K1] a condition splits rows into true and the rest, failed rows in neither', () => {
    const failed = fresh(4);
    const selection = compileCondition(typed('10 / bits > 1'), layout).select(batch(), failed);
    expect(Array.from(selection.match.slice(0, selection.matchCount))).toEqual([1]);
    expect(Array.from(selection.rest.slice(0, selection.restCount))).toEqual([2, 3]);
    expect(failed.rows).toEqual([0]);
  });

  test('coalesce of two dictionaries keeps ids', () => {
    const kernel = compile(typed('coalesce(channel, stream_id)'), layout);
    const column = kernel.evaluate(batch(), fresh(4));
    expect(kernel.as).toBe('dictionary');
    expect(
      column.kind === 'text' && Array.from(column.ids.slice(0, 4)).map((id) => (id < 0 ? null : column.dictionary.string(id))),
    ).toEqual(['a', 'b', null, 'a']);
  });

  test('a text result is interned on request', () => {
    const kernel = compile(typed('message'), layout, { as: 'dictionary' });
    const column = kernel.evaluate(batch(), fresh(4));
    expect(
      column.kind === 'text' && Array.from(column.ids.slice(0, 4)).map((id) => (id < 0 ? null : column.dictionary.string(id))),
    ).toEqual(['hello', 'say "x"', null, 'é\n']);
  });

  test('escaped bytes equal the text they stand for', () => {
    for (const [text, wanted] of [
      ['message = \'say "x"\'', 1],
      ["message = E'\\u00e9\\n'", 3],
      ["message = 'hello'", 0],
    ] as const) {
      const selection = compileCondition(typed(text), layout).select(batch(), fresh(4));
      expect(Array.from(selection.match.slice(0, selection.matchCount))).toEqual([wanted]);
    }
  });
});

test('the function list serves completion', () => {
  const list = functionList();
  expect(list.map((entry) => entry.name)).toEqual(list.map((entry) => entry.name).toSorted());
  for (const name of ['lower', 'date_trunc', 'json_build_object', 'coalesce'])
    expect(list.find((entry) => entry.name === name)?.signature).toContain(name);
});
