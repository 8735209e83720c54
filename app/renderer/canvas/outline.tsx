import { useStore } from 'zustand';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { nodeOf } from '../document/pipeline-draft.ts';
import { select } from '../document/selection-store.ts';

/** The same graph as a list, for those who hear it. */
export function Outline() {
  const document = useStore(documentStore, (state) => state.document);
  const checked = useStore(checkStore, (state) => state.checked);
  const leaving = new Map<string, string>();
  for (const { from, to } of document.edges) leaving.set(nodeOf(from), `${leaving.get(nodeOf(from)) ?? ''}, ${from} goes to ${to}`);
  return (
    <nav className="hidden-text" aria-label="Outline of the pipeline">
      <ul>
        {document.nodes.map((node) => (
          <li key={node.id}>
            <button type="button" tabIndex={-1} onClick={() => select([node.id])}>
              {node.name || node.id}, {checked?.nodes[node.id]?.caption ?? node.kind}
              {leaving.get(node.id)}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
