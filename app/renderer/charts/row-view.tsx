import type { View } from '../../../engine/model/definition.ts';
import type { RowPage } from '../../protocol/browse.ts';
import { cellText, formatClock, formatShort } from '../ui/figures.ts';
import { ScrollRegion } from '../ui/scroll-region.tsx';
import { LineChart, type Point } from './line-chart.tsx';

/** Rows as their node says they are best shown: line, bar, words, timeline. A table is the caller's. */
export function RowView({ view, page, title }: { view: View; page: RowPage; title: string }) {
  const at = (name: string | undefined) => (name === undefined ? -1 : page.columns.findIndex((column) => column.name === name));
  // without a column of its own along the axis it is event time, or the first time that the rows have
  const x = view.x === undefined ? page.columns.findIndex(({ type }) => type.startsWith('timestamp')) : at(view.x);
  const y = (view.y ?? []).map((name) => [name, at(name)] as const).filter(([, index]) => index >= 0);
  const label = at(view.label ?? view.series);
  if (page.rows.length === 0) return <p className="nothing">No rows yet.</p>;
  if (view.as === 'line' && x >= 0 && y.length > 0) {
    const series = at(view.series);
    const groups = series < 0 ? [] : [...new Set(page.rows.map((row) => String(row[series])))].slice(0, 4);
    const points = linePoints(page, x, y[0]![1], series, groups, y);
    const keys = groups.length > 0 ? groups : y.map(([name]) => name);
    const shown = keys.slice(0, 4).map((key, index) => ({ key, title: key, tone: index + 1, now: lastOf(points, key) }));
    return <LineChart title={title} figure={shown[0]?.now ?? '–'} points={points} series={shown} format={formatShort} />;
  }
  if (view.as === 'words' && x >= 0) return <Words title={title} words={weigh(page, x, y[0]?.[1])} />;
  if (view.as === 'bar' && y.length > 0) {
    const names = page.rows.slice(0, 14).map((row) => [barName(row, x, label), Number(row[y[0]![1]])] as const);
    const most = Math.max(1, ...names.map(([, value]) => value));
    return (
      <figure className="chart">
        <figcaption>
          <span className="med grow">{title}</span>
          <span className="cap">{y[0]![0]}</span>
        </figcaption>
        <ScrollRegion label={title}>
          <ul className="bars">
            {names.map(([name, value], index) => (
              <li key={`${name} ${index}`}>
                <span className="mono clip">{name}</span>
                <span className="hb">
                  <i style={{ width: `${(value / most) * 100}%` }} />
                </span>
                <span className="num med">{formatShort(value)}</span>
              </li>
            ))}
          </ul>
        </ScrollRegion>
      </figure>
    );
  }
  if (view.as === 'timeline' && x >= 0) {
    return (
      <figure className="chart">
        <figcaption>
          <span className="med grow">{title}</span>
        </figcaption>
        <ScrollRegion label={title}>
          <ol className="timeline">
            {page.rows.slice(0, 30).map((row, index) => (
              <li key={index}>
                <span className="mono t3">{timeText(row[x])}</span>
                <i className="mk" />
                <span className="grow clip">
                  {label >= 0 ? cellText(row[label]) : ''}
                  <span className="cap">
                    {y.map(([name, column]) => `${name} ${row[column] === null ? 'null' : cellText(row[column])}`).join(', ')}
                  </span>
                </span>
              </li>
            ))}
          </ol>
        </ScrollRegion>
      </figure>
    );
  }
  return null;
}

/** At the axis, and whose it is. */
function barName(row: readonly unknown[], x: number, label: number): string {
  const parts = [x, label].filter((column, index, all) => column >= 0 && all.indexOf(column) === index);
  return parts.map((column) => cellText(row[column])).join(', ');
}

const MOST_WORDS = 60;

/** The newest weight of each word, rows being newest first; without a column for it, how often the word is there. */
function weigh(page: RowPage, word: number, weight: number | undefined): readonly (readonly [word: string, weight: number])[] {
  const weights = new Map<string, number>();
  for (const row of page.rows) {
    const text = cellText(row[word]);
    if (weight === undefined) weights.set(text, (weights.get(text) ?? 0) + 1);
    else if (!weights.has(text)) weights.set(text, Number(row[weight]));
  }
  return [...weights].toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).slice(0, MOST_WORDS);
}

function Words({ title, words }: { title: string; words: readonly (readonly [string, number])[] }) {
  const most = Math.max(1, ...words.map(([, weight]) => weight));
  return (
    <figure className="chart">
      <figcaption>
        <span className="med grow">{title}</span>
      </figcaption>
      <ScrollRegion label={title}>
        <ul className="words">
          {words.map(([word, weight]) => (
            // the area of a word, not its height, goes with its weight
            <li key={word} style={{ fontSize: `${Math.round(11 + 25 * Math.sqrt(Math.max(0, weight) / most))}px` }}>
              {word} <span className="cap num">{formatShort(weight)}</span>
            </li>
          ))}
        </ul>
      </ScrollRegion>
    </figure>
  );
}

function linePoints(
  page: RowPage,
  x: number,
  value: number,
  series: number,
  groups: readonly string[],
  y: readonly (readonly [string, number])[],
): readonly Point[] {
  const points = new Map<number, Record<string, number | null>>();
  for (const row of page.rows) {
    const at = typeof row[x] === 'number' ? row[x] : Date.parse(String(row[x]));
    if (Number.isNaN(at)) continue;
    const point = points.get(at) ?? { at };
    if (groups.length > 0) point[String(row[series])] = row[value] === null ? null : Number(row[value]);
    else for (const [name, index] of y) point[name] = row[index] === null ? null : Number(row[index]);
    points.set(at, point);
  }
  return [...points.values()].toSorted((a, b) => a['at']! - b['at']!) as unknown as Point[];
}

function lastOf(points: readonly Point[], key: string): string {
  for (let index = points.length - 1; index >= 0; index--) {
    const value = points[index]![key];
    if (value !== null && value !== undefined) return formatShort(value);
  }
  return '–';
}

function timeText(value: unknown): string {
  const at = typeof value === 'number' ? value : Date.parse(String(value));
  return Number.isNaN(at) ? String(value) : formatClock(at);
}
