import { createStore } from 'zustand/vanilla';
import { applyDifference, differenceOf, isEmpty, joinDifferences, type Difference } from './difference.ts';
import type { Edit } from './edits.ts';
import { inFileOrder, type PipelineDocument } from './pipeline-draft.ts';

export interface LogEntry {
  readonly title: string;
  readonly difference: Difference;
  /** edits with the same mark that follow each other within `COALESCE_MS` are one step */
  readonly mark: string | undefined;
  readonly at: number;
}

export interface DocumentState {
  readonly document: PipelineDocument;
  /** grows with every change; answers of the checker carry it */
  readonly revision: number;
  readonly done: readonly LogEntry[];
  readonly undone: readonly LogEntry[];
}

export const LOG_DEPTH = 500;
const COALESCE_MS = 1200;

const EMPTY: PipelineDocument = {
  telemetra: 1,
  id: '00000000-0000-4000-8000-000000000000',
  name: 'Untitled',
  description: '',
  nodes: [],
  edges: [],
  layout: { nodes: {}, groups: [], comments: [] },
};

/** One pipeline being edited, and the log of reversible edits. No React in here. */
export function createDocumentStore(now: () => number) {
  const store = createStore<DocumentState>(() => ({ document: EMPTY, revision: 0, done: [], undone: [] }));

  return {
    ...store,
    /** Another document: the log begins anew. */
    load(document: PipelineDocument): void {
      store.setState((old) => ({ document: inFileOrder(document), revision: old.revision + 1, done: [], undone: [] }));
    },
    /** One step of undo. An edit that changes nothing leaves no step. */
    edit(title: string, edit: Edit, mark?: string): void {
      store.setState((old) => {
        const document = inFileOrder(edit(old.document));
        const difference = differenceOf(old.document, document);
        if (isEmpty(difference)) return old;
        const at = now();
        const last = old.done.at(-1);
        const joins = mark !== undefined && last?.mark === mark && at - last.at < COALESCE_MS;
        const entry: LogEntry = { title, difference: joins ? joinDifferences(last.difference, difference) : difference, mark, at };
        const done = [...(joins ? old.done.slice(0, -1) : old.done), entry].slice(-LOG_DEPTH);
        return { document, revision: old.revision + 1, done, undone: [] };
      });
    },
    undo(): LogEntry | undefined {
      const { document, done, undone, revision } = store.getState();
      const entry = done.at(-1);
      if (entry === undefined) return undefined;
      store.setState({
        document: applyDifference(document, entry.difference, 'back'),
        done: done.slice(0, -1),
        undone: [...undone, entry],
        revision: revision + 1,
      });
      return entry;
    },
    redo(): LogEntry | undefined {
      const { document, done, undone, revision } = store.getState();
      const entry = undone.at(-1);
      if (entry === undefined) return undefined;
      store.setState({
        document: applyDifference(document, entry.difference, 'forward'),
        done: [...done, entry],
        undone: undone.slice(0, -1),
        revision: revision + 1,
      });
      return entry;
    },
  };
}

export const documentStore = createDocumentStore(() => Date.now());
