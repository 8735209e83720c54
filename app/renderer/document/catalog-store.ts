import { createStore } from 'zustand/vanilla';
import { api } from '../../protocol/api.ts';
import type { Catalog, KindEntry } from '../../protocol/catalog.ts';
import { ask } from '../run/client.ts';

export const catalogStore = createStore<{ catalog: Catalog }>(() => ({
  catalog: { version: '', kinds: [], connections: [], functions: [], templates: [] },
}));

export async function loadCatalog(): Promise<void> {
  catalogStore.setState({ catalog: await ask(api.catalog, {}, undefined) });
}

/** undefined: a kind that this version does not know. */
export function kindOf(kind: string): KindEntry | undefined {
  return catalogStore.getState().catalog.kinds.find((entry) => entry.kind === kind);
}

export const FAMILIES: readonly { readonly family: KindEntry['family']; readonly title: string }[] = [
  { family: 'source', title: 'Sources' },
  { family: 'transform', title: 'Transform' },
  { family: 'window', title: 'Window' },
  { family: 'join', title: 'Join' },
  { family: 'detect', title: 'Detect' },
  { family: 'sink', title: 'Sinks' },
];
