import { documentStore } from '../document/document-store.ts';
import { copyParts, paste, readSnippet, snap } from '../document/edits.ts';
import { select, selectionStore } from '../document/selection-store.ts';
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
  const text = JSON.stringify(copyParts(doc(), ids, false), null, 2);
  copying = text;
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) {
    toast({ health: 'bad', title: 'Not copied', note: `The clipboard did not take it: ${String(error)}` });
    return false;
  } finally {
    if (copying === text) copying = undefined;
  }
  toast({ health: 'ok', title: ids.size === 1 ? 'Copied 1 node' : `Copied ${ids.size} nodes` });
  return true;
}

export function pasteText(flow: Flow, text: string): void {
  const snippet = readSnippet(copying ?? text);
  if (snippet === undefined) {
    toast({ health: 'warn', title: 'Nothing to paste', note: 'The clipboard holds no part of a pipeline.' });
    return;
  }
  const at = flow.screenToFlowPosition(pointer);
  const places = Object.values(snippet.places);
  const corner = { x: Math.min(...places.map((place) => place.x)), y: Math.min(...places.map((place) => place.y)) };
  const { edit, ids } = paste(doc(), snippet, places.length === 0 ? at : { x: snap(at.x - corner.x), y: snap(at.y - corner.y) });
  documentStore.edit(`Paste ${ids.length} nodes`, edit);
  select(ids);
}

export function duplicate(): void {
  const { edit, ids } = paste(doc(), copyParts(doc(), picked(), false), { x: 32, y: 32 });
  documentStore.edit('Duplicate', edit);
  select(ids);
}
