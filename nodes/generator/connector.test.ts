import { expect, test } from 'vitest';
import type { Position, RawBatch, SourceContext, SourceReader } from '../../engine/stream/connector.ts';
import { createDecoder } from '../../engine/decode/decoder.ts';
import { verdicts, wholeLayout } from '../../tests/hostile/raw-batch.ts';
import { source, withEnvironment } from './connector.ts';
import { definition, type Settings } from './definition.ts';

const NOW = Date.UTC(2026, 8, 7, 7, 17, 12);
const settings = definition.settings.parse({});

class Clock {
  ms = NOW;
}

function context(clock: Clock, more: Partial<SourceContext<unknown>> = {}): SourceContext<unknown> {
  return {
    pipelineId: 'p',
    nodeId: 'events',
    connections: undefined,
    baseDirectory: '/',
    now: () => clock.ms,
    sleep: (ms) => {
      clock.ms += ms;
      return Promise.resolve();
    },
    random: () => {
      throw new Error('the seed decides');
    },
    signal: new AbortController().signal,
    report: () => undefined,
    positions: new Map(),
    from: { kind: 'stored' },
    bounded: false,
    ...more,
  };
}

interface Sent {
  readonly port: number;
  readonly offset: number;
  readonly time: number;
  readonly key: string;
  readonly value: string;
}

const text = new TextDecoder();

function sent(batch: RawBatch): Sent[] {
  return Array.from({ length: batch.count }, (_, i) => ({
    port: batch.port,
    offset: batch.offsets[i]!,
    time: batch.timestamps![i]!,
    key: text.decode(batch.keys!.bytes.subarray(batch.keys!.start[i], batch.keys!.end[i])),
    value: text.decode(batch.bytes.subarray(batch.start[i], batch.end[i])),
  }));
}

const open = (own: Settings, given: SourceContext<unknown>): Promise<SourceReader> => source.open(own, given);

async function readUntil(
  reader: SourceReader,
  done: (batch: RawBatch, count: number) => boolean,
  maxRows = 500,
): Promise<{ events: Sent[]; next: Position }> {
  const events: Sent[] = [];
  for (;;) {
    for (const batch of await reader.poll([0], maxRows, 100)) {
      events.push(...sent(batch));
      if (done(batch, events.length)) return { events, next: batch.next };
    }
  }
}

test('a bounded run sends the history and ends', async () => {
  const { events } = await readUntil(await open(settings, context(new Clock(), { bounded: true })), (batch) => batch.ended);
  expect(events[0]!.time).toBe((NOW - 15 * 60_000) * 1000);
  expect(events.at(-1)!.time).toBeGreaterThan((NOW - 1_000) * 1000);
  expect(events.map((event) => event.offset)).toEqual(events.map((_, i) => i));
  for (let i = 1; i < events.length; i++) expect(events[i]!.time).toBeGreaterThanOrEqual(events[i - 1]!.time);
  expect([...new Set(events.map((event) => event.port))].toSorted()).toEqual([0, 1, 2, 3]);
});

test('live, events come when the clock reaches them, at the rate that is set', async () => {
  const clock = new Clock();
  const reader = await open({ ...settings, backfill: '0s', bursts: { ...settings.bursts, every: '0s' } }, context(clock));
  const { events } = await readUntil(reader, () => clock.ms >= NOW + 60_000);
  for (const event of events) expect(event.time).toBeLessThanOrEqual(clock.ms * 1000);
  // 12 slots a second, of which 0.7 + 0.2 + 0.05 × 0.05 + 0.05 × 0.02 send
  expect(events.length).toBeGreaterThan(600);
  expect(events.length).toBeLessThan(700);
});

test('[D1] from any stored position exactly the same events follow', async () => {
  const straight = await readUntil(await open(settings, context(new Clock(), { bounded: true })), (batch) => batch.ended, 333);
  for (const crashAt of [1, 100, 5_000, 9_876]) {
    const first = await readUntil(
      await open(settings, context(new Clock(), { bounded: true })),
      (_, count) => count >= crashAt,
      97,
    );
    const stored = JSON.parse(JSON.stringify(first.next)) as Position;
    const clock = new Clock();
    const again = context(clock, { bounded: true, positions: new Map([[0, stored]]) });
    const rest = await readUntil(await open({ ...settings }, again), (batch) => batch.ended, 211);
    expect([...first.events, ...rest.events], `after ${first.events.length}`).toEqual(straight.events);
  }
});

test('a restart within a minute goes on as if nothing had been, even in the middle of a moment', async () => {
  const clock = new Clock();
  const own: Settings = { ...settings, backfill: '0s', bursts: { every: '1m', factor: 8, length: '25s' } };
  const straight = await readUntil(await open(own, context(clock)), () => clock.ms >= NOW + 900_000);
  const broken = new Clock();
  const events: Sent[] = [];
  let positions = new Map<number, Position>();
  for (let until = NOW + 61_000; events.length < straight.events.length; until += 61_000) {
    const reader = await open(own, context(broken, { positions }));
    const part = await readUntil(reader, () => broken.ms >= until, 7);
    events.push(...part.events);
    positions = new Map([[0, JSON.parse(JSON.stringify(part.next)) as Position]]);
    broken.ms += 20_000;
    until += 20_000;
  }
  expect(events.slice(0, straight.events.length)).toEqual(straight.events);
});

test('a gap is filled, at most fifteen minutes of it, without going back in time', async () => {
  for (const [gapMinutes, jumps] of [
    [8, false],
    [120, true],
  ] as const) {
    const before = await readUntil(await open(settings, context(new Clock(), { bounded: true })), (batch) => batch.ended);
    const clock = new Clock();
    clock.ms += gapMinutes * 60_000;
    const after = await readUntil(
      await open(settings, context(clock, { bounded: true, positions: new Map([[0, before.next]]) })),
      (batch) => batch.ended,
    );
    const first = after.events[0]!;
    expect(first.offset).toBe(before.events.length);
    expect(first.time).toBeGreaterThanOrEqual(before.events.at(-1)!.time);
    expect(clock.ms * 1000 - first.time).toBeLessThanOrEqual(15 * 60_000_000);
    expect(first.time - before.events.at(-1)!.time > 60_000_000).toBe(jumps);
    const perMinute = after.events
      .filter((event) => event.port === 0)
      .map((event) => Math.floor((clock.ms * 1000 - event.time) / 60_000_000));
    const count = (minute: number): number => perMinute.filter((other) => other === minute).length;
    expect(count(3)).toBeGreaterThan(1.5 * count(5));
  }
});

test('the limit on messages ends it', async () => {
  const { events } = await readUntil(await open({ ...settings, messages: 50 }, context(new Clock())), (batch) => batch.ended, 7);
  expect(events.length).toBe(50);
});

test('a partition that is not asked for stays where it is', async () => {
  const reader = await open(settings, context(new Clock()));
  expect(await reader.poll([], 100, 0)).toEqual([]);
  const [batch] = await reader.poll([0], 1, 0);
  expect(batch!.offsets[0]).toBe(0);
});

test('its messages are rows of format message', async () => {
  const spec = definition.decode!(settings)[0]!;
  const decoder = createDecoder(spec, wholeLayout(spec, 'bytes'));
  const reader = await open(settings, context(new Clock(), { bounded: true }));
  for (const batch of await reader.poll([0], 300, 0)) {
    const events = sent(batch);
    verdicts(decoder, batch).forEach((verdict, i) => {
      expect(verdict).toEqual({
        code: undefined,
        time: events[i]!.time,
        values: { key: events[i]!.key, value: events[i]!.value, timestamp: events[i]!.time },
      });
    });
  }
});

test('the names of the environment override the settings', () => {
  const own = withEnvironment(settings, {
    RATE_PER_SEC: '5',
    PRODUCER_RATE_PER_SEC: '7',
    CHANNELS: 'a, b',
    PRODUCE_CHAT: 'false',
    PRODUCE_VIEWER: '',
  });
  expect(own).toEqual({ ...settings, rate: 7, channels: ['a', 'b'], produce: { ...settings.produce, chat: false } });
  expect(withEnvironment(settings, {})).toEqual(settings);
});

test.each([{ RATE_PER_SEC: 'fast' }, { RATE_PER_SEC: '0' }, { CHANNELS: ',' }, { CHANNELS: 'a,a' }, { PRODUCE_CHAT: 'maybe' }])(
  'a bad value is refused by name: %j',
  (environment) => {
    expect(() => withEnvironment(settings, environment)).toThrow(
      expect.objectContaining({ name: 'Fault', kind: 'fatal', code: 'bad_environment' }),
    );
  },
);
