import { describe, expect, test } from 'vitest';
import { small, smallCatalog } from '../../tests/support/small-catalog.ts';
import type { PipelineDocument } from '../model/pipeline.ts';
import { CompileMemory } from './compile-memory.ts';
import { compilePipeline, type CompileOptions } from './compile-pipeline.ts';

const TAP = ['tap', { topic: 't' }, 2] as const;

function problems(document: PipelineDocument, options?: CompileOptions): string {
  return compilePipeline(document, smallCatalog, options)
    .problems.map(
      (problem) =>
        `${problem.severity} ${problem.code} ${problem.edge ?? [problem.node, problem.field].filter(Boolean).join(' ')}\n` +
        `  ${problem.message}\n  ${problem.mend ?? ''}`,
    )
    .join('\n');
}

function plan(document: PipelineDocument) {
  const compiled = compilePipeline(document, smallCatalog);
  if (compiled.plan === undefined) throw new Error(problems(document));
  return compiled.plan;
}

const chain = () =>
  small(
    {
      z_in: TAP,
      keep: ['sieve', { keep: 'message' }],
      per: ['count', { by: 'stream' }],
      out: ['table', { key: ['stream', 'window_start', 'window_end'] }],
    },
    'z_in.out -> keep.in',
    'keep.match -> per.in',
    'per.out -> out.in',
  );

describe('a plan', () => {
  test('[V4] has its steps in topological order, ties by id, and carries only the columns that are read', () => {
    const { steps } = plan(chain());
    expect(
      steps.map((step) => `${step.index} ${step.node} ← ${step.inputs.map((input) => `${input!.step}.${input!.port}`).join()}`),
    ).toEqual(['0 z_in ← ', '1 keep ← 0.0', '2 per ← 1.0', '3 out ← 2.0']);
    expect(steps[0]!.wanted).toEqual([
      [
        { name: 'stream', type: 'text', nullable: false, as: 'dictionary' },
        { name: 'message', type: 'text', nullable: false, as: 'bytes' },
      ],
    ]);
  });

  test('[V4] materialises text that is only passed on as bytes, and each type in its own form', () => {
    const { steps } = plan(small({ a: TAP, b: ['cut', { drop: ['message'] }], c: ['table'] }, 'a.out -> b.in', 'b.out -> c.in'));
    expect(steps[0]!.wanted[0]!.map((field) => `${field.name}:${field.as}`)).toEqual([
      'stream:bytes',
      'amount:number',
      'tags:list',
      'extra:bytes',
      'ok:boolean',
    ]);
  });

  test('fills settings with their defaults and lifts settings of older versions', () => {
    const { steps } = plan(small({ a: ['tap', { from: 'old topic' }], c: ['table'] }, 'a.out -> c.in'));
    expect(steps[0]!.settings).toEqual({ topic: 'old topic', connection: 'kafka' });
    expect(problems(small({ a: ['tap', { never: 'written' }], c: ['table'] }, 'a.out -> c.in'))).toMatchInlineSnapshot(`
      "error wrong_setting a
        "a": its settings are not those of version 1 of Tap and could not be lifted to 2.
        Set them anew, with "version": 2."
    `);
  });

  test('has a hash of its logic: names, layout and the order of the file do not count', () => {
    const document = chain();
    const moved = {
      ...document,
      name: 'other',
      nodes: document.nodes.toReversed().map((node) => ({ ...node, name: 'x' })),
      layout: { ...document.layout, nodes: { per: { x: 1, y: 2 } } },
    };
    expect(plan(moved).hash).toBe(plan(document).hash);
    const set = document.nodes.map((node) => (node.id === 'per' ? { ...node, settings: { by: 'stream', every: 10 } } : node));
    expect(plan({ ...document, nodes: set }).hash).not.toBe(plan(document).hash);
  });

  test('[E8] state has an identity that only state-relevant settings and held columns change', () => {
    const hash = (settings: Record<string, unknown>) =>
      plan({ ...chain(), nodes: chain().nodes.map((node) => (node.id === 'per' ? { ...node, settings } : node)) }).steps.find(
        (step) => step.node === 'per',
      )!.stateHash;
    expect(hash({ by: 'stream', note: 'seen' })).toBe(hash({ by: 'stream' }));
    expect(hash({ by: 'stream', every: 10 })).not.toBe(hash({ by: 'stream' }));
  });

  test('is found whatever else stands unconnected on the canvas', () => {
    const document = small({ a: TAP, lone: ['count', {}], odd: ['nonsense'], c: ['table'] }, 'a.out -> c.in');
    expect(plan(document).steps.map((step) => step.node)).toEqual(['a', 'c']);
    expect(problems(document)).toMatchInlineSnapshot(`
      "warning unconnected lone
        "lone" is not connected to anything and is left out.
        Connect it, or remove it.
      warning missing_setting lone by
        "lone": setting "by" is missing.
        Give a text.
      warning unconnected odd
        "odd" is not connected to anything and is left out.
        Connect it, or remove it.
      warning unknown_kind odd
        "odd" is of the kind "nonsense", which this Telemetra does not know.
        Remove the node, or open the file with a newer Telemetra."
    `);
  });
});

describe('problems come all at once', () => {
  test('of kinds, settings and connections', () => {
    expect(
      problems(
        small(
          {
            a: ['tap', { topic: 5, conection: 'x' }, 2],
            b: ['seive', {}],
            c: ['count', {}],
            d: ['table', { updates: 'newest-full', connection: 'postgre' }],
            e: ['tap', {}, 3],
            f: ['sieve', { keep: 'far too long for this field', sieve: { mesh: 'fin' } }],
          },
          'a.out -> b.in',
          'e.out -> c.in',
          'c.out -> f.in',
          'f.match -> d.in',
        ),
        {
          connections: [
            { service: 'kafka', name: 'kafka' },
            { service: 'postgres', name: 'postgres' },
          ],
        },
      ),
    ).toMatchInlineSnapshot(`
      "error wrong_setting a topic
        "a": setting "topic" must be a text, not a number (it is 5).
        
      error unknown_setting a conection
        "a": setting "conection" is not known here.
        Write "connection", or remove "conection".
      error unknown_kind b
        "b" is of the kind "seive", which this Telemetra does not know.
        Write "sieve".
      error missing_setting c by
        "c": setting "by" is missing.
        Give a text.
      error wrong_setting d updates
        "d": setting "updates" must be "every" or "newest_full" (it is "newest-full").
        Write "newest_full".
      error newer_settings e
        "e" holds settings of version 3 of Tap; this Telemetra knows up to 2.
        Open it with a newer Telemetra, or replace the node by a new one.
      error wrong_setting f keep
        "f": setting "keep" has more than 20 characters.
        
      error wrong_setting f sieve.mesh
        "f": setting "sieve.mesh" must be "fine" or "coarse" (it is "fin").
        Write "fine"."
    `);
    expect(
      problems(small({ a: TAP, d: ['table', { connection: 'postgre' }] }, 'a.out -> d.in'), {
        connections: [{ service: 'postgres', name: 'postgres' }],
      }),
    ).toMatchInlineSnapshot(`
      "error unknown_connection a connection
        "a" uses the kafka connection "kafka", which is not set up; there is no kafka connection.
        Set up a kafka connection of this name.
      error unknown_connection d connection
        "d" uses the postgres connection "postgre", which is not set up; known: postgres.
        Write "postgres", or set the other one up."
    `);
  });

  test('of edges', () => {
    expect(
      problems(
        small(
          { a: TAP, b: ['sieve'], c: ['both'], d: ['table'] },
          'a.out -> b.in',
          'a.out -> b.in',
          'a.output -> c.left',
          'b.match -> c.left',
          'b.rest -> c.left',
          'c.out -> d.into',
          'c.out -> gone.in',
          'd.out -> a.in',
        ),
      ),
    ).toMatchInlineSnapshot(`
      "error duplicate_edge a.out -> b.in
        The edge a.out -> b.in stands twice.
        Remove one of the two.
      error unknown_port a.output -> c.left
        The edge a.output -> c.left: "a" has no output "output"; it has out.
        Write a.out.
      error input_taken b.rest -> c.left
        The input c.left is fed by b.match already; an input takes one edge.
        Put a union in front of it, or remove one of the edges.
      error unknown_port c.out -> d.into
        The edge c.out -> d.into: "d" has no input "into"; it has in.
        Write d.in.
      error unknown_node c.out -> gone.in
        The edge c.out -> gone.in names the node "gone", which does not exist.
        Remove the edge, or add the node.
      error unknown_port d.out -> a.in
        The edge d.out -> a.in: "d" has no outputs.
        Draw the edge anew.
      error unknown_port d.out -> a.in
        The edge d.out -> a.in: "a" has no inputs.
        Draw the edge anew."
    `);
  });

  test('of cycles, which name their nodes', () => {
    expect(
      problems(
        small(
          { a: TAP, m: ['both'], n: ['sieve'], k: ['cut'], s: ['sieve'], d: ['table'] },
          'a.out -> m.left',
          'k.out -> m.right',
          'm.out -> n.in',
          'n.match -> k.in',
          'n.rest -> d.in',
          's.match -> s.in',
        ),
      ),
    ).toMatchInlineSnapshot(`
      "error cycle k
        The rows would run in a circle: k → m → n → k.
        Remove one of these edges.
      error cycle s
        The rows would run in a circle: s → s.
        Remove one of these edges."
    `);
  });

  test('of an empty pipeline', () => {
    expect(problems(small({}))).toMatchInlineSnapshot(`
      "error nothing_to_run 
        The pipeline has no nodes.
        Connect a source to a sink."
    `);
  });

  test('of columns, while everything else is inferred', () => {
    const compiled = compilePipeline(
      small(
        { a: TAP, b: ['sieve', { keep: 'mesage' }], c: ['table'], d: ['cut'] },
        'a.out -> b.in',
        'b.match -> c.in',
        'a.out -> d.in',
      ),
      smallCatalog,
    );
    expect(compiled.problems.map((problem) => `${problem.code} ${problem.node} ${problem.field}`)).toEqual([
      'unknown_field b keep',
      'output_unused d undefined',
    ]);
    expect([...compiled.schemas.keys()]).toEqual(['a.out', 'd.out']);
    expect(compiled.ports.get('b')!.outputs.map((port) => port.name)).toEqual(['match', 'rest']);
  });
});

describe('[W4] updates', () => {
  const key = ['stream', 'window_start', 'window_end'];
  const updates = (sink: Record<string, unknown>, ...between: readonly (readonly [string, Record<string, unknown>])[]) =>
    small(
      {
        a: TAP,
        per: ['count', { by: 'stream' }],
        ...Object.fromEntries(between.map((node, index) => [`m${index}`, node])),
        out: ['table', sink],
      },
      'a.out -> per.in',
      ...['per.updates', ...between.map(([kind], index) => `m${index}.${kind === 'sieve' ? 'match' : 'out'}`)].map(
        (from, index) => `${from} -> ${index < between.length ? `m${index}` : 'out'}.in`,
      ),
    );

  test('go into sinks keyed by exactly their key, in any order of columns', () => {
    expect(problems(updates({ key }))).toBe('');
    expect(problems(updates({ key: key.toReversed() }))).toBe('');
    expect(problems(updates({ key }, ['cut', { drop: ['count'] }]))).toBe('');
  });

  test('go into sinks keyed by the group while those keep the newest full window', () => {
    expect(problems(updates({ key: ['stream'], updates: 'newest_full' }))).toBe('');
    expect(problems(updates({ key: ['stream'] }))).toMatchInlineSnapshot(`
      "error needs_final_rows per.updates -> out.in
        "out" is keyed by stream, but the rows of this edge replace each other by stream, window_start, window_end.
        Set updates to newest_full, or take port out of "per", which sends each row once and final."
    `);
  });

  test('go nowhere else', () => {
    expect(problems(updates({}))).toMatchInlineSnapshot(`
      "error needs_final_rows per.updates -> out.in
        "out" has no key, but the rows of this edge replace each other by stream, window_start, window_end.
        Key it by stream, window_start, window_end, or take port out of "per", which sends each row once and final."
    `);
    expect(problems(updates({ key }, ['cut', {}], ['sieve', {}]))).toMatchInlineSnapshot(`
      "error needs_final_rows m0.out -> m1.in
        "m1" needs final rows, but this edge carries updates: rows that replace earlier ones of the same stream, window_start, window_end.
        Lead it to a sink keyed by stream, window_start, window_end or to a chart, or take port out of "per", which sends each row once and final."
    `);
    expect(problems(updates({ key }, ['cut', { drop: ['window_end'] }]))).toMatchInlineSnapshot(`
      "error needs_final_rows m0
        "m0" drops window_end, but the updates it passes on at "out" replace each other by that key.
        Keep window_end, or feed "m0" with final rows."
    `);
  });
});

test('[K9] a keyed sink whose key is not a key of its input is warned of', () => {
  const per = (sink: Record<string, unknown>) =>
    small({ a: TAP, per: ['count', { by: 'stream' }], out: ['table', sink] }, 'a.out -> per.in', 'per.out -> out.in');
  expect(problems(per({ key: ['stream', 'window_end', 'window_start', 'count'] }))).toBe('');
  expect(problems(per({}))).toBe('');
  expect(problems(per({ key: ['stream'] }))).toMatchInlineSnapshot(`
    "warning key_not_unique out
      "out" is keyed by stream, but its rows are unique by (stream, window_start, window_end): several rows share a key and the last one remains.
      Key it by (stream, window_start, window_end)."
  `);
  expect(problems(small({ a: TAP, out: ['table', { key: ['stream'] }] }, 'a.out -> out.in'))).toMatchInlineSnapshot(`
    "warning key_not_unique out
      "out" is keyed by stream; nothing upstream makes this unique, so of several rows with the same key the last to arrive remains.
      Leave it where the messages make it unique, or put a dedupe in front."
  `);
});

test('a memory of earlier compilations changes no result', () => {
  const memory = new CompileMemory();
  const document = chain();
  const edits: PipelineDocument[] = [
    document,
    { ...document, nodes: document.nodes.map((node) => (node.id === 'keep' ? { ...node, settings: { keep: 'nothing' } } : node)) },
    { ...document, nodes: document.nodes.map((node) => (node.id === 'keep' ? { ...node, settings: { keep: 'stream' } } : node)) },
    { ...document, nodes: document.nodes.filter((node) => node.id !== 'keep') },
    { ...document, nodes: document.nodes.map((node) => (node.id === 'per' ? { ...node, kind: 'cut', settings: {} } : node)) },
    { ...document, edges: document.edges.slice(1) },
    document,
  ];
  for (const edit of edits) expect(compilePipeline(edit, smallCatalog, { memory })).toEqual(compilePipeline(edit, smallCatalog));
});

test('a node beside the pipeline shows what it would send', () => {
  const compiled = compilePipeline(small({ a: TAP, b: TAP, c: ['table'] }, 'a.out -> c.in'), smallCatalog);
  expect([...compiled.schemas.keys()]).toEqual(['a.out', 'b.out']);
  expect(compiled.plan!.steps.map((step) => step.node)).toEqual(['a', 'c']);
});
