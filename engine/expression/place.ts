import type { Node as SyntaxNode } from 'libpg-query';

/** Byte place of the leftmost part that carries one. */
export function startOf(tree: SyntaxNode): number | undefined {
  let least: number | undefined;
  const look = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 400) return;
    const { location } = value as { readonly location?: number | undefined };
    if (typeof location === 'number' && location >= 0 && (least === undefined || location < least)) least = location;
    for (const inner of Object.values(value)) look(inner, depth + 1);
  };
  look(tree, 0);
  return least;
}
