import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Problem } from '../../../engine/model/problem.ts';
import { api } from '../../protocol/api.ts';
import type { TemplateEntry } from '../../protocol/catalog.ts';
import type { Exported, HistoryEntry } from '../../protocol/library.ts';
import { catalogStore } from '../document/catalog-store.ts';
import { documentStore } from '../document/document-store.ts';
import { describe } from '../document/edits.ts';
import { createPipeline, importPipeline, libraryStore, loadLibrary, openPipeline, removePipeline, savePipeline, takeTheirs } from '../document/library-store.ts';
import { inFileOrder } from '../document/pipeline-draft.ts';
import { ask, Refused, refusalText } from '../run/client.ts';
import { Button } from '../ui/button.tsx';
import { formatClock, formatCount, formatSpan, plural } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { layoutStore, openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';
import { toast } from '../ui/toast-store.ts';
import { Comparison } from './comparison.tsx';

const close = () => openDialog(undefined);

async function said(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    toast({ health: 'bad', ...refusalText(error) });
    return false;
  }
}

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
  useEffect(() => void said(loadLibrary()), []);
  return (
    <Modal open onClose={close} title="Pipelines" note="Files of this workspace" width={560} footer={<><span className="grow" /><Button icon="file-plus" onClick={() => openDialog('templates')}>New</Button><Button icon="file-up" onClick={() => openDialog('import')}>Import</Button></>}>
      <ul className="files">
        {summaries.map((summary) => (
          <li key={summary.id}>
            <button type="button" onClick={() => void said(openPipeline(summary.id)).then(close)}>
              <span className="grow">
                <b className="med">{summary.name}</b>
                <span className="cap clip">{summary.broken ?? summary.file}</span>
              </span>
              <span className="cap">{plural(summary.nodes, 'node')}</span>
              {summary.run !== undefined && <HealthMark health={summary.run.state === 'running' ? 'ok' : summary.run.state === 'failed' ? 'bad' : 'off'}>{summary.run.state}</HealthMark>}
              <span className="cap">saved {formatSpan(Date.now() - summary.savedAt)} ago</span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function TemplatesDialog() {
  const templates = useStore(catalogStore, (state) => state.catalog.templates);
  const make = (name: string, template?: string) => void said(createPipeline(name, template)).then((done) => done && close());
  return (
    <Modal open onClose={close} title="New pipeline" note="A template opens as a copy with its data and its test. All of them run without any service." width={720}>
      <div className="templates">
        <button type="button" className="template" onClick={() => make('Untitled')}>
          <span className="template-picture blank" />
          <b className="med">Empty canvas</b>
          <span className="cap">Draw it yourself</span>
        </button>
        {templates.map((template) => (
          <button key={template.name} type="button" className="template" onClick={() => make(template.title, template.name)}>
            <TemplatePicture template={template} />
            <b className="med">{template.title}</b>
            <span className="cap">{template.summary}</span>
            <span className="cap">{plural(template.nodes, 'node')}, {template.needs.length === 0 ? 'needs nothing' : `needs ${template.needs.join(', ')}`}</span>
          </button>
        ))}
      </div>
    </Modal>
  );
}

function TemplatePicture({ template }: { template: TemplateEntry }) {
  const { nodes, edges } = template.picture;
  const left = Math.min(...nodes.map((node) => node.x));
  const top = Math.min(...nodes.map((node) => node.y));
  const width = Math.max(...nodes.map((node) => node.x)) - left + 160;
  const height = Math.max(...nodes.map((node) => node.y)) - top + 88;
  const at = new Map(nodes.map((node) => [node.id, node]));
  return (
    <svg className="template-picture" viewBox={`${left - 20} ${top - 20} ${width + 40} ${height + 40}`} aria-hidden>
      {edges.map((edge) => {
        const from = at.get(edge.from);
        const to = at.get(edge.to);
        return from === undefined || to === undefined ? null : <path key={`${edge.from} ${edge.to}`} d={`M${from.x + 150} ${from.y + 44}C${from.x + 190} ${from.y + 44} ${to.x - 40} ${to.y + 44} ${to.x} ${to.y + 44}`} />;
      })}
      {nodes.map((node) => (
        <rect key={node.id} className={node.family} x={node.x} y={node.y} width="150" height="88" rx="14" />
      ))}
    </svg>
  );
}

const LIMIT = 2 * 1024 * 1024;

function ImportDialog() {
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
      toast(imported.problems.length === 0 ? { health: 'ok', title: `Imported ${imported.document.name}` } : { health: 'warn', title: `Imported ${imported.document.name}`, note: imported.problems[0]!.message });
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
            <input type="file" accept=".json,application/json" hidden onChange={(event) => {
              const file = event.target.files?.[0];
              if (file !== undefined) void file.text().then((content) => read(content, file.name));
            }} />
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
        <textarea className="field mono" rows={12} value={text} placeholder={'{ "telemetra": 1, … }'} aria-label="JSON of the pipeline" spellCheck={false} onChange={(event) => setText(event.target.value)} />
        {refused !== undefined && (
          <p className="said">
            <HealthMark health="bad">{refused}</HealthMark>
          </p>
        )}
        <ul className="problems-list">
          {problems.map((problem, index) => (
            <li key={index}>
              {problem.node !== undefined && <b className="mono">{problem.node}</b>} {problem.message} <span className="cap">{problem.mend}</span>
            </li>
          ))}
        </ul>
      </div>
    </Modal>
  );
}

function ExportDialog() {
  const id = useStore(documentStore, (state) => state.document.id);
  const [exported, setExported] = useState<Exported>();
  useEffect(() => {
    void said(savePipeline().then(async () => setExported(await ask(api.exportFile, { id }, undefined))));
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
            <span className="cap grow">{exported.environment.length === 0 ? '' : `Real services need ${exported.environment.join(', ')}`}</span>
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

function HistoryDialog() {
  const id = useStore(documentStore, (state) => state.document.id);
  const [entries, setEntries] = useState<readonly HistoryEntry[]>([]);
  useEffect(() => void said(ask(api.history, { id }, undefined).then(setEntries)), [id]);
  return (
    <Modal open onClose={close} title="Saved revisions" note="Taking one back is an edit: undo brings the present drawing back." width={520}>
      <ul className="files">
        {entries.map((entry) => (
          <li key={entry.revision}>
            <button
              type="button"
              onClick={() =>
                void said(
                  ask(api.oldRevision, { id, revision: entry.revision }, undefined).then((old) => {
                    documentStore.edit(`Take back revision ${entry.revision}`, () => inFileOrder(old));
                    close();
                  }),
                )
              }
            >
              <span className="grow">
                <b className="med">Revision {entry.revision}</b>
                <span className="cap">
                  {plural(entry.nodes, 'node')}, {plural(entry.edges, 'edge')}, saved by {entry.by === 'app' ? 'this app' : entry.by === 'disk' ? 'another program' : 'import'}
                </span>
              </span>
              <span className="cap">{formatClock(entry.savedAt)}</span>
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
      note={`Revision ${theirs.revision}, saved ${formatClock(theirs.savedAt)} ${theirs.by === 'disk' ? 'by another program' : 'in another tab'}. Nothing has been overwritten.`}
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
          <Button look="primary" onClick={() => void said(savePipeline({ revision: theirs.revision })).then((done) => done && close())}>
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
    if (name.trim() !== '') documentStore.edit('Rename the pipeline', describe(name.trim().slice(0, 120), description.slice(0, 4000)));
    close();
  };
  return (
    <Modal open onClose={close} title="Rename the pipeline" width={440} footer={<><span className="grow" /><Button onClick={close}>Cancel</Button><Button look="primary" disabled={name.trim() === ''} onClick={done}>Rename</Button></>}>
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
        <textarea className="field" rows={4} value={description} maxLength={4000} aria-label="Description" placeholder="What it is for" onChange={(event) => setDescription(event.target.value)} />
      </form>
    </Modal>
  );
}

function RemoveDialog() {
  const document = useStore(documentStore, (state) => state.document);
  return (
    <Modal open onClose={close} title={`Delete ${document.name}`} note="The file goes, and with it its saved revisions. State and tables that it wrote stay." width={440} footer={<><span className="grow" /><Button onClick={close}>Cancel</Button><Button look="danger" onClick={() => void said(removePipeline(document.id)).then(close)}>Delete the file</Button></>} />
  );
}

function ResetDialog() {
  return (
    <Modal open onClose={close} title="Reset the demo" note="The templates are copied anew, the embedded log, tables and keys are emptied, and stream moments starts over. Other pipelines stay." width={460} footer={<><span className="grow" /><Button onClick={close}>Cancel</Button><Button look="danger" onClick={() => void said(ask(api.resetDemo, {}, undefined).then(() => location.reload()))}>Reset</Button></>} />
  );
}
