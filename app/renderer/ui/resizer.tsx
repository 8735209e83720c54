import type { PointerEvent } from 'react';

/** A border that can be dragged or moved by arrow keys; `sign` −1 when the panel grows to the left or up. */
export function Resizer({
  axis,
  size,
  sign,
  min,
  max,
  onResize,
  label,
}: {
  axis: 'x' | 'y';
  size: number;
  sign: 1 | -1;
  min: number;
  max: number;
  onResize: (size: number) => void;
  label: string;
}) {
  const clamp = (value: number) => Math.max(min, Math.min(max, Math.round(value)));
  const start = (event: PointerEvent<HTMLDivElement>) => {
    const from = axis === 'x' ? event.clientX : event.clientY;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const move = (next: globalThis.PointerEvent) =>
      onResize(clamp(size + sign * ((axis === 'x' ? next.clientX : next.clientY) - from)));
    const end = () => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', end);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', end);
  };
  return (
    <div
      className={`resizer ${axis}`}
      role="separator"
      aria-label={label}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={start}
      onKeyDown={(event) => {
        const grow = axis === 'x' ? 'ArrowRight' : 'ArrowDown';
        const shrink = axis === 'x' ? 'ArrowLeft' : 'ArrowUp';
        if (event.key === grow) onResize(clamp(size + sign * 16));
        else if (event.key === shrink) onResize(clamp(size - sign * 16));
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
