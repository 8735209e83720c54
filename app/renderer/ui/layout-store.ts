import { createStore } from 'zustand/vanilla';

export type DockTab = 'problems' | 'data' | 'event-time' | 'dead' | 'tables' | 'metrics' | 'runs' | 'log';
export type InspectorTab = 'settings' | 'data' | 'metrics' | 'state' | 'docs';
export type DialogName =
  | 'apply'
  | 'drain'
  | 'files'
  | 'templates'
  | 'export'
  | 'import'
  | 'conflict'
  | 'keys'
  | 'record'
  | 'history'
  | 'remove'
  | 'rename'
  | 'reset';

/** Where the panels stand and what is open: never part of the document, kept in this browser. */
export interface LayoutState {
  readonly palette: { readonly width: number; readonly open: boolean };
  readonly inspector: { readonly width: number; readonly open: boolean };
  readonly dock: { readonly height: number; readonly open: boolean };
  readonly dockTab: DockTab;
  readonly inspectorTab: InspectorTab;
  readonly dialog: DialogName | undefined;
  readonly commandsOpen: boolean;
  /** steps of the first-run hints that are done; 4 = all, hidden */
  readonly hints: { readonly hidden: boolean; readonly done: readonly string[] };
}

const KEY = 'telemetra.layout';
const small = window.innerWidth <= 1500;

const initial: LayoutState = {
  palette: { width: small ? 196 : 208, open: true },
  inspector: { width: small ? 304 : 328, open: true },
  dock: { height: small ? 208 : 248, open: true },
  dockTab: 'event-time',
  inspectorTab: 'settings',
  dialog: undefined,
  commandsOpen: false,
  hints: { hidden: false, done: [] },
};

function stored(): Partial<LayoutState> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<LayoutState>;
  } catch {
    return {};
  }
}

export const layoutStore = createStore<LayoutState>(() => ({ ...initial, ...stored(), dialog: undefined, commandsOpen: false }));

layoutStore.subscribe(({ palette, inspector, dock, hints }) => {
  localStorage.setItem(KEY, JSON.stringify({ palette, inspector, dock, hints }));
});

export function showDock(tab: DockTab): void {
  layoutStore.setState((old) => ({ dockTab: tab, dock: { ...old.dock, open: true } }));
}

export function openDialog(dialog: DialogName | undefined): void {
  layoutStore.setState({ dialog });
}

export function hintDone(step: string): void {
  layoutStore.setState((old) =>
    old.hints.done.includes(step) ? old : { hints: { ...old.hints, done: [...old.hints.done, step] } },
  );
}
