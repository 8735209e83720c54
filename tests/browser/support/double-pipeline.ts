import type { View } from '../../../engine/model/definition.ts';
import type { Schema } from '../../../engine/model/schema.ts';
import type { Type } from '../../../engine/model/type.ts';
import type { PipelineDocument } from '../../../engine/model/pipeline.ts';
import type { Catalog } from '../../../app/protocol/catalog.ts';
import type { Checked, CheckedNode, Connectable, Misfit } from '../../../app/protocol/check.ts';
import type { NodeDifference, PlanDifference } from '../../../app/protocol/plan-difference.ts';

const aggregates = [
  { name: 'chat_count', expression: 'count(*)' },
  { name: 'unique_chatters', expression: 'count(DISTINCT user_id)' },
  { name: 'top_emotes', expression: 'top(emotes, 10)' },
  { name: 'sentiment_score', expression: 'avg(sentiment)' },
  { name: 'positive_count', expression: 'count(*) FILTER (WHERE sentiment > 0)' },
  { name: 'negative_count', expression: 'count(*) FILTER (WHERE sentiment < 0)' },
  { name: 'chat_rate', expression: 'count(*) / 60.0' },
];

/** between two cards is room for a wire that can be pressed */
const WIDER = 1.15;

type Row = readonly [id: string, kind: string, name: string, x: number, y: number, settings?: Record<string, unknown>];

const hopping = { kind: 'hopping', size: '1m', every: '10s' };
const upsert = (table: string, key: readonly string[]) => ({ connection: 'postgres', table, mode: 'upsert', key: [...key] });

const ROWS: readonly Row[] = [
  ['chat', 'kafka-source', 'chat', 24, 40, { topic: 'telemetra.events.chat', event_time: 'timestamp' }],
  ['sentiment', 'sentiment', 'Sentiment', 208, 40, { field: 'message', lexicon: 'telemetra' }],
  ['window_chat', 'window', 'Chat per minute', 408, 40, { window: hopping, by: ['stream_id'], columns: aggregates }],
  ['join', 'window-join', 'Chat with viewers', 612, 40, { type: 'left', on: ['stream_id'] }],
  ['chat_spikes', 'z-score', 'Chat spikes', 810, 40, { field: 'chat_rate', by: ['stream_id'] }],
  [
    'chat_summary_minute',
    'postgres-sink',
    'chat_summary_minute',
    1172,
    40,
    upsert('chat_summary_minute', ['stream_id', 'window_start', 'window_end']),
  ],
  [
    'live_metrics',
    'redis-sink',
    'live_metrics',
    1172,
    157,
    { connection: 'redis', keys: [{ template: 'metrics:{stream_id}', type: 'json' }], ttl: '60s' },
  ],
  ['moments', 'postgres-sink', 'moments', 1172, 257, upsert('moments', ['stream_id', 'moment_type', 'timestamp'])],
  [
    'recent_moments',
    'redis-sink',
    'recent_moments',
    1172,
    357,
    { connection: 'redis', keys: [{ template: 'moments:{stream_id}', type: 'list', length: 50 }] },
  ],
  ['viewer_timeseries', 'postgres-sink', 'viewer_timeseries', 1172, 459, upsert('viewer_timeseries', ['stream_id', 'timestamp'])],
  ['transactions_table', 'postgres-sink', 'transactions_table', 1172, 580, upsert('transactions', ['transaction_id'])],
  ['streams', 'postgres-sink', 'streams', 1172, 680, upsert('streams', ['stream_id'])],
  [
    'window_viewers',
    'window',
    'Viewers per minute',
    208,
    336,
    { window: hopping, by: ['stream_id'], columns: [{ name: 'avg_viewers', expression: 'avg(viewer_count)' }] },
  ],
  ['viewer_spikes', 'z-score', 'Viewer spikes', 408, 336, { field: 'avg_viewers', by: ['stream_id'] }],
  ['all_moments', 'union', 'All moments', 1004, 307, { inputs: 2 }],
  ['viewer', 'kafka-source', 'viewer', 24, 459, { topic: 'telemetra.events.viewer', event_time: 'timestamp' }],
  ['transactions', 'kafka-source', 'transactions', 24, 580, { topic: 'telemetra.events.transactions', event_time: 'timestamp' }],
  ['stream_meta', 'kafka-source', 'stream_meta', 24, 680, { topic: 'telemetra.events.stream_meta', event_time: 'timestamp' }],
  [
    'last_values',
    'window',
    'Last values',
    408,
    680,
    { window: { kind: 'running', ttl: '7d' }, by: ['stream_id'], columns: [{ name: 'title', expression: 'last(title)' }] },
  ],
];

const EDGES: readonly (readonly [string, string])[] = [
  ['chat.out', 'sentiment.in'],
  ['sentiment.out', 'window_chat.in'],
  ['window_chat.out', 'join.left'],
  ['window_chat.updates', 'live_metrics.in'],
  ['join.out', 'chat_spikes.in'],
  ['chat_spikes.out', 'chat_summary_minute.in'],
  ['chat_spikes.anomalies', 'all_moments.in1'],
  ['viewer.out', 'window_viewers.in'],
  ['viewer.out', 'viewer_timeseries.in'],
  ['window_viewers.out', 'viewer_spikes.in'],
  ['viewer_spikes.out', 'join.right'],
  ['viewer_spikes.anomalies', 'all_moments.in2'],
  ['all_moments.out', 'moments.in'],
  ['all_moments.out', 'recent_moments.in'],
  ['transactions.out', 'transactions_table.in'],
  ['stream_meta.out', 'last_values.in'],
  ['last_values.updates', 'streams.in'],
];

export const demo: PipelineDocument = {
  telemetra: 1,
  id: '5b0f3a52-1d1e-4c0e-9a55-7d5c2f1a9e01',
  name: 'stream-moments',
  description: 'Live-stream chat in, per-minute summaries and moments out.',
  nodes: ROWS.map(([id, kind, name, , , settings]) => ({ id, kind, name, settings: settings ?? {} })),
  edges: EDGES.map(([from, to]) => ({ from, to })),
  layout: { nodes: Object.fromEntries(ROWS.map(([id, , , x, y]) => [id, { x: x * WIDER, y }])), groups: [], comments: [] },
};

const CAPTIONS: Readonly<Record<string, string>> = {
  chat: 'Kafka, 3 partitions',
  viewer: 'Kafka, 1 partition',
  transactions: 'Kafka, 1 partition',
  stream_meta: 'Kafka, 1 partition',
  sentiment: 'telemetra lexicon',
  window_chat: '1 min every 10 s',
  window_viewers: '1 min every 10 s',
  join: 'left window join',
  chat_spikes: 'z of chat_rate',
  viewer_spikes: 'z of avg_viewers',
  all_moments: 'union of 2',
  last_values: 'running, by stream_id',
  chat_summary_minute: 'Postgres, 3 keys',
  moments: 'Postgres, 3 keys',
  viewer_timeseries: 'Postgres, 2 keys',
  transactions_table: 'Postgres, 1 key',
  streams: 'Postgres, 1 key',
  live_metrics: 'Redis, TTL 60 s',
  recent_moments: 'Redis, last 50',
};

const f = (name: string, type: Type, nullable = false) => ({ name, type, nullable });
const CHAT = [
  f('timestamp', 'timestamp'),
  f('stream_id', 'text'),
  f('user_id', 'text'),
  f('message', 'text'),
  f('emotes', 'text[]', true),
  f('bits', 'integer', true),
  f('sentiment', 'float'),
];
const SUMMARY = [
  f('stream_id', 'text'),
  f('window_start', 'timestamp'),
  f('window_end', 'timestamp'),
  f('chat_count', 'integer'),
  f('unique_chatters', 'integer'),
  f('top_emotes', 'text[]'),
  f('sentiment_score', 'float'),
  f('chat_rate', 'float'),
];

const EXPRESSION_TYPES: readonly (readonly [RegExp, Type])[] = [
  [/\/|avg/, 'float'],
  [/^top/, 'text[]'],
  [/^count|^sum/, 'integer'],
  [/^last|coalesce/, 'text'],
];

function schemaOf(node: string, port: string): Schema {
  const fields = node.startsWith('chat') && node !== 'chat_spikes' ? CHAT : node === 'sentiment' ? CHAT : SUMMARY;
  const key = ['stream_id', 'window_start', 'window_end'];
  return {
    fields,
    mode: port === 'updates' ? { kind: 'updates', key, groupKey: ['stream_id'] } : { kind: 'append' },
    keys: [],
    window: undefined,
    timed: true,
  };
}

/** What a checker would say: enough of it for the page's tests. Problems: a missing required setting, and an unknown column in a condition. */
export function checkDouble(
  document: PipelineDocument,
  revision: number,
  catalog: Catalog,
  running: PipelineDocument | undefined,
): Checked {
  const nodes: Record<string, CheckedNode> = {};
  const problems: Checked['problems'][number][] = [];
  for (const node of document.nodes) {
    const kind = catalog.kinds.find((entry) => entry.kind === node.kind);
    if (kind === undefined) {
      problems.push({
        code: 'kind_unknown',
        severity: 'error',
        message: `Kind ${node.kind} is unknown to this version.`,
        node: node.id,
        mend: 'Update Telemetra or remove the node.',
      });
      continue;
    }
    for (const name of kind.settings.required ?? []) {
      const value = node.settings[name];
      if (value === undefined || value === '')
        problems.push({
          code: 'setting_missing',
          severity: 'error',
          message: `${kind.settings.properties?.[name]?.title ?? name} is not set.`,
          node: node.id,
          field: name,
          mend: 'Set it.',
        });
    }
    const condition = node.settings['condition'];
    if (typeof condition === 'string' && condition.includes('chat_rat ')) {
      problems.push({
        code: 'column_unknown',
        severity: 'error',
        message: 'Column chat_rat is unknown.',
        node: node.id,
        field: 'condition',
        position: condition.indexOf('chat_rat'),
        mend: 'Did you mean chat_rate?',
      });
    }
    const into = (port: string) => document.edges.find((edge) => edge.to === `${node.id}.${port}`)?.from;
    const types: Record<string, Type> = {};
    const columns = Array.isArray(node.settings['columns']) ? (node.settings['columns'] as { expression?: string }[]) : [];
    columns.forEach((column, index) => {
      const type = EXPRESSION_TYPES.find(([pattern]) => pattern.test(column.expression ?? ''))?.[1];
      if (type !== undefined) types[`columns.${index}.expression`] = type;
    });
    nodes[node.id] = {
      caption: CAPTIONS[node.id] ?? kind.summary,
      inputs: kind.inputs.map((port) => {
        const from = into(port.name);
        return { ...port, schema: from === undefined ? undefined : schemaOf(from.split('.')[0]!, from.split('.')[1]!) };
      }),
      outputs: kind.outputs.map((port) => ({ ...port, schema: schemaOf(node.id, port.name) })),
      types,
      view: node.kind === 'chart' ? viewOf(node.settings) : kind.view,
    };
  }
  const runs = !problems.some((problem) => problem.severity === 'error');
  return {
    revision,
    problems,
    nodes,
    planHash: runs ? 'd0ub1e' : undefined,
    difference: running === undefined || !runs ? undefined : differenceDouble(running, document),
  };
}

function viewOf(settings: Readonly<Record<string, unknown>>): View {
  return {
    as: settings['as'] as View['as'],
    ...(settings['x'] === '' ? {} : { x: settings['x'] as string }),
    y: settings['y'] as string[],
    ...(settings['series'] === '' ? {} : { series: settings['series'] as string }),
  };
}

/** The demo with charts of one input, shown in every way that there is. */
export const charted: PipelineDocument = {
  ...demo,
  id: '5b0f3a52-1d1e-4c0e-9a55-7d5c2f1a9e02',
  name: 'charts',
  nodes: [
    ...demo.nodes,
    ...(['line', 'bar', 'table', 'words', 'timeline'] as const).map((as) => ({
      id: `as_${as}`,
      kind: 'chart',
      name: `As ${as}`,
      settings: {
        as,
        x: as === 'words' || as === 'bar' ? 'stream_id' : '',
        y: ['chat_rate'],
        series: as === 'line' ? 'stream_id' : '',
        points: 500,
      },
    })),
  ],
  layout: {
    ...demo.layout,
    nodes: {
      ...demo.layout.nodes,
      ...Object.fromEntries(['line', 'bar', 'table', 'words', 'timeline'].map((as, at) => [`as_${as}`, { x: at * 240, y: 800 }])),
    },
  },
};

export function differenceDouble(running: PipelineDocument, document: PipelineDocument): PlanDifference {
  const nodes: NodeDifference[] = [];
  for (const node of document.nodes) {
    const old = running.nodes.find((entry) => entry.id === node.id);
    if (old === undefined) {
      nodes.push({
        node: node.id,
        change: 'added',
        words: 'new',
        caption: 'new, not applied',
        state: 'fresh',
        stateWords: 'starts at the next epoch',
        choices: [],
      });
    } else if (JSON.stringify(old.settings) !== JSON.stringify(node.settings)) {
      const name = [...new Set([...Object.keys(old.settings), ...Object.keys(node.settings)])].find(
        (key) => JSON.stringify(old.settings[key]) !== JSON.stringify(node.settings[key]),
      )!;
      const words = `${name} ${JSON.stringify(old.settings[name]) ?? 'default'} to ${JSON.stringify(node.settings[name]) ?? 'default'}`;
      const lost = name === 'field' || name === 'by';
      nodes.push({
        node: node.id,
        change: 'settings',
        words,
        caption: name === 'threshold' ? `z > ${String(node.settings[name])}, was ${String(old.settings[name] ?? 3)}` : words,
        state: lost ? 'refused' : 'kept',
        stateWords: lost ? 'needs a fresh baseline, 40 baselines given up' : '40 baselines kept',
        choices: lost
          ? [
              { choice: 'fresh', title: 'Start this node fresh', consequence: 'No moments for ten minutes' },
              { choice: 'reprocess', title: 'Read again from the beginning', consequence: 'About 4 min; keyed sinks overwrite' },
              { choice: 'back', title: 'Leave it as it runs', consequence: 'Apply the others' },
            ]
          : [],
      });
    }
  }
  for (const node of running.nodes) {
    if (!document.nodes.some((entry) => entry.id === node.id))
      nodes.push({
        node: node.id,
        change: 'removed',
        words: 'removed',
        caption: 'removed',
        state: 'fresh',
        stateWords: 'its state is given up',
        choices: [],
      });
  }
  const wires = (of: PipelineDocument) =>
    of.edges
      .map((edge) => `${edge.from} ${edge.to}`)
      .toSorted()
      .join();
  const rewired = wires(running) !== wires(document);
  return {
    change: nodes.length === 0 && !rewired ? 'nothing' : rewired ? 'rewire' : 'settings',
    nodes,
    untouched: document.nodes.length - nodes.filter((node) => node.change !== 'removed').length,
  };
}

const FINAL: Misfit = {
  code: 'needs_final_rows',
  title: 'A join needs final rows',
  message: 'Port updates sends a window again each time it changes, keyed by stream_id. This node takes every row once.',
  mend: 'Use port out: final, 2:00 later.',
  instead: 'out',
};

export function connectableDouble(document: PipelineDocument, from: string, catalog: Catalog): Connectable {
  const updates = from.endsWith('.updates');
  const ports: Record<string, Misfit | null> = {};
  for (const node of document.nodes) {
    const kind = catalog.kinds.find((entry) => entry.kind === node.kind);
    for (const port of kind?.inputs ?? []) {
      ports[`${node.id}.${port.name}`] =
        node.id === from.split('.')[0]
          ? { code: 'cycle', title: 'That would be a circle', message: 'A row would come back to the node that sent it.' }
          : updates && !kind!.accepts.includes('updates')
            ? FINAL
            : null;
    }
  }
  return {
    ports,
    kinds: catalog.kinds
      .filter((kind) => kind.inputs.length > 0)
      .map((kind) => ({
        kind: kind.kind,
        port: kind.inputs[0]!.name,
        misfit: updates && !kind.accepts.includes('updates') ? { ...FINAL, title: 'needs final rows: use port out' } : null,
      })),
  };
}
