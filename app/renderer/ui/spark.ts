import { colour } from '../theme/theme-store.ts';

/** 60 s sparkline from zero without an axis; `undefined` values are a gap. Draws at device pixels. */
export function drawSpark(
  canvas: HTMLCanvasElement,
  values: readonly number[],
  look: 'plain' | 'warn' | 'bad' | 'still' = 'plain',
): void {
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (width === 0 || height === 0) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  if (look === 'still' || values.length < 2) {
    context.strokeStyle = colour(look === 'still' ? '--still' : '--spark');
    context.lineWidth = 1.25;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(0, height - 1);
    context.lineTo(width, height - 1);
    context.stroke();
    context.setLineDash([]);
    return;
  }
  const top = Math.max(1e-9, ...values) * 1.12;
  const step = width / 59;
  const from = width - (values.length - 1) * step;
  context.beginPath();
  values.forEach((value, index) => {
    const x = from + index * step;
    const y = height - 1 - (value / top) * (height - 2);
    if (index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.strokeStyle = colour(look === 'bad' ? '--bad' : look === 'warn' ? '--warn' : '--spark');
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.stroke();
  context.lineTo(width, height);
  context.lineTo(from, height);
  context.closePath();
  context.fillStyle = colour('--spark-area');
  context.fill();
}
