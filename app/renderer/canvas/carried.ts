import type { PipelineDocument, Place } from '../document/pipeline-draft.ts';

/** Where every node, group and comment stands. */
export function placesOf({ layout }: PipelineDocument): Readonly<Record<string, Place>> {
  const sides = [...layout.groups, ...layout.comments].map(({ id, x, y }) => [id, { x, y }] as const);
  return { ...layout.nodes, ...Object.fromEntries(sides) };
}

/** Parts that go along when `ids` move: what stands on a group goes with it. */
export function carriedBy(document: PipelineDocument, ids: ReadonlySet<string>): ReadonlySet<string> {
  const carried = new Set<string>();
  const places = Object.entries(placesOf(document));
  for (const group of document.layout.groups) {
    if (!ids.has(group.id)) continue;
    for (const [id, { x, y }] of places) {
      const inside = x >= group.x && y >= group.y && x < group.x + group.width && y < group.y + group.height;
      if (inside && !ids.has(id)) carried.add(id);
    }
  }
  return carried;
}
