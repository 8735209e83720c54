import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyse, loadParser, sqlOf, type Typed } from '../../engine/expression/expression.ts';
import { lower, upper } from '../../engine/expression/case-mapping.ts';
import { EXAMPLES, INEXACT } from './oracle-examples.ts';
import { difference, hasConstantPart, Oracle, SCHEMA, type Outcome } from './oracle-fixture.ts';
import { randomExpression } from './random-expression.ts';

let oracle: Oracle;
beforeAll(async () => {
  await loadParser();
  oracle = await Oracle.open();
});
afterAll(() => oracle.close());

test('[X1] the grammar is PostgreSQL’s own: precedence, comments, every way to write a constant or a cast', async () => {
  const texts = [
    'NOT i = k',
    '-2 ^ 2',
    '2 ^ 3 ^ 2',
    'i - k - 1',
    'i + k * 2 % 5',
    'NOT b AND c OR b',
    'i IS NULL = c',
    "t || 'x' = 'abcx'",
    "'a' || i + 1",
    'i BETWEEN 0 AND 5 AND c',
    'i /* one /* inside another */ */ + k -- to the end',
    "$$it's$$ || t",
    '$x$a$$b$x$',
    "E'\\u00e9\\n' || u",
    "U&'d\\0061t\\+000061'",
    "'two'\n'parts'",
    '0x1F + 0o17 + 0b11 + 1_000',
    'CAST(i AS float8)',
    'i::int8::float8::text',
    "timestamptz '2026-09-07 07:17:12.25+00'",
    '"i" + "k"',
    'I + K',
    '(array[t, u])[2]',
    'i!=k',
    'i<>-k',
  ];
  const differences: string[] = [];
  for (const text of texts) {
    const found = await difference(oracle, text);
    if (found !== undefined) differences.push(found);
    // what was understood is what PostgreSQL understands of the text itself
    const [ours, theirs] = await Promise.all([oracle.evaluate(sqlOf(typedOf(text))), oracle.evaluate(`${text}\n`)]);
    if (JSON.stringify(ours.map(comparable)) !== JSON.stringify(theirs.map(comparable)))
      differences.push(`${text} is read otherwise`);
  }
  expect(differences).toEqual([]);
});

test('[X2] every listed operator and function gives what PostgreSQL gives for its own text', async () => {
  const differences: string[] = [];
  for (const example of EXAMPLES) {
    const found = await difference(oracle, example);
    if (found !== undefined) differences.push(found);
  }
  expect(differences).toEqual([]);
});

test('[X2] power, logarithms and exp agree with PostgreSQL within 2e-15, errors exactly', async () => {
  const differences: string[] = [];
  for (const example of INEXACT) {
    const found = await difference(oracle, example, { near: 2e-15 });
    if (found !== undefined) differences.push(found);
  }
  expect(differences).toEqual([]);
});

test('[X3] random expressions over rows with NULLs give the values, NULLs and errors of PostgreSQL', async () => {
  const refused = new Set(['decimal_scale', 'expression_too_deep', 'invalid_literal']);
  await fc.assert(
    fc.asyncProperty(randomExpression, async (text) => {
      const analysis = analyse(text, SCHEMA);
      if (!analysis.ok && refused.has(analysis.problems[0]!.code)) return;
      if (analysis.ok && hasConstantPart(analysis.expression.root)) return;
      expect(await difference(oracle, text, { bounds: false })).toBeUndefined();
    }),
    {
      numRuns: Number(process.env['EXPRESSION_RUNS'] ?? 1500),
      endOnFailure: true,
      ...(process.env['FC_SEED'] === undefined ? { seed: 20260907 } : { seed: Number(process.env['FC_SEED']) }),
    },
  );
});

test('[X3] lower and upper map every character of Unicode as C.UTF-8 does', async () => {
  const rows = (await oracle.query(
    `SELECT code, ascii(lower(chr(code))) AS lower, ascii(upper(chr(code))) AS upper FROM generate_series(1, 131071) code WHERE code NOT BETWEEN 55296 AND 57343 AND (lower(chr(code)) <> chr(code) OR upper(chr(code)) <> chr(code))`,
  )) as readonly { code: number; lower: number; upper: number }[];
  const theirs = new Map(rows.map(({ code, lower: low, upper: up }) => [code, [low, up]]));
  const differing: string[] = [];
  for (let code = 1; code < 131_072; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    const ours = [lower(character).codePointAt(0), upper(character).codePointAt(0)];
    const wanted = theirs.get(code) ?? [code, code];
    if (ours[0] !== wanted[0] || ours[1] !== wanted[1])
      differing.push(`U+${code.toString(16)}: ${ours.join('/')} ${wanted.join('/')}`);
  }
  expect(differing).toEqual([]);
});

function typedOf(text: string): Typed {
  const analysis = analyse(text, SCHEMA);
  if (!analysis.ok) throw new Error(`${text} is refused: ${JSON.stringify(analysis.problems)}`);
  return analysis.expression;
}

/** Numbers by value: a numeric of PostgreSQL has digits that its float8 has not. */
function comparable({ value, failure }: Outcome): unknown {
  return [value === null || value === '' || Number.isNaN(Number(value)) ? value : Number(value), failure?.slice(0, 5)];
}
