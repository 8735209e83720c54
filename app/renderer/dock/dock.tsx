import './dock.css';
import { lazy, Suspense, useEffect, useRef, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { feed } from '../run/live-feed.ts';
import { meterOf, readingOf } from '../run/readings.ts';
import { runStore } from '../run/run-store.ts';
import { registerActions, type Action } from '../ui/actions.ts';
import { Button } from '../ui/button.tsx';
import { formatShort } from '../ui/figures.ts';
import { layoutStore, showDock, type DockTab } from '../ui/layout-store.ts';
import { useLive } from '../ui/live.tsx';
import { TabLine } from '../ui/tabs.tsx';
import { DataPanel } from './data-panel.tsx';
import { LogPanel } from './log-panel.tsx';
import { ProblemsPanel } from './problems-panel.tsx';
import { RecordDialog } from './record-dialog.tsx';
import { RunsPanel } from './runs-panel.tsx';
import { TablesPanel, type DrawView } from './tables-panel.tsx';

const DeadPanel = lazy(async () => ({ default: (await import('./dead-panel.tsx')).DeadPanel }));

interface Panel {
  readonly id: DockTab;
  readonly title: string;
  readonly mark?: ReactNode;
}

const PANELS: readonly Panel[] = [
  { id: 'problems', title: 'Problems', mark: <ProblemCount /> },
  { id: 'data', title: 'Data' },
  { id: 'event-time', title: 'Event time' },
  { id: 'dead', title: 'Dead letters', mark: <DeadCount /> },
  { id: 'tables', title: 'Tables' },
  { id: 'metrics', title: 'Metrics' },
  { id: 'runs', title: 'Runs' },
  { id: 'log', title: 'Log' },
];

/** the command palette gives the focus back to where it was before the panel can have it */
const AFTER_PALETTE_MS = 60;

function showPanel({ id, title }: Panel): Action {
  return {
    id: `panel.${id}`,
    title: `Panel ${title}`,
    group: 'View',
    icon: 'panel-bottom',
    run: () => {
      showDock(id);
      setTimeout(() => document.querySelector<HTMLElement>(`.dock [data-tab="${id}"]`)?.focus(), AFTER_PALETTE_MS);
    },
  };
}

/** Panels below the canvas. Those of other features are handed in: features do not know each other. */
export function Dock({
  eventTime,
  metrics,
  legend,
  drawView,
}: {
  eventTime: ReactNode;
  metrics: ReactNode;
  legend: ReactNode;
  drawView: DrawView;
}) {
  const tab = useStore(layoutStore, (state) => state.dockTab);
  const open = useStore(layoutStore, (state) => state.dock.open);
  useEffect(() => registerActions(PANELS.map(showPanel)), []);
  const panels: Readonly<Record<DockTab, ReactNode>> = {
    problems: <ProblemsPanel />,
    data: <DataPanel />,
    'event-time': eventTime,
    dead: <DeadPanel />,
    tables: <TablesPanel drawView={drawView} />,
    metrics,
    runs: <RunsPanel />,
    log: <LogPanel />,
  };
  return (
    <section className="dock" aria-label="Panels">
      <TabLine
        label="Panels"
        tabs={PANELS}
        value={tab}
        onChange={(id) => layoutStore.setState((old) => ({ dockTab: id as DockTab, dock: { ...old.dock, open: true } }))}
      >
        {tab === 'event-time' && legend}
        <Button
          small
          look="quiet"
          icon={open ? 'chevron-down' : 'chevron-up'}
          label={open ? 'Collapse the panels' : 'Open the panels'}
          onClick={() => layoutStore.setState((old) => ({ dock: { ...old.dock, open: !open } }))}
        />
      </TabLine>
      {open && (
        <div className="dock-panel" role="tabpanel" aria-label={tab}>
          <Suspense fallback={<p className="nothing">Loading the panel</p>}>{panels[tab]}</Suspense>
        </div>
      )}
      <RecordDialog />
    </section>
  );
}

function ProblemCount() {
  const element = useRef<HTMLSpanElement>(null);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  useLive(feed.on('second'), () => {
    const bad = nodes.filter((node) => readingOf(node.id).health === 'bad').length;
    const warn = nodes.filter((node) => readingOf(node.id).health === 'warn').length;
    const problems = nodes.length === 0 ? [] : (checkStore.getState().checked?.problems ?? []);
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    const ended = runStore.getState().status?.state === 'failed' ? 1 : 0;
    const count = problems.length + ended + bad + warn;
    if (element.current === null) return;
    element.current.textContent = count === 0 ? '' : String(count);
    element.current.className = `count ${bad + errors + ended > 0 ? 'bad' : 'warn'}`;
  });
  return <span ref={element} className="count" />;
}

function DeadCount() {
  const element = useRef<HTMLSpanElement>(null);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  useLive(feed.on('second'), () => {
    const dead = nodes.reduce((sum, node) => sum + (meterOf(node.id)?.ledger.dead ?? 0), 0);
    if (element.current !== null) element.current.textContent = dead === 0 ? '' : formatShort(dead);
  });
  return <span ref={element} className="count" />;
}
