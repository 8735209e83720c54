import { useState } from 'react';
import { useStore } from 'zustand';
import { api } from '../../protocol/api.ts';
import type { Recorded } from '../../protocol/browse.ts';
import { documentStore } from '../document/document-store.ts';
import { edgeKey, nodeOf, portOf } from '../document/pipeline-draft.ts';
import { selectionStore } from '../document/selection-store.ts';
import { ask, refusalText } from '../run/client.ts';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { layoutStore, openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';

/** The last seconds of every source and what came over this edge, as a test beside the pipeline. */
export function RecordDialog() {
  const open = useStore(layoutStore, (state) => state.dialog === 'record');
  return open ? <Recording /> : null;
}

function Recording() {
  const document = useStore(documentStore, (state) => state.document);
  const selection = useStore(selectionStore, (state) => state);
  const edge =
    document.edges.find((entry) => edgeKey(entry) === selection.edges[0]) ??
    document.edges.find((entry) => nodeOf(entry.from) === selection.parts[0]);
  const [seconds, setSeconds] = useState('30');
  const [name, setName] = useState(edge === undefined ? 'test' : nodeOf(edge.to));
  const [recorded, setRecorded] = useState<Recorded>();
  const [failed, setFailed] = useState<string>();
  const [busy, setBusy] = useState(false);
  const close = () => openDialog(undefined);
  const record = async () => {
    if (edge === undefined) return;
    setBusy(true);
    try {
      setRecorded(
        await ask(
          api.record,
          { id: document.id },
          { node: nodeOf(edge.from), port: portOf(edge.from), seconds: Math.max(1, Math.min(600, Number(seconds) || 30)), name },
        ),
      );
      setFailed(undefined);
    } catch (error) {
      setFailed(refusalText(error).title);
    }
    setBusy(false);
  };
  return (
    <Modal
      open
      onClose={close}
      title="Record a test"
      note={edge === undefined ? 'Select an edge first.' : `Rows of all sources, and what came from ${edge.from}`}
      width={440}
      footer={
        <>
          <span className="grow" />
          <Button onClick={close}>{recorded === undefined ? 'Cancel' : 'Close'}</Button>
          {recorded === undefined && (
            <Button look="primary" disabled={edge === undefined || busy} onClick={() => void record()}>
              {busy ? 'Recording' : 'Record'}
            </Button>
          )}
        </>
      }
    >
      <div className="padded stack">
        {recorded === undefined ? (
          <>
            <label className="f">
              <span className="f-label">Name of the test</span>
              <span className="field">
                <input className="mono" value={name} onChange={(event) => setName(event.target.value)} />
              </span>
            </label>
            <label className="f">
              <span className="f-label">Last</span>
              <span className="field">
                <input value={seconds} inputMode="numeric" onChange={(event) => setSeconds(event.target.value)} />
                <span className="unit">seconds</span>
              </span>
            </label>
            {failed !== undefined && <HealthMark health="bad">{failed}</HealthMark>}
          </>
        ) : (
          <>
            <HealthMark health="ok">
              {formatCount(recorded.inputRows)} rows in, {formatCount(recorded.expectedRows)} rows expected
            </HealthMark>
            <span className="mono t2">{recorded.file}</span>
            <code className="mono field">{recorded.command}</code>
          </>
        )}
      </div>
    </Modal>
  );
}
