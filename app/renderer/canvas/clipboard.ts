import { documentStore } from '../document/document-store.ts';
import { copyParts, paste, readSnippet, snap } from '../document/edits.ts';
import { select, selectionStore } from '../document/selection-store.ts';
import type { Place } from '../document/pipeline-draft.ts';
import { plural } from '../ui/figures.ts';
import { openDialog } from '../ui/layout-store.ts';
import { toast } from '../ui/toast-store.ts';
import { pointer, type Flow } from './flow.ts';

const doc = () => documentStore.getState().document;
const picked = () => new Set(selectionStore.getState().parts);

/** on its way to the clipboard: a paste that comes before it is there pastes this */
let copying: string | undefined;

/** The selected nodes as JSON. Resolves to false when the clipboard did not take them. */
export async function copy(): Promise<boolean> {
  const ids = picked();
  if (ids.size === 0) return false;
  const snippet = copyParts(doc(), ids, false);
  const text = JSON.stringify(snippet, null, 2);
  copying = text;
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) {
    toast({ health: 'bad', title: 'Not copied', note: `The clipboard did not take it: ${String(error)}` });
    return false;
  } finally {
    if (copying === text) copying = undefined;
  }
  toast({ health: 'ok', title: `Copied ${plural(ids.size, ids.size === snippet.nodes.length ? 'node' : 'part')}` });
  return true;
}

export function pasteText(flow: Flow, text: string): void {
  const snippet = readSnippet(copying ?? text);
  if (snippet === undefined) {
    const whole = /^\s*\{\s*"telemetra": *1\b/.test(text);
    toast(
      whole
        ? {
            health: 'warn',
            title: 'This is a whole pipeline',
            note: 'Import opens it as a file of its own.',
            action: { title: 'Import', run: () => openDialog('import') },
          }
        : { health: 'warn', title: 'Nothing to paste', note: 'The clipboard holds no part of a pipeline.' },
    );
    return;
  }
  const at = flow.screenToFlowPosition(pointer);
  const places: readonly Place[] = [...Object.values(snippet.places), ...snippet.groups, ...snippet.comments];
  const corner = { x: Math.min(...places.map((place) => place.x)), y: Math.min(...places.map((place) => place.y)) };
  const { edit, ids } = paste(doc(), snippet, places.length === 0 ? at : { x: snap(at.x - corner.x), y: snap(at.y - corner.y) });
  documentStore.edit(`Paste ${plural(ids.length, 'part')}`, edit);
  select(ids);
}

/** Whatever is pasted while the canvas, or nothing at all, has the focus. */
export function takePastes(flow: Flow): () => void {
  const pasted = (event: ClipboardEvent) => {
    const { target } = event;
    const canvas = target === document.body || (target instanceof HTMLElement && target.closest('.canvas') !== null);
    const field = target instanceof HTMLElement && target.closest('input, textarea, [contenteditable="true"]') !== null;
    if (!canvas || field || document.querySelector('.dialog, .command-dialog') !== null) return;
    pasteText(flow, event.clipboardData?.getData('text') ?? '');
  };
  window.addEventListener('paste', pasted);
  return () => window.removeEventListener('paste', pasted);
}

/** Asked for by a menu: the browser may ask whether the page may read the clipboard. */
export async function pasteHere(flow: Flow): Promise<void> {
  try {
    pasteText(flow, await navigator.clipboard.readText());
  } catch (error) {
    toast({
      health: 'warn',
      title: 'Not pasted',
      note: `The browser does not let this page read the clipboard; Ctrl V does. ${String(error)}`,
    });
  }
}

export function duplicate(): void {
  const { edit, ids } = paste(doc(), copyParts(doc(), picked(), false), { x: 32, y: 32 });
  documentStore.edit('Duplicate', edit);
  select(ids);
}
