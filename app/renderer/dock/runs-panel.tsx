import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { api } from '../../protocol/api.ts';
import type { RunRecord } from '../../protocol/run.ts';
import { documentStore } from '../document/document-store.ts';
import { ask, refusalText } from '../run/client.ts';
import { runStore } from '../run/run-store.ts';
import { dayAndClock, formatCount, formatSpan } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { ScrollRegion } from '../ui/scroll-region.tsx';

/** of the columns, px; 0: the rest */
const WIDTHS = [160, 96, 84, 72, 92, 84, 100, 124, 0];

/** Every run of this pipeline, newest first. */
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
        <b>{failed ?? (runs === undefined ? 'Reading the runs' : 'This pipeline has never run')}</b>
        {runs !== undefined && failed === undefined && (
          <span>Start it: each run is listed here with its epochs, rows and end.</span>
        )}
      </div>
    );
  }
  return (
    <ScrollRegion label="Rows">
      <table aria-label="Runs">
        <colgroup>
          {WIDTHS.map((width, index) => (
            <col key={index} style={width === 0 ? {} : { width }} />
          ))}
        </colgroup>
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
              <td className="mono" title={new Date(run.startedAt).toISOString()}>
                {dayAndClock(run.startedAt)}
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
              <td title={run.end}>{endOf(run)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** A run that failed ends with its cause. */
function endOf(run: RunRecord) {
  if (run.endedAt === undefined) return <span className="t3">still running</span>;
  return run.end === 'stopped' || run.end === 'completed' ? run.end : <HealthMark health="bad">{run.end}</HealthMark>;
}
