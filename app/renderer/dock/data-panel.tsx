import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { Field } from '../../../engine/model/schema.ts';
import { checkStore, portsOf } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { edgeKey, nodeOf, portOf } from '../document/pipeline-draft.ts';
import { select, selectionStore } from '../document/selection-store.ts';
import { useFirstRows, type RowValues } from '../run/first-rows.ts';
import { feed } from '../run/live-feed.ts';
import { rateOf } from '../run/readings.ts';
import { isLive, runStore } from '../run/run-store.ts';
import type { TapLine } from '../run/tap.ts';
import { Button } from '../ui/button.tsx';
import { cellText, formatClockMs, formatCount, rateText } from '../ui/figures.ts';
import { Icon } from '../ui/icon.tsx';
import { hintDone, openDialog } from '../ui/layout-store.ts';
import { ScrollRegion } from '../ui/scroll-region.tsx';
import { LiveTable, type TableColumn } from '../ui/live-table.tsx';
import { LiveText } from '../ui/live.tsx';
import { toast } from '../ui/toast-store.ts';
import { rowFilter } from './row-filter.ts';

const SHOWN = 120;

/** Rows of the selected edge, or of the first port of the selected node. */
export function DataPanel() {
  const document = useStore(documentStore, (state) => state.document);
  const selection = useStore(selectionStore, (state) => state);
  const checked = useStore(checkStore, (state) => state.checked);
  const live = useStore(runStore, (state) => isLive(state.status?.state));
  const edge = document.edges.find((entry) => selection.edges[0] === edgeKey(entry));
  const node = selection.parts.length === 1 ? document.nodes.find((entry) => entry.id === selection.parts[0]) : undefined;
  const output = node === undefined ? undefined : portsOf(checked, node).outputs[0]?.name;
  const from =
    edge?.from ??
    (node === undefined
      ? undefined
      : output === undefined
        ? document.edges.find((entry) => nodeOf(entry.to) === node.id)?.from
        : `${node.id}.${output}`);
  if (from === undefined) {
    return (
      <div className="nothing">
        <b>No edge is tapped</b>
        <span>Click an edge on the canvas, or choose one.</span>
        <div className="row wrap edge-list">
          {document.edges.slice(0, 12).map((entry) => (
            <Button key={edgeKey(entry)} small onClick={() => select([], [edgeKey(entry)])}>
              {nodeOf(entry.from)} to {nodeOf(entry.to)}
            </Button>
          ))}
        </div>
      </div>
    );
  }
  if (!live) {
    return (
      <div className="nothing">
        <b>{from} is quiet</b>
        <span>Rows are shown while the pipeline runs.</span>
      </div>
    );
  }
  return <Rows key={from} from={from} to={edge === undefined ? undefined : nodeOf(edge.to)} />;
}

function Rows({ from, to }: { from: string; to: string | undefined }) {
  const node = nodeOf(from);
  const port = portOf(from);
  const checked = useStore(checkStore, (state) => state.checked);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  const [filter, setFilter] = useState('');
  const [held, setHeld] = useState(false);
  const [picked, setPicked] = useState<string>();
  const [followed, setFollowed] = useState<readonly [column: string, value: string]>();
  const outputs = checked?.nodes[node]?.outputs;
  const index = Math.max(0, outputs?.findIndex((entry) => entry.name === port) ?? 0);
  const schema = outputs?.[index]?.schema;
  const title = (id: string) => nodes.find((entry) => entry.id === id)?.name || id;

  useEffect(() => {
    feed.openTap(node, port);
    hintDone('edge');
    return () => feed.closeTap(node, port);
  }, [node, port]);

  const first = useFirstRows(node, port);
  const columns = useMemo((): readonly (TableColumn & { readonly field?: string })[] => {
    const fields = schema?.fields ?? [];
    return [
      { name: 'time', type: 'event time', width: 104, mono: true, dim: true },
      { name: 'row', type: 'partition, offset', width: 152, mono: true, dim: true },
      ...fields.map((field) => ({
        name: field.name,
        field: field.name,
        type: field.type,
        time: field.type === 'timestamp',
        float: field.type === 'float',
        right: ['integer', 'float'].includes(field.type) || field.type.startsWith('decimal'),
        mono: field.type !== 'text' || field.name.endsWith('_id'),
        width: widthOf(field, first),
      })),
    ];
  }, [schema, first]);

  const accepts = useMemo(() => rowFilter(filter, schema?.fields.map((field) => field.name) ?? []), [filter, schema]);
  const tap = () => feed.taps.get(from);
  const lines = (): readonly TapLine[] =>
    (tap()?.lines ?? [])
      .filter(
        (line) =>
          'gap' in line ||
          (accepts.test(line.row.values) && (followed === undefined || cellText(line.row.values[followed[0]]) === followed[1])),
      )
      .slice(0, SHOWN);
  const key = schema?.fields.find((field) => field.type === 'text')?.name;
  const chosen = picked === undefined ? undefined : tap()?.lines.find((line) => line.key === picked);
  const chosenKey = chosen !== undefined && 'row' in chosen && key !== undefined ? cellText(chosen.row.values[key]) : undefined;

  return (
    <>
      <div className="toolbar">
        <b className="med">
          {title(node)}{' '}
          {to === undefined ? (
            <span className="t3">port {port}</span>
          ) : (
            <>
              <span className="t3">to</span> {title(to)}
            </>
          )}
        </b>
        <span className="chip">{schema?.mode.kind ?? 'append'}</span>
        <label className={`field filter${accepts.wrong === undefined ? '' : ' error'}`}>
          <Icon name="filter" size="s" />
          <input
            value={filter}
            placeholder="Filter rows, such as sentiment < 0"
            aria-label="Filter rows"
            title={accepts.wrong}
            onChange={(event) => setFilter(event.target.value)}
          />
        </label>
        {followed !== undefined ? (
          <button type="button" className="chip line" onClick={() => setFollowed(undefined)} title="Show all keys again">
            <Icon name="key" size="s" /> follow {followed[1]} <Icon name="x" size="s" />
          </button>
        ) : (
          chosenKey !== undefined && (
            <button type="button" className="chip line" onClick={() => setFollowed([key!, chosenKey])}>
              <Icon name="key" size="s" /> follow {chosenKey}
            </button>
          )
        )}
        <span className="grow" />
        <LiveText
          className="cap num"
          subscribe={feed.on('meters')}
          read={() => {
            const rate = rateOf(node, `out${index}`);
            return Number.isNaN(rate) ? '' : rate <= 20 ? `all of ${rateText(rate)}` : `20 of ${formatCount(rate)}/s`;
          }}
        />
        <Button
          small
          icon={held ? 'play' : 'pause'}
          pressed={held}
          onClick={() => {
            const open = tap();
            if (open !== undefined) open.held = !held;
            setHeld(!held);
          }}
        >
          {held ? 'Go on' : 'Hold'}
        </Button>
        <Button
          small
          icon="copy"
          label="Copy the rows as JSON"
          onClick={() => {
            const rows =
              chosen !== undefined && 'row' in chosen ? [chosen.row] : lines().flatMap((line) => ('row' in line ? [line.row] : []));
            void navigator.clipboard
              .writeText(rows.map((row) => JSON.stringify(row.values)).join('\n'))
              .then(() => toast({ health: 'ok', title: rows.length === 1 ? 'Copied 1 row' : `Copied ${rows.length} rows` }));
          }}
        />
        <Button small icon="bookmark" onClick={() => openDialog('record')}>
          Record test
        </Button>
      </div>
      <ScrollRegion wide label="Rows">
        <LiveTable
          label={`Rows of ${from}`}
          columns={columns}
          subscribe={feed.on(`tap:${from}`)}
          selected={picked}
          onPick={(row) => setPicked(row.key === picked ? undefined : row.key)}
          read={() =>
            lines().map((line) =>
              'gap' in line
                ? line
                : {
                    key: line.key,
                    cells: columns.map((column) =>
                      column.field !== undefined
                        ? line.row.values[column.field]
                        : column.name === 'time'
                          ? formatClockMs(line.row.time / 1000)
                          : `${line.row.source}/${line.row.partition} @${line.row.offset.toLocaleString('en-US')}`,
                    ),
                  },
            )
          }
        />
        <LiveText
          className="no-rows"
          subscribe={feed.on('meters')}
          read={() => {
            const open = tap();
            if (open === undefined || lines().length > 0) return '';
            const seconds = Math.round((Date.now() - open.openedAt) / 1000);
            return open.lines.length > 0
              ? `None of the ${open.lines.length} rows kept passes the filter.`
              : `0 rows in ${seconds} s. ${seconds > 3 ? 'The node has sent nothing on this port since then.' : ''}`;
          }}
        />
      </ScrollRegion>
    </>
  );
}

/** of a column, px: as the first rows need it, within reason */
function widthOf({ name, type }: Field, rows: readonly RowValues[] | undefined): number {
  const head = Math.max(84, name.length * 7 + 24);
  if (type === 'timestamp') return 112;
  if (type !== 'text' && type !== 'text[]') return head;
  const longest = Math.max(
    0,
    ...(rows ?? []).map((row) => (typeof row[name] === 'string' ? row[name] : cellText(row[name] ?? [])).length),
  );
  return rows === undefined ? Math.max(head, 130) : Math.min(260, Math.max(head, longest * 7 + 24));
}
