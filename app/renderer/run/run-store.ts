import { createStore } from 'zustand/vanilla';
import type { RunStatus } from '../../protocol/run.ts';

/** What changes rarely about a run: React may watch it. Everything that moves is in `live-feed.ts`. */
export interface RunStoreState {
  readonly pipelineId: string | undefined;
  readonly status: RunStatus | undefined;
  readonly link: 'connecting' | 'online' | 'gone';
  /** wall clock, ms: since when the server is gone, and when the next try is made */
  readonly goneAt: number | undefined;
  readonly nextTryAt: number | undefined;
}

export const runStore = createStore<RunStoreState>(() => ({
  pipelineId: undefined,
  status: undefined,
  link: 'connecting',
  goneAt: undefined,
  nextTryAt: undefined,
}));

/** The engine takes rows, or soon will. */
export function isLive(state: RunStatus['state'] | undefined): boolean {
  return state === 'running' || state === 'starting' || state === 'draining' || state === 'paused' || state === 'stopping';
}
