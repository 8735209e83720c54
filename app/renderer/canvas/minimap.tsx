import { useReactFlow, useStore, type ReactFlowState } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { colour } from '../theme/theme-store.ts';
import type { NodeData } from './flow-parts.ts';

const WIDTH = 168;
const HEIGHT = 104;

const outside = (state: ReactFlowState): boolean => {
  const [x, y, zoom] = state.transform;
  for (const node of state.nodeLookup.values()) {
    const left = node.internals.positionAbsolute.x * zoom + x;
    const top = node.internals.positionAbsolute.y * zoom + y;
    if (
      left < -4 ||
      top < -4 ||
      left + (node.measured.width ?? 0) * zoom > state.width + 4 ||
      top + (node.measured.height ?? 0) * zoom > state.height + 4
    )
      return true;
  }
  return false;
};

/** Shown only when part of the graph is out of view; a press moves the view. */
export function Minimap() {
  const needed = useStore(outside);
  return needed ? <Map /> : null;
}

function Map() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const flow = useReactFlow();
  const lookup = useStore((state) => state.nodeLookup);
  const nodes = useStore((state) => state.nodes);
  const [x, y, zoom] = useStore((state) => state.transform);
  const paneWidth = useStore((state) => state.width);
  const paneHeight = useStore((state) => state.height);
  const frame = useRef({ left: 0, top: 0, scale: 1 });

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    canvas.current!.width = WIDTH * ratio;
    canvas.current!.height = HEIGHT * ratio;
    const view = { left: -x / zoom, top: -y / zoom, right: (paneWidth - x) / zoom, bottom: (paneHeight - y) / zoom };
    let { left, top, right, bottom } = view;
    for (const node of lookup.values()) {
      const at = node.internals.positionAbsolute;
      left = Math.min(left, at.x);
      top = Math.min(top, at.y);
      right = Math.max(right, at.x + (node.measured.width ?? 0));
      bottom = Math.max(bottom, at.y + (node.measured.height ?? 0));
    }
    const scale = Math.min((WIDTH - 12) / (right - left), (HEIGHT - 12) / (bottom - top));
    frame.current = { left, top, scale };
    context.setTransform(ratio, 0, 0, ratio, 6 * ratio, 6 * ratio);
    context.clearRect(-6, -6, WIDTH, HEIGHT);
    for (const node of lookup.values()) {
      const data = node.data as Partial<NodeData>;
      if (data.node === undefined) continue;
      const at = node.internals.positionAbsolute;
      context.fillStyle = data.error !== undefined ? colour('--bad') : colour(`--family-${data.entry?.family ?? 'transform'}`);
      context.globalAlpha = node.selected === true ? 1 : 0.55;
      context.fillRect(
        (at.x - left) * scale,
        (at.y - top) * scale,
        Math.max(3, (node.measured.width ?? 0) * scale),
        Math.max(2, (node.measured.height ?? 0) * scale),
      );
    }
    context.globalAlpha = 1;
    context.strokeStyle = colour('--accent');
    context.strokeRect(
      (view.left - left) * scale,
      (view.top - top) * scale,
      (view.right - view.left) * scale,
      (view.bottom - view.top) * scale,
    );
  }, [lookup, nodes, x, y, zoom, paneWidth, paneHeight]);

  const go = (event: React.PointerEvent) => {
    if (event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const { left, top, scale } = frame.current;
    void flow.setCenter((event.clientX - box.left - 6) / scale + left, (event.clientY - box.top - 6) / scale + top, { zoom });
  };
  return (
    <canvas
      ref={canvas}
      className="minimap"
      style={{ width: WIDTH, height: HEIGHT }}
      role="img"
      aria-label="Map of the whole pipeline"
      onPointerDown={go}
      onPointerMove={go}
    />
  );
}
