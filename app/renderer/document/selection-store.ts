import { createStore } from 'zustand/vanilla';

export interface SelectionState {
  /** ids of nodes, groups and comments */
  readonly parts: readonly string[];
  /** `from -> to` */
  readonly edges: readonly string[];
  /** a field that a problem points at: the form shows and focuses it; `turn` grows with every ask */
  readonly field:
    { readonly node: string; readonly path: string; readonly position: number | undefined; readonly turn: number } | undefined;
  /** a part that the canvas brings into view */
  readonly reveal: { readonly id: string; readonly turn: number } | undefined;
}

export const selectionStore = createStore<SelectionState>(() => ({ parts: [], edges: [], field: undefined, reveal: undefined }));

let turn = 0;

export function select(parts: readonly string[], edges: readonly string[] = []): void {
  selectionStore.setState((old) => (same(old.parts, parts) && same(old.edges, edges) ? old : { parts, edges }));
}

export function reveal(id: string): void {
  selectionStore.setState({ parts: [id], edges: [], reveal: { id, turn: ++turn } });
}

export function revealEdge(key: string): void {
  selectionStore.setState({ parts: [], edges: [key], reveal: { id: key, turn: ++turn } });
}

export function focusField(node: string, path: string, position?: number): void {
  selectionStore.setState({ parts: [node], edges: [], field: { node, path, position, turn: ++turn }, reveal: { id: node, turn } });
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry, index) => entry === other[index]);
}
