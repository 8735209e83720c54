/**
 * How fast the embedded event log is read and written: `node bench/embedded-log.ts [messages]`.
 * Two shapes: large appends (a back-fill) and many small ones (a producer that commits every second).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { open } from '../connections/kafka/open.ts';
import type { EventLog, LogRecord } from '../connections/kafka/event-log.ts';

const total = Number(process.argv[2] ?? 1_000_000);
const sample = process.argv[3];
const directory = mkdtempSync(join(tmpdir(), 'telemetra-bench-'));
const log = await open('kafka', {
  profile: undefined,
  workspace: directory,
  topicDefaults: { partitions: undefined, retentionMs: undefined },
});

const values =
  sample === undefined
    ? Array.from({ length: 1000 }, (_, i) =>
        Buffer.from(
          JSON.stringify({
            message_id: `m-${i}`,
            channel: `channel_${i % 50}`,
            user_id: `user_${i * 7919}`,
            text: 'x'.repeat(230),
          }),
        ),
      )
    : (sample.endsWith('.gz') ? gunzipSync(readFileSync(sample)) : readFileSync(sample))
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => Buffer.from(line));
const meanBytes = Math.round(values.reduce((sum, value) => sum + value.length, 0) / values.length);
process.stdout.write(
  `${total} messages of ${meanBytes} bytes on ${cpus().length} × ${cpus()[0]!.model}, node ${process.version}\n`,
);

await shape('large appends (10,000 messages)', 'large', total, 10_000);
await shape('small appends (36 messages)', 'small', Math.min(total, 200_000), 36);
await log.close();
rmSync(directory, { recursive: true });

async function shape(title: string, topic: string, count: number, each: number): Promise<void> {
  await log.create(topic, { partitions: 3 });
  let started = performance.now();
  for (let from = 0; from < count; from += each) await log.append(topic, records(from, Math.min(count, from + each)));
  const writeMs = performance.now() - started;
  started = performance.now();
  const { rows, bytes } = await readAll(log, topic);
  const readMs = performance.now() - started;
  if (rows !== count) throw new Error(`read ${rows} of ${count}`);
  const rate = (ms: number): string => `${Math.round(count / ms).toLocaleString('en')} k messages/s`;
  process.stdout.write(`${title}: written ${rate(writeMs)}, read ${rate(readMs)}, ${Math.round(bytes / readMs / 1000)} MB/s\n`);
}

function records(from: number, to: number): LogRecord[] {
  const batch: LogRecord[] = [];
  for (let i = from; i < to; i++) {
    const value = values[i % values.length]!;
    batch.push({ partition: i % 3, key: value.subarray(2, 12), value, timestampUs: 1_700_000_000_000_000 + i * 1000 });
  }
  return batch;
}

async function readAll(from: EventLog, topic: string): Promise<{ rows: number; bytes: number }> {
  const reader = await from.reader(topic, { readCommitted: true });
  const next = new Map([0, 1, 2].map((partition) => [partition, 0]));
  let rows = 0;
  let bytes = 0;
  for (;;) {
    const slices = await reader.fetch(
      [...next].map(([partition, offset]) => ({ partition, offset })),
      0,
    );
    let some = false;
    for (const slice of slices) {
      if (slice.kind !== 'messages') throw new Error(slice.kind);
      next.set(slice.partition, slice.next);
      rows += slice.count;
      some ||= slice.count > 0;
      if (slice.count > 0) bytes += slice.end[slice.count - 1]!;
    }
    if (!some) break;
  }
  await reader.close();
  return { rows, bytes };
}
