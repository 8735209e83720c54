import { createStore } from 'zustand/vanilla';

/** A kind on its way from the palette to the canvas; screen coordinates. The canvas watches and takes it on `dropped`. */
export interface DragState {
  readonly kind: string | undefined;
  readonly x: number;
  readonly y: number;
  readonly phase: 'idle' | 'dragging' | 'dropped';
}

export const dragStore = createStore<DragState>(() => ({ kind: undefined, x: 0, y: 0, phase: 'idle' }));

/** Begins after 4 px, so that a click stays a click. */
export function beginDrag(kind: string, event: { clientX: number; clientY: number; pointerId: number }): void {
  const from = { x: event.clientX, y: event.clientY };
  let moving = false;
  const move = (next: PointerEvent) => {
    if (!moving && Math.hypot(next.clientX - from.x, next.clientY - from.y) < 4) return;
    moving = true;
    dragStore.setState({ kind, x: next.clientX, y: next.clientY, phase: 'dragging' });
  };
  const end = (next: PointerEvent | KeyboardEvent) => {
    if (next instanceof KeyboardEvent && next.key !== 'Escape') return;
    window.removeEventListener('pointermove', move);
    window.removeEventListener('pointerup', end);
    window.removeEventListener('pointercancel', end);
    window.removeEventListener('keydown', end, true);
    if (moving && next.type === 'pointerup') dragStore.setState({ phase: 'dropped' });
    dragStore.setState({ kind: undefined, phase: 'idle' });
  };
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', end);
  window.addEventListener('pointercancel', end);
  window.addEventListener('keydown', end, true);
}
