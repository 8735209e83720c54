import { call, implementation, toInt4 } from './build.ts';
import { implicit, typeName } from './coercion.ts';
import { RowFailure } from './implementation.ts';
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
  return call(implementation('element', 'text', elementOf, { givesNull: true, sql }), [list, position]);
}

function elementOf(list: readonly (string | null)[], position: number): string | null {
  if (Math.abs(position) > 2_147_483_647) throw new RowFailure('integer_out_of_range', `${position} is no position in an array`);
  return list[position - 1] ?? null;
}
