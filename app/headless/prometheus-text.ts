import type { EpochReport, NodeMeter } from '../../engine/model/run-event.ts';

export interface MetricsSnapshot {
  readonly pipeline: string;
  readonly state: string;
  readonly epoch: number;
  readonly report: EpochReport | undefined;
  readonly nodes: Readonly<Record<string, NodeMeter>>;
  /** wall clock, ms */
  readonly nowMs: number;
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Prometheus text format 0.0.4: ledger, rows out, lag, watermark delay, state, outbox and epoch of one run. */
export function prometheusText(snapshot: MetricsSnapshot): string {
  const { pipeline, nodes, report } = snapshot;
  const lines: string[] = [];
  const family = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): void => {
    if (samples.length === 0) return;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`${name}{${labelText({ pipeline, ...labels })}} ${value}`);
  };
  const each = (pick: (meter: NodeMeter, node: string) => readonly Sample[]): Sample[] =>
    Object.entries(nodes).flatMap(([node, meter]) => pick(meter, node));
  family(
    'telemetra_rows_in_total',
    'counter',
    'Rows that came into a node.',
    each((m, node) => [[{ node }, m.ledger.in]]),
  );
  family(
    'telemetra_rows_fate_total',
    'counter',
    'Rows by fate: in = used + filtered + late + dead + held.',
    each((m, node) => (['used', 'filtered', 'late', 'dead'] as const).map((fate) => [{ node, fate }, m.ledger[fate]] as const)),
  );
  family(
    'telemetra_rows_held',
    'gauge',
    'Rows whose fate is not decided yet; for a sink: not acknowledged yet.',
    each((m, node) => [[{ node }, m.ledger.held]]),
  );
  family(
    'telemetra_rows_out_total',
    'counter',
    'Rows that left by an output port.',
    each((m, node) => m.out.map((rows, port) => [{ node, port: String(port) }, rows] as const)),
  );
  family(
    'telemetra_source_lag',
    'gauge',
    'Messages between the read position and the end of the log.',
    each((m, node) => (m.lag === undefined ? [] : [[{ node }, m.lag]])),
  );
  family(
    'telemetra_watermark_delay_seconds',
    'gauge',
    'Clock minus watermark.',
    each((m, node) => (m.watermark === undefined ? [] : [[{ node }, (snapshot.nowMs * 1000 - m.watermark) / 1e6]])),
  );
  family(
    'telemetra_node_busy_seconds_total',
    'counter',
    'Time spent in a node.',
    each((m, node) => [[{ node }, m.busyMs / 1000]]),
  );
  family(
    'telemetra_node_batch_p99_seconds',
    'gauge',
    'p99 of one batch in a node.',
    each((m, node) => [[{ node }, m.batchP99Ms / 1000]]),
  );
  family(
    'telemetra_state_bytes',
    'gauge',
    'Memory of the state of a node.',
    each((m, node) => [[{ node }, m.stateBytes]]),
  );
  family(
    'telemetra_outbox_epochs',
    'gauge',
    'Epochs that a sink does not have yet.',
    each((m, node) => (m.outbox === undefined ? [] : [[{ node }, m.outbox.epochs]])),
  );
  family(
    'telemetra_outbox_bytes',
    'gauge',
    'Bytes that a sink does not have yet.',
    each((m, node) => (m.outbox === undefined ? [] : [[{ node }, m.outbox.bytes]])),
  );
  family('telemetra_epoch', 'gauge', 'Number of the newest epoch.', [[{}, snapshot.epoch]]);
  if (report !== undefined) {
    family('telemetra_epoch_seconds', 'gauge', 'Time the newest epoch took to become durable.', [[{}, report.tookMs / 1000]]);
    family('telemetra_epoch_bytes', 'gauge', 'Bytes written by the newest epoch.', [[{}, report.bytes]]);
    family('telemetra_ledger_balanced', 'gauge', '1 when the ledger of every node balances.', [[{}, report.balanced ? 1 : 0]]);
  }
  family('telemetra_running', 'gauge', '1 while the pipeline runs.', [
    [{ state: snapshot.state }, snapshot.state === 'running' ? 1 : 0],
  ]);
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`)
    .join(',');
}
