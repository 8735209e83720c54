import { Handle, Position, type NodeProps } from '@xyflow/react';
import { Fragment, memo, useEffect, useRef, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { feed } from '../run/live-feed.ts';
import { meterOf, presentRateOf, rateOf, readingOf, sparkOf } from '../run/readings.ts';
import type { Metric } from '../run/metric-ring.ts';
import { isLive, runStore } from '../run/run-store.ts';
import { themeStore } from '../theme/theme-store.ts';
import { formatBehind, formatBytes, formatClock, formatLag, formatMs, formatRate, formatShort, rateText } from '../ui/figures.ts';
import { HealthShape, healthClass, healthShape, type Health } from '../ui/health.tsx';
import { Icon } from '../ui/icon.tsx';
import { useLive } from '../ui/live.tsx';
import { drawSpark } from '../ui/spark.ts';
import { Tile } from '../ui/tile.tsx';
import { connectStore, fitOf } from './connect-store.ts';
import type { CardNode, NodeData } from './flow-parts.ts';
import type { PortRow } from './node-box.ts';
import { useRefreshPorts } from './refresh-ports.ts';

/** A node as the design draws it. Figures are written into the elements four times a second, never through React. */
export const NodeCard = memo(function NodeCard({ id, data }: NodeProps<CardNode>) {
  const { box, entry } = data;
  const card = useRef<HTMLElement>(null);
  const shape = `${box.width} ${box.rows.map((row) => row.side + row.port.name).join()} ${box.folded.length} ${data.error !== undefined}`;
  useRefreshPorts(id, shape);

  const fit = useStore(connectStore, (state) => {
    if (state.from === undefined || state.answer === undefined) return '';
    if (state.from.startsWith(`${id}.`)) return 'from';
    const inputs = [box.input, ...box.rows].filter((row): row is PortRow => row?.side === 'in');
    return inputs.some((row) => fitOf(state, `${id}.${row.port.name}`) === null) ? 'fits' : 'nofit';
  });

  const write = useRef(() => {});
  write.current = () => {
    if (card.current !== null) writeCard(card.current, id, data);
  };
  useLive(feed.on('meters'), () => write.current());
  useLive(feed.on('second'), () => {
    if (card.current !== null) writeSpark(card.current, id, data);
  });
  useEffect(() => runStore.subscribe(() => write.current()), []);
  useEffect(
    () =>
      themeStore.subscribe(() => {
        if (card.current !== null) writeSpark(card.current, id, data);
      }),
    [id, data],
  );

  const differs = data.difference !== undefined && data.difference.change !== 'removed';
  return (
    <article
      ref={card}
      className={`node ${entry?.family ?? ''} ${fit} ${data.error === undefined ? '' : 'failed drawing'}`}
      style={{ width: box.width }}
    >
      <div className="head">
        <Tile family={entry?.family ?? 'transform'} icon={entry?.icon ?? 'box'} />
        <div className="grow">
          <b title={data.title}>{breakable(data.title)}</b>
          <span className={differs ? 'cap you' : 'cap'}>{differs ? data.difference!.caption : data.caption}</span>
        </div>
        {differs && <i className="draft" title={`Not applied: ${data.difference!.words}`} />}
      </div>
      <div className="meter">
        <span className="rate none">
          <span data-live="rate">–</span>
          <small data-live="unit" />
        </span>
        {/* drawn by hand once a second */}
        <canvas className="spark" aria-hidden />
      </div>
      <div className="foot">
        <span data-live="left" />
        <span data-live="right" className="right">
          <span data-live="glass" hidden>
            <Icon name="hourglass" size="s" />
          </span>
          <svg viewBox="0 0 10 10" data-live="shape" aria-hidden>
            <path fillRule="evenodd" />
          </svg>
          <span data-live="right-text" />
        </span>
      </div>
      {data.second && (
        <div className="foot">
          <span data-live="open" />
          <span data-live="state" />
        </div>
      )}
      {data.error !== undefined && (
        <div className="fault">
          <HealthShape health="bad" />
          <span>
            {data.error.message}
            {data.error.mend !== undefined && <span className="mend">{data.error.mend}</span>}
          </span>
        </div>
      )}
      <div className="fault live" hidden>
        <HealthShape health="bad" />
        <span>
          <span data-live="fault" />
          <span data-live="fate" className="mend" />
          <span data-live="brief" className="brief" />
        </span>
      </div>
      {box.rows.length > 0 && (
        <div className="exits">
          {box.rows.map((row) => (
            <div
              key={row.side + row.port.name}
              className={`exit ${row.side === 'in' ? 'in' : ''} ${row.port.name === 'late' ? 'late' : ''}`}
            >
              <span className="n">{row.port.title || row.port.name}</span>
              <span data-port={`${row.side}${row.index}`} />
              <PortHandle node={id} row={row} />
            </div>
          ))}
        </div>
      )}
      {box.input !== undefined && <PortHandle node={id} row={box.input} header />}
      {box.output !== undefined && <PortHandle node={id} row={box.output} header />}
      {box.folded.length > 0 && (
        <div className="folded">
          <span className="more">+{box.folded.length}</span>
          <div className="unfolded">
            {box.folded.map((row) => (
              <div key={row.port.name} className="exit">
                <span className="n">{row.port.title || row.port.name}</span>
                <PortHandle node={id} row={row} />
              </div>
            ))}
          </div>
        </div>
      )}
      <div className="block" aria-hidden>
        <Icon name={entry?.icon ?? 'box'} />
      </div>
    </article>
  );
});

/** A long name may break after an underscore. */
function breakable(name: string): ReactNode {
  return name.split(/(?<=_)/).map((piece, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {piece}
    </Fragment>
  ));
}

function PortHandle({ node, row, header }: { node: string; row: PortRow; header?: boolean }) {
  const fit = useStore(connectStore, (state) =>
    row.side === 'in' && state.from !== undefined ? fitOf(state, `${node}.${row.port.name}`) : undefined,
  );
  const updates = row.port.schema?.mode.kind === 'updates' && row.side === 'out';
  const shape = updates ? 'upd' : row.port.role === 'falls-out' ? 'dia' : '';
  const state = fit === null ? 'fit' : fit === undefined ? '' : 'no';
  return (
    <Handle
      type={row.side === 'in' ? 'target' : 'source'}
      position={row.side === 'in' ? Position.Left : Position.Right}
      id={row.port.name}
      className={`port ${row.side} ${header ? 'header' : ''} ${shape} ${row.port.name === 'late' ? '' : 'neutral'} ${row.wired ? '' : 'free'} ${state}`}
      role="img"
      title={row.port.title || row.port.name}
      aria-label={`${row.side === 'in' ? 'Input' : 'Output'} ${row.port.title || row.port.name} of ${node}`}
    />
  );
}

function part(card: HTMLElement, name: string): HTMLElement | null {
  return card.querySelector<HTMLElement>(`[data-live="${name}"]`);
}

function put(element: Element | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}

function writeCard(card: HTMLElement, id: string, data: NodeData): void {
  const meter = meterOf(id);
  const { status, link } = runStore.getState();
  const stale = link === 'gone';
  const reading = readingOf(id);
  const sink = data.entry?.role === 'sink';
  const source = data.entry?.role === 'source';
  const counted = countedBy(data);
  const rate = meter === undefined ? Number.NaN : reading.health === 'bad' ? presentRateOf(id, counted) : rateOf(id, counted);
  const [figure, unit] = Number.isNaN(rate) ? [meter === undefined ? '–' : '0', meter === undefined ? '' : '/s'] : formatRate(rate);
  put(part(card, 'rate'), figure);
  put(part(card, 'unit'), unit);
  card.querySelector('.rate')?.classList.toggle('none', figure === '–' || figure === '0');
  card.classList.toggle('stale', stale);
  card.classList.toggle('idle', reading.health === 'still');
  card.classList.toggle('failed', data.error !== undefined || reading.health === 'bad');

  const fault = card.querySelector<HTMLElement>('.fault.live')!;
  const faulty = reading.health === 'bad' && data.error === undefined;
  if (fault.hidden === faulty) fault.hidden = !faulty;
  card.classList.toggle('faulty', faulty);
  put(part(card, 'fault'), faulty ? reading.words : '');
  put(part(card, 'fate'), faulty ? reading.fate : '');
  put(
    part(card, 'brief'),
    faulty ? (meter !== undefined && meter.ledger.held > 0 ? `held ${formatShort(meter.ledger.held)}` : 'failed') : '',
  );

  let left = '';
  let right = '';
  let health: Health | undefined;
  let glass = false;
  if (meter === undefined) left = isLive(status?.state) ? 'starts with Apply' : 'starts with the run';
  else if (stale && feed.metersAt !== undefined) left = `as of ${formatClock(feed.metersAt)}`;
  else if (reading.health === 'still' || reading.health === 'paused') {
    left = reading.words;
  } else {
    if (source) left = meter.lag === undefined ? `p99 ${formatMs(meter.batchP99Ms)}` : `lag ${lagText(meter.lag, rate)}`;
    else if (sink) left = meter.guarantee?.level.replaceAll('-', ' ') ?? '';
    else left = meter.ledger.held > 0 ? `${formatShort(meter.ledger.held)} rows held` : `p99 ${formatMs(meter.batchP99Ms)}`;
    if (reading.health === 'warn') [right, health] = [reading.words, 'warn'];
    else if (meter.ledger.dead > 0) [right, health] = [`${formatShort(meter.ledger.dead)} dead`, 'bad'];
    else if (sink) right = rate > 0 || meter.ledger.used > 0 ? `p99 ${formatMs(meter.batchP99Ms)}` : '';
    else if (!source && meter.watermark !== undefined && feed.metersAt !== undefined) {
      right = formatBehind(feed.metersAt - meter.watermark / 1000);
      glass = true;
    }
  }
  const leftPart = part(card, 'left')!;
  put(leftPart, left);
  const rightPart = part(card, 'right')!;
  put(part(card, 'right-text'), right);
  const glassPart = part(card, 'glass')!;
  if (glassPart.hidden === glass) glassPart.hidden = !glass;
  const look = health === undefined ? 'right' : `right hs ${healthClass(health)}`;
  if (rightPart.className !== look) {
    rightPart.className = look;
    card.querySelector('[data-live="shape"] path')?.setAttribute('d', health === undefined ? '' : healthShape(health));
  }

  if (data.second) {
    const seen = feed.inspections.get(id);
    put(
      part(card, 'open'),
      seen?.open !== undefined
        ? `${formatShort(seen.open)} open`
        : seen?.keys !== undefined
          ? `${formatShort(seen.keys)} keys`
          : '',
    );
    put(part(card, 'state'), meter === undefined ? '' : formatBytes(meter.stateBytes));
  }
  for (const row of data.box.rows) {
    const cell = card.querySelector(`[data-port="${row.side}${row.index}"]`);
    if (row.side === 'in' || meter === undefined) continue;
    const rows = meter.out[row.index] ?? 0;
    const perSecond = rateOf(id, `out${row.index}`);
    const count = row.port.name === 'late' ? meter.ledger.late : rows;
    put(
      cell,
      row.port.role === 'falls-out' || Number.isNaN(perSecond) || perSecond < 0.2 ? formatShort(count) : rateText(perSecond),
    );
  }
}

/** As time while rows are read; a source that stands still has rows before it, not seconds. */
function lagText(rows: number, rate: number): string {
  if (rows === 0) return '0 s';
  return rate > 0.01 ? formatLag((rows / rate) * 1000) : `${formatShort(rows)} rows`;
}

/** The one figure: rows out of the first port, or of the first that is wired when nobody listens to that one; of a sink or a chart, rows taken. */
function countedBy({ box, entry }: NodeData): Metric {
  if (entry?.role === 'sink' || entry?.outputs.length === 0) return 'used';
  if (box.output?.wired !== false) return 'out0';
  return `out${box.rows.find((row) => row.side === 'out' && row.wired)?.index ?? 0}`;
}

function writeSpark(card: HTMLElement, id: string, data: NodeData): void {
  const canvas = card.querySelector<HTMLCanvasElement>('canvas.spark');
  // only the near level shows it
  if (canvas === null || card.closest('.canvas.near') === null) return;
  const reading = readingOf(id);
  const meter = meterOf(id);
  if (meter === undefined) {
    canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height);
    return;
  }
  const values = sparkOf(id, countedBy(data));
  const silent = values.length > 1 && values.every((value) => value === 0);
  drawSpark(canvas, values, reading.health === 'bad' ? 'bad' : silent ? 'still' : 'plain');
}
