import { documentStore } from '../document/document-store.ts';
import { nodeOf } from '../document/pipeline-draft.ts';
import { select, selectionStore } from '../document/selection-store.ts';
import type { Flow } from './flow.ts';

/** The nearest node in a direction from the selected one (or the first node). */
export function walk(flow: Flow, dx: number, dy: number): void {
  const from = selectionStore.getState().parts[0];
  const places = documentStore.getState().document.layout.nodes;
  if (from === undefined || places[from] === undefined) {
    const first = documentStore.getState().document.nodes.toSorted((a, b) => (places[a.id]?.x ?? 0) - (places[b.id]?.x ?? 0))[0];
    if (first !== undefined) select([first.id]);
    return;
  }
  let best: string | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  for (const [id, place] of Object.entries(places)) {
    const x = place.x - places[from].x;
    const y = place.y - places[from].y;
    const ahead = x * dx + y * dy;
    if (id === from || ahead <= 0) continue;
    const distance = ahead + 2.5 * Math.abs(x * dy - y * dx);
    if (distance < nearest) [best, nearest] = [id, distance];
  }
  if (best !== undefined) {
    select([best]);
    window.document.querySelector<HTMLElement>(`.react-flow__node[data-id="${best}"]`)?.focus({ preventScroll: true });
    const at = places[best]!;
    const screen = flow.flowToScreenPosition(at);
    const pane = window.document.querySelector('.canvas')!.getBoundingClientRect();
    if (screen.x < pane.left || screen.x > pane.right - 160 || screen.y < pane.top || screen.y > pane.bottom - 90)
      void flow.setCenter(at.x + 80, at.y + 44, { zoom: flow.getZoom() });
  }
}

/** Adds everything above or below to the selection. */
export function follow(direction: 'up' | 'down'): void {
  const found = new Set(selectionStore.getState().parts);
  for (let grown = true; grown;) {
    grown = false;
    for (const edge of documentStore.getState().document.edges) {
      const [near, far] = direction === 'up' ? [nodeOf(edge.to), nodeOf(edge.from)] : [nodeOf(edge.from), nodeOf(edge.to)];
      if (found.has(near) && !found.has(far)) grown = Boolean(found.add(far));
    }
  }
  select([...found]);
}
