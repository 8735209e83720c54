import { implementation } from './build.ts';
import type { FunctionEntry, Overload } from './function-entry.ts';
import { RowFailure } from './row-failure.ts';
import { escapeJson, jsonElement } from './json-text.ts';
import { Refusal } from './refusal.ts';
import type { Value } from './typed.ts';
import { jsonOf, textOf } from './value-text.ts';

const BUILD_OBJECT: Overload = {
  args: ['any'],
  variadic: true,
  result: 'json',
  build: (args) => {
    if (args.length % 2 === 1)
      throw new Refusal(
        'wrong_arguments',
        'json_build_object takes keys and values in turn',
        "Write json_build_object('name', value, …).",
      );
    args.forEach((arg, i) => {
      if (i % 2 === 0 && (arg.type === 'json' || arg.type === 'text[]'))
        throw new Refusal('type_mismatch', `a key cannot be ${arg.type}`, undefined, i);
    });
    const apply = (...values: readonly Value[]): string => {
      const members: string[] = [];
      for (let i = 0; i < values.length; i += 2) {
        const key = values[i]!;
        if (key === null) throw new RowFailure('invalid_argument', 'a key of json_build_object must not be NULL');
        members.push(`${escapeJson(textOf(key, args[i]!.type, true))} : ${jsonOf(values[i + 1]!, args[i + 1]!.type)}`);
      }
      return `{${members.join(', ')}}`;
    };
    return implementation('json_build_object', 'json', apply, { strict: false });
  },
};

const BUILD_ARRAY: Overload = {
  args: ['any'],
  variadic: true,
  result: 'json',
  build: (args) =>
    implementation(
      'json_build_array',
      'json',
      (...values: readonly Value[]) => `[${values.map((value, i) => jsonOf(value, args[i]!.type)).join(', ')}]`,
      {
        strict: false,
      },
    ),
};

function elements(json: string): number {
  if (!json.trimStart().startsWith('[')) throw new RowFailure('invalid_argument', 'json_array_length takes a JSON array');
  let count = 0;
  while (jsonElement(json, count) !== undefined) count++;
  return count;
}

export const JSON_FUNCTIONS: readonly FunctionEntry[] = [
  {
    name: 'to_json',
    signature: 'to_json(value) → json',
    summary: 'A value as JSON; json stays as it is.',
    overloads: [
      {
        args: ['any'],
        result: 'json',
        build: (args) => implementation('to_json', 'json', (value: Value) => jsonOf(value, args[0]!.type)),
      },
    ],
  },
  {
    name: 'json_build_object',
    signature: "json_build_object('key', value, …) → json",
    summary: 'A JSON object.',
    overloads: [BUILD_OBJECT],
  },
  { name: 'json_build_array', signature: 'json_build_array(value, …) → json', summary: 'A JSON array.', overloads: [BUILD_ARRAY] },
  {
    name: 'json_array_length',
    signature: 'json_array_length(json) → integer',
    summary: 'Number of elements of a JSON array.',
    overloads: [
      {
        args: ['json'],
        result: 'integer',
        build: () =>
          implementation('json_array_length', 'integer', elements, { sql: (args) => `(json_array_length(${args[0]}))::int8` }),
      },
    ],
  },
];
