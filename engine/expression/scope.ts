import type { FuncCall, Node as SyntaxNode } from 'libpg-query';
import type { Field } from '../model/schema.ts';
import { nearestName } from '../model/nearest-name.ts';
import { Refusal } from './refusal.ts';
import type { Node } from './typed.ts';

/** The analyser as a scope sees it. */
export interface Visitor {
  visit(tree: SyntaxNode): Node;
  within<T>(scope: Scope, work: () => T): T;
  build(at: number | undefined, args: readonly SyntaxNode[], work: () => Node): Node;
  stop(refusal: Refusal, at: number | undefined): never;
}

/** What names mean at a place in an expression. */
export interface Scope {
  readonly names: readonly string[];
  column(name: string): Node | Refusal;
  /** undefined: not an aggregate */
  readonly aggregate?: (name: string, tree: FuncCall, visitor: Visitor) => Node | undefined;
  readonly aggregateNames?: readonly string[];
}

export function rowScope(fields: readonly Field[]): Scope {
  const byName = new Map(fields.map((field) => [field.name, field]));
  return {
    names: [...byName.keys()],
    column(name) {
      const field = byName.get(name);
      return field === undefined ? unknownColumn(name, [...byName.keys()]) : columnNode(field);
    },
  };
}

export function columnNode(field: Field): Node {
  return { op: 'column', type: field.type, nullable: field.nullable, name: field.name };
}

export function unknownColumn(name: string, names: readonly string[]): Refusal {
  const near = nearestName(name, names);
  if (near === undefined) {
    const some = names.slice(0, 8).join(', ');
    return new Refusal(
      'unknown_column',
      `there is no column ${name}`,
      names.length === 0 ? 'The input has no columns.' : `The columns are ${some}${names.length > 8 ? ', …' : ''}.`,
    );
  }
  const quoted = near.toLowerCase() === near ? near : `"${near}" in double quotes (unquoted names are read in lower case)`;
  return new Refusal('unknown_column', `there is no column ${name}`, `Did you mean ${quoted}?`);
}
