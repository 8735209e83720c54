import type { Type } from '../model/type.ts';
import type { Node, Typed } from './typed.ts';

/** `keyed`: the result itself is compared or grouped. */
export function typedOf(text: string, root: Node, keyed = false): Typed {
  const columns: Record<string, 'dictionary' | 'any'> = {};
  collect(root, keyed, columns);
  return { text, type: root.type as Type, nullable: root.nullable, columns, root };
}

/** `keyed`: the value of this node is compared for equality, so ids are worth their price. */
function collect(node: Node, keyed: boolean, columns: Record<string, 'dictionary' | 'any'>): void {
  const all = (nodes: readonly Node[], keyedToo: boolean): void => nodes.forEach((inner) => collect(inner, keyedToo, columns));
  switch (node.op) {
    case 'column':
      if (keyed && node.type === 'text') columns[node.name] = 'dictionary';
      else columns[node.name] ??= 'any';
      return;
    case 'constant':
      return;
    case 'call':
      return all(node.args, node.implementation.name === 'any' || node.implementation.name === 'all');
    case 'compare':
    case 'distinct':
    case 'nullif':
      return all([node.left, node.right], true);
    case 'in':
      return collect(node.arg, true, columns);
    case 'coalesce':
      return all(node.args, keyed);
    case 'greatest':
    case 'least':
    case 'and':
    case 'or':
    case 'array':
      return all(node.args, false);
    case 'not':
    case 'is':
      return collect(node.arg, false, columns);
    case 'case':
      for (const { condition, result } of node.whens) {
        collect(condition, false, columns);
        collect(result, keyed, columns);
      }
      if (node.otherwise !== undefined) collect(node.otherwise, keyed, columns);
  }
}
