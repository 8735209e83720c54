import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { small, smallCatalog } from '../../tests/support/small-catalog.ts';
import { migrateFile } from './migrations.ts';
import { readPipeline } from './read-pipeline.ts';
import { writePipeline } from './write-pipeline.ts';

function problems(text: string): string {
  return readPipeline(text)
    .problems.map(
      ({ code, node, field, edge, message, mend }) =>
        `${code} ${[node, edge, field].filter(Boolean).join(' ')}\n  ${message}\n  ${mend ?? ''}`,
    )
    .join('\n');
}

const HEAD = '"telemetra": 1, "id": "6f1c2d0e-8a55-4c5b-9a7e-0d6a3f2b1c00", "name": "n"';

describe('JSON', () => {
  test('a syntax error has its line and column', () => {
    expect(problems('{\n  "telemetra": 1,\n  "id": oops\n}')).toMatchInlineSnapshot(`
      "not_json 
        Line 3, column 9: a value was expected, not "o".
        Correct the text at this place; a pipeline file is one JSON document."
    `);
    for (const [text, place] of [
      ['', 'Line 1, column 1'],
      ['{"a": 1,}', 'Line 1, column 9'],
      ['{"a" 1}', 'Line 1, column 6'],
      ['[1 2]', 'Line 1, column 4'],
      ['{"a": 01}', 'Line 1, column 8'],
      ['{"a": "x\ny"}', 'Line 1, column 7'],
      ['{"a": "\\x"}', 'Line 1, column 7'],
      ['{} {}', 'Line 1, column 4'],
      ["{'a': 1}", 'Line 1, column 2'],
      ['{"a": nul}', 'Line 1, column 7'],
      ['[[', 'Line 1, column 3'],
    ] as const) {
      const { problems: found } = readPipeline(text);
      expect(found.map((problem) => [problem.code, problem.message.split(':')[0]])).toEqual([['not_json', place]]);
    }
  });

  test('keys given twice, nesting without end and the size are refused', () => {
    expect(problems(`{${HEAD}, "nodes": [], "nodes": [],\n "edges": [{"from": "a.b", "to": "a.c", "to": "a.d"}]}`))
      .toMatchInlineSnapshot(`
      "duplicate_key 
        Line 1, column 90: "nodes" is given twice in one object.
        Keep one of the two; which one counts would be a guess.
      duplicate_key 
        Line 2, column 41: "to" is given twice in one object.
        Keep one of the two; which one counts would be a guess."
    `);
    expect(problems(`${'['.repeat(100_000)}`)).toMatchInlineSnapshot(`
      "too_deep 
        Line 1, column 65: objects and lists are nested more than 64 deep.
        Flatten it; no pipeline needs this."
    `);
    expect(problems(`${' '.repeat(10_485_760)}{}`)).toMatchInlineSnapshot(`
      "file_too_large 
        The file is larger than 10 MiB, the limit for a pipeline file.
        Keep data out of the pipeline file: word lists and messages belong in files of their own."
    `);
    expect(problems(`"${'ä'.repeat(5_242_880)}"`)).toContain('file_too_large');
  });

  test('a byte order mark is no mistake', () => {
    expect(readPipeline(`\ufeff{${HEAD}, "nodes": [], "edges": []}`).problems).toEqual([]);
  });
});

test('all problems of the form come at once, each with its place', () => {
  expect(
    problems(
      JSON.stringify({
        telemetra: 1,
        id: 'no uuid',
        name: '',
        descripton: 'x',
        nodes: [
          { id: 'Chat', kind: 'tap', settings: {} },
          { id: 'a', kind: 'tap', colour: 'red' },
          { id: 'a', settings: [] },
          { kind: 'tap' },
        ],
        edges: [{ from: 'a', to: 'b.in' }, { from: 'a.out' }],
        layout: { nodes: { a: { x: '1', y: 2 } } },
      }),
    ),
  ).toMatchInlineSnapshot(`
    "bad_pipeline_id id
      The file: "id" is not valid (Invalid UUID) (it is "no uuid").
      Write a UUID of its own, for instance one made by "Duplicate" or uuidgen.
    wrong_property name
      The file: "name" must not be empty (it is "").
      
    bad_node_id Chat id
      Node "Chat": "id" is not valid: an id starts with a letter and has at most 63 of a-z, 0-9 and _ (it is "Chat").
      Rename it, in its edges too; stored state belongs to this id.
    unknown_property a colour
      Node "a": "colour" is not known here.
      Remove "colour".
    missing_property a kind
      Node "a": "kind" is missing.
      Give a text.
    wrong_property a settings
      Node "a": "settings" must be an object, not a list.
      
    missing_property id
      Node 4: "id" is missing.
      Give a text.
    bad_edge a -> b.in from
      Edge a -> b.in: "from" is not valid: write "node.port" (it is "a").
      Name the node and its port, with a point between them.
    missing_property a.out -> ? to
      Edge a.out -> ?: "to" is missing.
      Give a text.
    wrong_property layout.nodes.a.x
      The file: "layout.nodes.a.x" must be a number, not a text (it is "1").
      
    unknown_property descripton
      The file: "descripton" is not known here.
      Write "description", or remove "descripton".
    duplicate_id a
      2 nodes have the id "a"; edges and stored state could not tell them apart.
      Give each node an id of its own and correct the edges."
  `);
});

test('files that are no pipeline files, and files of newer versions, say so', () => {
  for (const text of [
    '3',
    'null',
    '[]',
    '{}',
    '{"nodes": [], "edges": []}',
    '{"telemetra": "1"}',
    '{"telemetra": 0}',
    '{"telemetra": 1.5}',
  ]) {
    expect(readPipeline(text).problems.map((problem) => problem.code)).toEqual(['not_a_pipeline']);
  }
  expect(problems('{"telemetra": 2, "blocks": []}')).toMatchInlineSnapshot(`
    "newer_version telemetra
      The file has version 2; this Telemetra reads up to version 1.
      Open it with a newer Telemetra. Nothing was changed."
  `);
});

test('older files are lifted by numbered steps', () => {
  const steps = [
    (old: Readonly<Record<string, unknown>>) => ({ ...old, telemetra: 2, one: true }),
    (old: Readonly<Record<string, unknown>>) => ({ ...old, telemetra: 3, two: true }),
  ];
  expect(migrateFile({ telemetra: 1 }, 1, steps)).toEqual({ telemetra: 3, one: true, two: true });
  expect(migrateFile({ telemetra: 2 }, 2, steps)).toEqual({ telemetra: 3, two: true });
  expect(migrateFile({ telemetra: 3 }, 3, steps)).toEqual({ telemetra: 3 });
});

describe('the canonical form', () => {
  test('sorts nodes and edges, keeps one node a block, and puts layout at the end', () => {
    const document = small(
      {
        z: ['tap', { connection: 'kafka', topic: 't' }, 2],
        a: ['table', { key: ['stream'] }],
        m: ['sieve', { sieve: { size: 3 }, x: ['long '.repeat(12), 'long '.repeat(12)] }],
      },
      'z.out -> m.in',
      'm.match -> a.in',
    );
    const layout = {
      nodes: { z: { x: 1, y: -2.5 }, a: { x: 3, y: 4 } },
      groups: [],
      comments: [{ id: 'c', text: 'see "docs"', x: 0, y: 0, width: 5, height: 5 }],
    };
    expect(writePipeline({ ...document, layout }, smallCatalog)).toMatchInlineSnapshot(`
      "{
        "telemetra": 1,
        "id": "6f1c2d0e-8a55-4c5b-9a7e-0d6a3f2b1c00",
        "name": "small",
        "description": "",
        "nodes": [
          {
            "id": "a",
            "kind": "table",
            "name": "",
            "settings": {
              "key": ["stream"]
            }
          },
          {
            "id": "m",
            "kind": "sieve",
            "name": "",
            "settings": {
              "sieve": { "size": 3 },
              "x": [
                "long long long long long long long long long long long long ",
                "long long long long long long long long long long long long "
              ]
            }
          },
          {
            "id": "z",
            "kind": "tap",
            "version": 2,
            "name": "",
            "settings": {
              "topic": "t",
              "connection": "kafka"
            }
          }
        ],
        "edges": [
          { "from": "m.match", "to": "a.in" },
          { "from": "z.out", "to": "m.in" }
        ],
        "layout": {
          "nodes": {
            "a": { "x": 3, "y": 4 },
            "z": { "x": 1, "y": -2.5 }
          },
          "groups": [],
          "comments": [
            { "id": "c", "text": "see \\"docs\\"", "x": 0, "y": 0, "width": 5, "height": 5 }
          ]
        }
      }
      "
    `);
  });

  test('is a fixed point, and reads back as the same document', () => {
    const document = small({ b: ['tap', { topic: 'ä "quoted" \u2028' }, 2], a: ['table'] }, 'b.out -> a.in');
    const text = writePipeline(document);
    const again = readPipeline(text);
    expect(again.problems).toEqual([]);
    expect(writePipeline(again.document!)).toBe(text);
    expect(writePipeline({ ...again.document!, nodes: again.document!.nodes.toReversed() })).toBe(text);
  });

  test('is that of the pipelines we ship', () => {
    const text = readFileSync(new URL('../../pipelines/stream-moments.json', import.meta.url), 'utf8');
    const { document, problems: found } = readPipeline(text);
    expect(found).toEqual([]);
    expect(readPipeline(writePipeline(document!)).document).toEqual({
      ...document!,
      nodes: document!.nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    });
  });
});
