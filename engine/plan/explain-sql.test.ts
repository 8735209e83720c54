import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { small, smallCatalog } from '../../tests/support/small-catalog.ts';
import { loadParser } from '../expression/expression.ts';
import { defineNode, type AnyDefinition } from '../model/definition.ts';
import { compilePipeline } from './compile-pipeline.ts';
import { explainSql } from './explain-sql.ts';

const expression = z.string().meta({ title: 'Expression', widget: 'expression' });

const compute = defineNode<{
  columns: { name: string; as: string }[];
  by: (string | { name: string; as: string })[];
  sums: string[];
}>({
  kind: 'compute',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Compute',
  summary: '',
  help: '',
  icon: 'box',
  settings: z.strictObject({
    columns: z.array(z.strictObject({ name: z.string(), as: expression })).default([]),
    by: z.array(z.union([z.string(), z.strictObject({ name: z.string(), as: expression })])).default([]),
    sums: z.array(z.string().meta({ title: 'Sum', widget: 'aggregate' })).default([]),
  }),
  ports: () => ({ inputs: [{ name: 'in', title: '', role: 'main' }], outputs: [{ name: 'out', title: '', role: 'main' }] }),
  infer: (_, [input]) => ({ outputs: input && [input], problems: [] }),
  reads: () => [{}],
  passes: true,
  stateKeys: [],
  guarantee: '',
  migrations: [],
  examples: [],
  caption: () => '',
});

const catalog = [...smallCatalog, compute as unknown as AnyDefinition];

beforeAll(loadParser);

test('[X4] every expression of a plan is printed as PostgreSQL with its casts', () => {
  const count = {
    name: 'count',
    summary: '',
    star: true,
    distinct: true,
    options: 0,
    accepts: () => undefined,
    result: () => 'integer' as const,
    nullable: false,
  };
  const { plan } = compilePipeline(
    small(
      {
        a: ['tap', { topic: 't' }, 2],
        b: [
          'compute',
          {
            columns: [
              { name: 'loud', as: 'upper(message)' },
              { name: 'odd', as: 'amount + 0.5' },
            ],
            by: ['stream', { name: 'first', as: "tags[1] || '!'" }],
            sums: ['count(*) / 60.0', "count(DISTINCT stream) FILTER (WHERE ok AND message ~ 'x')"],
          },
        ],
        c: ['table'],
      },
      'a.out -> b.in',
      'b.out -> c.in',
    ),
    catalog,
  );
  expect(explainSql(plan!, catalog, [count])).toMatchInlineSnapshot(`
    "b
      columns.0.as: upper(message)
      columns.1.as: (amount) + ('0.50'::numeric(38,2))
      by.1.as: ((tags)[('1'::int8)::int4]) || ('!'::text)
      sums.0: ((count(*))::float8) / ('60'::float8)
      sums.1: count(DISTINCT stream) FILTER (WHERE (ok) AND ((message) ~ ('x'::text)))
    "
  `);
});

test('a plan without expressions says so', () => {
  const { plan } = compilePipeline(small({ a: ['tap', { topic: 't' }, 2], c: ['table'] }, 'a.out -> c.in'), catalog);
  expect(explainSql(plan!, catalog, [])).toBe('No expressions.\n');
});
