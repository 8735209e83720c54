import { createStore } from 'zustand/vanilla';

/** Something the user can do, by command palette, key or menu. Features put theirs in; nobody asks who did. */
export interface Action {
  readonly id: string;
  readonly title: string;
  readonly group: 'Canvas' | 'Run' | 'File' | 'View' | 'Edit' | 'Help';
  readonly icon: string;
  /** `Ctrl+K`, `Shift+L`, `F8`, `t`; Ctrl stands for ⌘ on a Mac */
  readonly keys?: readonly string[];
  /** true: works although the focus is in a text field (Ctrl+S, Ctrl+K) */
  readonly everywhere?: boolean;
  /** true: only when the canvas or nothing has the focus */
  readonly canvas?: boolean;
  /** why it cannot be done now; undefined: it can */
  readonly refuse?: () => string | undefined;
  readonly run: () => void;
}

export const actionStore = createStore<{ actions: ReadonlyMap<string, Action> }>(() => ({ actions: new Map() }));

export function registerActions(actions: readonly Action[]): () => void {
  actionStore.setState((old) => ({ actions: new Map([...old.actions, ...actions.map((action) => [action.id, action] as const)]) }));
  return () =>
    actionStore.setState((old) => {
      const left = new Map(old.actions);
      for (const action of actions) if (left.get(action.id) === action) left.delete(action.id);
      return { actions: left };
    });
}

export function runAction(id: string): void {
  const action = actionStore.getState().actions.get(id);
  if (action !== undefined && action.refuse?.() === undefined) action.run();
}

export const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** As it stands on the keys: `Ctrl C`, `⌘C` on a Mac. */
export function keysText(keys: string): string {
  const spelled = IS_MAC ? keys.replace('Ctrl+', '⌘').replace('Shift+', '⇧').replace('Alt+', '⌥') : keys.replaceAll('+', ' ');
  return spelled.replace(/(?<![a-z])[a-z]$/i, (letter) => letter.toUpperCase());
}
