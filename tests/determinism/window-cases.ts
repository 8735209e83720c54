import { APPEND, type Schema } from '../../engine/model/schema.ts';
import type { GroupKey, WindowKind, WindowSettings } from '../../nodes/window/core/window-settings.ts';
import { at, seeded } from '../conformance/support/random-rows.ts';
import type { JsonRow } from '../conformance/support/row-batch.ts';

export const schema: Schema = {
  fields: [
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'channel', type: 'text', nullable: true },
    { name: 'device', type: 'integer', nullable: true },
    { name: 'live', type: 'boolean', nullable: true },
    { name: 'person', type: 'text', nullable: true },
    { name: 'emotes', type: 'text[]', nullable: true },
    { name: 'score', type: 'float', nullable: true },
    { name: 'amount', type: 'decimal(2)', nullable: true },
    { name: 'n', type: 'integer', nullable: true },
  ],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: true,
};

/** Every aggregate of W2, each value kind, filters and expressions over aggregates. */
export const columns: Readonly<Record<string, string>> = {
  all_rows: 'count(*)',
  scored: 'count(score)',
  positive: 'count(*) FILTER (WHERE score > 0)',
  persons: 'count(DISTINCT person)',
  numbers: 'count(DISTINCT n)',
  lists: 'count(DISTINCT emotes)',
  sum_n: 'sum(n)',
  sum_score: 'sum(score)',
  sum_amount: 'sum(amount)',
  avg_score: 'avg(score)',
  avg_amount: 'avg(amount) FILTER (WHERE n > 0)',
  min_score: 'min(score)',
  max_person: 'max(person)',
  min_person: 'min(person) FILTER (WHERE live)',
  max_at: 'max(at)',
  pop: 'stddev_pop(score)',
  samp: 'stddev_samp(n)',
  every_live: 'bool_and(live)',
  some_live: 'bool_or(live)',
  people: 'array_agg(person, 4)',
  first_score: 'first(score)',
  last_person: 'last(person)',
  last_emotes: 'last(emotes)',
  first_live: 'first(live)',
  top_emotes: 'top(emotes, 3)',
  person_counts: 'top_counts(person, 2)',
  rate: 'count(*) / 60.0',
  mixed: "coalesce(max(person), 'nobody') || ':' || (sum(n) + count(*))::text",
};

export const keySets: readonly (readonly GroupKey[])[] = [
  [],
  ['channel'],
  ['channel', 'device'],
  [{ name: 'sign', expression: 'score > 0' }, 'emotes'],
];

export const windows: Readonly<Record<string, WindowKind>> = {
  tumbling: { kind: 'tumbling', size: '20s' },
  hopping: { kind: 'hopping', size: '30s', every: '10s' },
  'hopping over parts': { kind: 'hopping', size: '25s', every: '10s' },
  session: { kind: 'session', gap: '6s' },
  running: { kind: 'running', ttl: '15s' },
};

export function settingsOf(
  window: WindowKind,
  by: readonly GroupKey[],
  own: Readonly<Record<string, string>> = columns,
): WindowSettings {
  return {
    window,
    by: [...by],
    columns: Object.entries(own).map(([name, expression]) => ({ name, expression })),
    limits: { keys: 1_000_000, bytes: 536_870_912, policy: 'fail' },
    fill_gaps: 0,
  };
}

const CHANNELS = ['ann', 'bob', 'böb', '', 'zoë', '日本'];
const PEOPLE = ['u1', 'u2', 'u10', 'ü', 'U1', '', '🦊'];
const EMOTES = ['Kappa', 'LUL', 'PogChamp', 'KEKW'];

/** Partitions that disagree in pace, with disorder, rows beyond lateness, NULLs everywhere and few distinct values. */
export function randomPartitions(seed: number, partitions = 3): JsonRow[][] {
  const random = seeded(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const maybe = <T>(value: T): T | null => (random() < 0.15 ? null : value);
  return Array.from({ length: partitions }, () => {
    const count = Math.floor(random() * 40);
    let clock = random() * 20;
    return Array.from({ length: count }, () => {
      clock += random() < 0.1 ? random() * 30 : random() * 3;
      const disorder = random() < 0.15 ? random() * 40 : random() * 4;
      return {
        at: at(Math.max(0, clock - disorder)),
        channel: maybe(pick(CHANNELS)),
        device: maybe(pick([1, 2, -3])),
        live: maybe(random() < 0.7),
        person: maybe(pick(PEOPLE)),
        emotes: maybe(Array.from({ length: Math.floor(random() * 3) }, () => pick(EMOTES))),
        score: maybe(pick([0, 0.1, -0.3, 1 / 3, 1e16, -1e16, 2.5])),
        amount: maybe(pick([0.01, 19.99, -5.5, 100])),
        n: maybe(pick([1, 2, 3, -7, 1000])),
      };
    });
  });
}
