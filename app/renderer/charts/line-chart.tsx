import './charts.css';
import type { ReactNode } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { formatClock } from '../ui/figures.ts';
import { clockTicks, numberTicks, spanTicks } from './ticks.ts';

export interface Series {
  readonly key: string;
  readonly title: string;
  /** 1…6, or 0 for the rest */
  readonly tone: number;
  readonly now: string;
}

export type Point = { readonly at: number } & Readonly<Record<string, number | null>>;

const tone = (number: number) => (number === 0 ? 'var(--series-rest)' : `var(--series-${number})`);

const SECONDS_BELOW_MS = 60_000;

/** A chart of the design: title left, the one figure right, at most four series, gaps stay gaps, no animation. */
export function LineChart({
  title,
  figure,
  unit,
  chip,
  points,
  series,
  tight,
  threshold,
  format,
  axis,
}: {
  title: string;
  figure: string;
  unit?: string;
  chip?: ReactNode;
  points: readonly Point[];
  series: readonly Series[];
  /** the axis need not begin at zero: lags */
  tight?: boolean;
  threshold?: { readonly value: number; readonly title: string } | undefined;
  format: (value: number) => string;
  /** how ticks are written; left out: as `format` */
  axis?: (value: number) => string;
}) {
  const times = clockTicks(points[0]?.at ?? 0, points.at(-1)?.at ?? 0, 4);
  // minutes alone would stand several times under a chart of a few minutes
  const seconds = (times[1] ?? 0) - (times[0] ?? 0) < SECONDS_BELOW_MS;
  const values = points.flatMap((point) => series.flatMap(({ key }) => point[key] ?? []));
  if (threshold !== undefined) values.push(threshold.value);
  const greatest = Math.max(0, ...values);
  const signed = values.some((value) => value < 0);
  const levels = tight === true && values.length > 0 ? spanTicks(Math.min(...values), greatest) : numberTicks(greatest);
  return (
    <figure className="chart">
      <figcaption>
        <span className="med">{title}</span>
        {threshold !== undefined && <span className="cap">{threshold.title}</span>}
        <span className="grow" />
        {chip}
        <span className="big">
          {figure}
          {unit !== undefined && <small>{unit}</small>}
        </span>
      </figcaption>
      <div className="plot">
        <ResponsiveContainer width="100%" height="100%">
          <ComposedChart data={points as Point[]} margin={{ top: 6, right: 2, bottom: 0, left: 0 }}>
            <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
            <XAxis
              dataKey="at"
              type="number"
              domain={['dataMin', 'dataMax']}
              tickLine={false}
              axisLine={{ stroke: 'var(--line)' }}
              ticks={times}
              minTickGap={24}
              tick={{ fontSize: 11, fill: 'var(--chart-axis)' }}
              tickFormatter={(at: number) => (seconds ? formatClock(at) : formatClock(at).slice(0, 5))}
              height={20}
            />
            <YAxis
              width={48}
              axisLine={false}
              tickLine={false}
              tick={{ fontSize: 11, fill: 'var(--chart-axis)' }}
              // a tick with a blank would be set in two lines
              tickFormatter={(value: number) => (axis ?? format)(value).replaceAll(' ', '\u00a0')}
              {...(signed ? {} : { ticks: levels, domain: [levels[0]!, levels.at(-1)!] })}
            />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: 'var(--line-strong)' }}
              contentStyle={{
                background: 'var(--surface-raised)',
                border: 0,
                borderRadius: 8,
                boxShadow: 'var(--shadow-popover)',
                fontSize: 11,
                padding: '6px 10px',
              }}
              labelFormatter={(at) => formatClock(Number(at))}
              formatter={(value, name) => [
                format(Number(value)),
                series.find((entry) => entry.key === name)?.title ?? String(name),
              ]}
            />
            {threshold !== undefined && <ReferenceLine y={threshold.value} stroke="var(--text-3)" strokeDasharray="3 3" />}
            {series.map((entry, index) =>
              index === 0 ? (
                <Area
                  key={entry.key}
                  dataKey={entry.key}
                  type="linear"
                  dot={false}
                  activeDot={{ r: 3 }}
                  strokeWidth={1.5}
                  connectNulls={false}
                  isAnimationActive={false}
                  stroke={tone(entry.tone)}
                  fill={tone(entry.tone)}
                  fillOpacity={tight === true ? 0 : 'var(--chart-area)'}
                />
              ) : (
                <Line
                  key={entry.key}
                  dataKey={entry.key}
                  type="linear"
                  dot={false}
                  activeDot={{ r: 3 }}
                  strokeWidth={1.5}
                  connectNulls={false}
                  isAnimationActive={false}
                  stroke={tone(entry.tone)}
                />
              ),
            )}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <div className="legend">
        {series.map((entry) => (
          <span key={entry.key} className="row">
            <i className="sw" style={{ background: tone(entry.tone) }} />
            {entry.title} <b>{entry.now}</b>
          </span>
        ))}
      </div>
    </figure>
  );
}
