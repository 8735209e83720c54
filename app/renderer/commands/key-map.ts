import { selectionStore } from '../document/selection-store.ts';
import { actionStore, IS_MAC, type Action } from '../ui/actions.ts';

/** `Ctrl+Shift+z` of an event, in the spelling of `Action.keys`. */
function spelled(event: KeyboardEvent): string {
  const ctrl = IS_MAC ? event.metaKey : event.ctrlKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const symbol = event.key.length === 1 && event.key.toLowerCase() === event.key.toUpperCase();
  return `${ctrl ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey && !symbol ? 'Shift+' : ''}${key}`;
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}

/** A list, menu or dialog is open: keys belong to it. The list of a choice stays in the page when it has closed. */
function floating(): boolean {
  return document.querySelector(':is(.dialog, .menu-popup):not([data-closed]), .quick-add, .command-dialog') !== null;
}

function onCanvas(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof HTMLElement && target.closest('.canvas') !== null);
}

/**
 * One listener on the window, in capture, so that the browser's own Ctrl+S never wins. In a text field only the actions that work everywhere
 * are taken: Ctrl+Z is the field's, Delete too.
 */
export function listenToKeys(): () => void {
  let wasFloating = false;
  const pressed = (event: KeyboardEvent) => {
    wasFloating = floating();
    if (event.defaultPrevented || event.isComposing) return;
    const keys = spelled(event);
    const action = findAction(keys);
    if (action === undefined) return;
    if (!action.everywhere && (typing(event.target) || floating())) return;
    if (action.everywhere && floating() && keys !== 'Ctrl+k') return;
    if (action.canvas === true && !onCanvas(event.target)) return;
    if (keys === 'Enter' && event.target instanceof HTMLButtonElement) return;
    // text selected outside the canvas is copied by the browser
    if ((keys === 'Ctrl+c' || keys === 'Ctrl+x') && String(getSelection()) !== '') return;
    event.preventDefault();
    event.stopPropagation();
    if (action.refuse?.() === undefined) action.run();
  };
  // after everybody else: a list or dialog that Escape has closed keeps the focus where it puts it
  const left = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !wasFloating && !onCanvas(event.target)) backToCanvas();
  };
  window.addEventListener('keydown', pressed, true);
  window.addEventListener('keydown', left);
  return () => {
    window.removeEventListener('keydown', pressed, true);
    window.removeEventListener('keydown', left);
  };
}

/** The way back from the settings of a node, and from anywhere else. */
function backToCanvas(): void {
  const [picked] = selectionStore.getState().parts;
  const card = document.querySelector<HTMLElement>(`.react-flow__node[data-id="${picked}"]`);
  if (card === null) (document.activeElement as HTMLElement | null)?.blur();
  else card.focus({ preventScroll: true });
}

export function findAction(keys: string): Action | undefined {
  for (const action of actionStore.getState().actions.values()) if (action.keys?.includes(keys) === true) return action;
  return undefined;
}
