import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, fieldOf, type Schema } from '../../engine/model/schema.ts';
import { field } from '../kit/settings.ts';

export interface UnionSettings {
  inputs: number;
}

const settingsSchema: z.ZodType<UnionSettings> = z.strictObject({
  inputs: z
    .int()
    .min(2)
    .max(16)
    .default(2)
    .meta(field({ title: 'Inputs', help: 'How many edges flow together.', widget: 'number' })),
});

export const definition = defineNode<UnionSettings>({
  kind: 'union',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Union',
  summary: 'streams of one shape',
  help: [
    'Sends the rows of all inputs out of one port. All inputs must have the same columns with the same types; their order may differ, the first input’s counts.',
    'Its watermark is the least of its inputs’, so windows behind it wait for the slowest.',
  ].join('\n'),
  icon: 'merge',
  settings: settingsSchema,
  ports: (settings) => ({
    inputs: Array.from({ length: settings.inputs }, (_, i) => ({
      name: `in${i + 1}`,
      title: `in${i + 1}`,
      role: i === 0 ? 'main' : 'side',
    })),
    outputs: [{ name: 'out', title: 'out', role: 'main' }],
  }),
  infer(settings, inputs) {
    const known = inputs.filter((input) => input !== undefined);
    const first = known[0];
    if (first === undefined) return { outputs: undefined, problems: [] };
    const problems = inputs.flatMap((input, i) =>
      input === undefined || input === first ? [] : (differences(first, input, inputs.indexOf(first), i) ?? []),
    );
    if (problems.length > 0 || known.length < settings.inputs) return { outputs: undefined, problems };
    const { window } = first;
    const output: Schema = {
      fields: first.fields.map((own) => ({ ...own, nullable: known.some((input) => fieldOf(input, own.name)!.nullable) })),
      mode: APPEND,
      // two inputs may bring the same key
      keys: [],
      window: known.every((input) => input.window?.sizeUs === window?.sizeUs && input.window?.hopUs === window?.hopUs)
        ? window
        : undefined,
      timed: known.every((input) => input.timed),
    };
    return { outputs: [output], problems };
  },
  reads: (settings) => Array.from({ length: settings.inputs }, () => ({})),
  passes: true,
  stateKeys: [],
  guarantee: 'Keeps nothing: every row goes on once.',
  migrations: [],
  caption: (settings) => `${settings.inputs} inputs`,
  examples: [
    {
      title: 'Columns are matched by name',
      settings: { inputs: 2 },
      inputs: [
        { schema: schemaOf('id', 'text'), rows: [{ id: 1, text: 'a' }] },
        { schema: schemaOf('text', 'id'), rows: [{ text: 'b', id: 2 }] },
      ],
      outputs: {
        out: [
          { id: 1, text: 'a' },
          { id: 2, text: 'b' },
        ],
      },
    },
  ],
});

/** [K4] One problem for each input that differs, naming the first difference. */
function differences(first: Schema, other: Schema, firstIndex: number, index: number): LocalProblem[] | undefined {
  const [a, b] = [`in${firstIndex + 1}`, `in${index + 1}`];
  const problem = (message: string, mend: string): LocalProblem[] => [{ code: 'inputs_differ', severity: 'error', message, mend }];
  for (const own of first.fields) {
    const match = fieldOf(other, own.name);
    if (match === undefined)
      return problem(
        `Column "${own.name}" comes by ${a} but not by ${b}.`,
        `Add it before ${b} in a derive, or drop it before ${a}.`,
      );
    if (match.type !== own.type) {
      return problem(
        `Column "${own.name}" is ${own.type} by ${a} but ${match.type} by ${b}.`,
        `Cast one of them in a derive before.`,
      );
    }
  }
  const extra = other.fields.find(({ name }) => fieldOf(first, name) === undefined);
  if (extra !== undefined)
    return problem(
      `Column "${extra.name}" comes by ${b} but not by ${a}.`,
      `Drop it before ${b} in a derive, or add it before ${a}.`,
    );
  return first.timed === other.timed
    ? undefined
    : problem(
        `${first.timed ? a : b} has event time, but ${first.timed ? b : a} has none.`,
        'Set "event_time" at the source that has none.',
      );
}

function schemaOf(...names: ('id' | 'text')[]): Schema {
  const fields = names.map((name) => ({ name, type: name === 'id' ? ('integer' as const) : ('text' as const), nullable: false }));
  return { fields, mode: APPEND, keys: [], window: undefined, timed: false };
}
