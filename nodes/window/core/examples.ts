import type { Example } from '../../../engine/model/definition.ts';
import { APPEND, type Schema } from '../../../engine/model/schema.ts';
import type { WindowKind, WindowSettings } from './window-settings.ts';

type Row = Readonly<Record<string, unknown>>;

/** What the conformance suite executes, and what the Docs tab shows. */
export const examples: readonly Example<WindowSettings>[] = [
  {
    title: 'Chat per minute: counts, people, emotes, mood',
    settings: settings({ kind: 'tumbling', size: '1m' }, ['channel'], {
      chat_count: 'count(*)',
      unique_chatters: 'count(DISTINCT user_id)',
      top_emotes: 'top(emotes, 2)',
      mood: 'avg(mood)',
      positive: 'count(*) FILTER (WHERE mood > 0)',
      rate: 'count(*) / 60.0',
    }),
    inputs: [
      {
        schema: chatSchema(),
        rows: [
          chat(1, 'ann', 'u1', ['Kappa'], 1),
          chat(20, 'bob', 'u1', [], null),
          chat(2, 'ann', 'u2', ['PogChamp', 'Kappa'], -0.5),
          chat(59, 'ann', 'u1', ['PogChamp', 'LUL'], 0.25),
          chat(60, 'ann', 'u3', null, 0),
        ],
      },
    ],
    outputs: {
      out: [
        {
          channel: 'ann',
          ...bounds(0, 60),
          chat_count: 3,
          unique_chatters: 2,
          top_emotes: ['Kappa', 'PogChamp'],
          mood: 0.25,
          positive: 2,
          rate: 0.05,
        },
        {
          channel: 'bob',
          ...bounds(0, 60),
          chat_count: 1,
          unique_chatters: 1,
          top_emotes: null,
          mood: null,
          positive: 0,
          rate: 1 / 60,
        },
        {
          channel: 'ann',
          ...bounds(60, 120),
          chat_count: 1,
          unique_chatters: 1,
          top_emotes: null,
          mood: 0,
          positive: 0,
          rate: 1 / 60,
        },
      ],
      late: [],
    },
  },
  {
    title: 'Overlapping windows, and a row that comes too late',
    settings: settings({ kind: 'hopping', size: '20s', every: '10s' }, [], {
      rows: 'count(*)',
      newest: 'last(user_id)',
      spread: 'stddev_pop(mood)',
    }),
    inputs: [
      { schema: chatSchema(), rows: [chat(5, 'ann', 'u1', [], 1), chat(25, 'ann', 'u2', [], 3), chat(8, 'ann', 'u3', [], 5)] },
    ],
    outputs: {
      out: [
        { ...bounds(-10, 10), rows: 1, newest: 'u1', spread: 0 },
        { ...bounds(0, 20), rows: 1, newest: 'u1', spread: 0 },
        { ...bounds(10, 30), rows: 1, newest: 'u2', spread: 0 },
        { ...bounds(20, 40), rows: 1, newest: 'u2', spread: 0 },
      ],
      late: [chat(8, 'ann', 'u3', [], 5)],
    },
  },
  {
    title: 'Sessions end after 30 s of silence',
    settings: settings({ kind: 'session', gap: '30s' }, ['user_id'], { rows: 'count(*)', first_channel: 'first(channel)' }),
    inputs: [
      {
        schema: chatSchema(),
        rows: [
          chat(0, 'ann', 'u1', [], 1),
          chat(10, 'bob', 'u2', [], 1),
          chat(29, 'bob', 'u1', [], 1),
          chat(59, 'bob', 'u1', [], 1),
        ],
      },
    ],
    outputs: {
      out: [
        { user_id: 'u2', ...bounds(10, 40), rows: 1, first_channel: 'bob' },
        { user_id: 'u1', ...bounds(0, 59), rows: 2, first_channel: 'ann' },
        { user_id: 'u1', ...bounds(59, 89), rows: 1, first_channel: 'bob' },
      ],
    },
  },
  {
    title: 'The newest values of each key',
    settings: settings({ kind: 'running', ttl: '7d' }, ['channel'], { last_user: 'last(user_id)', rows: 'count(*)' }),
    inputs: [{ schema: chatSchema(), rows: [chat(1, 'bob', 'u1', [], 1), chat(2, 'ann', 'u2', [], 1)] }],
    outputs: {
      updates: [
        { channel: 'bob', last_user: 'u1', rows: 1 },
        { channel: 'ann', last_user: 'u2', rows: 1 },
      ],
    },
  },
  {
    title: 'Windows without rows are filled',
    settings: {
      ...settings({ kind: 'tumbling', size: '10s' }, ['channel'], { rows: 'count(*)', mood: 'max(mood)' }),
      fill_gaps: 2,
    },
    inputs: [
      { schema: chatSchema(), rows: [chat(1, 'ann', 'u1', [], 1), chat(2, 'bob', 'u1', [], 2), chat(45, 'bob', 'u1', [], 3)] },
    ],
    outputs: {
      out: [
        { channel: 'ann', ...bounds(0, 10), rows: 1, mood: 1 },
        { channel: 'bob', ...bounds(0, 10), rows: 1, mood: 2 },
        { channel: 'ann', ...bounds(10, 20), rows: 0, mood: null },
        { channel: 'bob', ...bounds(10, 20), rows: 0, mood: null },
        { channel: 'ann', ...bounds(20, 30), rows: 0, mood: null },
        { channel: 'bob', ...bounds(20, 30), rows: 0, mood: null },
        { channel: 'bob', ...bounds(40, 50), rows: 1, mood: 3 },
      ],
    },
  },
];

function settings(window: WindowKind, by: readonly string[], columns: Readonly<Record<string, string>>): WindowSettings {
  return {
    window,
    by: [...by],
    columns: Object.entries(columns).map(([name, expression]) => ({ name, expression })),
    limits: { keys: 1_000_000, bytes: 536_870_912, policy: 'fail' },
    fill_gaps: 0,
  };
}

function chatSchema(): Schema {
  return {
    fields: [
      { name: 'at', type: 'timestamp', nullable: false },
      { name: 'channel', type: 'text', nullable: true },
      { name: 'user_id', type: 'text', nullable: true },
      { name: 'emotes', type: 'text[]', nullable: true },
      { name: 'mood', type: 'float', nullable: true },
    ],
    mode: APPEND,
    keys: [],
    window: undefined,
    timed: true,
  };
}

/** `seconds` after 2026-01-01T00:00:00Z, −60 … 179 */
function time(seconds: number): string {
  if (seconds < 0) return `2025-12-31T23:59:${60 + seconds}Z`;
  return `2026-01-01T00:0${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}Z`;
}

function chat(second: number, channel: string, user_id: string, emotes: readonly string[] | null, mood: number | null): Row {
  return { at: time(second), channel, user_id, emotes, mood };
}

function bounds(start: number, end: number): Row {
  return { window_start: time(start), window_end: time(end) };
}
