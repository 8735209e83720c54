import type { z } from 'zod';
import { nearestName } from '../model/nearest-name.ts';

/** One mistake in data that a zod schema refused. */
export interface ZodMistake {
  readonly what: 'missing' | 'unknown' | 'wrong' | 'too_many';
  readonly path: readonly PropertyKey[];
  /** what is wrong, without place and without a full stop: `must be a text, not a number` */
  readonly says: string;
  readonly mend: string | undefined;
}

/** zod's issues in the words of Telemetra, one for each place, unions reduced to the branch that fits best. */
export function mistakesOf(
  error: z.ZodError,
  value: unknown,
  known: (path: readonly PropertyKey[]) => readonly string[],
): ZodMistake[] {
  return error.issues.flatMap((issue) => mistakesOfIssue(issue, [], value, known));
}

type Issue = z.core.$ZodIssue;

function mistakesOfIssue(
  issue: Issue,
  prefix: readonly PropertyKey[],
  value: unknown,
  known: (path: readonly PropertyKey[]) => readonly string[],
): ZodMistake[] {
  const path = [...prefix, ...issue.path];
  const at = valueAt(value, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const near = nearestName(key, known(path));
        return {
          what: 'unknown',
          path: [...path, key],
          says: 'is not known here',
          mend: near === undefined ? `Remove "${key}".` : `Write "${near}", or remove "${key}".`,
        };
      });
    case 'invalid_union': {
      const branches = issue.errors.filter((branch) => branch.length > 0);
      if (branches.length === 0) return [wrong(path, at, choices(issue) ?? 'fits none of the forms it may have')];
      const best = branches.reduce((a, b) => (depth(b) > depth(a) || (depth(b) === depth(a) && b.length < a.length) ? b : a));
      return best.flatMap((inner) => mistakesOfIssue(inner, path, value, known));
    }
    case 'invalid_type':
      if (at === undefined) return [{ what: 'missing', path, says: 'is missing', mend: `Give ${article(issue.expected)}.` }];
      return [wrong(path, at, `must be ${article(issue.expected)}, not ${article(jsonType(at))}`)];
    case 'invalid_value':
      if (at === undefined) return [{ what: 'missing', path, says: 'is missing', mend: `Write ${oneOf(issue.values)}.` }];
      return [nearest(path, at, issue.values)];
    case 'too_big':
      if (issue.origin === 'array' || issue.origin === 'string')
        return [{ what: 'too_many', path, says: `has more than ${String(issue.maximum)} ${unit(issue.origin)}`, mend: undefined }];
      return [wrong(path, at, `must be at most ${String(issue.maximum)}`)];
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string') {
        const least = Number(issue.minimum);
        return [wrong(path, at, least === 1 ? 'must not be empty' : `needs at least ${least} ${unit(issue.origin)}`)];
      }
      return [wrong(path, at, `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${String(issue.minimum)}`)];
    default:
      return [
        wrong(path, at, issue.message.startsWith('Invalid') ? `is not valid (${issue.message})` : `is not valid: ${issue.message}`),
      ];
  }
}

function wrong(path: readonly PropertyKey[], at: unknown, says: string): ZodMistake {
  const shown = typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean' ? ` (it is ${JSON.stringify(at)})` : '';
  return { what: 'wrong', path, says: says + shown, mend: undefined };
}

function nearest(path: readonly PropertyKey[], at: unknown, values: readonly unknown[]): ZodMistake {
  const near = typeof at === 'string' ? nearestName(at, values.map(String)) : undefined;
  return {
    ...wrong(path, at, `must be ${oneOf(values)}`),
    mend: near === undefined ? undefined : `Write ${JSON.stringify(near)}.`,
  };
}

/** how far inside the value the branch got: the branch that got further is the one that was meant */
function depth(branch: readonly Issue[]): number {
  return Math.max(...branch.map((issue) => issue.path.length));
}

function choices(issue: Issue): string | undefined {
  const discriminator = 'discriminator' in issue && typeof issue.discriminator === 'string' ? issue.discriminator : undefined;
  return discriminator === undefined ? undefined : `has no form with this "${discriminator}"`;
}

function oneOf(values: readonly unknown[]): string {
  const written = values.map((value) => JSON.stringify(value));
  return written.length === 1 ? written[0]! : `${written.slice(0, -1).join(', ')} or ${written.at(-1)!}`;
}

function unit(origin: string): string {
  return origin === 'array' ? 'entries' : 'characters';
}

function article(type: string): string {
  switch (type) {
    case 'string':
      return 'a text';
    case 'array':
      return 'a list';
    case 'object':
    case 'record':
      return 'an object';
    case 'boolean':
      return 'true or false';
    case 'int':
    case 'integer':
      return 'a whole number';
    case 'null':
      return 'null';
    default:
      return `a ${type}`;
  }
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return at;
}
