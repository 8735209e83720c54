import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { api } from '../../protocol/api.ts';
import type { Exported, HistoryEntry } from '../../protocol/library.ts';
import { documentStore } from '../document/document-store.ts';
import { describe } from '../document/edits.ts';
import { libraryStore, loadLibrary, openPipeline, removePipeline, savePipeline, takeTheirs } from '../document/library-store.ts';
import { inFileOrder } from '../document/pipeline-draft.ts';
import { ask } from '../run/client.ts';
import { Button } from '../ui/button.tsx';
import { dayAndClock, formatSpan, plural } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { layoutStore, openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';
import { toast } from '../ui/toast-store.ts';
import { Comparison } from './comparison.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { sayRefusal } from './say-refusal.ts';
import { TemplatesDialog } from './templates-dialog.tsx';

const close = () => openDialog(undefined);

export function FileDialogs() {
  const dialog = useStore(layoutStore, (state) => state.dialog);
  switch (dialog) {
    case 'files':
      return <FilesDialog />;
    case 'templates':
      return <TemplatesDialog />;
    case 'import':
      return <ImportDialog />;
    case 'export':
      return <ExportDialog />;
    case 'history':
      return <HistoryDialog />;
    case 'conflict':
      return <ConflictDialog />;
    case 'rename':
      return <RenameDialog />;
    case 'remove':
      return <RemoveDialog />;
    case 'reset':
      return <ResetDialog />;
    default:
      return null;
  }
}

function FilesDialog() {
  const { summaries } = useStore(libraryStore, (state) => state);
  useEffect(() => void sayRefusal(loadLibrary()), []);
  return (
    <Modal
      open
      onClose={close}
      title="Pipelines"
      note="Files of this workspace"
      width={560}
      footer={
        <>
          <span className="grow" />
          <Button icon="file-plus" onClick={() => openDialog('templates')}>
            New
          </Button>
          <Button icon="file-up" onClick={() => openDialog('import')}>
            Import
          </Button>
        </>
      }
    >
      <ul className="files">
        {summaries.map((summary) => (
          <li key={summary.id}>
            <button type="button" onClick={() => void sayRefusal(openPipeline(summary.id)).then(close)}>
              <span className="grow">
                <b className="med">{summary.name}</b>
                <span className="cap clip">{summary.broken ?? summary.file}</span>
              </span>
              <span className="figures-of">
                {summary.run === undefined ? (
                  <span />
                ) : (
                  <HealthMark health={summary.run.state === 'running' ? 'ok' : summary.run.state === 'failed' ? 'bad' : 'off'}>
                    {summary.run.state}
                  </HealthMark>
                )}
                <span className="cap">{plural(summary.nodes, 'node')}</span>
                <span className="cap">saved {formatSpan(Date.now() - summary.savedAt)} ago</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function ExportDialog() {
  const id = useStore(documentStore, (state) => state.document.id);
  const [exported, setExported] = useState<Exported>();
  useEffect(() => {
    void sayRefusal(savePipeline().then(async () => setExported(await ask(api.exportFile, { id }, undefined))));
  }, [id]);
  const copy = (text: string) => void navigator.clipboard.writeText(text).then(() => toast({ health: 'ok', title: 'Copied' }));
  return (
    <Modal
      open
      onClose={close}
      title="Export for the headless runner"
      note="The same file, the same engine. Connections are names; addresses and secrets come from the environment."
      width={600}
      footer={
        exported === undefined ? undefined : (
          <>
            <span className="grow" />
            <Button icon="copy" onClick={() => copy(exported.text)}>
              Copy JSON
            </Button>
            <Button look="primary" icon="download" onClick={() => download(exported)}>
              Save {exported.file}
            </Button>
          </>
        )
      }
    >
      <div className="padded">
        {exported !== undefined && exported.environment.length > 0 && (
          <p className="cap">On your services it reads {exported.environment.join(', ')} from the environment.</p>
        )}
        {exported === undefined ? (
          <p className="cap">Saving the file first</p>
        ) : (
          exported.commands.map((command) => (
            <div key={command.title} className="command-line">
              <span className="cap">{command.title}</span>
              <div className="row">
                <code className="mono grow">{command.command}</code>
                <Button small icon="copy" label="Copy the command" onClick={() => copy(command.command)} />
              </div>
            </div>
          ))
        )}
      </div>
    </Modal>
  );
}

function download(exported: Exported): void {
  const link = window.document.createElement('a');
  link.href = URL.createObjectURL(new Blob([exported.text], { type: 'application/json' }));
  link.download = exported.file;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function takeBack(id: string, revision: number): Promise<void> {
  const old = await ask(api.oldRevision, { id, revision }, undefined);
  documentStore.edit(`Take back revision ${revision}`, () => inFileOrder(old));
  close();
}

function HistoryDialog() {
  const id = useStore(documentStore, (state) => state.document.id);
  const [entries, setEntries] = useState<readonly HistoryEntry[]>([]);
  useEffect(() => void sayRefusal(ask(api.history, { id }, undefined).then(setEntries)), [id]);
  return (
    <Modal
      open
      onClose={close}
      title="Saved revisions"
      note="Taking one back is an edit: undo brings the present drawing back."
      width={520}
    >
      <ul className="files">
        {entries.map((entry) => (
          <li key={entry.revision}>
            <button type="button" onClick={() => void sayRefusal(takeBack(id, entry.revision))}>
              <span className="grow">
                <b className="med">Revision {entry.revision}</b>
                <span className="cap">
                  {plural(entry.nodes, 'node')}, {plural(entry.edges, 'edge')}, saved by{' '}
                  {entry.by === 'app' ? 'this app' : entry.by === 'disk' ? 'another program' : 'import'}
                </span>
              </span>
              <span className="cap" title={new Date(entry.savedAt).toISOString()}>
                {dayAndClock(entry.savedAt)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function ConflictDialog() {
  const theirs = useStore(libraryStore, (state) => state.conflict);
  const document = useStore(documentStore, (state) => state.document);
  if (theirs === undefined) return null;
  return (
    <Modal
      open
      onClose={close}
      title="The file has changed since you opened it"
      note={`Revision ${theirs.revision}, saved ${dayAndClock(theirs.savedAt)} ${theirs.by === 'disk' ? 'by another program' : 'in another tab'}. Nothing has been overwritten.`}
      width={680}
      footer={
        <>
          <span className="cap grow">Either way, undo brings yours back</span>
          <Button onClick={close}>Decide later</Button>
          <Button
            onClick={() => {
              takeTheirs(theirs);
              close();
            }}
          >
            Take the file
          </Button>
          <Button
            look="primary"
            onClick={() => void sayRefusal(savePipeline({ revision: theirs.revision })).then((done) => done && close())}
          >
            Save mine over it
          </Button>
        </>
      }
    >
      <Comparison mine={document} theirs={theirs.document} />
    </Modal>
  );
}

function RenameDialog() {
  const document = useStore(documentStore, (state) => state.document);
  const [name, setName] = useState(document.name);
  const [description, setDescription] = useState(document.description);
  const done = () => {
    if (name.trim() !== '')
      documentStore.edit('Rename the pipeline', describe(name.trim().slice(0, 120), description.slice(0, 4000)));
    close();
  };
  return (
    <Modal
      open
      onClose={close}
      title="Rename the pipeline"
      width={440}
      footer={
        <>
          <span className="grow" />
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" disabled={name.trim() === ''} onClick={done}>
            Rename
          </Button>
        </>
      }
    >
      <form
        className="padded stack"
        onSubmit={(event) => {
          event.preventDefault();
          done();
        }}
      >
        <label className="field">
          <input value={name} maxLength={120} aria-label="Name" autoFocus onChange={(event) => setName(event.target.value)} />
        </label>
        <textarea
          className="field"
          rows={4}
          value={description}
          maxLength={4000}
          aria-label="Description"
          placeholder="What it is for"
          onChange={(event) => setDescription(event.target.value)}
        />
      </form>
    </Modal>
  );
}

function RemoveDialog() {
  const document = useStore(documentStore, (state) => state.document);
  return (
    <Modal
      open
      onClose={close}
      title={`Delete ${document.name}`}
      note="The file goes, and with it its saved revisions. State and tables that it wrote stay."
      width={440}
      footer={
        <>
          <span className="grow" />
          <Button onClick={close}>Cancel</Button>
          <Button look="danger" onClick={() => void sayRefusal(removePipeline(document.id)).then(close)}>
            Delete the file
          </Button>
        </>
      }
    />
  );
}

function ResetDialog() {
  return (
    <Modal
      open
      onClose={close}
      title="Reset the demo"
      note="The templates are copied anew, the embedded log, tables and keys are emptied, and stream moments starts over. Other pipelines stay."
      width={460}
      footer={
        <>
          <span className="grow" />
          <Button onClick={close}>Cancel</Button>
          <Button look="danger" onClick={() => void sayRefusal(ask(api.resetDemo, {}, undefined).then(() => location.reload()))}>
            Reset
          </Button>
        </>
      }
    />
  );
}
