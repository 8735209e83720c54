import type { LocalProblem } from '../../engine/model/definition.ts';
import { fieldOf, type Field, type Schema } from '../../engine/model/schema.ts';
import type { Type } from '../../engine/model/type.ts';
import { nearestName } from '../../engine/model/nearest-name.ts';

/** A setting names a column that the input has not. `path` is the setting. */
export function unknownField(name: string, schema: Schema, path: string): LocalProblem {
  const names = schema.fields.map((field) => field.name);
  const near = nearestName(name, names);
  const mend =
    near !== undefined
      ? `Take "${near}".`
      : names.length === 0
        ? 'Give the source a schema with this column.'
        : `Take one of ${names.slice(0, 12).join(', ')}${names.length > 12 ? ' …' : ''}.`;
  const message = name === '' ? 'No column is chosen.' : `The input has no column "${name}".`;
  return { code: name === '' ? 'missing_setting' : 'unknown_field', severity: 'error', message, field: path, mend };
}

export function wrongType(found: Field, wanted: string, path: string, mend: string): LocalProblem {
  return {
    code: 'wrong_type',
    severity: 'error',
    message: `Column "${found.name}" is ${found.type}, not ${wanted}.`,
    field: path,
    mend,
  };
}

/** A column that is made here has the name of one that is there already. */
export function duplicateColumn(name: string, path: string): LocalProblem {
  return {
    code: 'duplicate_column',
    severity: 'error',
    message: `There is already a column "${name}".`,
    field: path,
    mend: 'Choose another name, or drop the other column before.',
  };
}

/** Types whose values can be compared, grouped and joined by. */
export function isKeyType(type: Type): boolean {
  return type !== 'json' && type !== 'text[]';
}

/** Problems of a list of key columns: unknown, doubled, not comparable. */
export function keyProblems(names: readonly string[], schema: Schema, path: string): LocalProblem[] {
  const problems: LocalProblem[] = [];
  names.forEach((name, i) => {
    const at = `${path}.${i}`;
    const found = fieldOf(schema, name);
    if (found === undefined) problems.push(unknownField(name, schema, at));
    else if (!isKeyType(found.type)) {
      problems.push(
        wrongType(found, 'a type that can be compared', at, 'Take a column of single values: text, a number, a boolean or a time.'),
      );
    } else if (names.indexOf(name) < i) {
      problems.push({
        code: 'duplicate_column',
        severity: 'error',
        message: `Column "${name}" is named twice.`,
        field: at,
        mend: 'Take one of the two out.',
      });
    }
  });
  return problems;
}

/** A node that orders or bounds rows by event time on an edge whose source names none. */
export function needsEventTime(title: string): LocalProblem {
  return {
    code: 'needs_event_time',
    severity: 'error',
    message: `${title} works in event time, and the source of this input names no event time column.`,
    mend: 'Set "event_time" at the source.',
  };
}
