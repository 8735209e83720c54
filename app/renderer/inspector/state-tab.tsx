import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { feed } from '../run/live-feed.ts';
import { lanesOf } from '../run/read-inspection.ts';
import { isLive, runStore } from '../run/run-store.ts';
import { cellText, formatBytes, formatClock, formatCount } from '../ui/figures.ts';
import { sentenceOf } from './schema-reading.ts';
import { meterOf } from '../run/readings.ts';

const ASK_MS = 2000;
const LIMIT = 50;

/** What the operator says of itself: figures for scalars, a table for each list. Asked every two seconds, so it is no live stream. */
export function StateTab({ node, stateful }: { node: string; stateful: boolean }) {
  const live = useStore(runStore, (state) => isLive(state.status?.state));
  const [value, setValue] = useState<unknown>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    if (!live) return;
    let gone = false;
    const look = () =>
      feed.inspect(node, LIMIT).then(
        (answer) => {
          if (gone) return;
          setValue(answer);
          setFailed(undefined);
        },
        (error: Error) => void (gone || setFailed(error.message)),
      );
    void look();
    const timer = setInterval(() => void look(), ASK_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [node, live]);
  if (!live) return <p className="cap">State is shown while the pipeline runs.</p>;
  if (failed !== undefined) return <p className="problem bad">{failed}</p>;
  if (value === undefined || value === null)
    return <p className="cap">{stateful ? 'Asking the runner' : 'This node keeps nothing between rows.'}</p>;
  const lanes = lanesOf(value);
  const bytes = meterOf(node)?.stateBytes;
  return (
    <>
      {bytes !== undefined && (
        <dl className="state-figures">
          <div>
            <dt className="cap">Memory</dt>
            <dd>{formatBytes(bytes)}</dd>
          </div>
        </dl>
      )}
      {lanes.map((entry) => (
        <section key={entry.lane} className="state-lane" aria-label={entry.lane || 'All partitions'}>
          {lanes.length > 1 &&
            (entry.lane === '' ? <h4 className="med">All partitions</h4> : <h4 className="mono">{entry.lane}</h4>)}
          <LaneView state={entry.state} />
        </section>
      ))}
      {lanes.length === 0 && (
        <p className="cap">{stateful ? 'Nothing is kept at the moment.' : 'This node keeps nothing between rows.'}</p>
      )}
    </>
  );
}

function LaneView({ state }: { state: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(state).filter(([name]) => name !== 'bytes');
  const scalars = entries.filter(([, entry]) => typeof entry !== 'object' || entry === null);
  const lists = entries.filter((entry): entry is [string, readonly unknown[]] => Array.isArray(entry[1]));
  const objects = entries.filter(([, entry]) => typeof entry === 'object' && entry !== null && !Array.isArray(entry));
  return (
    <>
      <dl className="state-figures">
        {scalars.map(([name, entry]) => (
          <div key={name}>
            <dt className="cap">{sentenceOf(split(name))}</dt>
            <dd>{shown(name, entry)}</dd>
          </div>
        ))}
      </dl>
      {objects.map(([name, entry]) => {
        const parts = Object.entries(entry as Readonly<Record<string, unknown>>);
        return (
          <div key={name}>
            <p className="cap">
              {sentenceOf(split(name))}:{' '}
              {parts
                .filter(([, inner]) => !Array.isArray(inner))
                .map(([key, inner]) => `${split(key)} ${shown(key, inner)}`)
                .join(', ')}
            </p>
            {parts.map(
              ([key, inner]) =>
                Array.isArray(inner) && inner.length > 0 && <StateList key={key} name={`${name} ${key}`} list={inner} />,
            )}
          </div>
        );
      })}
      {lists.map(([name, list]) => (
        <StateList key={name} name={name} list={list} />
      ))}
    </>
  );
}

function StateList({ name, list }: { name: string; list: readonly unknown[] }) {
  const columns = [
    ...new Set(list.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.keys(entry) : []))),
  ].slice(0, 6);
  const numeric = (column: string) =>
    !isTime(column) && list.every((entry) => typeof (entry as Readonly<Record<string, unknown>> | null)?.[column] === 'number');
  return (
    <div className="state-list">
      <div className="f-label">
        <span>{sentenceOf(split(name))}</span>
        <span className="cap">{list.length === LIMIT ? `first ${LIMIT}` : list.length}</span>
      </div>
      <table aria-label={name}>
        {columns.length > 0 && (
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} className={numeric(column) ? 'num' : ''}>
                  {sentenceOf(split(column))}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {list.map((entry, index) => (
            <tr key={index}>
              {columns.length === 0 ? (
                <td className="mono">{cellText(entry)}</td>
              ) : (
                columns.map((column) => (
                  <td key={column} className={numeric(column) ? 'num' : 'mono'}>
                    {shown(column, (entry as Readonly<Record<string, unknown>>)[column])}
                  </td>
                ))
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const isTime = (name: string): boolean => /Us$|start|end|time|mark/i.test(name);

/** `sentWindowEnd` → sent window end */
function split(name: string): string {
  return name
    .replace(/(Us|Ms)$/, '')
    .replace(/([a-z])([A-Z])/g, (_, one: string, other: string) => `${one} ${other.toLowerCase()}`);
}

function shown(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (name === 'fraction' && typeof value === 'number') return `${Math.round(value * 100)} %`;
  if (typeof value === 'number' && value > 1e14 && isTime(name)) return formatClock(value / 1000);
  if (typeof value === 'number' && Number.isInteger(value)) return formatCount(value);
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'number')) return `${value.length} values`;

  return cellText(value);
}
