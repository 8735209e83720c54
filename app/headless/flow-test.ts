import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Problem } from '../../engine/model/problem.ts';

export const TEST_SUFFIX = '.test.json';

/** One raw message as it stood in the log or file. `text` null: a message without a value. */
const messageSchema = z
  .strictObject({
    partition: z.int().nonnegative().default(0),
    /** left out: counted up in its partition */
    offset: z.int().nonnegative().optional(),
    /** output port of a source that has several */
    port: z.int().nonnegative().default(0),
    text: z.string().nullable().optional(),
    /** in place of `text` where the bytes are no UTF-8 */
    base64: z.base64().optional(),
    key: z.string().nullable().optional(),
    /** the log's own time */
    timestamp: z.string().optional(),
    /** a JSON object */
    headers: z.record(z.string(), z.unknown()).optional(),
  })
  .refine((message) => (message.text === undefined) !== (message.base64 === undefined), 'give either text or base64');

const rowSchema = z.record(z.string(), z.unknown());

/** `name.test.json` beside a pipeline: raw messages of its sources, and every row that must pass one edge. */
const flowTestSchema = z.strictObject({
  telemetra_test: z.literal(1),
  name: z.string().min(1).max(120),
  /** file name of the pipeline, relative to this file */
  pipeline: z.string().min(1),
  /** clock of the test (event times more than 5 minutes ahead of it are dead letters); left out: no event is ahead */
  at: z.string().optional(),
  inputs: z.record(z.string(), z.array(messageSchema)),
  expect: z.strictObject({
    /** "node.port" of an output, or the id of a sink: what reaches it */
    edge: z.string().min(1),
    rows: z.array(rowSchema),
  }),
});

export type FlowTest = z.infer<typeof flowTestSchema>;
export type TestMessage = FlowTest['inputs'][string][number];
export type TestRow = z.infer<typeof rowSchema>;

/** A test file, or why it is none: every problem with its place. */
export function readFlowTest(file: string): { readonly test: FlowTest | undefined; readonly problems: readonly Problem[] } {
  const refuse = (code: string, message: string): { test: undefined; problems: readonly Problem[] } => ({
    test: undefined,
    problems: [{ code, severity: 'error', message }],
  });
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse('not_a_test', `${file} cannot be read as JSON: ${(error as Error).message}.`);
  }
  const parsed = flowTestSchema.safeParse(json);
  if (parsed.success) return { test: parsed.data, problems: [] };
  const problems = parsed.error.issues.map(({ path, message }): Problem => {
    const place = path.join('.');
    return {
      code: 'not_a_test',
      severity: 'error',
      field: place,
      message: `${file}${place === '' ? '' : `, ${place}`}: ${message}.`,
    };
  });
  return { test: undefined, problems };
}

function withoutDefaults({ port, ...message }: TestMessage): unknown {
  return port === 0 ? message : { ...message, port };
}

/** One message and one row a line, so that a change of either is one line in a diff. */
export function writeFlowTest(test: FlowTest): string {
  const list = (values: readonly unknown[], indent: string): string =>
    values.length === 0 ? '[]' : `[\n${values.map((value) => `${indent}  ${JSON.stringify(value)}`).join(',\n')}\n${indent}]`;
  const inputs = Object.entries(test.inputs).map(
    ([node, messages]) => `    ${JSON.stringify(node)}: ${list(messages.map(withoutDefaults), '    ')}`,
  );
  return [
    '{',
    `  "telemetra_test": ${test.telemetra_test},`,
    `  "name": ${JSON.stringify(test.name)},`,
    `  "pipeline": ${JSON.stringify(test.pipeline)},`,
    ...(test.at === undefined ? [] : [`  "at": ${JSON.stringify(test.at)},`]),
    `  "inputs": {${inputs.length === 0 ? '' : `\n${inputs.join(',\n')}\n  `}},`,
    '  "expect": {',
    `    "edge": ${JSON.stringify(test.expect.edge)},`,
    `    "rows": ${list(test.expect.rows, '    ')}`,
    '  }',
    '}',
    '',
  ].join('\n');
}
