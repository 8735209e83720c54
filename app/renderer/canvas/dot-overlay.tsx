import { useStoreApi } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { isLive, runStore } from '../run/run-store.ts';
import { colour } from '../theme/theme-store.ts';
import { curves, STEPS, type Curve } from './curve.ts';
import { edgeReadings } from './flow-edge.tsx';

const FRAME_MS = 1000 / 30;
/** by width class 1…5: distance between dots and speed, px at zoom 1 */
const SPACING = [90, 44, 28, 15, 10];
const SPEED = [26, 34, 44, 58, 74];
const HELD_SPACING = 12;
const HELD_SPEED = 5;
/** below this zoom dots would be smaller than a pixel */
const LEAST_ZOOM = 0.3;

/**
 * What moves along the edges: one canvas for all of them, at most 30 frames a second, off when hidden, when nothing runs, and still with
 * reduced motion. Nodes are cut out of it, so that dots pass under them.
 */
export function DotOverlay() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  useEffect(() => {
    const still = window.matchMedia('(prefers-reduced-motion: reduce)');
    let frame = 0;
    let before = 0;
    let phase = 0;
    const draw = (now: number) => {
      frame = 0;
      const { status, link } = runStore.getState();
      const surface = canvas.current;
      if (surface === null) return;
      if (!isLive(status?.state) || status?.state === 'paused' || link !== 'online' || document.hidden) {
        surface.getContext('2d')?.clearRect(0, 0, surface.width, surface.height);
        return;
      }
      frame = requestAnimationFrame(draw);
      if (now - before < FRAME_MS) return;
      if (!still.matches) phase += Math.min(0.1, (now - before) / 1000);
      before = now;
      const { transform, width, height } = store.getState();
      paint(surface, transform, width, height, phase);
      cutNodes(surface, store.getState());
    };
    // asked for frames only while something moves: a loop that draws nothing still wakes the whole browser 60 times a second
    const wake = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    wake();
    const leave = runStore.subscribe(wake);
    document.addEventListener('visibilitychange', wake);
    return () => {
      leave();
      document.removeEventListener('visibilitychange', wake);
      cancelAnimationFrame(frame);
    };
  }, [store]);
  return <canvas ref={canvas} className="dots" aria-hidden />;
}

function paint(
  surface: HTMLCanvasElement,
  [x, y, zoom]: readonly [number, number, number],
  width: number,
  height: number,
  phase: number,
): void {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  if (surface.width !== Math.round(width * ratio) || surface.height !== Math.round(height * ratio)) {
    surface.width = Math.round(width * ratio);
    surface.height = Math.round(height * ratio);
  }
  const context = surface.getContext('2d');
  if (context === null) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, surface.width, surface.height);
  if (zoom < LEAST_ZOOM) return;
  context.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * x, ratio * y);
  const left = -x / zoom;
  const top = -y / zoom;
  const right = left + width / zoom;
  const bottom = top + height / zoom;
  for (const [key, reading] of edgeReadings) {
    const curve = curves.get(key);
    if (curve === undefined || !(reading.rate > 0) || reading.look === 'failed' || reading.look === 'stalled') continue;
    if (
      Math.max(curve.fromX, curve.toX) < left ||
      Math.min(curve.fromX, curve.toX) > right ||
      Math.max(curve.fromY, curve.toY) < top ||
      Math.min(curve.fromY, curve.toY) > bottom
    )
      continue;
    const held = reading.look === 'held';
    context.fillStyle = colour(held ? '--warn' : reading.look === 'late' ? '--late' : '--flow-particle');
    dots(
      context,
      curve,
      (held ? HELD_SPACING : SPACING[reading.width - 1]!) * (zoom < 0.6 ? 2 : 1),
      phase * (held ? HELD_SPEED : SPEED[reading.width - 1]!),
      reading.width >= 5 ? 1.4 : 1.7,
      zoom * ratio < 0.9,
    );
  }
}

/** `small`: a dot is hardly a pixel, so a square will do and is far cheaper */
function dots(
  context: CanvasRenderingContext2D,
  curve: Curve,
  spacing: number,
  moved: number,
  radius: number,
  small: boolean,
): void {
  context.beginPath();
  for (let at = moved % spacing; at < curve.length; at += spacing) {
    const place = (at / curve.length) * STEPS;
    const step = Math.min(STEPS - 1, Math.floor(place));
    const part = place - step;
    const x = curve.points[step * 2]! + (curve.points[step * 2 + 2]! - curve.points[step * 2]!) * part;
    const y = curve.points[step * 2 + 1]! + (curve.points[step * 2 + 3]! - curve.points[step * 2 + 1]!) * part;
    if (small) {
      context.fillRect(x - radius, y - radius, radius * 2, radius * 2);
      continue;
    }
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, Math.PI * 2);
  }
  context.fill();
}

interface Placed {
  readonly nodeLookup: ReadonlyMap<
    string,
    {
      readonly type?: string | undefined;
      readonly internals: { readonly positionAbsolute: { readonly x: number; readonly y: number } };
      readonly measured: { readonly width?: number | undefined; readonly height?: number | undefined };
    }
  >;
}

function cutNodes(surface: HTMLCanvasElement, { nodeLookup }: Placed): void {
  const context = surface.getContext('2d');
  if (context === null) return;
  for (const node of nodeLookup.values()) {
    if (node.type !== 'card') continue;
    const { x, y } = node.internals.positionAbsolute;
    context.clearRect(x, y, node.measured.width ?? 0, node.measured.height ?? 0);
  }
}
