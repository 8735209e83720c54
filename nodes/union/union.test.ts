import { describe, expect, test } from 'vitest';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { runFragment } from '../../tests/support/fragment.ts';
import { definition } from './definition.ts';

function schema(...fields: Schema['fields'][number][]): Schema {
  return { fields, mode: APPEND, keys: [['id']], window: undefined, timed: false };
}

const ID = { name: 'id', type: 'integer', nullable: false } as const;
const TEXT = { name: 'text', type: 'text', nullable: false } as const;

describe('union', () => {
  test('[K4] texts that come as bytes by one input and as ids by the other leave as one column', async () => {
    const { rows, ledgers } = await runFragment({
      sources: {
        plain: { schema: schema(ID, TEXT), event_time: '', lateness_us: 0 },
        other: { schema: schema(TEXT, ID), event_time: '', lateness_us: 0 },
      },
      nodes: [
        { id: 'made', kind: 'derive', settings: { columns: [{ name: 'text', expression: 'upper(text)' }] } },
        { id: 'both', kind: 'union', settings: { inputs: 2 } },
        { id: 'seen', kind: 'chart', settings: { as: 'table' } },
      ],
      edges: ['plain.out -> both.in1', 'other.out -> made.in', 'made.out -> both.in2', 'both.out -> seen.in'],
      inputs: {
        plain: [
          [
            { id: 1, text: 'a\n"ü"' },
            { id: 2, text: 'plain' },
          ],
        ],
        other: [[{ text: 'b', id: 3 }]],
      },
    });
    expect(rows['both.out']).toEqual([
      { id: 1, text: 'a\n"ü"' },
      { id: 2, text: 'plain' },
      { id: 3, text: 'B' },
    ]);
    expect(ledgers['both']).toMatchObject({ in: 3, used: 3 });
  });

  test('[K4] the first difference is named', () => {
    const problem = (other: Schema) =>
      definition.infer({ inputs: 2 }, [schema(ID, TEXT), other]).problems.map(({ message }) => message);
    expect(problem(schema(TEXT, ID))).toEqual([]);
    expect(problem(schema(ID))).toEqual(['Column "text" comes by in1 but not by in2.']);
    expect(problem(schema(ID, TEXT, { ...ID, name: 'more' }))).toEqual(['Column "more" comes by in2 but not by in1.']);
    expect(problem(schema(TEXT, { ...ID, type: 'float' }))).toEqual(['Column "id" is integer by in1 but float by in2.']);
  });

  test('[K9] keys of one input are not keys of the union; windows stay only where all have the same', () => {
    const window = { sizeUs: 2, hopUs: 1 };
    const output = (a: Schema['window'], b: Schema['window']) =>
      definition.infer({ inputs: 2 }, [
        { ...schema(ID), window: a },
        { ...schema({ ...ID, nullable: true }), window: b },
      ]).outputs![0]!;
    expect(output(window, window)).toMatchObject({ keys: [], window, fields: [{ name: 'id', nullable: true }] });
    expect(output(window, undefined).window).toBe(undefined);
    expect(output(window, { sizeUs: 2, hopUs: 2 }).window).toBe(undefined);
  });
});
