import { createStore } from 'zustand/vanilla';
import type { Health } from './health.tsx';

export interface Toast {
  readonly id: number;
  readonly health: Health;
  readonly title: string;
  readonly note?: string | undefined;
  readonly action?: { readonly title: string; readonly run: () => void } | undefined;
}

/** [design] Faults stay until they are solved or closed; other toasts leave after 6 s. */
export const toastStore = createStore<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));

const SHOWN_MS = 6000;
let next = 1;

export function toast(entry: Omit<Toast, 'id'>): void {
  const id = next++;
  toastStore.setState((old) => ({
    toasts: [...old.toasts.filter((other) => other.title !== entry.title), { ...entry, id }].slice(-4),
  }));
  if (entry.health !== 'bad') setTimeout(() => closeToast(id), SHOWN_MS);
}

export function closeToast(id: number): void {
  toastStore.setState((old) => ({ toasts: old.toasts.filter((entry) => entry.id !== id) }));
}
