import type { KindEntry } from '../../protocol/catalog.ts';
import { documentStore } from './document-store.ts';
import { freeId, partIds, type PipelineNode } from './pipeline-draft.ts';

/** A node of a kind with its defaults and a free id. The file leaves version 1 out. */
export function newNode(entry: KindEntry): PipelineNode {
  const taken = partIds(documentStore.getState().document);
  return {
    id: freeId(entry.title, taken),
    kind: entry.kind,
    ...(entry.version === 1 ? {} : { version: entry.version }),
    name: '',
    settings: { ...entry.defaults },
  };
}
