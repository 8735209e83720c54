import type { DeadLetter, DeadPage, RowPage, Target } from '../../../app/protocol/browse.ts';
import type { PipelineNode } from '../../../engine/model/pipeline.ts';
import type { RunRecord } from '../../../app/protocol/run.ts';

/** Made-up contents of tables, keys and dead letters. */

const STREAMS = [
  'night_radio',
  'chess_blitz',
  'speedrun_lab',
  'cooking_live',
  'pixel_garden',
  'retro_lab',
  'rocket_watch',
  'bird_garden',
  'train_sim',
  'deep_sea_cam',
];

export function tableDouble(name: string): RowPage {
  if (name === 'moments' || name === 'recent_moments') {
    const columns = [
      ['timestamp', 'timestamp'],
      ['stream_id', 'text'],
      ['moment_type', 'text'],
      ['value', 'float'],
      ['z_score', 'float'],
      ['description', 'text'],
    ].map(([column, type]) => ({ name: column!, type: type! }));
    const rows = STREAMS.slice(0, 6).map((stream, index) => [
      new Date(Date.now() - index * 310_000).toISOString(),
      stream,
      index % 2 === 0 ? 'chat_spike' : 'viewer_spike',
      148.3 - index * 9,
      6.4 - index * 0.5,
      `chat rose to ${(148.3 - index * 9).toFixed(1)}/s, z ${(6.4 - index * 0.5).toFixed(1)}`,
    ]);
    return { columns, rows, total: 49, at: Date.now() };
  }
  const columns = [
    ['stream_id', 'text'],
    ['chat_count', 'integer'],
    ['unique_chatters', 'integer'],
    ['chat_rate', 'float'],
    ['sentiment_score', 'float'],
    ['avg_viewers', 'integer'],
    ['z_score', 'float'],
    ['top_emotes', 'text[]'],
  ].map(([column, type]) => ({ name: column!, type: type! }));
  const rows = STREAMS.map((stream, index) => [
    stream,
    8898 - index * 733,
    5120 - index * 421,
    148.3 - index * 12.2,
    0.31 - index * 0.05,
    index === 9 ? null : 12_406 - index * 1107,
    index === 9 ? null : 6.4 - index * 0.8,
    ['KEKW', 'PogChamp'],
  ]);
  return { columns, rows, total: 44_902, at: Date.now() };
}

/** what a chart node holds: a minute of three streams */
export function chartDouble(): RowPage {
  const now = Date.now();
  return {
    columns: [
      { name: 'window_start', type: 'timestamp' },
      { name: 'stream_id', type: 'text' },
      { name: 'chat_rate', type: 'float' },
      { name: 'chat_count', type: 'integer' },
    ],
    rows: Array.from({ length: 36 }, (_, index) => [
      new Date(now - Math.floor(index / 3) * 10_000).toISOString(),
      STREAMS[index % 3]!,
      60 + (index % 3) * 20 + Math.round(10 * Math.sin(index / 4)),
      3600 - index * 40,
    ]),
    total: 36,
    at: now,
  };
}

export function targetsDouble(nodes: readonly PipelineNode[]): Target[] {
  const charts = nodes.filter((node) => node.kind === 'chart');
  return [
    ...charts.map((node): Target => ({ node: node.id, service: 'view', name: node.name, unit: 'rows', count: 36 })),
    { node: 'chat_summary_minute', service: 'postgres', name: 'chat_summary_minute', unit: 'rows', count: 44_902 },
    { node: 'moments', service: 'postgres', name: 'moments', unit: 'rows', count: 49 },
    { node: 'viewer_timeseries', service: 'postgres', name: 'viewer_timeseries', unit: 'rows', count: 2_102_331 },
    { node: 'transactions_table', service: 'postgres', name: 'transactions', unit: 'rows', count: 208_780 },
    { node: 'streams', service: 'postgres', name: 'streams', unit: 'rows', count: 40 },
    { node: 'live_metrics', service: 'redis', name: 'metrics:*', unit: 'keys', count: 40 },
    { node: 'recent_moments', service: 'redis', name: 'moments:*', unit: 'keys', count: 18 },
  ];
}

export function deadDouble(code?: string): DeadPage {
  const groups = [
    { node: 'chat', code: 'schema_required', sentence: 'message is required', count: 61 },
    { node: 'chat', code: 'invalid_utf8', sentence: 'byte 141 starts no character', count: 33 },
    { node: 'chat', code: 'schema_max_length', sentence: 'message is longer than 500', count: 22 },
    { node: 'chat', code: 'future_timestamp', sentence: '6:12 ahead of the clock', count: 12 },
  ];
  const bytes = Buffer.from(
    '{"message_id":"m-23","timestamp":"2026-11-23T16:26:41.220Z","stream_id":"night_radio","user_id":"user_91","badges":[],"message":"caf\xc3( mix at nine?"}',
    'latin1',
  );
  const letters: DeadLetter[] = groups
    .filter((group) => code === undefined || group.code === code)
    .flatMap((group, index) =>
      Array.from({ length: 8 }, (_, at) => ({
        id: index * 100 + at + 1,
        code: group.code,
        sentence: group.sentence,
        node: group.node,
        source: 'chat',
        partition: 1,
        offset: 12_770_482 - at * 17,
        eventTime: undefined,
        at: Date.now() - at * 9000,
        bytes: bytes.toString('base64'),
        cut: false,
        position: bytes.indexOf(0xc3),
        replayed: false,
      })),
    );
  return { groups, letters, total: 128, dropped: 0 };
}

export function historyDouble(startedAt: number): RunRecord[] {
  return [
    {
      runId: 'run-1',
      revision: 12,
      planHash: 'd0ub1e',
      startedAt,
      endedAt: undefined,
      from: 'stored',
      end: 'running',
      epochs: 11_228,
      rowsIn: 38_311_420,
      balanced: true,
    },
    {
      runId: 'run-0',
      revision: 11,
      planHash: 'ab12cd',
      startedAt: startedAt - 3_600_000,
      endedAt: startedAt - 4000,
      from: 'earliest',
      end: 'applied revision 12',
      epochs: 3596,
      rowsIn: 12_100_233,
      balanced: true,
    },
  ];
}
