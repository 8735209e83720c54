import './app.css';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Canvas } from './canvas/canvas.tsx';
import { CommandPalette } from './commands/command-palette.tsx';
import { HintBar } from './commands/hint-bar.tsx';
import { Dock } from './dock/dock.tsx';
import { catalogStore, kindOf, loadCatalog } from './document/catalog-store.ts';
import { keepChecking } from './document/check-store.ts';
import { documentStore } from './document/document-store.ts';
import { keepDrafts, libraryStore, loadLibrary, noticeChange, openPipeline } from './document/library-store.ts';
import { EventTimeLane } from './event-time/event-time-lane.tsx';
import { LaneLegend } from './event-time/lane-legend.tsx';
import { Inspector } from './inspector/inspector.tsx';
import { Palette } from './palette/palette.tsx';
import { FailedRunner } from './run-bar/failed-runner.tsx';
import { importFile } from './run-bar/import-file.ts';
import { RunBar } from './run-bar/run-bar.tsx';
import type { PipelineSummary } from '../protocol/library.ts';
import { refusalText } from './run/client.ts';
import { feed } from './run/live-feed.ts';
import { ServerGone } from './run-bar/server-gone.tsx';
import { registerActions } from './ui/actions.ts';
import { Button } from './ui/button.tsx';
import { layoutStore, openDialog } from './ui/layout-store.ts';
import { Resizer } from './ui/resizer.tsx';
import { toast } from './ui/toast-store.ts';
import { Toasts } from './ui/toasts.tsx';

const MetricCharts = lazy(async () => ({ default: (await import('./charts/metric-charts.tsx')).MetricCharts }));
const RowView = lazy(async () => ({ default: (await import('./charts/row-view.tsx')).RowView }));

/** The frame: features stand side by side here and nowhere else. */
export function App() {
  const [failed, setFailed] = useState<{ title: string; note: string | undefined }>();
  const ready = useStore(catalogStore, (state) => state.catalog.version !== '');
  const layout = useStore(layoutStore, (state) => state);

  useEffect(() => {
    void begin().catch((error: unknown) => setFailed(refusalText(error)));
    const stops = [
      keepChecking(),
      keepDrafts(),
      feed.on('library')(() => void noticeChange().catch((error: unknown) => toast({ health: 'bad', ...refusalText(error) }))),
      feed.keepInspecting(() =>
        documentStore
          .getState()
          .document.nodes.filter((node) => kindOf(node.kind)?.stateful === true)
          .map((node) => node.id),
      ),
      libraryStore.subscribe((state, old) => {
        if (state.conflict !== undefined && old.conflict === undefined) {
          toast({
            health: 'warn',
            title: 'The file has changed outside',
            note: 'Nothing has been overwritten.',
            action: { title: 'Compare', run: () => openDialog('conflict') },
          });
        }
      }),
      registerActions([
        {
          id: 'view.palette',
          title: 'Show or hide the palette',
          group: 'View',
          icon: 'panel-left',
          run: () => layoutStore.setState((old) => ({ palette: { ...old.palette, open: !old.palette.open } })),
        },
        {
          id: 'view.inspector',
          title: 'Show or hide the inspector',
          group: 'View',
          icon: 'panel-right',
          run: () => layoutStore.setState((old) => ({ inspector: { ...old.inspector, open: !old.inspector.open } })),
        },
        {
          id: 'view.dock',
          title: 'Show or hide the panels',
          group: 'View',
          icon: 'panel-bottom',
          keys: ['Ctrl+j'],
          everywhere: true,
          run: () => layoutStore.setState((old) => ({ dock: { ...old.dock, open: !old.dock.open } })),
        },
      ]),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);

  useEffect(() => acceptFiles(), []);

  if (!ready) {
    return (
      <div className="start">
        {failed !== undefined && (
          <div role="alert">
            <h1>{failed.title}</h1>
            <p className="t2">{failed.note ?? 'Open the link that is printed in the terminal: it carries the key to this page.'}</p>
            <div className="row">
              <Button look="primary" onClick={() => location.reload()}>
                Try again
              </Button>
            </div>
          </div>
        )}
      </div>
    );
  }
  const style = {
    '--palette-now': `${layout.palette.open ? layout.palette.width : 208}px`,
    '--inspector-now': `${layout.inspector.width}px`,
  } as React.CSSProperties;
  return (
    <div className="app" style={style}>
      <RunBar />
      <ServerGone />
      {layout.palette.open && (
        <div className="side left">
          <Palette />
          <Resizer
            label="Width of the palette"
            axis="x"
            sign={1}
            min={168}
            max={320}
            size={layout.palette.width}
            onResize={(width) => layoutStore.setState({ palette: { open: true, width } })}
          />
        </div>
      )}
      <main className="main">
        <div className="stage">
          <Canvas />
          <FailedRunner />
        </div>
        <div className="dock-frame" style={layout.dock.open ? { height: layout.dock.height } : {}}>
          {layout.dock.open && (
            <Resizer
              label="Height of the panels"
              axis="y"
              sign={-1}
              min={120}
              max={Math.round(window.innerHeight * 0.7)}
              size={layout.dock.height}
              onResize={(height) => layoutStore.setState({ dock: { open: true, height } })}
            />
          )}
          <Dock
            eventTime={<EventTimeLane />}
            legend={<LaneLegend />}
            metrics={<MetricCharts />}
            drawView={(view, page, title) => (
              <Suspense fallback={null}>
                <RowView view={view} page={page} title={title} />
              </Suspense>
            )}
          />
        </div>
      </main>
      {layout.inspector.open && (
        <div className="side right">
          <Resizer
            label="Width of the inspector"
            axis="x"
            sign={-1}
            min={264}
            max={560}
            size={layout.inspector.width}
            onResize={(width) => layoutStore.setState({ inspector: { open: true, width } })}
          />
          <Inspector />
          <HintBar />
        </div>
      )}
      <Toasts />
      <CommandPalette />
    </div>
  );
}

/** What runs first, then what has most to see. */
function weight(summary: PipelineSummary): number {
  const { state } = summary.run ?? {};
  // a few nodes more or less weigh as much as running: the demo is shown even while its producer alone runs
  return summary.nodes + (state === 'running' || state === 'starting' || state === 'paused' ? 10 : 0);
}

const CARD_FONTS = ['620 13px "Inter Variable"', '420 11px "Inter Variable"'];

/** The pipeline named in the address, else the largest that runs, else the largest. */
async function begin(): Promise<void> {
  // cards are as wide as their names: measured in another font they would change their width later
  await Promise.all([loadCatalog(), ...CARD_FONTS.map((font) => document.fonts.load(font).catch(() => []))]);
  const summaries = await loadLibrary();
  const wanted = location.hash.slice(1);
  const chosen =
    summaries.find((summary) => summary.id === wanted) ??
    [...summaries].filter((summary) => summary.broken === undefined).toSorted((a, b) => weight(b) - weight(a))[0];
  if (chosen !== undefined) await openPipeline(chosen.id);
  else feed.connect();
}

/** A pipeline file dropped anywhere is imported. */
function acceptFiles(): () => void {
  const over = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true && event.preventDefault();
  const drop = (event: DragEvent) => {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    void importFile(file).then((done) => !done && openDialog('import'));
  };
  window.addEventListener('dragover', over);
  window.addEventListener('drop', drop);
  return () => {
    window.removeEventListener('dragover', over);
    window.removeEventListener('drop', drop);
  };
}
