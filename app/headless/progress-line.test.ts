import { describe, expect, test } from 'vitest';
import type { NodeMeter } from '../../engine/model/run-event.ts';
import { ProgressLine, counted } from './progress-line.ts';

const LEDGER = { in: 0, used: 0, filtered: 0, late: 0, dead: 0, held: 0 };

function meter(change: Partial<NodeMeter>): NodeMeter {
  return { ledger: LEDGER, out: [], watermark: undefined, busyMs: 0, batchP99Ms: 0, stateBytes: 0, ...change };
}

function line(columns = 200): { progress: ProgressLine; shown: () => string; after: (ms: number) => void } {
  let text = '';
  let now = 0;
  const progress = new ProgressLine({ write: (more) => void (text += more), columns }, () => now);
  return { progress, shown: () => text, after: (ms) => void (now += ms) };
}

describe('the progress line', () => {
  test('tells events, rate, lag, the lowest watermark, epoch, late rows and dead letters, and what holds it', () => {
    const { progress, shown, after } = line();
    const events = (rows: number): NodeMeter =>
      meter({
        ledger: { ...LEDGER, in: rows, dead: 1 },
        partitions: [],
        lag: 1_200,
        watermark: Date.UTC(2026, 0, 1, 12, 30, 5) * 1000,
      });
    progress.meters({ type: 'meters', epoch: 1, nodes: { events: events(1_000) } });
    after(1_000);
    progress.meters({
      type: 'meters',
      epoch: 1_234,
      nodes: { events: events(2_000), minute: meter({ ledger: { ...LEDGER, late: 2 }, heldBy: 'the outbox of rows is full' }) },
    });
    expect(shown().split('\r\u001b[2K').at(-1)).toBe(
      '2,000 events  ·  400/s  ·  lag 1,200  ·  watermark 12:30:05  ·  epoch 1,234  ·  2 late  ·  1 dead letter  ·  held: the outbox of rows is full',
    );
  });

  test('never wraps, and leaves lines that stay above it', () => {
    const { progress, shown } = line(30);
    progress.meters({ type: 'meters', epoch: 7, nodes: { events: meter({ ledger: { ...LEDGER, in: 1 }, partitions: [] }) } });
    progress.print('rows: reached again.');
    progress.clear();
    expect(shown()).toBe('1 event  ·  0/s  ·  epoch 7\r\u001b[2Krows: reached again.\n1 event  ·  0/s  ·  epoch 7\r\u001b[2K');
    const narrow = line(12);
    narrow.progress.meters({ type: 'meters', epoch: 7, nodes: { events: meter({ partitions: [] }) } });
    expect(narrow.shown().length).toBeLessThanOrEqual(20);
  });

  test('one and many', () => {
    expect([counted(0, 'row'), counted(1, 'row'), counted(1_000, 'row')]).toEqual(['0 rows', '1 row', '1,000 rows']);
  });
});
