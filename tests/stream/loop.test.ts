import { describe, expect, test } from 'vitest';
import { Fault } from '../../engine/model/fault.ts';
import type { EpochRecord, Manifest } from '../../engine/stream/checkpoint.ts';
import { MemoryStore } from '../../engine/stream/memory-store.ts';
import { FakeReader, FakeSink } from './fakes.ts';
import { COPY, COUNT, loopOf, SOURCE } from './loop.ts';
import { START_MS, VirtualHost } from './virtual-host.ts';

/** Keeps every manifest, and may refuse commits. */
class RecordingStore extends MemoryStore {
  readonly manifests: Manifest[] = [];
  fault: Fault | undefined;
  refused = 0;

  override commit(record: EpochRecord): { readonly bytes: number } {
    if (this.fault !== undefined) {
      this.refused++;
      throw this.fault;
    }
    const result = super.commit(record);
    this.manifests.push(this.manifest()!);
    return result;
  }
}

function at(seconds: number): string {
  return new Date(START_MS + seconds * 1000).toISOString();
}

function row(k: string, seconds: number): { readonly k: string; readonly t: string } {
  return { k, t: at(seconds) };
}

function rows(count: number): { readonly k: string; readonly t: string }[] {
  return Array.from({ length: count }, (_, i) => row(`k${i}`, i));
}

/** Calls `then` once when the run has stored `epoch`. */
function atEpoch(epoch: number, then: () => void): (event: { readonly type: string }) => void {
  return (event) => {
    const report = (event as { readonly report?: { readonly epoch: number } }).report;
    if (event.type === 'epoch' && report?.epoch === epoch) then();
  };
}

const down = new Fault('retry', 'sink_down', 'The sink does not answer.');

test('a fault of an operator names its node', async () => {
  const host = new VirtualHost();
  // unbounded: the windows are open when the first epoch ends
  const reader = new FakeReader(host, [[row('a', 1), row('b', 2)]]);
  const [minute, out] = COUNT.nodes;
  const limited = { ...minute!, settings: { ...minute!.settings, limits: { keys: 1, bytes: 1_048_576, policy: 'fail' } } };
  const { run } = await loopOf({
    fragment: { ...COUNT, nodes: [limited, out!] },
    host,
    store: new MemoryStore(),
    readers: { in: reader },
    sinks: { out: new FakeSink() },
  });
  await expect(run.execute()).rejects.toMatchObject({ name: 'Fault', node: 'minute' });
});

describe('epochs', () => {
  test('[T4] the ceiling of the first epoch is stored before the first poll, and each epoch stores the next one', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const reader = new FakeReader(host, [[row('a', 299), row('b', 301)]], { bounded: true });
    const sinks = { out: new FakeSink() };
    const { run } = await loopOf({ fragment: COPY, host, store, readers: { in: reader }, sinks, bounded: true, ceiling: true });
    expect(await run.execute()).toBe('completed');
    expect(store.manifests[0]).toMatchObject({ epoch: 1, sources: { in: {} }, ceilingUs: (START_MS + 300_000) * 1000 });
    expect(sinks.out.rows).toEqual([row('a', 299)].map(({ k }) => expect.objectContaining({ k })));
    expect(store.dead.map(({ code, offset }) => [code, offset])).toEqual([['future_timestamp', 1]]);
    expect(store.manifest()!.sources['in']![0]).toMatchObject({ newest: (START_MS + 299_000) * 1000 });
  });

  test('[T4] a clock that is behind the whole stream ends the run as one problem', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const log = [Array.from({ length: 20 }, (_, i) => row('a', 4000 + i))];
    const { run } = await loopOf({
      fragment: COPY,
      host,
      store,
      readers: { in: new FakeReader(host, log) },
      sinks: { out: new FakeSink() },
      ceiling: true,
    });
    await expect(run.execute()).rejects.toMatchObject({ code: 'clock_behind' });
    expect(store.dead).toEqual([]);
  });

  test.each([
    ['rows', { rows: 10 }],
    // five rows are 225 to 230 bytes
    ['bytes of output', { outboxBytes: 300 }],
  ] as const)('[E1] an epoch ends after so many %s', async (_name, limits) => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const sinks = { out: new FakeSink() };
    const reader = new FakeReader(host, [rows(50)], { bounded: true, most: 5 });
    const { run } = await loopOf({ fragment: COPY, host, store, readers: { in: reader }, sinks, bounded: true, limits });
    await run.execute();
    // the first epoch ends when every partition has been heard
    expect(sinks.out.pushed.map((push) => push.rows.length)).toEqual([5, 10, 10, 10, 10, 5]);
  });

  test('[E1] an epoch ends after its time, and one without a change is not stored', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const reader = new FakeReader(host, [[row('a', 0)]]);
    const { run } = await loopOf({ fragment: COPY, host, store, readers: { in: reader }, sinks: { out: new FakeSink() } });
    void host.sleep(20_000).then(() => run.stop());
    expect(await run.execute()).toBe('stopped');
    // the ceiling, then the row; twenty silent seconds bring nothing
    expect(store.manifests.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  test('[E1] disk full: the last epoch stays, reading waits, and goes on when there is space', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const sinks = { out: new FakeSink() };
    const reader = new FakeReader(host, [rows(20)], { bounded: true, most: 5 });
    const { run, report } = await loopOf({
      fragment: COPY,
      host,
      store,
      readers: { in: reader },
      sinks,
      bounded: true,
      limits: { rows: 5 },
      onSay: atEpoch(2, () => {
        store.fault = new Fault('retry', 'disk_full', 'The disk is full.');
        void host.sleep(5_000).then(() => (store.fault = undefined));
      }),
    });
    const newest: number[] = [];
    void host.sleep(3_000).then(() => newest.push(store.manifest()!.epoch));
    expect(await run.execute()).toBe('completed');
    expect(newest).toEqual([2]);
    expect(store.refused).toBeGreaterThan(2);
    expect(report.lines.filter((line) => line.includes('disk is full'))).toHaveLength(1);
    expect(sinks.out.rows).toHaveLength(20);
  });
});

describe('idle partitions', () => {
  const minutes = [row('a', 0), row('a', 61), row('a', 125)];

  test('[T2] caught up and never a row: idle at once; after rows: only after 30 s of silence', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const reader = new FakeReader(host, [[...minutes], []]);
    const { run } = await loopOf({ fragment: COUNT, host, store, readers: { in: reader }, sinks: { out: new FakeSink() } });
    void host.sleep(40_000).then(() => run.stop());
    await run.execute();
    const verdicts = store.manifests.map(({ epoch, sources }) => [epoch, sources['in']?.[0]?.idle, sources['in']?.[1]?.idle]);
    expect(verdicts).toEqual([
      [1, undefined, undefined],
      [2, false, true],
      // what the verdict let go
      [3, false, true],
      [4, true, true],
    ]);
    expect(store.manifests[3]!.at - START_MS).toBeGreaterThanOrEqual(30_000);
    expect(store.manifests[3]!.at - START_MS).toBeLessThan(32_000);
  });

  test('[T2] time in which nothing is read is no silence: a pause puts no partition to sleep', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const reader = new FakeReader(host, [[...minutes], [row('b', 5)]]);
    const { run } = await loopOf({ fragment: COUNT, host, store, readers: { in: reader }, sinks: { out: new FakeSink() } });
    void host.sleep(5_000).then(() => run.pause());
    void host.sleep(65_000).then(() => run.resume());
    void host.sleep(100_000).then(() => run.stop());
    await run.execute();
    const asleep = store.manifests.filter(({ sources }) => sources['in']?.[0]?.idle === true);
    // 30 s after the reading went on, not 30 s after the last row
    expect(asleep[0]!.at - START_MS).toBeGreaterThanOrEqual(95_000);
    expect(asleep[0]!.at - START_MS).toBeLessThan(97_000);
  });

  test('[T2] a disk that was full for a minute puts no partition to sleep', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const reader = new FakeReader(host, [[...minutes], [row('b', 5)]]);
    const { run } = await loopOf({ fragment: COUNT, host, store, readers: { in: reader }, sinks: { out: new FakeSink() } });
    void host.sleep(5_000).then(() => {
      store.fault = new Fault('retry', 'disk_full', 'The disk is full.');
      reader.log[0]!.push(row('a', 130));
    });
    void host.sleep(65_000).then(() => (store.fault = undefined));
    void host.sleep(120_000).then(() => run.stop());
    await run.execute();
    const asleep = store.manifests.filter(({ sources }) => sources['in']?.[0]?.idle === true);
    // the last try of the commit may come up to 10 s after there is space again
    expect(asleep[0]!.at - START_MS).toBeGreaterThanOrEqual(95_000);
    expect(asleep[0]!.at - START_MS).toBeLessThan(107_000);
  });

  test('[T3] a woken partition is read from the next epoch on, against the watermark recorded there', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const sinks = { out: new FakeSink() };
    const reader = new FakeReader(host, [[...minutes], []]);
    const { run, graph } = await loopOf({ fragment: COUNT, host, store, readers: { in: reader }, sinks });
    // the first window has ended while partition 1 was idle: its row of that window is late, that of the second is not
    void host.sleep(5_000).then(() => reader.log[1]!.push(row('b', 30), row('b', 121)));
    void host.sleep(10_000).then(() => reader.log[0]!.push(row('a', 200)));
    void host.sleep(11_000).then(() => reader.log[1]!.push(row('b', 200)));
    void host.sleep(15_000).then(() => run.stop());
    await run.execute();
    const woken = store.manifests.findIndex(({ sources }, i) => i > 1 && sources['in']![1]!.idle === false);
    expect(store.manifests[woken]!.sources['in']![1]).toMatchObject({ watermark: (START_MS + 125_000) * 1000, idle: false });
    expect(graph.fates(1).late).toBe(1);
    expect(sinks.out.rows.map((each) => [(each as { k: string }).k, (each as { n: number }).n])).toEqual([
      ['a', 1],
      ['a', 1],
      ['a', 1],
      ['b', 1],
    ]);
  });

  test('[T2] [D1] verdicts in force are restored with the epoch', async () => {
    const host = new VirtualHost();
    const store = new RecordingStore();
    const sinks = { out: new FakeSink() };
    const first = await loopOf({ fragment: COUNT, host, store, readers: { in: new FakeReader(host, [[...minutes], []]) }, sinks });
    void host.sleep(3_000).then(() => first.run.stop());
    await first.run.execute();
    const second = await loopOf({
      fragment: COUNT,
      host,
      store,
      readers: { in: new FakeReader(host, [[...minutes], []], { from: [3, 0] }) },
      sinks,
    });
    expect([...second.feeds[0]!.partitions.values()].map(({ idle, watermark }) => [idle, watermark])).toEqual([
      [false, (START_MS + 125_000) * 1000],
      [true, -Infinity],
    ]);
  });
});

test('[T6] a partition that is far ahead is not read until the other has come near', async () => {
  const host = new VirtualHost();
  const ahead = new FakeReader(host, [[row('a', 0), row('a', 1200), row('a', 1300)]], { most: 1 });
  const slow = new FakeReader(host, [Array.from({ length: 30 }, (_, i) => row('b', i * 40))], { most: 1, takesMs: 100 });
  const fragment = {
    sources: { fast: SOURCE, slow: SOURCE },
    nodes: [{ id: 'both', kind: 'union', settings: { inputs: 2 } }, ...COPY.nodes],
    edges: ['fast.out -> both.in1', 'slow.out -> both.in2', 'both.out -> out.in'],
  };
  const reached: (number | undefined)[] = [];
  const waits: (string | undefined)[] = [];
  const { run, feeds } = await loopOf({
    fragment,
    host,
    store: new MemoryStore(),
    readers: { fast: ahead, slow },
    sinks: { out: new FakeSink() },
    onSay: (event) => {
      if (event.type !== 'meters') return;
      waits.push(event.nodes['fast']!.heldBy);
    },
  });
  void host.sleep(60_000).then(() => run.stop());
  const poll = ahead.poll.bind(ahead);
  ahead.poll = (ask, most, waitMs) => {
    if (ahead.next[0] === 2) reached.push(feeds[1]!.partitions.get(0)!.watermark / 1e6 - START_MS / 1000);
    return poll(ask, most, waitMs);
  };
  await run.execute();
  // 1200 is not more than ten minutes ahead of it
  expect(reached[0]).toBe(600);
  expect(new Set(waits)).toEqual(new Set(['waits for slow', undefined]));
  expect(ahead.next[0]).toBe(3);
});

test('[T2] [T6] a partition that was held back is not silent for that: its thirty seconds begin when it is read again', async () => {
  const host = new VirtualHost();
  const store = new RecordingStore();
  const ahead = new FakeReader(host, [[row('a', 0), row('a', 1200)]], { most: 1 });
  // comes near after a little more than 45 s
  const slow = new FakeReader(host, [Array.from({ length: 60 }, (_, i) => row('b', i * 40))], { most: 1, takesMs: 3_000 });
  const fragment = {
    sources: { fast: SOURCE, slow: SOURCE },
    nodes: [{ id: 'both', kind: 'union', settings: { inputs: 2 } }, ...COPY.nodes],
    edges: ['fast.out -> both.in1', 'slow.out -> both.in2', 'both.out -> out.in'],
  };
  const { run } = await loopOf({ fragment, host, store, readers: { fast: ahead, slow }, sinks: { out: new FakeSink() } });
  const again: number[] = [];
  const poll = ahead.poll.bind(ahead);
  ahead.poll = (ask, most, waitMs) => {
    if (ahead.next[0] === 2) again.push(host.nowMs());
    return poll(ask, most, waitMs);
  };
  void host.sleep(100_000).then(() => run.stop());
  await run.execute();
  const asleep = store.manifests.find(({ sources }) => sources['fast']?.[0]?.idle === true)!;
  expect(again[0]! - START_MS).toBeGreaterThan(45_000);
  expect(asleep.at - again[0]!).toBeGreaterThanOrEqual(30_000);
  expect(asleep.at - again[0]!).toBeLessThan(32_000);
});

describe('sinks', () => {
  const two = {
    ...COPY,
    nodes: [...COPY.nodes, { id: 'other', kind: 'file-sink', settings: { path: 'other.jsonl' } }],
    edges: [...COPY.edges, 'in.out -> other.in'],
  };

  test('[E4] [E10] one sink is down: the other goes on, one line tells, and all rows arrive in order later', async () => {
    const host = new VirtualHost();
    const sinks = { out: new FakeSink(), other: new FakeSink() };
    sinks.out.fault = down;
    const reader = new FakeReader(host, [rows(40)], { most: 5 });
    const { run, report } = await loopOf({
      fragment: two,
      host,
      store: new MemoryStore(),
      readers: { in: reader },
      sinks,
      limits: { rows: 5 },
    });
    let meanwhile = 0;
    void host.sleep(10_000).then(() => {
      meanwhile = sinks.other.rows.length;
      sinks.out.fault = undefined;
    });
    void host.sleep(40_000).then(() => run.stop());
    await run.execute();
    expect(meanwhile).toBe(40);
    expect(sinks.out.rows).toEqual(sinks.other.rows);
    // 100 ms doubled up to 10 s, times 0.75: eight tries in ten seconds
    expect(sinks.out.attempts - sinks.out.pushed.length).toBe(8);
    expect(report.lines.filter((line) => line.startsWith('out:'))).toHaveLength(2);
  });

  test('[E4] an outbox over its limit holds the sources, and lets them go when it is empty', async () => {
    const host = new VirtualHost();
    const sinks = { out: new FakeSink() };
    sinks.out.fault = down;
    const reader = new FakeReader(host, [rows(10_400)], { bounded: true, most: 1 });
    const held: string[] = [];
    const { run } = await loopOf({
      fragment: COPY,
      host,
      store: new MemoryStore(),
      readers: { in: reader },
      sinks,
      limits: { rows: 1 },
      onSay: (event) => {
        const by = event.type === 'meters' ? event.nodes['in']!.heldBy : undefined;
        if (by !== undefined) held.push(by);
      },
    });
    const read: number[] = [];
    void host.sleep(20_000).then(() => {
      read.push(reader.next[0]!);
      sinks.out.fault = undefined;
    });
    expect(await run.execute()).toBe('completed');
    expect(read).toEqual([10_001]);
    expect(held).toContain('the outbox of out is full');
    expect(sinks.out.rows).toHaveLength(10_400);
  });

  test('[E10] a bounded run gives an unreachable sink up, and the next start pushes everything', async () => {
    const host = new VirtualHost();
    const store = new MemoryStore();
    const sinks = { out: new FakeSink() };
    sinks.out.fault = down;
    const reader = (): FakeReader =>
      new FakeReader(host, [rows(7)], { bounded: true, from: store.manifest() === undefined ? [0] : [7] });
    const first = await loopOf({ fragment: COPY, host, store, readers: { in: reader() }, sinks, bounded: true });
    await expect(first.run.execute()).rejects.toMatchObject({ code: 'sink_unreachable' });
    sinks.out.fault = undefined;
    const second = await loopOf({ fragment: COPY, host, store, readers: { in: reader() }, sinks, bounded: true });
    expect(await second.run.execute()).toBe('completed');
    expect(sinks.out.rows).toHaveLength(7);
    expect(second.graph.fates(1).ledger()).toEqual({ in: 7, used: 7, filtered: 0, late: 0, dead: 0, held: 0 });
  });

  test('[E7] the later start takes the fence; the earlier one is rejected at its next push and writes nothing', async () => {
    const host = new VirtualHost();
    const sinks = { out: new FakeSink() };
    const stores = [new MemoryStore(), new MemoryStore()];
    const reader = new FakeReader(host, [[]]);
    const zombie = await loopOf({ fragment: COPY, host, store: stores[0]!, readers: { in: reader }, sinks });
    const taken = await loopOf({
      fragment: COPY,
      host,
      store: stores[1]!,
      readers: { in: new FakeReader(host, [[row('new', 1)]], { bounded: true }) },
      sinks,
      bounded: true,
    });
    expect(await taken.run.execute()).toBe('completed');
    reader.log[0]!.push(row('zombie', 1));
    await expect(zombie.run.execute()).rejects.toMatchObject({ kind: 'fenced' });
    expect(sinks.out.rows.map((each) => (each as { k: string }).k)).toEqual(['new']);
  });

  test('[E6] rows that a sink refuses are dead, the rest is used, and the ledger balances in every epoch', async () => {
    const host = new VirtualHost();
    const sinks = { out: new FakeSink() };
    sinks.out.refuse = [{ row: 0, code: 'refused', sentence: 'no' }];
    const reader = new FakeReader(host, [[...rows(9), '{"k":1}']], { bounded: true });
    const { run, graph, report } = await loopOf({
      fragment: COPY,
      host,
      store: new MemoryStore(),
      readers: { in: reader },
      sinks,
      bounded: true,
    });
    await run.execute();
    expect(graph.fates(0).ledger()).toEqual({ in: 10, used: 9, filtered: 0, late: 0, dead: 1, held: 0 });
    expect(graph.fates(1).ledger()).toEqual({ in: 9, used: 8, filtered: 0, late: 0, dead: 1, held: 0 });
    expect(report.epochs.every(({ balanced }) => balanced)).toBe(true);
  });
});

describe('the end', () => {
  test('[E9] stop: what was read is committed and pushed, open windows stay open and close after the next start', async () => {
    const host = new VirtualHost();
    const store = new MemoryStore();
    const sinks = { out: new FakeSink() };
    const log = [[row('a', 0), row('a', 30)]];
    const first = await loopOf({ fragment: COUNT, host, store, readers: { in: new FakeReader(host, log) }, sinks });
    void host.sleep(2_000).then(() => first.run.stop());
    expect(await first.run.execute()).toBe('stopped');
    expect(sinks.out.rows).toEqual([]);
    log[0]!.push(row('a', 59));
    const second = await loopOf({
      fragment: COUNT,
      host,
      store,
      readers: { in: new FakeReader(host, log, { from: [2], bounded: true }) },
      sinks,
      bounded: true,
    });
    expect(await second.run.execute()).toBe('completed');
    expect(sinks.out.rows).toMatchObject([{ k: 'a', n: 3 }]);
    expect(store.manifest()!.complete).toBe(true);
  });

  test('[E9] drain: every window closes; later rows for them are late after the next start', async () => {
    const host = new VirtualHost();
    const store = new MemoryStore();
    const sinks = { out: new FakeSink() };
    const log = [[row('a', 0), row('a', 30)]];
    const first = await loopOf({ fragment: COUNT, host, store, readers: { in: new FakeReader(host, log) }, sinks });
    void host.sleep(2_000).then(() => first.run.drain());
    expect(await first.run.execute()).toBe('stopped');
    expect(sinks.out.rows).toMatchObject([{ k: 'a', n: 2 }]);
    expect(store.manifest()!.complete).toBe(false);
    log[0]!.push(row('a', 40), row('a', 400));
    const second = await loopOf({
      fragment: COUNT,
      host,
      store,
      readers: { in: new FakeReader(host, log, { from: [2], bounded: true }) },
      sinks,
      bounded: true,
    });
    await second.run.execute();
    expect(second.graph.fates(1).late).toBe(1);
    expect(sinks.out.rows).toMatchObject([{ n: 2 }, { n: 1 }]);
  });

  test('[E9] drain: windows close also when every partition has been silent for so long that it is idle', async () => {
    const host = new VirtualHost();
    const store = new MemoryStore();
    const sinks = { out: new FakeSink() };
    const log = [[row('a', 0), row('a', 30)], []];
    const first = await loopOf({ fragment: COUNT, host, store, readers: { in: new FakeReader(host, log) }, sinks });
    let idle: unknown;
    void host.sleep(60_000).then(() => {
      idle = [0, 1].map((partition) => store.manifest()!.sources['in']![partition]!.idle);
      first.run.drain();
    });
    expect(await first.run.execute()).toBe('stopped');
    expect(idle).toEqual([true, true]);
    expect(sinks.out.rows).toMatchObject([{ k: 'a', n: 2 }]);
  });

  test('[V2] dead letters stand in the same transaction as the position behind them', async () => {
    const host = new VirtualHost();
    const records: { readonly dead: number; readonly offset: number | undefined }[] = [];
    const store = new (class extends MemoryStore {
      override commit(record: EpochRecord): { readonly bytes: number } {
        records.push({ dead: record.dead.length, offset: record.manifest.sources['in']?.[0]?.position?.offset });
        return super.commit(record);
      }
    })();
    const reader = new FakeReader(host, [['nonsense', row('a', 0), '{}', row('a', 1)]], { bounded: true, most: 2 });
    const { run } = await loopOf({
      fragment: COPY,
      host,
      store,
      readers: { in: reader },
      sinks: { out: new FakeSink() },
      bounded: true,
      limits: { rows: 2 },
    });
    await run.execute();
    expect(records.filter(({ dead }) => dead > 0)).toEqual([
      { dead: 1, offset: 2 },
      { dead: 1, offset: 4 },
    ]);
  });
});
