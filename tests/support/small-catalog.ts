import { z } from 'zod';
import { defineNode, type AnyDefinition, type NodeDefinition } from '../../engine/model/definition.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { APPEND, type Field, type Schema } from '../../engine/model/schema.ts';

/** A few tiny kinds, so that the compiler is tested without knowing the real ones. */

const FIELDS: readonly Field[] = [
  { name: 'stream', type: 'text', nullable: false },
  { name: 'message', type: 'text', nullable: false },
  { name: 'amount', type: 'decimal(2)', nullable: true },
  { name: 'tags', type: 'text[]', nullable: true },
  { name: 'extra', type: 'json', nullable: true },
  { name: 'ok', type: 'boolean', nullable: true },
];

function plain(fields: readonly Field[], more: Partial<Schema> = {}): Schema {
  return { fields, mode: APPEND, keys: [], window: undefined, timed: true, ...more };
}

const shared = { version: 1, summary: '', help: '', icon: 'box', guarantee: 'none', migrations: [], examples: [], passes: false };
const main = (name: string) => ({ name, title: name, role: 'main' as const });

const tap = defineNode<{ topic: string; connection: string }>({
  ...shared,
  kind: 'tap',
  version: 2,
  family: 'source',
  role: 'source',
  title: 'Tap',
  settings: z.strictObject({ topic: z.string(), connection: z.string().default('kafka') }),
  ports: () => ({ inputs: [], outputs: [main('out')] }),
  infer: () => ({ outputs: [plain(FIELDS)], problems: [] }),
  reads: () => [],
  stateKeys: ['topic'],
  migrations: [(old) => ({ topic: (old as { from: string }).from.trim() })],
  caption: ({ topic }) => topic,
  guarantee: 'Read again from the stored position.',
  connection: ({ connection }) => ({ service: 'kafka', name: connection }),
});

const sieve = defineNode<{ keep: string; sieve: { size: number } | { mesh: 'fine' | 'coarse' } }>({
  ...shared,
  kind: 'sieve',
  family: 'transform',
  role: 'operator',
  title: 'Sieve',
  settings: z.strictObject({
    keep: z.string().max(20).default('').meta({ title: 'Keep', widget: 'expression' }),
    sieve: z
      .union([z.strictObject({ size: z.number().positive() }), z.strictObject({ mesh: z.enum(['fine', 'coarse']) })])
      .default({ size: 1 }),
  }),
  ports: () => ({ inputs: [main('in')], outputs: [main('match'), { name: 'rest', title: 'rest', role: 'falls-out' }] }),
  infer: ({ keep }, [input]) => {
    const known = keep === '' || input === undefined || input.fields.some((field) => field.name === keep);
    return {
      outputs: input && known ? [input, input] : undefined,
      problems: known
        ? []
        : [{ code: 'unknown_field', severity: 'error', field: 'keep', message: `There is no column "${keep}".` }],
    };
  },
  reads: ({ keep }) => [keep === '' ? {} : { [keep]: 'any' }],
  passes: true,
  stateKeys: [],
  caption: ({ keep }) => keep,
});

const count = defineNode<{ by: string; every: number; note: string }>({
  ...shared,
  kind: 'count',
  family: 'window',
  role: 'operator',
  title: 'Count',
  settings: z.strictObject({ by: z.string(), every: z.number().default(60), note: z.string().default('') }),
  ports: () => ({
    inputs: [main('in')],
    outputs: [main('out'), { name: 'updates', title: 'updates', role: 'side' }, { name: 'late', title: 'late', role: 'falls-out' }],
  }),
  infer: ({ by }, [input]) => {
    if (input === undefined) return { outputs: undefined, problems: [] };
    const key = [by, 'window_start', 'window_end'];
    const fields: Field[] = [
      { name: by, type: 'text', nullable: false },
      { name: 'window_start', type: 'timestamp', nullable: false },
      { name: 'window_end', type: 'timestamp', nullable: false },
      { name: 'count', type: 'integer', nullable: false },
    ];
    const out = plain(fields, { keys: [key] });
    return { outputs: [out, { ...out, mode: { kind: 'updates', key, groupKey: [by] } }, input], problems: [] };
  },
  reads: ({ by }) => [{ [by]: 'dictionary' }],
  stateKeys: ['by', 'every'],
  caption: ({ every }) => `${every} s`,
});

const cut = defineNode<{ drop: readonly string[] }>({
  ...shared,
  kind: 'cut',
  family: 'transform',
  role: 'operator',
  title: 'Cut',
  settings: z.strictObject({ drop: z.array(z.string()).default([]) }),
  ports: () => ({ inputs: [main('in')], outputs: [main('out')] }),
  infer: ({ drop }, [input]) => ({
    outputs: input && [{ ...input, fields: input.fields.filter((field) => !drop.includes(field.name)) }],
    problems: [],
  }),
  reads: () => [{}],
  passes: true,
  stateKeys: [],
  accepts: ['append', 'updates'],
  caption: () => '',
});

const both = defineNode<Record<string, never>>({
  ...shared,
  kind: 'both',
  family: 'join',
  role: 'operator',
  title: 'Both',
  settings: z.strictObject({}),
  ports: () => ({ inputs: [main('left'), main('right')], outputs: [main('out')] }),
  infer: (_, [left, right]) => ({ outputs: left && right && [left], problems: [] }),
  reads: () => [{}, {}],
  passes: true,
  stateKeys: [],
  caption: () => '',
});

const table = defineNode<{ key: readonly string[]; updates: 'every' | 'newest_full'; connection: string }>({
  ...shared,
  kind: 'table',
  family: 'sink',
  role: 'sink',
  title: 'Table',
  settings: z.strictObject({
    key: z.array(z.string()).default([]),
    updates: z.enum(['every', 'newest_full']).default('every'),
    connection: z.string().default('postgres'),
  }),
  ports: () => ({ inputs: [main('in')], outputs: [] }),
  infer: () => ({ outputs: [], problems: [] }),
  reads: (_, [input]) => [Object.fromEntries(input!.fields.map((field) => [field.name, 'any' as const]))],
  stateKeys: ['key'],
  accepts: ['append', 'updates'],
  caption: ({ key }) => key.join(', '),
  guarantee: 'Each row once.',
  connection: ({ connection }) => ({ service: 'postgres', name: connection }),
  sinkKey: ({ key }) => key,
  newestFull: ({ updates }) => updates === 'newest_full',
});

function entry<S>(definition: NodeDefinition<S>): AnyDefinition {
  return definition as unknown as AnyDefinition;
}

export const smallCatalog: readonly AnyDefinition[] = [
  entry(tap),
  entry(sieve),
  entry(count),
  entry(cut),
  entry(both),
  entry(table),
];

/** `small({ a: ['tap', { topic: 't' }] }, 'a.out -> b.in')`: a pipeline in one line a node and an edge. */
export function small(
  nodes: Readonly<Record<string, readonly [kind: string, settings?: Readonly<Record<string, unknown>>, version?: number]>>,
  ...edges: readonly string[]
): PipelineDocument {
  return {
    telemetra: 1,
    id: '6f1c2d0e-8a55-4c5b-9a7e-0d6a3f2b1c00',
    name: 'small',
    description: '',
    nodes: Object.entries(nodes).map(([id, [kind, settings = {}, version]]) => ({
      id,
      kind,
      version,
      name: '',
      settings: { ...settings },
    })),
    edges: edges.map((edge) => {
      const [from = '', to = ''] = edge.split(' -> ');
      return { from, to };
    }),
    layout: { nodes: {}, groups: [], comments: [] },
  };
}
