import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../engine/stream/memory-store.ts';
import { runFragment, type Fragment, type Row } from '../support/fragment.ts';
import { FakeReader, FakeSink } from './fakes.ts';
import { COPY, COUNT, loopOf, SOURCE } from './loop.ts';
import { START_MS, VirtualHost } from './virtual-host.ts';

const at = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString();
const us = (seconds: number): number => (START_MS + seconds * 1000) * 1000;
const row = (k: string, seconds: number): Row => ({ k, t: at(seconds) });

const LATE_BY_20_S = { ...SOURCE, lateness_us: 20_000_000 };

describe('watermarks', () => {
  test.each([1, 2, 2048])(
    '[T1] of a partition: the newest event time so far, row by row, minus lateness (batches of %i)',
    async (batchRows) => {
      const fragment: Fragment = {
        ...COUNT,
        sources: { in: LATE_BY_20_S },
        // 79 s: the watermark is 59 s, so 30 s is in time; 80 s ends the first minute; 81.9 s never takes that back
        inputs: {
          in: [[0, 79, 30, 80, 31, 61, 32].map((seconds) => row(seconds === 31 || seconds === 32 ? 'late' : 'a', seconds))],
        },
      };
      const { rows, ledgers } = await runFragment(fragment, { batchRows });
      expect(rows['minute.late']).toEqual([{ k: 'late' }, { k: 'late' }]);
      expect(rows['minute.out']).toMatchObject([
        { k: 'a', n: 2 },
        { k: 'a', n: 3 },
      ]);
      expect(ledgers['minute']).toMatchObject({ in: 7, used: 5, late: 2 });
    },
  );

  test('[T1] of a source the least of its partitions, of a node the least of its inputs; none goes back', async () => {
    const host = new VirtualHost();
    const left = new FakeReader(host, [[row('a', 100), row('a', 90)], [row('b', 70)]]);
    const right = new FakeReader(host, [[row('c', 50)]]);
    const fragment = {
      sources: { left: LATE_BY_20_S, right: LATE_BY_20_S },
      nodes: [{ id: 'both', kind: 'union', settings: { inputs: 2 } }, ...COPY.nodes],
      edges: ['left.out -> both.in1', 'right.out -> both.in2', 'both.out -> out.in'],
    };
    const { run, feeds, graph } = await loopOf({
      fragment,
      host,
      store: new MemoryStore(),
      readers: { left, right },
      sinks: { out: new FakeSink() },
    });
    const seen: (readonly number[])[] = [];
    const look = (): void => {
      const [a, b] = [...feeds[0]!.partitions.values()].map((partition) => partition.watermark);
      const nodes = graph.plan.steps.map((step) => graph.progress(step.index).watermark);
      seen.push([a!, b!, ...nodes]);
    };
    expect(graph.plan.steps.map((step) => step.node)).toEqual(['left', 'right', 'both', 'out']);
    void host.sleep(2_000).then(() => {
      look();
      right.log[0]!.push(row('c', 200));
    });
    void host.sleep(4_000).then(() => {
      look();
      left.log[1]!.push(row('b', 60));
    });
    void host.sleep(6_000).then(() => {
      look();
      run.stop();
    });
    await run.execute();
    expect(seen).toEqual(
      [
        [80, 50, 50, 30, 30, 30],
        [80, 50, 50, 180, 50, 50],
        [80, 50, 50, 180, 50, 50],
      ].map((watermarks) => watermarks.map(us)),
    );
  });
});

test('[T2] an input without an active partition is left out while another is active; without any the node holds', async () => {
  const host = new VirtualHost();
  const left = new FakeReader(host, [[row('a', 100)]]);
  const right = new FakeReader(host, [[], []]);
  const fragment = {
    sources: { left: LATE_BY_20_S, right: LATE_BY_20_S },
    nodes: [{ id: 'both', kind: 'union', settings: { inputs: 2 } }, ...COPY.nodes],
    edges: ['left.out -> both.in1', 'right.out -> both.in2', 'both.out -> out.in'],
  };
  const { run, graph } = await loopOf({
    fragment,
    host,
    store: new MemoryStore(),
    readers: { left, right },
    sinks: { out: new FakeSink() },
  });
  const seen: unknown[] = [];
  const look = (): void => void seen.push(graph.plan.steps.map((step) => graph.progress(step.index)));
  void host.sleep(5_000).then(look);
  void host.sleep(40_000).then(() => {
    look();
    right.log[1]!.push(row('b', 150));
  });
  void host.sleep(45_000).then(() => {
    look();
    run.stop();
  });
  await run.execute();
  const at80 = us(80);
  const silent = { watermark: -Infinity, idle: true };
  expect(seen).toEqual([
    [{ watermark: at80, idle: false }, silent, { watermark: at80, idle: false }, { watermark: at80, idle: false }],
    [{ watermark: at80, idle: true }, silent, { watermark: at80, idle: true }, { watermark: at80, idle: true }],
    // what wakes begins where the node is, and goes on alone
    [
      { watermark: at80, idle: true },
      { watermark: us(130), idle: false },
      { watermark: us(130), idle: false },
      { watermark: us(130), idle: false },
    ],
  ]);
});

test('a source counts what decoding takes as its own time, without that of the nodes behind it', async () => {
  const host = new VirtualHost();
  let calls = 0;
  const { run, graph } = await loopOf({
    fragment: COPY,
    host,
    store: new MemoryStore(),
    readers: { in: new FakeReader(host, [[row('a', 0), row('a', 1), row('a', 2)]], { bounded: true }) },
    sinks: { out: new FakeSink() },
    bounded: true,
    batchRows: 2,
    meterClock: () => calls++,
  });
  await run.execute();
  // of the three ms between begin and end of each of the two batches, one is the sink's
  expect(graph.busy(0).totalMs).toBe(4);
  expect(run.meters()['in']).toMatchObject({ busyMs: 4, batchP99Ms: 2 });
});
