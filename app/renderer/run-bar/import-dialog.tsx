import { useState } from 'react';
import type { Problem } from '../../../engine/model/problem.ts';
import { importPipeline } from '../document/library-store.ts';
import { Refused } from '../run/client.ts';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';
import { toast } from '../ui/toast-store.ts';

const close = () => openDialog(undefined);

const LIMIT = 2 * 1024 * 1024;

export function ImportDialog() {
  const [text, setText] = useState('');
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [refused, setRefused] = useState<string>();
  const read = async (content: string, name?: string) => {
    setProblems([]);
    setRefused(undefined);
    if (content.length > LIMIT) {
      setRefused(`The text has ${formatCount(content.length)} characters; a pipeline file has at most 2 MiB.`);
      return;
    }
    try {
      const imported = await importPipeline(content, name);
      close();
      toast(
        imported.problems.length === 0
          ? { health: 'ok', title: `Imported ${imported.document.name}` }
          : { health: 'warn', title: `Imported ${imported.document.name}`, note: imported.problems[0]!.message },
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error.refusal.message);
      setProblems(error.refusal.problems ?? []);
    }
  };
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
                if (file !== undefined) void file.text().then((content) => read(content, file.name));
              }}
            />
          </label>
          <span className="grow" />
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" disabled={text.trim() === ''} onClick={() => void read(text)}>
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
