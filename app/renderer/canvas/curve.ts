/** A Bézier, horizontal at both ends, and its length in steps for things that move along it. */
export interface Curve {
  readonly fromX: number;
  readonly fromY: number;
  readonly toX: number;
  readonly toY: number;
  readonly bend: number;
  readonly length: number;
  /** x, y of `STEPS + 1` points at equal distances along it */
  readonly points: Float32Array;
}

export const STEPS = 40;

export function bendOf(fromX: number, toX: number): number {
  return Math.min(190, Math.max(26, Math.abs(toX - fromX) / 2));
}

export function pathOf(fromX: number, fromY: number, toX: number, toY: number): string {
  const bend = bendOf(fromX, toX);
  return `M${fromX} ${fromY}C${fromX + bend} ${fromY} ${toX - bend} ${toY} ${toX} ${toY}`;
}

export function curveOf(fromX: number, fromY: number, toX: number, toY: number): Curve {
  const bend = bendOf(fromX, toX);
  const fine = STEPS * 3;
  const xs = new Float32Array(fine + 1);
  const ys = new Float32Array(fine + 1);
  const along = new Float32Array(fine + 1);
  for (let i = 0; i <= fine; i++) {
    const t = i / fine;
    const u = 1 - t;
    xs[i] = u * u * u * fromX + 3 * u * u * t * (fromX + bend) + 3 * u * t * t * (toX - bend) + t * t * t * toX;
    ys[i] = u * u * u * fromY + 3 * u * u * t * fromY + 3 * u * t * t * toY + t * t * t * toY;
    if (i > 0) along[i] = along[i - 1]! + Math.hypot(xs[i]! - xs[i - 1]!, ys[i]! - ys[i - 1]!);
  }
  const length = along[fine]!;
  const points = new Float32Array((STEPS + 1) * 2);
  let at = 0;
  for (let step = 0; step <= STEPS; step++) {
    const wanted = (length * step) / STEPS;
    while (at < fine - 1 && along[at + 1]! < wanted) at++;
    const span = along[at + 1]! - along[at]! || 1;
    const part = Math.max(0, Math.min(1, (wanted - along[at]!) / span));
    points[step * 2] = xs[at]! + (xs[at + 1]! - xs[at]!) * part;
    points[step * 2 + 1] = ys[at]! + (ys[at + 1]! - ys[at]!) * part;
  }
  return { fromX, fromY, toX, toY, bend, length, points };
}

/** Squared distance from a point to the curve, for drops onto an edge. */
export function distanceTo(curve: Curve, x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < curve.points.length; i += 2)
    nearest = Math.min(nearest, (curve.points[i]! - x) ** 2 + (curve.points[i + 1]! - y) ** 2);
  return nearest;
}

/** Edges on the canvas by key; the edge components keep it. */
export const curves = new Map<string, Curve>();
