import { createStore } from 'zustand/vanilla';
import type { Problem } from '../../../engine/model/problem.ts';
import { api } from '../../protocol/api.ts';
import type { Checked, CheckedNode, CheckedPort } from '../../protocol/check.ts';
import { ask, Refused } from '../run/client.ts';
import { kindOf } from './catalog-store.ts';
import { documentStore } from './document-store.ts';
import { nodeOf, portOf, type PipelineEdge, type PipelineNode } from './pipeline-draft.ts';

export interface CheckState {
  /** answer to the newest revision that was answered */
  readonly checked: Checked | undefined;
  readonly pending: boolean;
  /** the document is no pipeline at all (too many nodes, …) */
  readonly refused: string | undefined;
}

export const checkStore = createStore<CheckState>(() => ({ checked: undefined, pending: false, refused: undefined }));

const WAIT_MS = 60;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks the server after every change; an answer to an older revision is dropped. */
export function keepChecking(): () => void {
  const stop = documentStore.subscribe((state, old) => {
    if (state.revision !== old.revision) soon();
  });
  soon();
  return stop;
}

/** also after Apply or Start: the difference against what runs has changed */
export function checkAgain(): void {
  soon();
}

/** What the server says of the document as it is now, not as it was before the last letter. */
export function settledCheck(): Promise<Checked | undefined> {
  const { pending, checked } = checkStore.getState();
  if (!pending) return Promise.resolve(checked);
  return new Promise((resolve) => {
    const stop = checkStore.subscribe((state) => {
      if (state.pending) return;
      stop();
      resolve(state.checked);
    });
  });
}

function soon(): void {
  clearTimeout(timer);
  checkStore.setState({ pending: true });
  timer = setTimeout(() => void check(), WAIT_MS);
}

async function check(): Promise<void> {
  const { document, revision } = documentStore.getState();
  try {
    const checked = await ask(api.check, {}, { document, revision, pipelineId: document.id });
    if (documentStore.getState().revision !== checked.revision) return;
    checkStore.setState({ checked, pending: false, refused: undefined });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (documentStore.getState().revision === revision)
      checkStore.setState({ pending: false, refused: error.status === 0 ? undefined : error.refusal.message });
  }
}

/** the same empty list every time: stores compare by identity */
export const NO_PROBLEMS: readonly Problem[] = [];

export function problemsOf(checked: Checked | undefined, node: string): readonly Problem[] {
  const found = checked?.problems.filter(
    (problem) => problem.node === node || (problem.edge !== undefined && nodeOf(problem.edge.split(' -> ')[1] ?? '.') === node),
  );
  return found === undefined || found.length === 0 ? NO_PROBLEMS : found;
}

/**
 * Ports of a node: the checker's answer, or those of a fresh node of its kind until it has answered. A kind that this version does not know
 * has the ports that it is wired at, so that its wires are seen.
 */
export function portsOf(
  checked: Checked | undefined,
  node: PipelineNode,
): { readonly inputs: readonly CheckedPort[]; readonly outputs: readonly CheckedPort[] } {
  const answer: CheckedNode | undefined = checked?.nodes[node.id];
  if (answer !== undefined) return answer;
  const entry = kindOf(node.kind);
  if (entry === undefined) {
    const { edges } = documentStore.getState().document;
    return { inputs: wiredAt(node.id, edges, 'to'), outputs: wiredAt(node.id, edges, 'from') };
  }
  const unknown = (port: { name: string; title: string; role: CheckedPort['role'] }): CheckedPort => ({
    ...port,
    schema: undefined,
  });
  return { inputs: entry.inputs.map(unknown), outputs: entry.outputs.map(unknown) };
}

function wiredAt(node: string, edges: readonly PipelineEdge[], end: 'from' | 'to'): CheckedPort[] {
  const names = new Set(edges.filter((edge) => nodeOf(edge[end]) === node).map((edge) => portOf(edge[end])));
  return [...names].map((name) => ({ name, title: name, role: 'main', schema: undefined }));
}
