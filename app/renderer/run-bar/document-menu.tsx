import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { documentStore } from '../document/document-store.ts';
import { duplicatePipeline, isDirty, libraryStore, openPipeline, savePipeline } from '../document/library-store.ts';
import { refusalText } from '../run/client.ts';
import { setTheme, themeStore } from '../theme/theme-store.ts';
import { registerActions } from '../ui/actions.ts';
import { formatClock, plural } from '../ui/figures.ts';
import { Icon } from '../ui/icon.tsx';
import { openDialog } from '../ui/layout-store.ts';
import { ActionMenu } from '../ui/overlay.tsx';
import { toast } from '../ui/toast-store.ts';

function said<T>(work: Promise<T>): void {
  work.catch((error: unknown) => toast({ health: 'bad', ...refusalText(error) }));
}

async function save(): Promise<void> {
  if (await savePipeline()) toast({ health: 'ok', title: 'Saved', note: libraryStore.getState().file });
  else openDialog('conflict');
}

/** Name and state of the file; everything that is done with files. */
export function DocumentMenu() {
  const document = useStore(documentStore, (state) => state.document);
  const library = useStore(libraryStore, (state) => state);
  const theme = useStore(themeStore, (state) => state.choice);
  const [dirty, setDirty] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDirty(isDirty(document, library.savedText)), 120);
    return () => clearTimeout(timer);
  }, [document, library.savedText]);

  useEffect(
    () =>
      registerActions([
        {
          id: 'file.save',
          title: 'Save',
          group: 'File',
          icon: 'save',
          keys: ['Ctrl+s'],
          everywhere: true,
          run: () => said(save()),
        },
        {
          id: 'file.open',
          title: 'Pipelines',
          group: 'File',
          icon: 'folder-open',
          keys: ['Ctrl+o'],
          everywhere: true,
          run: () => openDialog('files'),
        },
        {
          id: 'file.new',
          title: 'New pipeline, or from a template',
          group: 'File',
          icon: 'file-plus',
          run: () => openDialog('templates'),
        },
        { id: 'file.import', title: 'Import JSON', group: 'File', icon: 'file-up', run: () => openDialog('import') },
        {
          id: 'file.export',
          title: 'Export for the headless runner',
          group: 'File',
          icon: 'file-down',
          keys: ['Ctrl+e'],
          run: () => openDialog('export'),
        },
        { id: 'file.rename', title: 'Rename the pipeline', group: 'File', icon: 'pencil', run: () => openDialog('rename') },
        { id: 'file.history', title: 'Saved revisions', group: 'File', icon: 'history', run: () => openDialog('history') },
        {
          id: 'edit.undo',
          title: 'Undo',
          group: 'Edit',
          icon: 'undo-2',
          keys: ['Ctrl+z'],
          refuse: () => (documentStore.getState().done.length === 0 ? 'Nothing to undo.' : undefined),
          run: () => void documentStore.undo(),
        },
        {
          id: 'edit.redo',
          title: 'Redo',
          group: 'Edit',
          icon: 'redo-2',
          keys: ['Ctrl+Shift+z', 'Ctrl+y'],
          refuse: () => (documentStore.getState().undone.length === 0 ? 'Nothing to redo.' : undefined),
          run: () => void documentStore.redo(),
        },
        { id: 'view.dark', title: 'Dark theme', group: 'View', icon: 'moon', run: () => setTheme('dark') },
        { id: 'view.light', title: 'Light theme', group: 'View', icon: 'sun', run: () => setTheme('light') },
        { id: 'view.system', title: 'Theme of the system', group: 'View', icon: 'monitor', run: () => setTheme('system') },
      ]),
    [],
  );

  const state =
    library.conflict !== undefined
      ? 'The file has changed'
      : library.saving
        ? 'Saving'
        : dirty
          ? 'Not saved'
          : library.savedAt === undefined
            ? ''
            : `Saved ${formatClock(library.savedAt).slice(0, 5)}`;
  const others = library.summaries.filter((summary) => summary.id !== document.id).slice(0, 6);
  return (
    <ActionMenu
      trigger={
        <button type="button" className="doc">
          <svg
            className="mark"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            strokeLinecap="round"
            aria-hidden
          >
            <path d="M2.5 5.5C9 5.5 9 12 15 12M2.5 12H15M2.5 18.5C9 18.5 9 12 15 12" opacity=".55" />
            <circle cx="19" cy="12" r="3" fill="currentColor" stroke="none" />
          </svg>
          <span className="grow">
            <b className="clip">{document.name}</b>
            <span className={library.conflict !== undefined ? 'cap warn' : 'cap'}>
              {dirty && library.conflict === undefined && <i className="unsaved" />}
              {state}
            </span>
          </span>
          <Icon name="chevron-down" />
        </button>
      }
      entries={[
        ...(others.length === 0 ? [] : [{ heading: 'Open' } as const]),
        ...others.map((summary) => ({
          title: summary.name,
          caption: plural(summary.nodes, 'node'),
          icon: 'file-json',
          onPick: () => said(openPipeline(summary.id)),
        })),
        ...(others.length === 0 ? [] : (['line'] as const)),
        { title: 'New pipeline', icon: 'file-plus', onPick: () => openDialog('templates') },
        { title: 'All pipelines', icon: 'folder-open', keys: 'Ctrl O', onPick: () => openDialog('files') },
        { title: 'Import JSON', icon: 'file-up', onPick: () => openDialog('import') },
        'line',
        { title: 'Save', icon: 'save', keys: 'Ctrl S', onPick: () => said(save()) },
        ...(library.conflict === undefined
          ? []
          : [{ title: 'Compare with the file', icon: 'columns-3', onPick: () => openDialog('conflict') } as const]),
        { title: 'Rename', icon: 'pencil', onPick: () => openDialog('rename') },
        { title: 'Duplicate', icon: 'copy', onPick: () => said(duplicatePipeline(document.id, `${document.name} copy`)) },
        { title: 'Export', icon: 'file-down', keys: 'Ctrl E', onPick: () => openDialog('export') },
        { title: 'Saved revisions', icon: 'history', onPick: () => openDialog('history') },
        { title: 'Delete', icon: 'trash-2', danger: true, onPick: () => openDialog('remove') },
        'line',
        { heading: 'Theme' },
        {
          title: 'Of the system',
          icon: 'monitor',
          ...(theme === 'system' ? { keys: 'on' } : {}),
          onPick: () => setTheme('system'),
        },
        { title: 'Dark', icon: 'moon', ...(theme === 'dark' ? { keys: 'on' } : {}), onPick: () => setTheme('dark') },
        { title: 'Light', icon: 'sun', ...(theme === 'light' ? { keys: 'on' } : {}), onPick: () => setTheme('light') },
        'line',
        { title: 'Reset the demo', icon: 'rotate-ccw', onPick: () => openDialog('reset') },
      ]}
    />
  );
}
