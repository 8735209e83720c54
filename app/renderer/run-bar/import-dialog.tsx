import { useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../ui/button.tsx';
import { HealthMark } from '../ui/health.tsx';
import { openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';
import { importFile, importStore, importText } from './import-file.ts';

function close(): void {
  importStore.setState({ refused: undefined, problems: [] });
  openDialog(undefined);
}

/** Also opened by a dropped file that was refused, to say why. */
export function ImportDialog() {
  const [text, setText] = useState('');
  const { refused, problems } = useStore(importStore, (state) => state);
  const read = (work: Promise<boolean>) => void work.then((done) => done && close());
  return (
    <Modal
      open
      onClose={close}
      title="Import a pipeline"
      note="Nothing is run and nothing is connected to; secrets cannot be in a pipeline file."
      width={600}
      footer={
        <>
          <label className="btn">
            Choose a file
            <input
              type="file"
              accept=".json,application/json"
              hidden
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file !== undefined) read(importFile(file));
                event.target.value = '';
              }}
            />
          </label>
          <span className="grow" />
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" disabled={text.trim() === ''} onClick={() => read(importText(text))}>
            Import
          </Button>
        </>
      }
    >
      <div className="padded">
        <textarea
          className="field mono"
          rows={12}
          value={text}
          placeholder={'{ "telemetra": 1, … }'}
          aria-label="JSON of the pipeline"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        {refused !== undefined && (
          <p className="said">
            <HealthMark health="bad">{refused}</HealthMark>
          </p>
        )}
        <ul className="problems-list">
          {problems.map((problem, index) => (
            <li key={index}>
              {problem.node !== undefined && <b className="mono">{problem.node}</b>} {problem.message}{' '}
              <span className="cap">{problem.mend}</span>
            </li>
          ))}
        </ul>
      </div>
    </Modal>
  );
}
