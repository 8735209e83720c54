import { useRef } from 'react';
import type { PipelineNode } from '../document/pipeline-draft.ts';
import { feed } from '../run/live-feed.ts';
import { meterOf, rateOf, sparkOf } from '../run/readings.ts';
import type { Metric } from '../run/metric-ring.ts';
import { formatBehind, formatBytes, formatClock, formatCount, formatMs, rateText } from '../ui/figures.ts';
import { LiveText, useLive } from '../ui/live.tsx';
import { drawSpark } from '../ui/spark.ts';

/** The node's figures, each with its last minute. */
export function MetricsTab({ node, source, sink }: { node: PipelineNode; source: boolean; sink: boolean }) {
  const id = node.id;
  const rate = (metric: Metric) => () => {
    const value = rateOf(id, metric);
    return Number.isNaN(value) ? '–' : rateText(value);
  };
  const spark = (metric: Metric) => () => sparkOf(id, metric);
  const level = (metric: Metric) => () => {
    const values: number[] = [];
    for (let back = Math.min(59, feed.ring.count - 1); back >= 0; back--) {
      const value = feed.ring.valueAt(id, metric, back);
      if (!Number.isNaN(value)) values.push(value);
    }
    return values;
  };
  return (
    <div className="figures">
      <Figure title="Rows in" read={rate('in')} spark={spark('in')} />
      {!sink && <Figure title="Rows out" read={rate('out0')} spark={spark('out0')} />}
      {sink && <Figure title="Rows written" read={rate('used')} spark={spark('used')} />}
      {sink && (
        <Figure
          title="Held in the outbox"
          read={() => `${formatCount(meterOf(id)?.ledger.held ?? 0)} rows`}
          spark={level('held')}
        />
      )}
      {source && (
        <Figure
          title="Behind the end of the log"
          read={() => (meterOf(id)?.lag === undefined ? '–' : `${formatCount(meterOf(id)!.lag!)} rows`)}
          spark={level('lag')}
        />
      )}
      <Figure
        title="Time for a batch, p99"
        read={() => (meterOf(id) === undefined ? '–' : formatMs(meterOf(id)!.batchP99Ms))}
        spark={level('batchP99Ms')}
      />
      <Figure
        title="State"
        read={() => (meterOf(id) === undefined ? '–' : formatBytes(meterOf(id)!.stateBytes))}
        spark={level('stateBytes')}
      />
      <Figure title="Late" read={() => formatCount(meterOf(id)?.ledger.late ?? 0)} spark={spark('late')} />
      <Figure title="Dead" read={() => formatCount(meterOf(id)?.ledger.dead ?? 0)} spark={spark('dead')} />
      <Figure
        title="Watermark"
        read={() => {
          const mark = meterOf(id)?.watermark;
          return mark === undefined || feed.metersAt === undefined
            ? '–'
            : `${formatClock(mark / 1000)}, ${formatBehind(feed.metersAt - mark / 1000)}`;
        }}
      />
    </div>
  );
}

function Figure({ title, read, spark }: { title: string; read: () => string; spark?: () => readonly number[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLive(feed.on('second'), () => {
    if (canvas.current !== null && spark !== undefined) drawSpark(canvas.current, spark());
  });
  return (
    <div className="figure-line">
      <span className="cap">{title}</span>
      <LiveText className="med num" subscribe={feed.on('meters')} read={read} />
      {spark === undefined ? <span /> : <canvas ref={canvas} className="figure-spark" aria-hidden />}
    </div>
  );
}
