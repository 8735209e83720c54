import './inspector.css';
import { useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import type { Field } from '../../../engine/model/schema.ts';
import { catalogStore } from '../document/catalog-store.ts';
import { checkStore, portsOf, problemsOf } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { renameNode, setSetting } from '../document/edits.ts';
import type { PipelineNode } from '../document/pipeline-draft.ts';
import { selectionStore } from '../document/selection-store.ts';
import { feed } from '../run/live-feed.ts';
import { runAction } from '../ui/actions.ts';
import { cellText } from '../ui/figures.ts';
import { hintDone, layoutStore, type InspectorTab } from '../ui/layout-store.ts';
import { ActionMenu } from '../ui/overlay.tsx';
import { Button } from '../ui/button.tsx';
import { TabLine } from '../ui/tabs.tsx';
import { Tile } from '../ui/tile.tsx';
import { DataTab } from './data-tab.tsx';
import { DocsTab } from './docs-tab.tsx';
import { FormContext, type FormContextValue } from './form-context.ts';
import { LedgerPanel } from './ledger-panel.tsx';
import { MetricsTab } from './metrics-tab.tsx';
import { Overview } from './overview.tsx';
import { SettingsForm } from './settings-form.tsx';
import { StateTab } from './state-tab.tsx';

const TABS = [
  { id: 'settings', title: 'Settings' },
  { id: 'data', title: 'Data' },
  { id: 'metrics', title: 'Metrics' },
  { id: 'state', title: 'State' },
  { id: 'docs', title: 'Docs' },
] as const;

export function Inspector() {
  const parts = useStore(selectionStore, (state) => state.parts);
  const node = useStore(documentStore, (state) =>
    parts.length === 1 ? state.document.nodes.find((entry) => entry.id === parts[0]) : undefined,
  );
  return (
    <aside className="inspector" aria-label="Inspector">
      {node === undefined ? <Overview /> : <NodeInspector key={node.id} node={node} />}
    </aside>
  );
}

function NodeInspector({ node }: { node: PipelineNode }) {
  const tab = useStore(layoutStore, (state) => state.inspectorTab);
  const checked = useStore(checkStore, (state) => state.checked);
  const entry = useStore(catalogStore, (state) => state.catalog.kinds.find((kind) => kind.kind === node.kind));
  const asked = useStore(selectionStore, (state) => state.field);

  useEffect(() => {
    if (asked?.node !== node.id) return;
    layoutStore.setState({ inspectorTab: 'settings' });
    const timer = setTimeout(() => {
      const path = asked.path.split('.');
      for (let depth = path.length; depth > 0; depth--) {
        const field = window.document.querySelector<HTMLElement>(`.inspector [data-path="${path.slice(0, depth).join('.')}"]`);
        if (field === null) continue;
        field.scrollIntoView({ block: 'nearest' });
        field.querySelector<HTMLElement>('.cm-content, input, textarea, button')?.focus();
        return;
      }
    }, 60);
    return () => clearTimeout(timer);
  }, [asked, node.id]);

  // a name half typed leaves a source without columns: those of before are offered for the rest of it
  const known = useRef<readonly Field[]>([]);
  const context = useMemo((): FormContextValue => {
    const ports = portsOf(checked, node);
    const schemas = entry?.role === 'source' ? ports.outputs : ports.inputs;
    const fields = new Map<string, Field>();
    for (const port of schemas)
      for (const field of port.schema?.fields ?? []) if (!fields.has(field.name)) fields.set(field.name, field);
    if (fields.size > 0 || ports.inputs.length > 0) known.current = [...fields.values()];
    return {
      node,
      fields: known.current,
      problems: problemsOf(checked, node.id),
      types: checked?.nodes[node.id]?.types ?? {},
      sample: (column) => newestValue(column),
      set: (path, value, title) => {
        documentStore.edit(title, setSetting(node.id, path, value), `${node.id}:${path}`);
        hintDone('edit');
      },
    };
  }, [checked, node, entry]);

  return (
    <FormContext.Provider value={context}>
      <div className="ihead">
        <Tile family={entry?.family ?? 'transform'} icon={entry?.icon ?? 'box'} />
        <div className="grow">
          <input
            className="name-input clip"
            value={node.name}
            placeholder={node.id}
            aria-label="Name of the node"
            maxLength={120}
            onChange={(event) => documentStore.edit('Rename', renameNode(node.id, event.target.value), `name:${node.id}`)}
            onKeyDown={(event) => (event.key === 'Enter' || event.key === 'Escape') && event.currentTarget.blur()}
          />
          <span className="cap">
            {entry?.title ?? node.kind}, <span className="mono">{node.id}</span>
          </span>
        </div>
        <ActionMenu
          align="end"
          trigger={<Button small look="quiet" icon="ellipsis" label="More" />}
          entries={[
            { title: 'Copy as JSON', icon: 'copy', keys: 'Ctrl C', onPick: () => runAction('canvas.copy') },
            { title: 'Duplicate', icon: 'copy', keys: 'Ctrl D', onPick: () => runAction('canvas.duplicate') },
            { title: 'Connect to', icon: 'waypoints', keys: 'C', onPick: () => runAction('canvas.connect') },
            'line',
            {
              title: 'Delete, and heal the wire',
              icon: 'trash-2',
              keys: 'Del',
              danger: true,
              onPick: () => runAction('canvas.delete'),
            },
          ]}
        />
      </div>
      <TabLine
        label="About the node"
        tabs={TABS}
        value={tab}
        onChange={(id) => layoutStore.setState({ inspectorTab: id as InspectorTab })}
      />
      <div className="form" role="tabpanel" aria-label={tab} tabIndex={0}>
        {tab === 'settings' &&
          (entry === undefined ? (
            <p className="t2">This version does not know the kind {node.kind}. Its settings are kept as they are.</p>
          ) : (
            <SettingsForm schema={entry.settings} />
          ))}
        {tab === 'data' && <DataTab node={node} />}
        {tab === 'metrics' && <MetricsTab node={node} source={entry?.role === 'source'} sink={entry?.role === 'sink'} />}
        {tab === 'state' && <StateTab node={node.id} stateful={entry?.stateful === true || entry?.role === 'sink'} />}
        {tab === 'docs' && entry !== undefined && <DocsTab entry={entry} />}
      </div>
      <LedgerPanel node={node.id} />
    </FormContext.Provider>
  );
}

/** From any open tap that carries the column. */
function newestValue(column: string): string | undefined {
  for (const tap of feed.taps.values()) {
    const line = tap.lines.find((entry) => 'row' in entry);
    const value = line !== undefined && 'row' in line ? line.row.values[column] : undefined;
    if (value !== undefined && value !== null) return cellText(value).slice(0, 40);
  }
  return undefined;
}
