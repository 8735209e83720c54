import { createStore } from 'zustand/vanilla';
import { api } from '../../protocol/api.ts';
import type { Imported, Opened, PipelineSummary } from '../../protocol/library.ts';
import type { Conflict } from '../../protocol/refusal.ts';
import { ask, Refused } from '../run/client.ts';
import { feed } from '../run/live-feed.ts';
import { runStore } from '../run/run-store.ts';
import { documentStore } from './document-store.ts';
import { inFileOrder, type PipelineDocument } from './pipeline-draft.ts';
import { select } from './selection-store.ts';

export interface LibraryState {
  readonly summaries: readonly PipelineSummary[];
  readonly file: string;
  /** of the file, as this page last read or wrote it */
  readonly fileRevision: number;
  readonly savedAt: number | undefined;
  /** the document as it stands in the file */
  readonly savedText: string;
  readonly saving: boolean;
  /** the file has gone on without us */
  readonly conflict: Conflict['theirs'] | undefined;
  readonly running: PipelineDocument | undefined;
}

export const libraryStore = createStore<LibraryState>(() => ({
  summaries: [],
  file: '',
  fileRevision: 0,
  savedAt: undefined,
  savedText: '',
  saving: false,
  conflict: undefined,
  running: undefined,
}));

interface Draft {
  readonly document: PipelineDocument;
  readonly fileRevision: number;
}

const draftKey = (id: string) => `telemetra.draft.${id}`;

export function isDirty(document: PipelineDocument, savedText: string): boolean {
  return JSON.stringify(document) !== savedText;
}

/** Every change is kept in this browser until it is in the file. */
export function keepDrafts(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return documentStore.subscribe((state, old) => {
    if (state.document === old.document) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { savedText, fileRevision } = libraryStore.getState();
      const { document } = documentStore.getState();
      if (isDirty(document, savedText))
        localStorage.setItem(draftKey(document.id), JSON.stringify({ document, fileRevision } satisfies Draft));
      else localStorage.removeItem(draftKey(document.id));
    }, 200);
  });
}

export async function loadLibrary(): Promise<readonly PipelineSummary[]> {
  const summaries = await ask(api.pipelines, {}, undefined);
  libraryStore.setState({ summaries });
  return summaries;
}

export async function openPipeline(id: string): Promise<void> {
  show(await ask(api.open, { id }, undefined), true);
}

export async function createPipeline(name: string, template?: string): Promise<void> {
  show(await ask(api.create, {}, template === undefined ? { name } : { name, template }), false);
  await loadLibrary();
}

export async function importPipeline(text: string, fileName?: string): Promise<Imported> {
  const imported = await ask(api.importText, {}, fileName === undefined ? { text } : { text, fileName });
  show(imported, false);
  await loadLibrary();
  return imported;
}

export async function duplicatePipeline(id: string, name: string): Promise<void> {
  show(await ask(api.duplicate, { id }, { name }), false);
  await loadLibrary();
}

export async function removePipeline(id: string): Promise<void> {
  await ask(api.remove, { id }, undefined);
  localStorage.removeItem(draftKey(id));
  const rest = await loadLibrary();
  if (documentStore.getState().document.id === id && rest[0] !== undefined) await openPipeline(rest[0].id);
}

function show(opened: Opened, withDraft: boolean): void {
  const document = inFileOrder(opened.document);
  const draft = withDraft ? readDraft(document.id) : undefined;
  libraryStore.setState({
    file: opened.file,
    fileRevision: draft?.fileRevision ?? opened.revision,
    savedAt: opened.savedAt,
    savedText: JSON.stringify(document),
    conflict: undefined,
    running: opened.running,
  });
  select([]);
  documentStore.load(document);
  if (draft !== undefined) documentStore.edit('Draft of this browser', () => draft.document);
  feed.watch(document.id);
  if (opened.run !== undefined) runStore.setState({ status: opened.run });
  history.replaceState(null, '', `#${document.id}`);
}

function readDraft(id: string): Draft | undefined {
  try {
    const text = localStorage.getItem(draftKey(id));
    return text === null ? undefined : (JSON.parse(text) as Draft);
  } catch {
    return undefined;
  }
}

/** `over`: write although the file has gone on; asked for in the conflict dialog only. Throws `Refused` except for a conflict. */
export async function savePipeline(over?: { readonly revision: number }): Promise<boolean> {
  const { document } = documentStore.getState();
  libraryStore.setState({ saving: true });
  try {
    const saved = await ask(
      api.save,
      { id: document.id },
      { document, baseRevision: over?.revision ?? libraryStore.getState().fileRevision },
    );
    libraryStore.setState({
      fileRevision: saved.revision,
      savedAt: saved.savedAt,
      savedText: JSON.stringify(document),
      conflict: undefined,
    });
    localStorage.removeItem(draftKey(document.id));
    return true;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'conflict') {
      libraryStore.setState({ conflict: (error.refusal as Conflict).theirs });
      return false;
    }
    throw error;
  } finally {
    libraryStore.setState({ saving: false });
  }
}

/** Their file in our place; ours stays one undo away. */
export function takeTheirs(theirs: Conflict['theirs']): void {
  const document = inFileOrder(theirs.document as PipelineDocument);
  documentStore.edit('Take the file', () => document);
  libraryStore.setState({
    fileRevision: theirs.revision,
    savedAt: theirs.savedAt,
    savedText: JSON.stringify(document),
    conflict: undefined,
  });
}

/** A file that changed outside: without own changes it is shown at once, else the user compares. */
export async function noticeChange(): Promise<void> {
  const change = feed.lastLibrary;
  const { document } = documentStore.getState();
  if (
    change === undefined ||
    change.pipelineId !== document.id ||
    change.revision === undefined ||
    change.revision <= libraryStore.getState().fileRevision
  )
    return;
  const opened = await ask(api.open, { id: document.id }, undefined);
  const theirs = { revision: opened.revision, savedAt: opened.savedAt, by: change.by, document: opened.document };
  if (isDirty(documentStore.getState().document, libraryStore.getState().savedText)) libraryStore.setState({ conflict: theirs });
  else takeTheirs(theirs);
}
