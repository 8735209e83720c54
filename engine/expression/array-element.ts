import { asInt4, call, implementation, int4, toInt4 } from './build.ts';
import { implicit, typeName } from './coercion.ts';
import { Refusal } from './refusal.ts';
import type { Node } from './typed.ts';

/** list[position], from 1; NULL outside of the array. */
export function element(list: Node, index: Node): Node {
  if (list.type !== 'text[]') {
    const mend = list.type === 'json' ? 'Write x -> 0 for json; it counts from 0.' : undefined;
    throw new Refusal('type_mismatch', `x[n] takes a text[], not ${typeName(list.type)}`, mend, 0);
  }
  const position = implicit(index, 'integer');
  if (position === undefined) throw new Refusal('type_mismatch', 'the position in an array is an integer', undefined, 1);
  const sql = (args: readonly string[]): string => `(${args[0]})[${toInt4(args[1]!)}]`;
  const taken = call(implementation('element', 'text', elementOf, { givesNull: true, sql }), [list, asInt4(position)]);
  if (position.op === 'constant') return taken;
  // PostgreSQL does not compute the position where the array is NULL
  const condition: Node = { op: 'is', type: 'boolean', nullable: false, test: 'null', negated: true, arg: list };
  return { op: 'case', type: 'text', nullable: true, whens: [{ condition, result: taken }], otherwise: undefined };
}

function elementOf(list: readonly (string | null)[], position: number): string | null {
  return list[int4(position) - 1] ?? null;
}
