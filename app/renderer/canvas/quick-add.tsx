import { Command } from 'cmdk';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { KindEntry } from '../../protocol/catalog.ts';
import type { Misfit } from '../../protocol/check.ts';
import { catalogStore } from '../document/catalog-store.ts';
import { documentStore } from '../document/document-store.ts';
import { addNode, connect, insertOnEdge } from '../document/edits.ts';
import { newNode } from '../document/new-node.ts';
import { nodeOf, portOf, type Place } from '../document/pipeline-draft.ts';
import { select } from '../document/selection-store.ts';
import { Icon } from '../ui/icon.tsx';
import { rank } from '../ui/rank.ts';
import { Tile } from '../ui/tile.tsx';
import { connectableFrom, connectStore, type QuickAddPlace } from './connect-store.ts';
import { titleOf } from './flow-parts.ts';

export function placeNode(
  entry: KindEntry,
  place: Place,
  wired?: { readonly from?: string | undefined; readonly port?: string | undefined; readonly edge?: QuickAddPlace['edge'] },
): void {
  const node = newNode(entry);
  const input = wired?.port ?? entry.inputs[0]?.name;
  const output = entry.outputs[0]?.name;
  documentStore.edit(`Add ${entry.title}`, (document) => {
    if (wired?.edge !== undefined && input !== undefined && output !== undefined)
      return insertOnEdge(wired.edge, node, input, output, place)(document);
    const added = addNode(node, place)(document);
    return wired?.from !== undefined && input !== undefined ? connect(wired.from, `${node.id}.${input}`)(added) : added;
  });
  select([node.id]);
}

interface Offer {
  readonly entry: KindEntry;
  readonly port: string | undefined;
  readonly misfit: Misfit | null;
}

/** The list of kinds at a place: Tab, double click, a wire dropped on nothing, the plus of an edge. What does not fit says why. */
export function QuickAdd() {
  const place = useStore(connectStore, (state) => state.quickAdd);
  if (place === undefined) return null;
  return <QuickAddList key={`${place.at.x} ${place.at.y}`} place={place} />;
}

function QuickAddList({ place }: { place: QuickAddPlace }) {
  const { kinds } = useStore(catalogStore, (state) => state.catalog);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  const [answer, setAnswer] = useState(place.answer);
  const list = useRef<HTMLDivElement>(null);
  const from = place.from ?? place.edge?.from;
  useEffect(() => {
    if (from !== undefined && answer === undefined) void connectableFrom(from).then(setAnswer);
  }, [from, answer]);
  const close = () => connectStore.setState({ quickAdd: undefined });
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (list.current !== null && !list.current.contains(event.target as Node)) close();
    };
    window.addEventListener('pointerdown', outside, true);
    return () => window.removeEventListener('pointerdown', outside, true);
  }, []);

  const offers = kinds
    .map((entry): Offer => {
      const known = answer?.kinds.find((kind) => kind.kind === entry.kind);
      return { entry, port: known?.port, misfit: known?.misfit ?? null };
    })
    .filter(
      ({ entry }) => (from === undefined || entry.inputs.length > 0) && (place.edge === undefined || entry.outputs.length > 0),
    );
  const fits = offers.filter((offer) => offer.misfit === null);
  const others = offers.filter((offer) => offer.misfit !== null);
  const ports =
    place.existing === true && from !== undefined
      ? Object.entries(answer?.ports ?? {}).filter(([port, misfit]) => misfit === null && nodeOf(port) !== nodeOf(from))
      : [];
  const heading = from === undefined ? 'Nodes' : `Fits ${portOf(from)} of ${nodeOf(from)}`;

  const width = 300;
  const left = Math.min(place.at.x, window.innerWidth - width - 12);
  const top = Math.min(place.at.y + 6, window.innerHeight - 380);
  return (
    <div
      ref={list}
      role="dialog"
      aria-label="Add a node"
      className="pop quick-add"
      style={{ left, top, width }}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <Command label="Add a node" filter={rank} loop>
        <div className="quick-find">
          <div className="field">
            <Icon name="search" />
            <Command.Input autoFocus placeholder={ports.length > 0 ? 'Connect to, or add' : 'Add a node'} />
          </div>
        </div>
        <Command.List>
          <Command.Empty>No node has this name.</Command.Empty>
          {ports.length > 0 && (
            <Command.Group heading="Connect to">
              {ports.map(([port]) => {
                const node = nodes.find((entry) => entry.id === nodeOf(port));
                const entry = kinds.find((kind) => kind.kind === node?.kind);
                return (
                  <Command.Item
                    key={port}
                    value={`connect ${port} ${node === undefined ? '' : titleOf(node)}`}
                    onSelect={() => {
                      documentStore.edit('Connect', connect(from!, port));
                      close();
                    }}
                  >
                    <Tile family={entry?.family ?? 'transform'} icon={entry?.icon ?? 'box'} />
                    <span className="grow">
                      <b className="med">{node === undefined ? port : titleOf(node)}</b>
                      <span className="cap">input {portOf(port)}</span>
                    </span>
                  </Command.Item>
                );
              })}
            </Command.Group>
          )}
          <Command.Group heading={heading}>
            {fits.map(({ entry, port }) => (
              <Command.Item
                key={entry.kind}
                value={`${entry.title} ${entry.summary} ${entry.family}`}
                onSelect={() => {
                  placeNode(entry, place.place, { from: place.from, port, edge: place.edge });
                  close();
                }}
              >
                <Tile family={entry.family} icon={entry.icon} />
                <span className="grow">
                  <b className="med">{entry.title}</b>
                  <span className="cap">{entry.summary}</span>
                </span>
              </Command.Item>
            ))}
          </Command.Group>
          {others.length > 0 && (
            <Command.Group heading="Does not fit">
              {others.map(({ entry, misfit }) => (
                <Command.Item key={entry.kind} value={`${entry.title} ${entry.summary}`} disabled className="no">
                  <Tile family={entry.family} icon={entry.icon} />
                  <span className="grow">
                    <b className="med">{entry.title}</b>
                    <span className="cap">{misfit!.title}</span>
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </div>
  );
}
