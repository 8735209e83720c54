import { Fragment, useEffect, useRef, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { View } from '../../../engine/model/definition.ts';
import { api } from '../../protocol/api.ts';
import type { RowPage, Target } from '../../protocol/browse.ts';
import { kindOf } from '../document/catalog-store.ts';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { selectionStore } from '../document/selection-store.ts';
import { ask, refusalText } from '../run/client.ts';
import { feed } from '../run/live-feed.ts';
import { meterOf, readingOf } from '../run/readings.ts';
import { formatClock, formatShort } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { Icon } from '../ui/icon.tsx';
import { ScrollRegion } from '../ui/scroll-region.tsx';
import { LiveTable } from '../ui/live-table.tsx';
import { LiveText } from '../ui/live.tsx';
import { Segments } from '../ui/choice.tsx';

/** How rows are drawn when their node has a view of its own; undefined: as a table. */
export type DrawView = (view: View, page: RowPage, title: string) => ReactNode;

const LOOK_MS = 2000;
const TABLE_ROWS = 100;
const DRAWN_ROWS = 500;

/** What the sinks write, read back from where they write it. */
export function TablesPanel({ drawView }: { drawView: DrawView }) {
  const id = useStore(documentStore, (state) => state.document.id);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  const views = useStore(checkStore, (state) => state.checked?.nodes);
  const selected = useStore(selectionStore, (state) => state.parts[0]);
  const [targets, setTargets] = useState<readonly Target[]>([]);
  const [chosen, setChosen] = useState<string>();
  const [failed, setFailed] = useState<string>();
  const [columns, setColumns] = useState<RowPage['columns']>([]);
  const [shown, setShown] = useState<RowPage>();
  const [as, setAs] = useState<'view' | 'table'>('view');
  const page = useRef<RowPage>(undefined);
  const listeners = useRef(new Set<() => void>());

  const node =
    chosen ??
    (targets.some((target) => target.node === selected)
      ? selected
      : (targets.find(({ service }) => service === 'view') ?? targets[0])?.node);
  const groups = [
    ['Shown by this pipeline', targets.filter(({ service }) => service === 'view')],
    ['Written by this pipeline', targets.filter(({ service }) => service !== 'view')],
  ] as const;
  const target = targets.find((entry) => entry.node === node);
  const view = node === undefined ? undefined : views?.[node]?.view;
  const drawn = view !== undefined && view.as !== 'table';

  useEffect(() => {
    let gone = false;
    const look = async () => {
      try {
        const found = await ask(api.targets, { id }, undefined);
        if (gone) return;
        setTargets((old) => (JSON.stringify(old) === JSON.stringify(found) ? old : found));
        if (node !== undefined) {
          const read = await ask(api.target, { id, node }, { limit: drawn ? DRAWN_ROWS : TABLE_ROWS });
          if (gone) return;
          page.current = read;
          setColumns((old) => (JSON.stringify(old) === JSON.stringify(read.columns) ? old : read.columns));
          if (drawn) setShown(read);
          for (const listener of listeners.current) listener();
        }
        setFailed(undefined);
      } catch (error) {
        if (!gone) setFailed(refusalText(error).title);
      }
    };
    void look();
    const timer = setInterval(() => !document.hidden && void look(), LOOK_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [id, node, drawn]);
  useEffect(() => {
    page.current = undefined;
    setShown(undefined);
  }, [node]);

  if (targets.length === 0) {
    return (
      <div className="nothing">
        <b>{failed ?? 'Nothing is written'}</b>
        <span>Tables and keys that the sinks of this pipeline write, and its charts, are shown here.</span>
      </div>
    );
  }
  return (
    <div className="tb">
      <nav className="tb-side" aria-label="Written and shown by this pipeline">
        {groups.map(
          ([title, entries]) =>
            entries.length > 0 && (
              <Fragment key={title}>
                <h4 className="cap">{title}</h4>
                {entries.map((entry) => (
                  <button
                    key={entry.node}
                    type="button"
                    className={entry.node === node ? 'on' : ''}
                    title={`${entry.name}, ${entry.service}`}
                    onClick={() => setChosen(entry.node)}
                  >
                    <Icon name={kindOf(nodes.find((own) => own.id === entry.node)?.kind ?? '')?.icon ?? 'box'} size="s" />
                    <span className="mono clip grow">{entry.name}</span>
                    {readingOf(entry.node).health === 'bad' ? (
                      <HealthMark health="bad">held</HealthMark>
                    ) : (
                      <span className="cap">
                        {entry.count === undefined
                          ? ''
                          : `${formatShort(entry.count)}${entry.unit === 'rows' ? '' : ` ${entry.unit}`}`}
                      </span>
                    )}
                  </button>
                ))}
              </Fragment>
            ),
        )}
      </nav>
      <div className="tb-main">
        <div className="toolbar">
          <b className="med mono">{target?.name}</b>
          {target?.service === 'view' ? <span className="chip">display only</span> : <LiveGuarantee node={node ?? ''} />}
          <span className="grow" />
          {drawn && (
            <div className="view-switch">
              <Segments
                value={as}
                label="Shown as"
                options={[
                  { value: 'view', title: view.as === 'words' ? 'Words' : view.as[0]!.toUpperCase() + view.as.slice(1) },
                  { value: 'table', title: 'Table' },
                ]}
                onChange={(next) => setAs(next as 'view' | 'table')}
              />
            </div>
          )}
          <LiveText
            className="cap"
            subscribe={feed.on('second')}
            read={() =>
              page.current === undefined
                ? ''
                : `read ${formatClock(page.current.at)}${page.current.total === undefined || page.current.total < 0 ? '' : `, ${formatShort(page.current.total)} ${target?.unit ?? 'rows'}`}`
            }
          />
        </div>
        {failed !== undefined && (
          <p className="padded-line">
            <HealthMark health="bad">{failed}</HealthMark>
          </p>
        )}
        {drawn && as === 'view' && shown !== undefined ? (
          drawView(view, shown, target?.name ?? '')
        ) : (
          <ScrollRegion wide label="Rows">
            <LiveTable
              tall
              label={`Rows of ${target?.name ?? ''}`}
              columns={columns.map((column) => ({
                name: column.name,
                time: column.type.startsWith('timestamp'),
                float: /^(float|double|real)/.test(column.type),
                right: isNumber(column.type),
                mono: !isNumber(column.type),
                width: Math.max(
                  96,
                  column.name.length * 7 + 20,
                  column.type.startsWith('timestamp') ? 112 : column.type.endsWith('[]') ? 240 : 0,
                ),
              }))}
              subscribe={(listener) => {
                listeners.current.add(listener);
                return () => listeners.current.delete(listener);
              }}
              read={() => (page.current?.rows ?? []).map((cells) => ({ cells, key: JSON.stringify(cells) }))}
            />
          </ScrollRegion>
        )}
      </div>
    </div>
  );
}

function LiveGuarantee({ node }: { node: string }) {
  return (
    <span className="chip">
      <Icon name="shield-check" size="s" />
      <LiveText subscribe={feed.on('second')} read={() => meterOf(node)?.guarantee?.level.replaceAll('-', ' ') ?? 'not running'} />
    </span>
  );
}

function isNumber(type: string): boolean {
  return /^(integer|bigint|float|double|numeric|decimal|real|smallint)/.test(type);
}
