import './run-bar.css';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { catalogStore, kindOf } from '../document/catalog-store.ts';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { feed } from '../run/live-feed.ts';
import { isLive, runStore } from '../run/run-store.ts';
import { registerActions } from '../ui/actions.ts';
import { Button } from '../ui/button.tsx';
import { formatCount, formatSpan, plural } from '../ui/figures.ts';
import { HealthMark, type Health } from '../ui/health.tsx';
import { Icon } from '../ui/icon.tsx';
import { LiveText } from '../ui/live.tsx';
import { openDialog } from '../ui/layout-store.ts';
import { ActionMenu } from '../ui/overlay.tsx';
import { ApplyDialog } from './apply-dialog.tsx';
import { DocumentMenu } from './document-menu.tsx';
import { DrainDialog } from './drain-dialog.tsx';
import { FileDialogs } from './file-dialogs.tsx';
import { LiveGauges, ProblemsGauge } from './gauges.tsx';
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

export function RunBar() {
  const status = useStore(runStore, (state) => state.status);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  const checked = useStore(checkStore, (state) => state.checked);
  useStore(catalogStore, (state) => state.catalog);
  const sources = nodes.filter((node) => kindOf(node.kind)?.role === 'source').map((node) => node.id);
  // an empty canvas is a beginning, no mistake
  const problems = nodes.length === 0 ? [] : (checked?.problems ?? []);
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.length - errors;
  const changes = changesOf(checked?.difference);
  const live = isLive(status?.state);
  const cause = status?.cause?.message ?? `exit code ${status?.exitCode ?? 'unknown'}`;
  const [health, word] = STATES[status?.state ?? 'stopped'] ?? ['off', 'Stopped'];

  useEffect(
    () =>
      registerActions([
        {
          id: 'run.start',
          title: 'Start, or pause',
          group: 'Run',
          icon: 'play',
          keys: ['F5'],
          everywhere: true,
          run: () => void toggle(),
        },
        {
          id: 'run.drain',
          title: 'Drain, then stop',
          group: 'Run',
          icon: 'arrow-down-to-line',
          keys: ['Shift+F5'],
          everywhere: true,
          refuse: () => (isLive(runStore.getState().status?.state) ? undefined : 'It does not run.'),
          run: () => openDialog('drain'),
        },
        {
          id: 'run.stop',
          title: 'Stop at a checkpoint',
          group: 'Run',
          icon: 'square',
          refuse: () => (isLive(runStore.getState().status?.state) ? undefined : 'It does not run.'),
          run: () => void move('stop'),
        },
        {
          id: 'run.apply',
          title: 'Apply the changes',
          group: 'Run',
          icon: 'check',
          keys: ['Ctrl+Enter'],
          everywhere: true,
          refuse: () => (changesOf(checkStore.getState().checked?.difference) > 0 ? undefined : 'The drawing is what runs.'),
          run: askApply,
        },
        {
          id: 'run.earliest',
          title: 'Start from the earliest rows',
          group: 'Run',
          icon: 'play',
          refuse: () => (isLive(runStore.getState().status?.state) ? 'It runs already.' : undefined),
          run: () => void start('earliest'),
        },
        {
          id: 'run.latest',
          title: 'Start from the latest rows',
          group: 'Run',
          icon: 'play',
          refuse: () => (isLive(runStore.getState().status?.state) ? 'It runs already.' : undefined),
          run: () => void start('latest'),
        },
        {
          id: 'run.fixture',
          title: 'Start on the recorded fixture',
          group: 'Run',
          icon: 'play',
          refuse: () => (isLive(runStore.getState().status?.state) ? 'It runs already.' : undefined),
          run: () => void start('fixture'),
        },
      ]),
    [],
  );

  return (
    <header className="bar">
      <DocumentMenu />
      <div className="gauges" aria-label="Run state">
        <dl className="gauge state-gauge">
          <dt>
            State{' '}
            <span className="wide">
              {status !== undefined && <LiveText subscribe={feed.on('second')} read={() => stateNote()} />}
            </span>
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
            <dd className={status === undefined ? 'cap-value' : ''}>
              {status === undefined ? 'never run' : formatCount(status.epoch)}
            </dd>
          </dl>
        )}
        {status?.state === 'failed' && (
          <dl className="gauge">
            <dt>Cause</dt>
            <dd className="cap-value" title={cause}>
              {cause}
            </dd>
          </dl>
        )}
      </div>
      <div className="acts">
        {nodes.length === 0 && <span className="cap">Draw a node first</span>}
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
            <Button
              icon="arrow-down-to-line"
              onClick={() => openDialog('drain')}
              disabled={status?.moves.includes('drain') === false}
            >
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
            <Button
              icon="play"
              onClick={() => void start('stored')}
              disabled={nodes.length === 0}
              title={nodes.length === 0 ? 'There is nothing to start: draw a node first' : 'Goes on where it stopped (F5)'}
            >
              {nodes.length === 0 ? 'Start' : `Start ${plural(nodes.length, 'node')}`}
            </Button>
            <ActionMenu
              align="end"
              trigger={
                <button type="button" className="btn icon" aria-label="Where to start">
                  <Icon name="chevron-down" />
                </button>
              }
              entries={[
                {
                  title: 'Where it stopped',
                  caption: 'stored positions and state',
                  icon: 'play',
                  onPick: () => void start('stored'),
                },
                {
                  title: 'Earliest rows',
                  caption: 'everything the log still holds',
                  icon: 'history',
                  onPick: () => void start('earliest'),
                },
                { title: 'Latest rows', caption: 'only what comes from now on', icon: 'clock', onPick: () => void start('latest') },
                {
                  title: 'Recorded fixture',
                  caption: 'the rows of the flow test',
                  icon: 'bookmark',
                  onPick: () => void start('fixture'),
                },
                'line',
                {
                  title: 'Start fresh',
                  caption: 'gives up the stored state',
                  icon: 'rotate-ccw',
                  danger: true,
                  onPick: () => void start('earliest', true),
                },
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
