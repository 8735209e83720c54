import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { api } from '../../protocol/api.ts';
import type { RunRecord } from '../../protocol/run.ts';
import { documentStore } from '../document/document-store.ts';
import { ask, refusalText } from '../run/client.ts';
import { runStore } from '../run/run-store.ts';
import { formatClock, formatCount, formatSpan } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { ScrollRegion } from '../ui/scroll-region.tsx';

export function RunsPanel() {
  const id = useStore(documentStore, (state) => state.document.id);
  const state = useStore(runStore, (entry) => `${entry.status?.runId} ${entry.status?.state}`);
  const [runs, setRuns] = useState<readonly RunRecord[]>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    ask(api.runs, { id }, undefined).then(setRuns, (error: unknown) => setFailed(refusalText(error).title));
  }, [id, state]);
  if (runs === undefined || runs.length === 0) {
    return (
      <div className="nothing">
        <b>{failed ?? (runs === undefined ? 'Reading the runs' : 'It has never run')}</b>
      </div>
    );
  }
  return (
    <ScrollRegion label="Rows">
      <table aria-label="Runs">
        <thead>
          <tr>
            <th>Started</th>
            <th>Lasted</th>
            <th>From</th>
            <th className="num">Revision</th>
            <th>Plan</th>
            <th className="num">Epochs</th>
            <th className="num">Events in</th>
            <th>Ledger</th>
            <th>End</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.runId}>
              <td className="mono">
                {new Date(run.startedAt).toLocaleDateString('en-CA')} {formatClock(run.startedAt)}
              </td>
              <td>{formatSpan((run.endedAt ?? Date.now()) - run.startedAt)}</td>
              <td>{run.from}</td>
              <td className="num">{run.revision}</td>
              <td className="mono">{run.planHash.slice(0, 8)}</td>
              <td className="num">{formatCount(run.epochs)}</td>
              <td className="num">{formatCount(run.rowsIn)}</td>
              <td>
                <HealthMark health={run.balanced ? 'ok' : 'bad'}>{run.balanced ? 'balanced' : 'not balanced'}</HealthMark>
              </td>
              <td title={run.end}>{run.end}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
