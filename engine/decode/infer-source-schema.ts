import type { DecodeSpec } from '../model/decode-spec.ts';
import type { LocalProblem } from '../model/definition.ts';
import { isError } from '../model/problem.ts';
import { APPEND, type Schema } from '../model/schema.ts';
import { compileSchema, isMistake } from './json-schema.ts';
import { ownRecord, sourceColumns } from './source-columns.ts';

/** [V5] The columns a source's messages become, or what is wrong with its settings. Pure. */
export function inferSourceSchema(spec: DecodeSpec): { schema: Schema | undefined; problems: LocalProblem[] } {
  const problems: LocalProblem[] = [];
  if (spec.format === 'json') {
    const compiled = compileSchema(spec.schema);
    if (isMistake(compiled)) {
      const { code, sentence } = compiled;
      return {
        schema: undefined,
        problems: [{ code, severity: 'error', message: sentence, field: 'schema', mend: 'Correct the schema.' }],
      };
    }
    const { type } = ownRecord(spec.schema) ?? {};
    if (type !== undefined && type !== 'object' && !(Array.isArray(type) && type.includes('object'))) {
      const message = `the schema describes ${JSON.stringify(type)}, but every message must be one JSON object`;
      return {
        schema: undefined,
        problems: [{ code: 'bad_schema', severity: 'error', message, field: 'schema', mend: 'Write "type": "object".' }],
      };
    }
  }
  const { columns, problems: found } = sourceColumns(spec);
  problems.push(...found);
  const time = columns.find((column) => column.name === spec.eventTime);
  if (spec.eventTime !== undefined && time === undefined) {
    const candidates = columns.filter((column) => column.type === 'timestamp').map((column) => column.name);
    problems.push({
      code: 'unknown_field',
      severity: 'error',
      message: `event time is ${spec.eventTime}, but there is no such column`,
      field: 'event_time',
      mend:
        candidates.length === 0 ? 'Declare a string property with "format": "date-time".' : `Choose ${candidates.join(' or ')}.`,
    });
  } else if (time !== undefined && time.type !== 'timestamp') {
    problems.push({
      code: 'wrong_type',
      severity: 'error',
      message: `event time is ${time.name}, which is ${time.type} and not timestamp`,
      field: 'event_time',
      mend: `Give ${time.name} "format": "date-time" in the schema, or name its unit in time_units.`,
    });
  }
  if (problems.some((problem) => isError(problem as Parameters<typeof isError>[0]))) return { schema: undefined, problems };
  return {
    schema: {
      fields: columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
      mode: APPEND,
      keys: [],
      window: undefined,
      timed: spec.eventTime !== undefined,
    },
    problems,
  };
}
