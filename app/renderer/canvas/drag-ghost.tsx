import { useEffect } from 'react';
import { useStore } from 'zustand';
import { catalogStore } from '../document/catalog-store.ts';
import { documentStore } from '../document/document-store.ts';
import { edgeKey, type PipelineEdge, type Place } from '../document/pipeline-draft.ts';
import { dragStore } from '../ui/drag-store.ts';
import { toast } from '../ui/toast-store.ts';
import type { Flow } from './flow.ts';
import { curves, distanceTo } from './curve.ts';
import { cardWidth } from './node-box.ts';
import { placeNode } from './quick-add.tsx';

/** a node dropped this near to an edge goes onto it, px */
const SPLICE_PX = 18;

/** A kind from the palette under the pointer, in its final size, snapped; the edge it would go onto lights up. */
export function DragGhost({ flow }: { flow: Flow }) {
  const drag = useStore(dragStore, (state) => state);
  const kinds = useStore(catalogStore, (state) => state.catalog.kinds);
  const entry = kinds.find((kind) => kind.kind === drag.kind);
  const zoom = flow.getZoom();
  const inside = drag.kind !== undefined && overCanvas(drag.x, drag.y);
  const edge =
    inside && entry !== undefined && entry.inputs.length > 0 && entry.outputs.length > 0
      ? edgeNear(flow, drag.x, drag.y)
      : undefined;

  useEffect(
    () =>
      dragStore.subscribe((state) => {
        if (state.phase !== 'dropped' || !overCanvas(state.x, state.y)) return;
        const kind = catalogStore.getState().catalog.kinds.find((candidate) => candidate.kind === state.kind);
        if (kind === undefined) return;
        const near = kind.inputs.length > 0 && kind.outputs.length > 0 ? edgeNear(flow, state.x, state.y) : undefined;
        const at = flow.screenToFlowPosition({ x: state.x, y: state.y });
        placeNode(kind, { x: at.x - 20, y: at.y - 20 }, near === undefined ? undefined : { edge: near });
        if (near !== undefined)
          toast({ health: 'you', title: `${kind.title} stands on the wire`, note: 'One undo takes it off again.' });
      }),
    [flow],
  );
  const lit = edge === undefined ? undefined : edgeKey(edge);
  useEffect(() => {
    if (lit === undefined) return;
    const element = window.document.querySelector(`[data-edge="${lit}"]`);
    element?.classList.add('splice');
    return () => element?.classList.remove('splice');
  }, [lit]);

  if (drag.kind === undefined || entry === undefined) return null;
  const width = cardWidth(entry.title, entry.summary);
  const at = inside ? snapped(flow, drag.x, drag.y) : { x: drag.x - 20, y: drag.y - 20 };
  const scale = inside ? zoom : 1;
  return (
    <div
      className={`ghost ${entry.family}${inside ? '' : ' away'}`}
      style={{ left: at.x, top: at.y, width: width * scale, height: 88 * scale }}
    >
      <b>{entry.title}</b>
    </div>
  );
}

function snapped(flow: Flow, x: number, y: number): Place {
  const at = flow.screenToFlowPosition({ x, y });
  return flow.flowToScreenPosition({ x: Math.round((at.x - 20) / 8) * 8, y: Math.round((at.y - 20) / 8) * 8 });
}

function overCanvas(x: number, y: number): boolean {
  const pane = window.document.querySelector('.canvas')?.getBoundingClientRect();
  return pane !== undefined && x > pane.left && x < pane.right && y > pane.top && y < pane.bottom;
}

function edgeNear(flow: Flow, x: number, y: number): PipelineEdge | undefined {
  const at = flow.screenToFlowPosition({ x, y }, { snapToGrid: false });
  let nearest = (SPLICE_PX / flow.getZoom()) ** 2;
  let found: string | undefined;
  for (const [key, curve] of curves) {
    const distance = distanceTo(curve, at.x, at.y);
    if (distance < nearest) [found, nearest] = [key, distance];
  }
  return documentStore.getState().document.edges.find((edge) => edgeKey(edge) === found);
}
