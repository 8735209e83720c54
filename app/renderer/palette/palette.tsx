import './palette.css';
import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { KindEntry } from '../../protocol/catalog.ts';
import { catalogStore, FAMILIES } from '../document/catalog-store.ts';
import { documentStore } from '../document/document-store.ts';
import { addNode } from '../document/edits.ts';
import { newNode } from '../document/new-node.ts';
import { reveal } from '../document/selection-store.ts';
import { beginDrag } from '../ui/drag-store.ts';
import { Icon } from '../ui/icon.tsx';
import { Tile } from '../ui/tile.tsx';

export function Palette() {
  const kinds = useStore(catalogStore, (state) => state.catalog.kinds);
  const [search, setSearch] = useState('');
  const found = useMemo(() => kinds.filter((entry) => matches(entry, search)), [kinds, search]);
  return (
    <aside className="palette" aria-label="Node palette">
      <header>
        <label className="field">
          <Icon name="search" />
          <input
            value={search}
            placeholder="Search nodes"
            aria-label="Search nodes"
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && found[0] !== undefined) addBeside(found[0]);
              if (event.key === 'Escape') setSearch('');
            }}
          />
          <span className="kbd" title="Tab on the canvas adds a node">
            Tab
          </span>
        </label>
      </header>
      <div className="palette-list">
        {FAMILIES.map(({ family, title }) => {
          const members = found.filter((entry) => entry.family === family);
          if (members.length === 0) return null;
          return (
            <section key={family} aria-label={title}>
              <h3>{title}</h3>
              {members.map((entry) => (
                <Kind key={entry.kind} entry={entry} />
              ))}
            </section>
          );
        })}
        {found.length === 0 && <p className="nothing">No node is called that. Search also looks into summaries.</p>}
      </div>
    </aside>
  );
}

function Kind({ entry }: { entry: KindEntry }) {
  return (
    <button
      type="button"
      className="kind"
      data-kind={entry.kind}
      title={`Drag onto the canvas, or double-click to add ${entry.title}`}
      onPointerDown={(event) => event.button === 0 && beginDrag(entry.kind, event)}
      onDoubleClick={() => addBeside(entry)}
      onKeyDown={(event) => event.key === 'Enter' && addBeside(entry)}
    >
      <Tile family={entry.family} icon={entry.icon} />
      <span className="grow">
        <b>{entry.title}</b>
        <span className="cap">{entry.summary}</span>
      </span>
      <PortPicture inputs={entry.inputs.length} outputs={entry.outputs.length} />
    </button>
  );
}

function PortPicture({ inputs, outputs }: { inputs: number; outputs: number }) {
  const dots = (count: number, x: number) =>
    Array.from({ length: Math.min(3, count) }, (_, index) => (
      <circle key={`${x} ${index}`} cx={x} cy={7 + (index - (Math.min(3, count) - 1) / 2) * 4} r="1.25" />
    ));
  return (
    <svg className="pp" viewBox="0 0 18 14" role="img" aria-label={`${inputs} in, ${outputs} out`}>
      <rect x="4.5" y=".5" width="9" height="13" rx="2" />
      {dots(inputs, 2)}
      {dots(outputs, 16)}
    </svg>
  );
}

function matches(entry: KindEntry, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${entry.title} ${entry.summary} ${entry.kind} ${entry.family}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** To the right of everything, in the row of the last node. */
function addBeside(entry: KindEntry): void {
  const { document } = documentStore.getState();
  const places = Object.values(document.layout.nodes);
  const right = places.reduce((max, place) => (place.x >= max.x ? place : max), { x: -220, y: 40 });
  const node = newNode(entry);
  documentStore.edit(`Add ${entry.title}`, addNode(node, { x: right.x + 220, y: right.y }));
  reveal(node.id);
}
