import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeAll, decodeSpec } from '../../../tests/hostile/raw-batch.ts';
import { EventModel } from './event-model.ts';
import { EVENT_KINDS, type EventKind, type GeneratedEvent, type ModelSettings } from './model-state.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const NOW = Date.UTC(2026, 8, 7, 7, 17, 12) * 1000;

const settings: ModelSettings = {
  rate: 12,
  channels: ['demo_stream', 'art_corner'],
  seed: 1,
  produce: { chat: true, viewer: true, transactions: true, stream_meta: true },
  bursts: { everyUs: 20 * MINUTE, factor: 8, lengthUs: 25 * SECOND },
  lateShare: 0.003,
  disorderUs: 2 * SECOND,
  brokenShare: 0.002,
  users: 600,
};

/** Fifteen minutes before NOW, then `liveUs` after it. */
function events(liveUs: number, more: Partial<ModelSettings> = {}): GeneratedEvent[] {
  const own = { ...settings, ...more };
  const model = new EventModel(own, EventModel.withSpike(own, EventModel.begin(own, NOW - 15 * MINUTE), NOW, 15 * MINUTE));
  const all: GeneratedEvent[] = [];
  while (model.slotUs <= NOW + liveUs) all.push(...model.slot());
  return all;
}

const parsed = (event: GeneratedEvent): Record<string, unknown> => JSON.parse(event.value) as Record<string, unknown>;
const clean = { brokenShare: 0, lateShare: 0 };
/** the history and an hour and a half after it, with nothing broken or late */
const afternoon = events(90 * MINUTE, clean);

const SCHEMAS: Readonly<Record<EventKind, string>> = {
  chat: 'chat_message',
  viewer: 'viewer_count',
  transactions: 'transaction',
  stream_meta: 'stream_meta',
};
const specOf = (kind: EventKind): ReturnType<typeof decodeSpec> =>
  decodeSpec(
    JSON.parse(readFileSync(new URL(`../../../pipelines/schemas/${SCHEMAS[kind]}.json`, import.meta.url), 'utf8')) as unknown,
    {
      eventTime: 'timestamp',
      decimals: kind === 'transactions' ? { amount: 2 } : {},
    },
  );

test('[D4] the same seed and state make the same events, another seed makes others', () => {
  expect(events(MINUTE)).toEqual(events(MINUTE));
  expect(events(MINUTE)[20]).not.toEqual(events(MINUTE, { seed: 2 })[20]);
});

test('events leave in the order of their sending', () => {
  const all = events(10 * MINUTE);
  for (let i = 1; i < all.length; i++) expect(all[i]!.sentUs).toBeGreaterThanOrEqual(all[i - 1]!.sentUs);
});

test.each(EVENT_KINDS)('%s: every event fits its schema when nothing is broken on purpose', (kind) => {
  const own = afternoon.filter((event) => event.kind === kind).slice(0, 20_000);
  expect(own.length).toBeGreaterThan(5);
  const verdicts = decodeAll(
    specOf(kind),
    own.map((event) => event.value),
  );
  for (const verdict of verdicts) expect(verdict.code, verdict.sentence).toBeUndefined();
});

test('broken messages are as many as set, and lead to several codes', () => {
  const chat = events(30 * MINUTE, { brokenShare: 0.05 }).filter((event) => event.kind === 'chat');
  const codes = decodeAll(
    specOf('chat'),
    chat.map((event) => event.value),
  ).map((verdict) => verdict.code);
  const dead = codes.filter((code) => code !== undefined);
  expect(dead.length / codes.length).toBeCloseTo(0.05, 1.5);
  expect([...new Set(dead)].toSorted()).toEqual([
    'duplicate_key',
    'invalid_json',
    'invalid_timestamp',
    'lone_surrogate',
    'missing_field',
    'wrong_type',
  ]);
});

test('kinds come by their weights', () => {
  const all = events(60 * MINUTE, { bursts: { everyUs: 0, factor: 1, lengthUs: 0 } });
  const slots = 75 * 60 * 12;
  const share = (kind: EventKind): number => all.filter((event) => event.kind === kind).length / slots;
  expect(share('chat')).toBeCloseTo(0.7, 1.5);
  expect(share('viewer')).toBeCloseTo(0.2, 1.5);
  expect(share('transactions')).toBeCloseTo(0.0025, 2);
  expect(share('stream_meta')).toBeCloseTo(0.001, 2);
});

test('a kind that is switched off changes nothing about the others', () => {
  const without = events(5 * MINUTE, { produce: { ...settings.produce, viewer: false } });
  expect(without).toEqual(events(5 * MINUTE).filter((event) => event.kind !== 'viewer'));
});

test('people come back: fewer names than messages, each with one id', () => {
  const ids = new Map<unknown, unknown>();
  const chat = events(0, clean).filter((event) => event.kind === 'chat');
  for (const { user_id: id, username } of chat.map(parsed)) {
    expect(id).toMatch(/^user_\d{6,7}$/);
    expect(ids.get(username) ?? id).toBe(id);
    ids.set(username, id);
  }
  expect(ids.size).toBeGreaterThan(100);
  expect(ids.size).toBeLessThan(chat.length / 5);
});

test('[T3] late events are late: at least two and a half minutes older than their neighbours, and none opens the stream', () => {
  const all = events(30 * MINUTE, { brokenShare: 0, lateShare: 0.02 }).filter((event) => event.kind !== 'stream_meta');
  const ages = all.map((event) => event.sentUs - Date.parse(String(parsed(event).timestamp)) * 1000);
  const late = ages.filter((age) => age > 2.5 * MINUTE);
  expect(late.length / all.length).toBeGreaterThan(0.01);
  for (const age of ages) expect(age < 2 * SECOND + 1000 || age > 2.5 * MINUTE - 1000).toBe(true);
  all.forEach((event, i) => expect(event.sentUs - ages[i]!).toBeGreaterThanOrEqual(NOW - 15 * MINUTE - 1000));
});

test('raiders watch, and leave again by halves', () => {
  const all = afternoon;
  let seen = 0;
  all.forEach((event, i) => {
    if (event.kind !== 'stream_meta' || parsed(event).event_type !== 'raid_incoming') return;
    const raiders = (parsed(event).raid_data as { viewer_count: number }).viewer_count;
    const counts = (from: number, to: number): number[] =>
      all
        .slice(from, to)
        .flatMap((other) => (other.kind === 'viewer' && other.key === event.key ? [Number(parsed(other).viewer_count)] : []));
    const before = counts(Math.max(0, i - 100), i).at(-1);
    const after = counts(i, i + 100)[0];
    if (before === undefined || after === undefined || raiders < 500) return;
    seen++;
    expect(after).toBeGreaterThan(before + raiders * 0.8);
  });
  expect(seen).toBeGreaterThan(2);
});

describe('moments', () => {
  interface Row {
    readonly end: number;
    readonly z: number | undefined;
  }

  /** Z1–Z3 on counts of one-minute windows every ten seconds, written down plainly. */
  function zScores(all: readonly GeneratedEvent[], channel: string): Row[] {
    const times = all
      .filter((event) => event.kind === 'chat' && event.key === channel)
      .map((event) => Date.parse(String(parsed(event).timestamp)) * 1000);
    const step = 10 * SECOND;
    const counts = new Map<number, number>();
    for (const time of times) {
      const first = Math.floor(time / step) * step + step;
      for (let end = first; end < first + MINUTE; end += step) counts.set(end, (counts.get(end) ?? 0) + 1);
    }
    const ends = [...counts.keys()].toSorted((a, b) => a - b);
    return ends.map((end, i) => {
      const baseline: number[] = [];
      for (let k = i - 6; k >= 5 && baseline.length < 30; k -= 6) baseline.push(counts.get(ends[k]!)! / 60);
      if (baseline.length < 10) return { end, z: undefined };
      const mean = baseline.reduce((sum, x) => sum + x, 0) / baseline.length;
      const spread = Math.sqrt(baseline.reduce((sum, x) => sum + (x - mean) ** 2, 0) / baseline.length);
      return { end, z: (counts.get(end)! / 60 - mean) / Math.max(spread, 0.01 * Math.abs(mean), 1e-9) };
    });
  }

  test.each(Array.from({ length: 8 }, (_, seed) => seed))('the history of seed %i holds a spike that is final at once', (seed) => {
    const all = events(0, { seed, brokenShare: 0 });
    const final = ['demo_stream', 'art_corner']
      .flatMap((channel) => zScores(all, channel))
      .filter((row) => row.end <= NOW - 2 * MINUTE);
    const strongest = final.reduce((best, row) => ((row.z ?? 0) > (best.z ?? 0) ? row : best));
    expect(strongest.z).toBeGreaterThan(6);
    expect(strongest.end).toBeGreaterThan(NOW - 215 * SECOND);
    expect(strongest.end).toBeLessThan(NOW - 2 * MINUTE);
  });

  test('every later moment is found as well', () => {
    const live = 90 * MINUTE;
    const all = afternoon;
    for (const channel of settings.channels) {
      const rows = zScores(all, channel);
      // a moment: ten seconds with more than three times the usual chat
      const usual = (settings.rate * 0.7 * 10) / settings.channels.length;
      const perStep = new Map<number, number>();
      for (const event of all) {
        if (event.kind !== 'chat' || event.key !== channel) continue;
        const step = Math.floor(event.sentUs / (10 * SECOND));
        perStep.set(step, (perStep.get(step) ?? 0) + 1);
      }
      const busy = [...perStep].filter(([, count]) => count > 3 * usual).map(([step]) => step * 10 * SECOND);
      const moments = busy.filter((time, i) => i === 0 || time - busy[i - 1]! > MINUTE);
      expect(moments.length).toBeGreaterThan(3);
      for (const moment of moments) {
        if (moment > NOW + live - 2 * MINUTE) continue;
        const z = rows.filter((row) => row.end > moment && row.end <= moment + 90 * SECOND).map((row) => row.z ?? 0);
        expect(Math.max(...z), `${channel} at ${(moment - NOW) / MINUTE} min`).toBeGreaterThan(3);
      }
    }
  });
});
