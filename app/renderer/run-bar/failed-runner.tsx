import { useState } from 'react';
import { useStore } from 'zustand';
import type { RunStatus } from '../../protocol/run.ts';
import { documentStore } from '../document/document-store.ts';
import { reveal } from '../document/selection-store.ts';
import { runStore } from '../run/run-store.ts';
import { Button } from '../ui/button.tsx';
import { formatCount, plural } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { showDock } from '../ui/layout-store.ts';
import { toast } from '../ui/toast-store.ts';
import { start } from './run-control.ts';

/** Stands over the canvas from the failure of a run to the next start, or until it is closed: what, where, fate of the rows, what to do. */
export function FailedRunner() {
  const status = useStore(runStore, (state) => state.status);
  const [closed, setClosed] = useState<string>();
  if (status?.state !== 'failed' || closed === status.runId) return null;
  return <FailureCard status={status} onClose={() => setClosed(status.runId)} />;
}

function FailureCard({ status, onClose }: { status: RunStatus; onClose: () => void }) {
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  const { cause } = status;
  const node = nodes.find((entry) => entry.id === cause?.node);
  const happened = cause?.message ?? `The runner ended with exit code ${status.exitCode ?? 'unknown'}.`;
  const epoch = formatCount(status.epoch);
  const rows =
    status.epoch === 0
      ? 'None lost. No epoch was completed, so a start reads from where this run began.'
      : `None lost. Epoch ${epoch} is kept; rows that were read after it are read again.`;
  const todo = cause?.mend ?? 'Read the log for what led to it, then start again.';
  const report = [
    `Happened: ${happened}`,
    `Where: ${node?.id ?? 'the runner'}, after epoch ${epoch}, revision ${status.revision}`,
    `Rows: ${rows}`,
    `To do: ${todo}`,
  ].join('\n');
  return (
    <section className="failure pop" role="alert" aria-label="The run failed">
      <header className="row">
        <HealthMark health="bad">
          <b>{node === undefined ? 'The run failed' : `${node.name || node.id} ended the run`}</b>
        </HealthMark>
        <span className="grow" />
        <Button small look="quiet" icon="x" label="Close" onClick={onClose} />
      </header>
      <dl>
        <dt>Happened</dt>
        <dd className="t1">{happened}</dd>
        <dt>Rows</dt>
        <dd>{rows}</dd>
        <dt>Where</dt>
        <dd>
          {node === undefined ? 'The runner' : <span className="mono">{node.id}</span>}, after epoch {epoch}
        </dd>
        <dt>To do</dt>
        <dd>{todo}</dd>
      </dl>
      <footer className="row">
        <Button small look="primary" icon="play" onClick={() => void start('stored')}>
          Start {plural(nodes.length, 'node')} again
        </Button>
        {node !== undefined && (
          <Button small onClick={() => reveal(node.id)}>
            Show the node
          </Button>
        )}
        <Button small onClick={() => showDock('log')}>
          Log
        </Button>
        <Button
          small
          look="quiet"
          onClick={() => void navigator.clipboard.writeText(report).then(() => toast({ health: 'ok', title: 'Copied the report' }))}
        >
          Copy report
        </Button>
      </footer>
    </section>
  );
}
