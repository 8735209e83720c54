import { call, constant, implementation } from './build.ts';
import { arrayFrom } from './cast-text.ts';
import { implicit, unify } from './coercion.ts';
import { RowFailure } from './row-failure.ts';
import { binary, compare, comparisonOf, refuseJson } from './operators.ts';
import { Refusal } from './refusal.ts';
import type { Node, Value } from './typed.ts';

/** Constants are looked up; the rest is compared one by one, after them, as PostgreSQL does. */
export function oneOf(subject: Node, nodes: readonly Node[], negated: boolean): Node {
  const constants = nodes.filter((node) => node.op === 'constant');
  const others = nodes.filter((node) => node.op !== 'constant').map((node) => compare(negated ? '<>' : '=', subject, node));
  if (constants.length > 0) {
    const { type, nodes: united } = unify([subject, ...constants], 'IN:');
    refuseJson(type);
    const values = united.slice(1).map((node) => (node as { value: Value }).value);
    if (type === 'interval' || type === 'text[]')
      others.unshift(...united.slice(1).map((node) => compare(negated ? '<>' : '=', united[0]!, node)));
    else
      others.unshift({
        op: 'in',
        type: 'boolean',
        nullable: united[0]!.nullable || values.includes(null),
        negated,
        arg: united[0]!,
        values,
      });
  }
  if (others.length === 1) return others[0]!;
  return { op: negated ? 'and' : 'or', type: 'boolean', nullable: others.some((node) => node.nullable), args: others };
}

/** subject operator ANY | ALL (right); `elements` where the right side is written ARRAY[…]. */
export function anyOf(operator: string, subject: Node, right: Node, elements: readonly Node[] | undefined, all: boolean): Node {
  let list: readonly Node[] | undefined = elements;
  const array = right;
  if (list === undefined && array.op === 'constant' && array.type === 'unknown' && array.value !== null) {
    list = arrayLiteral(array.value as string);
  }
  if (list !== undefined) {
    if (list.length === 0) return constant('boolean', all);
    if ((operator === '=' && !all) || (operator === '<>' && all)) return oneOf(subject, list, all);
    const tests = list.map((node) => binary(operator, subject, node));
    if (tests.length === 1) return tests[0]!;
    return { op: all ? 'and' : 'or', type: 'boolean', nullable: tests.some((test) => test.nullable), args: tests };
  }
  const equal = comparisonOf(operator);
  const text = implicit(subject, 'text');
  if (array.type !== 'text[]' || text === undefined || !((equal === '=' && !all) || (equal === '<>' && all))) {
    throw new Refusal('type_mismatch', `${all ? 'ALL' : 'ANY'} takes a text[] on its right: x = ANY(list) or x <> ALL(list)`);
  }
  // an empty array decides even for NULL
  const apply = (value: string | null, items: readonly (string | null)[] | null): boolean | null => {
    if (items === null) return null;
    if (items.length === 0) return all;
    if (value === null) return null;
    return items.includes(value) ? !all : items.includes(null) ? null : all;
  };
  const sql = (args: readonly string[]): string => `(${args[0]}) ${all ? '<> ALL' : '= ANY'} (${args[1]})`;
  return call(implementation(all ? 'all' : 'any', 'boolean', apply, { strict: false, givesNull: true, sql }), [text, array]);
}

export function between(kind: string, x: Node, low: Node, high: Node): Node {
  const negated = kind.startsWith('AEXPR_NOT');
  const join = (op: 'and' | 'or', a: Node, b: Node): Node => ({
    op,
    type: 'boolean',
    nullable: a.nullable || b.nullable,
    args: [a, b],
  });
  const range = (from: Node, to: Node): Node =>
    negated ? join('or', compare('<', x, from), compare('>', x, to)) : join('and', compare('>=', x, from), compare('<=', x, to));
  if (!kind.endsWith('SYM')) return range(low, high);
  return join(negated ? 'and' : 'or', range(low, high), range(high, low));
}

function arrayLiteral(text: string): readonly Node[] {
  try {
    return arrayFrom(text).map((item) => constant('unknown', item));
  } catch (failure) {
    if (failure instanceof RowFailure) throw new Refusal('invalid_literal', failure.sentence);
    throw failure;
  }
}
