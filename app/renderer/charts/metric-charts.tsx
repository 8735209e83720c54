import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { catalogStore, kindOf } from '../document/catalog-store.ts';
import { documentStore } from '../document/document-store.ts';
import { feed } from '../run/live-feed.ts';
import { RING } from '../run/metric-ring.ts';
import { holder, meterOf } from '../run/readings.ts';
import { formatCount, formatLag, formatMs, formatShort } from '../ui/figures.ts';
import { HealthShape } from '../ui/health.tsx';
import { LineChart, type Point, type Series } from './line-chart.tsx';

/** points drawn at most: one for every two pixels of a chart */
const POINTS = 240;

interface Reading {
  readonly points: readonly Point[];
  readonly series: readonly Series[];
}

/** Throughput, watermark delay and latency of the pipeline: three charts, read from the ring once a second. */
export function MetricCharts() {
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  useStore(catalogStore, (state) => state.catalog);
  const [, tick] = useState(0);
  useEffect(() => feed.on('second')(() => tick((old) => old + 1)), []);
  if (feed.ring.count < 2) {
    return (
      <div className="nothing">
        <b>No metrics yet</b>
        <span>They are kept for 15 minutes while the pipeline runs.</span>
      </div>
    );
  }
  const sources = nodes.filter((node) => kindOf(node.kind)?.role === 'source');
  const names = new Map(nodes.map((node) => [node.id, node.name || node.id]));

  const through = read(
    [
      {
        key: 'read',
        title: 'read',
        tone: 1,
        value: (back) => sum(sources.map((node) => feed.ring.rate(node.id, 'in', back, 4000))),
      },
      {
        key: 'used',
        title: 'used',
        tone: 2,
        value: (back) => sum(sources.map((node) => feed.ring.rate(node.id, 'used', back, 4000))),
      },
    ],
    formatCount,
  );

  const timed = sources
    .filter(
      (node) =>
        meterOf(node.id)?.watermark !== undefined && meterOf(node.id)?.partitions?.every((partition) => partition.idle) !== true,
    )
    .slice(0, 4);
  const behind = read(
    timed.map((node, index) => ({
      key: node.id,
      title: names.get(node.id)!,
      tone: [1, 3, 2, 5][index]!,
      value: (back) => feed.ring.timeAt(back) - feed.ring.valueAt(node.id, 'watermark', back) / 1000,
    })),
    (ms) => formatLag(ms),
  );
  const held = holder();
  const worst = Math.max(0, ...timed.map((node) => feed.ring.timeAt(0) - feed.ring.valueAt(node.id, 'watermark', 0) / 1000));

  const slowest = nodes
    .map((node) => ({ node, ms: meterOf(node.id)?.batchP99Ms ?? 0 }))
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, 3);
  const latency = read(
    slowest.map(({ node }, index) => ({
      key: node.id,
      title: names.get(node.id)!,
      tone: [1, 5, 2][index]!,
      value: (back) => feed.ring.valueAt(node.id, 'batchP99Ms', back),
    })),
    (ms) => formatMs(ms),
  );

  return (
    <div className="charts">
      <LineChart
        title="Rows a second"
        figure={through.series[0]!.now}
        unit="/s"
        {...through}
        format={(rows) => `${formatShort(rows)}/s`}
        axis={axisNumber}
      />
      {behind.series.length > 0 && (
        <LineChart
          title="Watermark behind now"
          tight
          figure={formatLag(worst)}
          chip={
            held === undefined ? undefined : (
              <span className="chip warn">
                <HealthShape health="warn" />
                {held.node}/{held.partition} holds it
              </span>
            )
          }
          {...behind}
          format={formatLag}
          axis={axisSpan}
        />
      )}
      <LineChart title="Latency p99 by node" figure={latency.series[0]?.now ?? '–'} {...latency} format={formatMs} axis={axisMs} />
    </div>
  );
}

/** a tick is a round number: 7,500, 7.5 k never; 0.5 stays 0.5 */
const axisNumber = (value: number): string =>
  value >= 10_000 ? `${value / 1000} k` : value.toLocaleString('en-US', { maximumFractionDigits: 2 });
const axisMs = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${Number(ms.toPrecision(3))} ms`);
const axisSpan = (ms: number): string => (Math.abs(ms) < 60_000 ? `${Math.round(ms / 1000)} s` : formatLag(ms));

interface Wanted {
  readonly key: string;
  readonly title: string;
  readonly tone: number;
  readonly value: (back: number) => number;
}

function read(wanted: readonly Wanted[], format: (value: number) => string): Reading {
  const every = Math.max(1, Math.floor(Math.min(RING, feed.ring.count) / POINTS));
  const points: Point[] = [];
  for (let back = feed.ring.count - 2; back >= 0; back -= every) {
    const point: Record<string, number | null> = {};
    for (const series of wanted) {
      const value = series.value(back);
      point[series.key] = Number.isNaN(value) ? null : value;
    }
    points.push({ at: feed.ring.timeAt(back), ...point } as Point);
  }
  const series = wanted.map((entry) => {
    const value = entry.value(0);
    return { key: entry.key, title: entry.title, tone: entry.tone, now: Number.isNaN(value) ? '–' : format(value) };
  });
  return { points, series };
}

function sum(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : known.reduce((total, value) => total + value, 0);
}
