import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyse, loadParser } from '../../engine/expression/expression.ts';
import { lower, upper } from '../../engine/expression/case-mapping.ts';
import { EXAMPLES, INEXACT } from './oracle-examples.ts';
import { difference, hasConstantPart, Oracle, SCHEMA } from './oracle-fixture.ts';
import { randomExpression } from './random-expression.ts';

let oracle: Oracle;
beforeAll(async () => {
  await loadParser();
  oracle = await Oracle.open();
});
afterAll(() => oracle.close());

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
