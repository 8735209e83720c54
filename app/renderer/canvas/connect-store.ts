import { createStore } from 'zustand/vanilla';
import { api } from '../../protocol/api.ts';
import type { Connectable, Misfit } from '../../protocol/check.ts';
import type { PipelineEdge, Place } from '../document/pipeline-draft.ts';
import { documentStore } from '../document/document-store.ts';
import { ask, Refused } from '../run/client.ts';

/** A wire being drawn, and the list that opens where something may be added. */
export interface ConnectState {
  readonly from: string | undefined;
  readonly answer: Connectable | undefined;
  /** the port under the pointer that does not fit, and where to say why (screen) */
  readonly misfit: { readonly misfit: Misfit; readonly port: string; readonly at: Place; readonly stays: boolean } | undefined;
  readonly quickAdd: QuickAddPlace | undefined;
}

export interface QuickAddPlace {
  /** on the screen */
  readonly at: Place;
  /** on the canvas: where the new node goes */
  readonly place: Place;
  /** the output to wire it to */
  readonly from?: string | undefined;
  readonly answer?: Connectable | undefined;
  /** the edge it is put on */
  readonly edge?: PipelineEdge | undefined;
  /** also offer existing ports */
  readonly existing?: boolean | undefined;
}

export const connectStore = createStore<ConnectState>(() => ({
  from: undefined,
  answer: undefined,
  misfit: undefined,
  quickAdd: undefined,
}));

/** Asks which ports may meet this output. */
export async function beginConnect(from: string): Promise<Connectable | undefined> {
  connectStore.setState({ from, answer: undefined, misfit: undefined });
  const answer = await connectableFrom(from);
  if (connectStore.getState().from === from) connectStore.setState({ answer });
  return answer;
}

export async function connectableFrom(from: string): Promise<Connectable | undefined> {
  try {
    return await ask(api.connectable, {}, { document: documentStore.getState().document, from });
  } catch (error) {
    // without a server every port may be tried; the checker says later what is wrong
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

export function endConnect(): void {
  connectStore.setState((old) => ({
    from: undefined,
    answer: undefined,
    misfit: old.misfit?.stays === true ? old.misfit : undefined,
  }));
}

/** null: fits · undefined: not known (yet) */
export function fitOf(state: ConnectState, port: string): Misfit | null | undefined {
  return state.answer?.ports[port];
}
