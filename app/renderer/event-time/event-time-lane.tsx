import './event-time.css';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { catalogStore, kindOf } from '../document/catalog-store.ts';
import { documentStore } from '../document/document-store.ts';
import { select } from '../document/selection-store.ts';
import { BUCKET_US, BUCKETS, type LaneTrack } from '../run/lane-data.ts';
import { feed } from '../run/live-feed.ts';
import { waitingOf, windowsOf as allWindowsOf, type OpenWindow } from '../run/read-inspection.ts';
import { holder, meterOf } from '../run/readings.ts';
import { colour, themeStore } from '../theme/theme-store.ts';
import { formatClock, formatCount, formatLag, formatSpan } from '../ui/figures.ts';
import { healthClass, HealthShape, type Health } from '../ui/health.tsx';
import { useLive } from '../ui/live.tsx';
import { Tile } from '../ui/tile.tsx';
import { layWindows } from './lay-windows.ts';

/** event time on the axis: three and a half minutes of past, a little future for windows being filled, µs */
const PAST_US = 190_000_000;
const FUTURE_US = 22_000_000;
const SPAN_US = PAST_US + FUTURE_US;
const TRACK_PX = 19;

interface Scale {
  readonly from: number;
  readonly width: number;
  readonly x: (timeUs: number) => number;
}

/**
 * Event time against the clock: what each partition has delivered, where its watermark stands, who holds it, which windows are open.
 * One row is one canvas strip and two texts, all drawn by hand with each meter.
 */
export function EventTimeLane() {
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  useStore(catalogStore, (state) => state.catalog);
  const [tracks, setTracks] = useState<readonly string[]>([]);
  const [holding, setHolding] = useState<readonly string[]>([]);
  const axis = useRef<HTMLDivElement>(null);
  const lines = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const look = () => {
      const order = new Map(nodes.map((node, index) => [node.id, index]));
      const keys = [...feed.lane.tracks.entries()]
        .toSorted(([, a], [, b]) => (order.get(a.node) ?? 0) - (order.get(b.node) ?? 0) || a.partition - b.partition)
        .map(([key]) => key);
      setTracks((old) => (old.join() === keys.join() ? old : keys));
      const kept = nodes
        .filter((node) => windowsOf(feed.inspections.get(node.id)).length > 0 || waitingOf(feed.inspections.get(node.id)) > 0)
        .map((node) => node.id);
      setHolding((old) => (old.join() === kept.join() ? old : kept));
    };
    look();
    return feed.on('second')(look);
  }, [nodes]);

  useLive(feed.on('meters'), () => {
    const element = axis.current;
    if (element === null || feed.metersAt === undefined) return;
    drawAxis(element, scaleOf(feed.metersAt, element.clientWidth));
    if (lines.current !== null) placeLines(lines.current, scaleOf(feed.metersAt, element.clientWidth));
  });

  if (tracks.length === 0) {
    return (
      <div className="nothing">
        <b>No event time yet</b>
        <span>
          {feed.metersAt === undefined
            ? 'It is shown while the pipeline runs.'
            : 'No source has named its event-time column, or none has delivered a row.'}
        </span>
      </div>
    );
  }
  return (
    <div className="lanes" aria-label="Event time">
      <div className="lanes-scroll">
        <div className="lane-line axis-line">
          <div />
          <div className="axis" ref={axis} />
          <div />
        </div>
        {tracks.map((key) => (
          <Track key={key} id={key} />
        ))}
        {holding.map((id) => (
          <Holding key={id} id={id} />
        ))}
        <div className="lane-over" ref={lines} aria-hidden>
          <i className="wmline" />
          <i className="nowline" />
        </div>
      </div>
    </div>
  );
}

function scaleOf(nowMs: number, width: number): Scale {
  const from = nowMs * 1000 - PAST_US;
  return { from, width, x: (timeUs) => ((timeUs - from) / SPAN_US) * width };
}

const HALF_LABEL_PX = 28;
/** half of "now 16:27:14", half of a label, and a gap */
const NOW_ROOM_PX = 78;

function drawAxis(element: HTMLElement, scale: Scale): void {
  const now = feed.metersAt! * 1000;
  const held = holder();
  const marks: { x: number; text: string; look: string }[] = [];
  const step = 30_000_000;
  for (let at = Math.ceil(scale.from / step) * step; at < now; at += step) {
    if (scale.x(now) - scale.x(at) < NOW_ROOM_PX) break;
    if (scale.x(at) < HALF_LABEL_PX) continue;
    marks.push({
      x: scale.x(at),
      text: at % 60_000_000 === 0 ? formatClock(at / 1000).slice(0, 5) : formatClock(at / 1000),
      look: '',
    });
  }
  if (held?.meter.watermark !== undefined) {
    const x = scale.x(held.meter.watermark);
    for (let i = marks.length - 1; i >= 0; i--) if (Math.abs(marks[i]!.x - x) < 56) marks.splice(i, 1);
    marks.push({ x, text: formatClock(held.meter.watermark / 1000), look: 'hold' });
  }
  marks.push({ x: scale.x(now), text: `now ${formatClock(now / 1000)}`, look: 'now' });
  while (element.children.length > marks.length) element.lastElementChild!.remove();
  marks.forEach((mark, index) => {
    const span = (element.children[index] ?? element.appendChild(document.createElement('span'))) as HTMLElement;
    span.className = mark.look;
    span.style.left = `${mark.x.toFixed(1)}px`;
    if (span.textContent !== mark.text) span.textContent = mark.text;
  });
}

function placeLines(over: HTMLElement, scale: Scale): void {
  const [mark, now] = over.children as unknown as [HTMLElement, HTMLElement];
  now.style.left = `${scale.x(feed.metersAt! * 1000).toFixed(1)}px`;
  const held = holder();
  mark.style.display = held === undefined ? 'none' : '';
  if (held?.meter.watermark !== undefined) mark.style.left = `${scale.x(held.meter.watermark).toFixed(1)}px`;
}

function surfaceOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D | undefined {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (width === 0) return undefined;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context ?? undefined;
}

function Track({ id }: { id: string }) {
  const line = useRef<HTMLDivElement>(null);
  const node = id.slice(0, id.lastIndexOf('/'));
  const draw = () => {
    const track = feed.lane.tracks.get(id);
    const element = line.current;
    if (track === undefined || element === null || feed.metersAt === undefined) return;
    const holds = holder() === track;
    const canvas = element.querySelector('canvas')!;
    const context = surfaceOf(canvas);
    if (context !== undefined) drawTrack(context, track, scaleOf(feed.metersAt, canvas.clientWidth), canvas.clientHeight, holds);
    write(
      element.querySelector('.lag')!,
      track.meter.idle
        ? ''
        : track.meter.newest === undefined
          ? 'no row yet'
          : `${formatLag(Math.max(0, feed.metersAt - track.meter.newest / 1000))} behind`,
    );
    const [health, text]: readonly [Health | undefined, string] = track.meter.idle
      ? [
          'still',
          track.meter.newest === undefined ? 'idle, empty' : `idle ${formatSpan(feed.metersAt - track.meter.newest / 1000)}`,
        ]
      : holds
        ? ['warn', 'holder']
        : track.meter.late > 0
          ? ['late', formatCount(track.meter.late)]
          : [undefined, ''];
    const mark = element.querySelector<HTMLElement>('.lane-mark')!;
    mark.className = `lane-mark hs ${health === undefined ? '' : healthClass(health)}`;
    for (const shape of mark.querySelectorAll<HTMLElement>('[data-health]')) shape.hidden = shape.dataset['health'] !== health;
    write(mark.querySelector('.mark-text')!, text);
  };
  useLive(feed.on('meters'), draw);
  useEffect(() => themeStore.subscribe(draw));
  return (
    <div ref={line} className="lane-line" style={{ height: TRACK_PX }}>
      <button type="button" className="lname mono" onClick={() => select([node])}>
        <span className="clip">{id}</span>
      </button>
      <div className="strip">
        <canvas className="track" />
      </div>
      <div className="lread">
        <span className="lag" />
        <span className="lane-mark hs">
          {(['still', 'warn', 'late'] as const).map((health) => (
            <span key={health} data-health={health} className="shape" hidden>
              <HealthShape health={health} />
            </span>
          ))}
          <span className="mark-text" />
        </span>
      </div>
    </div>
  );
}

function drawTrack(context: CanvasRenderingContext2D, track: LaneTrack, scale: Scale, height: number, holds: boolean): void {
  const { meter } = track;
  if (meter.newest === undefined || meter.idle) {
    context.strokeStyle = colour('--still');
    context.globalAlpha = 0.6;
    context.setLineDash([2, 6]);
    context.beginPath();
    context.moveTo(0, height / 2);
    context.lineTo(scale.width, height / 2);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    if (meter.newest === undefined) return;
  }
  const tone = colour(holds ? '--warn' : '--series-2');
  if (meter.watermark !== undefined && !meter.idle) {
    const from = Math.max(0, scale.x(meter.watermark));
    const to = scale.x(meter.newest);
    context.fillStyle = tone;
    context.globalAlpha = holds ? 0.2 : 0.15;
    context.fillRect(from, 3, to - from, height - 6);
    context.globalAlpha = 1;
    context.fillRect(from, 3, 2, height - 6);
  }
  let top = 1;
  const first = Math.max(track.newest - BUCKETS + 1, Math.floor(scale.from / BUCKET_US));
  for (let bucket = first; bucket <= track.newest; bucket++)
    top = Math.max(top, track.seen[((bucket % BUCKETS) + BUCKETS) % BUCKETS]!);
  context.fillStyle = colour('--spark');
  context.globalAlpha = 0.42;
  const wide = Math.max(1, (BUCKET_US / SPAN_US) * scale.width * 0.72);
  for (let bucket = first; bucket <= track.newest; bucket++) {
    const rows = track.seen[((bucket % BUCKETS) + BUCKETS) % BUCKETS]!;
    if (rows === 0) continue;
    const tall = Math.max(1, (rows / top) * (height - 7));
    context.fillRect(scale.x(bucket * BUCKET_US), height - 3 - tall, wide, tall);
  }
  context.globalAlpha = 1;
  context.fillStyle = colour('--late');
  for (const late of track.late) if (late > scale.from) context.fillRect(scale.x(late) - 1, 4, 2, height - 8);
  if (!meter.idle) {
    context.fillStyle = colour('--text-2');
    context.fillRect(scale.x(meter.newest) - 1, 3, 2, height - 6);
  }
}

/** A node that keeps windows open, or rows that wait for the other side. */
function Holding({ id }: { id: string }) {
  const line = useRef<HTMLDivElement>(null);
  const node = useStore(documentStore, (state) => state.document.nodes.find((entry) => entry.id === id));
  const entry = node === undefined ? undefined : kindOf(node.kind);
  const hasWindows = windowsOf(feed.inspections.get(id)).length > 0;
  const draw = () => {
    const element = line.current;
    const inspection = feed.inspections.get(id);
    if (element === null || feed.metersAt === undefined || inspection === undefined) return;
    const canvas = element.querySelector('canvas')!;
    const scale = scaleOf(feed.metersAt, canvas.clientWidth);
    const context = surfaceOf(canvas);
    const windows = windowsOf(inspection);
    const mark = meterOf(id)?.watermark ?? 0;
    const waiting = waitingOf(inspection);
    if (context !== undefined && windows.length > 0)
      drawWindows(context, windows, scale, canvas.clientHeight, mark, feed.metersAt * 1000);
    if (context !== undefined && waiting > 0 && windows.length === 0)
      drawWaiting(context, waiting, scale, canvas.clientHeight, mark);
    const open = inspection.open ?? windows.length;
    write(
      element.querySelector('.lag')!,
      windows.length > 0 ? `${formatCount(open)} open` : mark > 0 ? `final up to ${formatClock(mark / 1000)}` : '',
    );
    const next = windows.reduce(
      (least, window) => (window.end > mark && window.end < least ? window.end : least),
      Number.POSITIVE_INFINITY,
    );
    write(
      element.querySelector('.mark-text')!,
      Number.isFinite(next) ? `next final in ${Math.max(0, Math.ceil((next - mark) / 1e6))} s` : '',
    );
  };
  useLive(feed.on('meters'), draw);
  useEffect(() => themeStore.subscribe(draw));
  return (
    <div ref={line} className="lane-line" style={{ height: hasWindows ? 48 : 27 }}>
      <button type="button" className="lname" onClick={() => select([id])}>
        <Tile small family={entry?.family ?? 'window'} icon={entry?.icon ?? 'timer'} />
        <span className="clip">{node?.name || id}</span>
      </button>
      <div className="strip">
        <canvas className="track" />
      </div>
      <div className="lread">
        <span className="lag" />
        <span className="mark-text strong t1" />
      </div>
    </div>
  );
}

function drawWindows(
  context: CanvasRenderingContext2D,
  windows: readonly OpenWindow[],
  scale: Scale,
  height: number,
  mark: number,
  now: number,
): void {
  const bricks = layWindows([...finalBefore(windows, scale.from), ...windows]);
  const courses = Math.max(1, ...bricks.map((brick) => brick.course + 1));
  const step = Math.min(8, (height - 6) / courses);
  const thick = Math.max(3, step - 2);
  const top = (height - step * courses) / 2;
  const next = bricks.reduce(
    (least, brick) => (brick.end > mark && brick.end < least ? brick.end : least),
    Number.POSITIVE_INFINITY,
  );
  for (const brick of bricks) {
    const from = scale.x(brick.start) + 1;
    const width = Math.max(2, scale.x(brick.end) - scale.x(brick.start) - 2);
    const y = top + brick.course * step;
    if (brick.end <= mark) {
      context.fillStyle = colour('--surface-active');
      context.fillRect(from, y, width, thick);
      continue;
    }
    const filled = Math.min(1, Math.max(0, (now - brick.start) / (brick.end - brick.start)));
    context.fillStyle = colour('--family-window');
    context.globalAlpha = brick.end === next ? 1 : 0.6;
    context.fillRect(from, y, width * filled, thick);
    context.globalAlpha = 0.5;
    context.strokeStyle = colour('--family-window');
    context.strokeRect(from + 0.5, y + 0.5, width - 1, thick - 1);
    context.globalAlpha = 1;
  }
}

/** Windows of a steady grid go on into the past, where they are final already: drawn, though the operator no longer holds them. */
function finalBefore(windows: readonly OpenWindow[], fromUs: number): { start: number; end: number }[] {
  const starts = [...new Set(windows.map((window) => window.start))].toSorted((a, b) => a - b);
  const size = windows[0]!.end - windows[0]!.start;
  const hop = starts.length < 2 ? size : starts[1]! - starts[0]!;
  if (!windows.every((window) => window.end - window.start === size && (window.start - starts[0]!) % hop === 0)) return [];
  const past: { start: number; end: number }[] = [];
  for (let start = starts[0]! - hop; start + size > fromUs && past.length < 200; start -= hop)
    past.push({ start, end: start + size });
  return past;
}

function drawWaiting(context: CanvasRenderingContext2D, waiting: number, scale: Scale, height: number, mark: number): void {
  const x = Math.max(4, scale.x(mark));
  context.fillStyle = colour('--warn');
  context.fillRect(x - 2, 5, 5, height - 10);
  context.font = '530 11px "Inter Variable", sans-serif';
  context.fillStyle = colour('--warn-text');
  context.textBaseline = 'middle';
  context.fillText(
    `${formatCount(waiting)} ${waiting === 1 ? 'row waits' : 'rows wait'} for the watermark`,
    x + 12,
    height / 2 + 0.5,
  );
}

/** A window that is far longer than the axis (a running one) is no brick. */
function windowsOf(inspection: Parameters<typeof allWindowsOf>[0]): readonly OpenWindow[] {
  return allWindowsOf(inspection).filter((window) => window.end - window.start < 20 * SPAN_US);
}

function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
