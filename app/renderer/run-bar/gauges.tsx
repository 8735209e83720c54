import { useRef } from 'react';
import { feed } from '../run/live-feed.ts';
import { holder, isBalanced, lowestWatermark, meterOf, readingOf, rowsIn } from '../run/readings.ts';
import { runStore } from '../run/run-store.ts';
import { formatBytes, formatClock, formatCount, formatLag, plural } from '../ui/figures.ts';
import { HealthShape, type Health } from '../ui/health.tsx';
import { Icon } from '../ui/icon.tsx';
import { showDock } from '../ui/layout-store.ts';
import { LiveText, useLive } from '../ui/live.tsx';
import { drawSpark } from '../ui/spark.ts';

const WEAKEST = ['none', 'at-least-once', 'idempotent', 'effectively-once', 'exactly-once'];

/** Faults of the run come first, then problems of the drawing. */
export function ProblemsGauge({ errors, warnings, nodes }: { errors: number; warnings: number; nodes: readonly string[] }) {
  const mark = useRef<HTMLSpanElement>(null);
  const note = useRef<HTMLElement>(null);
  useLive(feed.on('meters'), () => {
    const ended = runStore.getState().status?.state === 'failed';
    const failed = nodes.filter((node) => readingOf(node).health === 'bad').length;
    const slow = nodes.filter((node) => readingOf(node).health === 'warn').length + warnings;
    const health: Health = ended || failed + errors > 0 ? 'bad' : slow > 0 ? 'warn' : 'still';
    const words = [
      [errors > 0, plural(errors, 'error')],
      [ended, 'Run failed'],
      [failed > 0, `${failed} held`],
      [slow > 0, plural(slow, 'warning')],
    ] as const;
    const text = words.find(([holds]) => holds)?.[1] ?? 'None';
    if (mark.current !== null && mark.current.dataset['state'] !== health + text) {
      mark.current.dataset['state'] = health + text;
      mark.current.className = `hs ${health}`;
      for (const shape of mark.current.querySelectorAll('svg'))
        shape.style.display = shape.dataset['health'] === health ? '' : 'none';
      mark.current.lastElementChild!.textContent = text;
    }
    if (note.current !== null) note.current.textContent = failed + errors > 0 && slow > 0 ? `+ ${plural(slow, 'warning')}` : '';
  });
  return (
    <button type="button" className="gauge press problems-gauge" onClick={() => showDock('problems')}>
      <span className="dt">Problems</span>
      <span className="dd">
        <span ref={mark} className="hs">
          {(['bad', 'warn', 'still'] as const).map((health) => (
            <span key={health} hidden />
          ))}
          <svg viewBox="0 0 10 10" data-health="bad" aria-hidden>
            <path
              fillRule="evenodd"
              d="M3.1.4h3.8L9.6 3.1v3.8L6.9 9.6H3.1L.4 6.9V3.1ZM3.75 2.95 2.95 3.75 4.2 5 2.95 6.25 3.75 7.05 5 5.8 6.25 7.05 7.05 6.25 5.8 5 7.05 3.75 6.25 2.95 5 4.2Z"
            />
          </svg>
          <svg viewBox="0 0 10 10" data-health="warn" aria-hidden>
            <path d="M5 .8 9.6 9H.4Z" />
          </svg>
          <span />
        </span>
        <small ref={note} className="wide" />
      </span>
    </button>
  );
}

export function LiveGauges({ sources, nodes }: { sources: readonly string[]; nodes: readonly string[] }) {
  const spark = useRef<HTMLCanvasElement>(null);
  useLive(feed.on('second'), () => {
    if (spark.current === null) return;
    const values: number[] = [];
    for (let back = Math.min(59, feed.ring.count - 2); back >= 0; back--)
      values.push(sources.reduce((sum, node) => sum + (feed.ring.rate(node, 'in', back, 3000) || 0), 0));
    drawSpark(spark.current, values);
  });
  const meters = feed.on('meters');
  return (
    <>
      <dl className="gauge">
        <dt>Events in</dt>
        <dd>
          <span className="rate-room">
            <LiveText subscribe={meters} read={() => formatCount(rowsIn(sources))} />
            <small>/s</small>
          </span>
          <canvas ref={spark} className="bar-spark wide" aria-hidden />
        </dd>
      </dl>
      <dl className="gauge drop2">
        <dt>Lag</dt>
        <dd>
          <LiveText className="figure w3" subscribe={meters} read={() => lagText(sources)} />
        </dd>
      </dl>
      <button type="button" className="gauge press" onClick={() => showDock('event-time')}>
        <span className="dt">Watermark</span>
        <span className="dd">
          <LiveText
            className="figure w5"
            subscribe={meters}
            read={() => {
              const mark = lowestWatermark();
              return mark === undefined ? '–' : formatClock(mark / 1000);
            }}
          />
          <LiveText
            className="small wide holder clip"
            subscribe={meters}
            read={() => {
              const found = holder();
              return found === undefined ? '' : `${found.node}/${found.partition} holds it`;
            }}
          />
        </span>
      </button>
      <LedgerGauge nodes={nodes} />
      <dl className="gauge drop1">
        <dt>Epoch · checkpoint</dt>
        <dd>
          <LiveText className="figure w5" subscribe={feed.on('epoch')} read={() => formatCount(feed.epoch)} />
          <LiveText
            className="small wide saved"
            subscribe={meters}
            read={() => {
              const report = feed.epochs.at(-1);
              return report === undefined || feed.epochAt === undefined
                ? ''
                : `${((Date.now() - feed.epochAt) / 1000).toFixed(1)} s ago, ${formatBytes(report.stateBytes)}`;
            }}
          />
        </dd>
      </dl>
      <dl className="gauge drop1">
        <dt>Guarantee</dt>
        <dd>
          <Icon name="shield-check" />
          <LiveText
            subscribe={feed.on('second')}
            read={() => {
              const levels = nodes.map((node) => meterOf(node)?.guarantee?.level).filter((level) => level !== undefined);
              const weakest = WEAKEST.find((level) => levels.includes(level));
              return weakest === undefined ? 'Nothing written' : sentence(weakest.replaceAll('-', ' '));
            }}
          />
        </dd>
      </dl>
    </>
  );
}

function LedgerGauge({ nodes }: { nodes: readonly string[] }) {
  const element = useRef<HTMLSpanElement>(null);
  const note = useRef<HTMLElement>(null);
  useLive(feed.on('meters'), () => {
    const open = nodes.filter((node) => {
      const meter = meterOf(node);
      return meter !== undefined && !isBalanced(meter);
    });
    const last = feed.epochs.at(-1);
    const balanced = open.length === 0 && last?.balanced !== false;
    const words = balanced ? 'Balanced' : `${open[0] ?? 'An epoch'} is not balanced`;
    if (element.current === null || element.current.dataset['state'] === words) return;
    element.current.dataset['state'] = words;
    element.current.className = `hs ${balanced ? 'ok' : 'bad'}`;
    element.current.lastElementChild!.textContent = words;
    if (note.current !== null) note.current.hidden = !balanced;
  });
  return (
    <dl className="gauge">
      <dt>Ledger</dt>
      <dd>
        <span ref={element} className="hs">
          <HealthShape health="ok" />
          <span />
        </span>
        <small ref={note} className="wide" hidden>
          0 unaccounted
        </small>
      </dd>
    </dl>
  );
}

function lagText(sources: readonly string[]): string {
  let worst = 0;
  for (const node of sources) {
    const meter = meterOf(node);
    const rate = feed.ring.rate(node, 'in', 0, 5000);
    if (meter?.lag !== undefined && meter.lag > 0 && rate > 0) worst = Math.max(worst, meter.lag / rate);
  }
  return formatLag(worst * 1000);
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
