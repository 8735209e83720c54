import './run-bar.css';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { catalogStore, kindOf } from '../document/catalog-store.ts';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { feed } from '../run/live-feed.ts';
import { holder, isBalanced, lowestWatermark, meterOf, readingOf, rowsIn } from '../run/readings.ts';
import { isLive, runStore } from '../run/run-store.ts';
import { registerActions } from '../ui/actions.ts';
import { Button } from '../ui/button.tsx';
import { formatBytes, formatClock, formatCount, formatLag, formatSpan, plural } from '../ui/figures.ts';
import { HealthMark, HealthShape, type Health } from '../ui/health.tsx';
import { Icon } from '../ui/icon.tsx';
import { LiveText, useLive } from '../ui/live.tsx';
import { openDialog, showDock } from '../ui/layout-store.ts';
import { ActionMenu } from '../ui/overlay.tsx';
import { drawSpark } from '../ui/spark.ts';
import { ApplyDialog } from './apply-dialog.tsx';
import { DocumentMenu } from './document-menu.tsx';
import { DrainDialog } from './drain-dialog.tsx';
import { FileDialogs } from './file-dialogs.tsx';
import { askApply, changesOf, move, start } from './run-control.ts';

const STATES: Readonly<Record<string, readonly [Health, string]>> = {
  starting: ['you', 'Starting'],
  running: ['ok', 'Running'],
  paused: ['paused', 'Paused'],
  draining: ['warn', 'Draining'],
  stopping: ['still', 'Stopping'],
  stopped: ['off', 'Stopped'],
  completed: ['ok', 'Completed'],
  failed: ['bad', 'Failed'],
};

const WEAKEST = ['none', 'at-least-once', 'idempotent', 'effectively-once', 'exactly-once'];

export function RunBar() {
  const status = useStore(runStore, (state) => state.status);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  const checked = useStore(checkStore, (state) => state.checked);
  useStore(catalogStore, (state) => state.catalog);
  const sources = nodes.filter((node) => kindOf(node.kind)?.role === 'source').map((node) => node.id);
  const errors = checked?.problems.filter((problem) => problem.severity === 'error').length ?? 0;
  const warnings = (checked?.problems.length ?? 0) - errors;
  const changes = changesOf(checked?.difference);
  const live = isLive(status?.state);
  const [health, word] = STATES[status?.state ?? 'stopped'] ?? ['off', 'Stopped'];

  useEffect(
    () =>
      registerActions([
        { id: 'run.start', title: 'Start, or pause', group: 'Run', icon: 'play', keys: ['F5'], everywhere: true, run: () => void toggle() },
        { id: 'run.drain', title: 'Drain, then stop', group: 'Run', icon: 'arrow-down-to-line', keys: ['Shift+F5'], everywhere: true, refuse: () => (isLive(runStore.getState().status?.state) ? undefined : 'It does not run.'), run: () => openDialog('drain') },
        { id: 'run.stop', title: 'Stop at a checkpoint', group: 'Run', icon: 'square', refuse: () => (isLive(runStore.getState().status?.state) ? undefined : 'It does not run.'), run: () => void move('stop') },
        { id: 'run.apply', title: 'Apply the changes', group: 'Run', icon: 'check', keys: ['Ctrl+Enter'], everywhere: true, refuse: () => (changesOf(checkStore.getState().checked?.difference) > 0 ? undefined : 'The drawing is what runs.'), run: askApply },
        { id: 'run.earliest', title: 'Start from the earliest rows', group: 'Run', icon: 'play', refuse: () => (isLive(runStore.getState().status?.state) ? 'It runs already.' : undefined), run: () => void start('earliest') },
        { id: 'run.latest', title: 'Start from the latest rows', group: 'Run', icon: 'play', refuse: () => (isLive(runStore.getState().status?.state) ? 'It runs already.' : undefined), run: () => void start('latest') },
        { id: 'run.fixture', title: 'Start on the recorded fixture', group: 'Run', icon: 'play', refuse: () => (isLive(runStore.getState().status?.state) ? 'It runs already.' : undefined), run: () => void start('fixture') },
      ]),
    [],
  );

  return (
    <header className="bar">
      <DocumentMenu />
      <div className="gauges" aria-label="Run state">
        <dl className="gauge">
          <dt>
            State <span className="wide">{status !== undefined && <LiveText subscribe={feed.on('second')} read={() => stateNote()} />}</span>
          </dt>
          <dd>
            <HealthMark health={health}>{word}</HealthMark>
          </dd>
        </dl>
        <ProblemsGauge errors={errors} warnings={warnings} nodes={nodes.map((node) => node.id)} />
        {live && <LiveGauges sources={sources} nodes={nodes.map((node) => node.id)} />}
        {!live && (
          <dl className="gauge">
            <dt>Last epoch</dt>
            <dd className="cap-value">{status === undefined ? 'never run' : status.state === 'failed' ? (status.cause?.message ?? `exit code ${status.exitCode ?? ''}`) : formatCount(status.epoch)}</dd>
          </dl>
        )}
      </div>
      <div className="acts">
        {live ? (
          <div className="group">
            {status?.state === 'paused' ? (
              <Button icon="play" onClick={() => void move('resume')}>
                Continue
              </Button>
            ) : (
              <Button icon="pause" onClick={() => void move('pause')} disabled={status?.moves.includes('pause') === false}>
                Pause
              </Button>
            )}
            <Button icon="arrow-down-to-line" onClick={() => openDialog('drain')} disabled={status?.moves.includes('drain') === false}>
              Drain
            </Button>
            {status?.moves.includes('stop') === false && status.moves.includes('kill') ? (
              <Button icon="x" label="Kill the runner" onClick={() => void move('kill')} />
            ) : (
              <Button icon="square" label="Stop at a checkpoint" onClick={() => void move('stop')} />
            )}
          </div>
        ) : (
          <div className="group">
            <Button icon="play" onClick={() => void start('stored')} disabled={nodes.length === 0} title={nodes.length === 0 ? 'There is nothing to start: draw a node first' : 'Goes on where it stopped (F5)'}>
              Start {plural(nodes.length, 'node')}
            </Button>
            <ActionMenu
              align="end"
              trigger={
                <button type="button" className="btn icon" aria-label="Where to start">
                  <Icon name="chevron-down" />
                </button>
              }
              entries={[
                { title: 'Where it stopped', caption: 'stored positions and state', icon: 'play', onPick: () => void start('stored') },
                { title: 'Earliest rows', caption: 'everything the log still holds', onPick: () => void start('earliest') },
                { title: 'Latest rows', caption: 'only what comes from now on', onPick: () => void start('latest') },
                { title: 'Recorded fixture', caption: 'the rows of the flow test', onPick: () => void start('fixture') },
                'line',
                { title: 'Start fresh', caption: 'gives up the stored state', danger: true, onPick: () => void start('earliest', true) },
              ]}
            />
          </div>
        )}
        {live && changes > 0 && (
          <Button look="primary" keys="Ctrl Enter" onClick={askApply}>
            Apply {plural(changes, 'change')}
          </Button>
        )}
      </div>
      <ApplyDialog />
      <DrainDialog />
      <FileDialogs />
    </header>
  );
}

async function toggle(): Promise<void> {
  const state = runStore.getState().status?.state;
  if (state === 'running') await move('pause');
  else if (state === 'paused') await move('resume');
  else if (!isLive(state)) await start();
}

function stateNote(): string {
  const { status } = runStore.getState();
  if (status === undefined) return '';
  return `· ${formatSpan(Date.now() - (isLive(status.state) ? status.startedAt : status.changedAt))}${isLive(status.state) ? '' : ' ago'}`;
}

/** Faults of the run come first, then problems of the drawing. */
function ProblemsGauge({ errors, warnings, nodes }: { errors: number; warnings: number; nodes: readonly string[] }) {
  const mark = useRef<HTMLSpanElement>(null);
  const note = useRef<HTMLElement>(null);
  useLive(feed.on('meters'), () => {
    const failed = nodes.filter((node) => readingOf(node).health === 'bad').length;
    const slow = nodes.filter((node) => readingOf(node).health === 'warn').length + warnings;
    const health: Health = failed + errors > 0 ? 'bad' : slow > 0 ? 'warn' : 'still';
    const text = errors > 0 ? plural(errors, 'error') : failed > 0 ? `${failed} held` : slow > 0 ? plural(slow, 'warning') : 'None';
    if (mark.current !== null && mark.current.dataset['state'] !== health + text) {
      mark.current.dataset['state'] = health + text;
      mark.current.className = `hs ${health}`;
      for (const shape of mark.current.querySelectorAll('svg')) shape.style.display = shape.dataset['health'] === health ? '' : 'none';
      mark.current.lastElementChild!.textContent = text;
    }
    if (note.current !== null) note.current.textContent = failed + errors > 0 && slow > 0 ? `+ ${plural(slow, 'warning')}` : '';
  });
  return (
    <dl className="gauge press" role="button" tabIndex={0} onClick={() => showDock('problems')} onKeyDown={(event) => event.key === 'Enter' && showDock('problems')}>
      <dt>Problems</dt>
      <dd>
        <span ref={mark} className="hs">
          {(['bad', 'warn', 'still'] as const).map((health) => (
            <span key={health} hidden />
          ))}
          <svg viewBox="0 0 10 10" data-health="bad" aria-hidden>
            <path fillRule="evenodd" d="M3.1.4h3.8L9.6 3.1v3.8L6.9 9.6H3.1L.4 6.9V3.1ZM3.75 2.95 2.95 3.75 4.2 5 2.95 6.25 3.75 7.05 5 5.8 6.25 7.05 7.05 6.25 5.8 5 7.05 3.75 6.25 2.95 5 4.2Z" />
          </svg>
          <svg viewBox="0 0 10 10" data-health="warn" aria-hidden>
            <path d="M5 .8 9.6 9H.4Z" />
          </svg>
          <span />
        </span>
        <small ref={note} className="wide" />
      </dd>
    </dl>
  );
}

function LiveGauges({ sources, nodes }: { sources: readonly string[]; nodes: readonly string[] }) {
  const spark = useRef<HTMLCanvasElement>(null);
  useLive(feed.on('second'), () => {
    if (spark.current === null) return;
    const values: number[] = [];
    for (let back = Math.min(59, feed.ring.count - 2); back >= 0; back--) values.push(sources.reduce((sum, node) => sum + (feed.ring.rate(node, 'in', back, 3000) || 0), 0));
    drawSpark(spark.current, values);
  });
  const meters = feed.on('meters');
  return (
    <>
      <dl className="gauge">
        <dt>Events in</dt>
        <dd>
          <LiveText subscribe={meters} read={() => formatCount(rowsIn(sources))} />
          <small className="close">/s</small>
          <canvas ref={spark} className="bar-spark wide" aria-hidden />
        </dd>
      </dl>
      <dl className="gauge drop2">
        <dt>Lag</dt>
        <dd>
          <LiveText className="figure w3" subscribe={meters} read={() => lagText(sources)} />
        </dd>
      </dl>
      <dl className="gauge press" role="button" tabIndex={0} onClick={() => showDock('event-time')} onKeyDown={(event) => event.key === 'Enter' && showDock('event-time')}>
        <dt>Watermark</dt>
        <dd>
          <LiveText
            className="figure w5"
            subscribe={meters}
            read={() => {
              const mark = lowestWatermark();
              return mark === undefined ? '–' : formatClock(mark / 1000);
            }}
          />
          <LiveText
            className="small wide"
            subscribe={meters}
            read={() => {
              const found = holder();
              return found === undefined ? '' : `${found.node}/${found.partition} holds it`;
            }}
          />
        </dd>
      </dl>
      <LedgerGauge nodes={nodes} />
      <dl className="gauge drop1">
        <dt>Epoch · checkpoint</dt>
        <dd>
          <LiveText className="figure w5" subscribe={feed.on('epoch')} read={() => formatCount(feed.epoch)} />
          <LiveText
            className="small wide"
            subscribe={meters}
            read={() => {
              const report = feed.epochs.at(-1);
              return report === undefined || feed.epochAt === undefined ? '' : `${((Date.now() - feed.epochAt) / 1000).toFixed(1)} s ago, ${formatBytes(report.stateBytes)}`;
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
              return weakest === undefined ? '–' : sentence(weakest.replaceAll('-', ' '));
            }}
          />
        </dd>
      </dl>
    </>
  );
}

function LedgerGauge({ nodes }: { nodes: readonly string[] }) {
  const element = useRef<HTMLSpanElement>(null);
  useLive(feed.on('meters'), () => {
    const open = nodes.filter((node) => {
      const meter = meterOf(node);
      return meter !== undefined && !isBalanced(meter);
    });
    const last = feed.epochs.at(-1);
    const balanced = open.length === 0 && last?.balanced !== false;
    if (element.current === null || element.current.dataset['state'] === String(balanced)) return;
    element.current.dataset['state'] = String(balanced);
    element.current.className = `hs ${balanced ? 'ok' : 'bad'}`;
    element.current.lastElementChild!.textContent = balanced ? 'Balanced' : `${open[0] ?? 'a node'} is not balanced`;
  });
  return (
    <dl className="gauge">
      <dt>Ledger</dt>
      <dd>
        <span ref={element} className="hs">
          <HealthShape health="ok" />
          <span />
        </span>
        <small className="wide">every row accounted for</small>
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
