import { useReactFlow, useStore as useFlowStore } from '@xyflow/react';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { edgeKey, nodeOf, portOf } from '../document/pipeline-draft.ts';
import { select, selectionStore } from '../document/selection-store.ts';
import { useFirstRows } from '../run/first-rows.ts';
import { feed } from '../run/live-feed.ts';
import { rateOf } from '../run/readings.ts';
import { isLive, runStore } from '../run/run-store.ts';
import { Button } from '../ui/button.tsx';
import { formatCount, rateText } from '../ui/figures.ts';
import { hintDone, layoutStore, openDialog, showDock } from '../ui/layout-store.ts';
import { LiveTable, type TableColumn } from '../ui/live-table.tsx';
import { LiveText } from '../ui/live.tsx';
import { curves } from './curve.ts';
import { titleOf } from './flow-parts.ts';

const WIDTH = 380;
/** from the header line to under the card, at zoom 1 */
const BELOW_PX = 82;

/** Four rows under the tapped edge. "Open in dock" shows them all. */
export function Peek() {
  const edges = useStore(selectionStore, (state) => state.edges);
  const live = useStore(runStore, (state) => isLive(state.status?.state));
  const dockShowsIt = useStore(layoutStore, (state) => state.dock.open && state.dockTab === 'data');
  const key = edges.length === 1 ? edges[0] : undefined;
  if (key === undefined || !live || dockShowsIt) return null;
  return <PeekCard key={key} edgeId={key} />;
}

function PeekCard({ edgeId }: { edgeId: string }) {
  const document = useStore(documentStore, (state) => state.document);
  const checked = useStore(checkStore, (state) => state.checked);
  const transform = useFlowStore((state) => state.transform);
  const flow = useReactFlow();
  const [held, setHeld] = useState(false);
  const edge = document.edges.find((entry) => edgeKey(entry) === edgeId);
  const node = edge === undefined ? '' : nodeOf(edge.from);
  const port = edge === undefined ? '' : portOf(edge.from);
  const outputs = checked?.nodes[node]?.outputs;
  const output = outputs?.find((entry) => entry.name === port);
  const index = outputs?.findIndex((entry) => entry.name === port) ?? 0;

  useEffect(() => {
    if (node === '') return;
    feed.openTap(node, port);
    hintDone('edge');
    return () => feed.closeTap(node, port);
  }, [node, port]);

  const first = useFirstRows(node, port);
  const columns = useMemo(() => {
    const fields = output?.schema?.fields ?? [];
    // a column without a value in any of them has nothing to tell
    const telling = fields.filter(({ name }) => first?.some((row) => row[name] !== null && row[name] !== undefined) !== false);
    return peekColumns(telling.length > 0 ? telling : fields);
  }, [output, first]);
  const curve = curves.get(edgeId);
  if (edge === undefined || curve === undefined) return null;
  const titles = (id: string) => {
    const found = document.nodes.find((entry) => entry.id === id);
    return found === undefined ? id : titleOf(found);
  };
  const middle = flow.flowToScreenPosition({ x: (curve.fromX + curve.toX) / 2, y: Math.max(curve.fromY, curve.toY) });
  void transform;
  const pane = window.document.querySelector('.canvas')?.getBoundingClientRect();
  const left = Math.max((pane?.left ?? 0) + 12, Math.min(middle.x - WIDTH + 6, (pane?.right ?? 1000) - WIDTH - 12));
  const top = Math.min(middle.y + BELOW_PX * transform[2], (pane?.bottom ?? 700) - 190);
  const tap = () => feed.taps.get(`${node}.${port}`);
  return (
    <section
      className="pop peek"
      style={{ left, top, width: WIDTH }}
      aria-label={`Live rows on ${titles(node)} to ${titles(nodeOf(edge.to))}`}
    >
      <header>
        <b className="med clip grow">
          {titles(node)} <span className="t3">to</span> {titles(nodeOf(edge.to))}
        </b>
        <LiveText
          className="cap num"
          subscribe={feed.on('meters')}
          read={() => {
            const rate = rateOf(node, `out${Math.max(0, index)}`);
            return Number.isNaN(rate) ? '' : rate < 20 ? `all of ${rateText(rate)}` : `20 of ${formatCount(rate)}/s`;
          }}
        />
        <Button
          small
          look="quiet"
          icon={held ? 'play' : 'pause'}
          label={held ? 'Let rows come' : 'Hold these rows'}
          onClick={() => {
            const open = tap();
            if (open !== undefined) open.held = !held;
            setHeld(!held);
          }}
        />
        <Button small look="quiet" icon="x" label="Close tap" onClick={() => select([])} />
      </header>
      <LiveTable
        label="Newest rows"
        columns={columns}
        subscribe={feed.on(`tap:${node}.${port}`)}
        read={() =>
          (tap()?.lines ?? [])
            .slice(0, 4)
            .map((line) =>
              'gap' in line
                ? line
                : { key: line.key, cells: columns.map((column) => shortTime(line.row.values[column.name], column)) },
            )
        }
      />
      <LiveText
        className="peek-none cap"
        subscribe={feed.on('meters')}
        read={() => {
          const open = tap();
          if (open === undefined || open.lines.length > 0) return '';
          return `0 rows in ${Math.round((Date.now() - open.openedAt) / 1000)} s`;
        }}
      />
      <footer>
        <Button small look="quiet" icon="bookmark" onClick={() => openDialog('record')}>
          Record test
        </Button>
        <span className="grow" />
        <Button small look="quiet" icon="maximize" onClick={() => showDock('data')}>
          Open in dock
        </Button>
      </footer>
    </section>
  );
}

/** at most four: a time, a key, and the last ones that were made */
function peekColumns(fields: readonly { readonly name: string; readonly type: string }[]): readonly TableColumn[] {
  const time = fields.find((field) => field.type === 'timestamp');
  const texts = fields
    .filter((field) => field.type === 'text')
    .filter((field) => !field.name.endsWith('_id') || field === fields.find((entry) => entry.type === 'text'))
    .slice(0, 2);
  const numbers = fields.filter((field) => ['integer', 'float'].includes(field.type) || field.type.startsWith('decimal'));
  const last = numbers.at(-1);
  const chosen = [time, ...texts, ...(texts.length < 2 ? numbers.slice(0, 2 - texts.length) : []), last].filter(
    (field, index, all) => field !== undefined && all.indexOf(field) === index,
  ) as typeof fields;
  return chosen.map((field) => ({
    name: field.name,
    mono: field.type === 'timestamp' || field === texts[0],
    dim: field.type === 'timestamp',
    float: field.type === 'float',
    right: field.type !== 'text' && field.type !== 'timestamp' && field.type !== 'text[]',
    ...(field.type === 'timestamp' ? { width: 78 } : field === texts[0] ? { width: 96 } : field === last ? { width: 84 } : {}),
  }));
}

function shortTime(value: unknown, column: TableColumn): unknown {
  return column.dim === true && typeof value === 'string' ? value.slice(14, 21) : value;
}
