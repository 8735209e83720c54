/**
 * How fast an event log is read and written: `node bench/event-log.ts [messages] [sample.jsonl[.gz]]`, the embedded one, and
 * Kafka too where KAFKA_BOOTSTRAP_SERVERS is set. Two shapes: large appends (a back-fill) and many small ones (a producer
 * that commits every second).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { open } from '../connections/kafka/open.ts';
import type { EventLog, LogRecord } from '../connections/kafka/event-log.ts';
import { kafkaProfile } from '../connections/profile.ts';

const total = Number(process.argv[2] ?? 1_000_000);
const sample = process.argv[3];
const directory = mkdtempSync(join(tmpdir(), 'telemetra-bench-'));
const startUs = Date.now() * 1000;
const topicDefaults = { partitions: undefined, retentionMs: undefined };

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

const profile = kafkaProfile('kafka', process.env);
for (const chosen of profile === undefined ? [undefined] : [undefined, profile]) {
  const log = await open('kafka', { profile: chosen, workspace: directory, topicDefaults });
  await shape(log, 'large appends (10,000 messages)', `bench.large.${process.pid}`, total, 10_000);
  await shape(log, 'small appends (36 messages)', `bench.small.${process.pid}`, Math.min(total, 100_000), 36);
  await log.close();
}
rmSync(directory, { recursive: true });

async function shape(log: EventLog, title: string, topic: string, count: number, each: number): Promise<void> {
  await log.create(topic, { partitions: 3 });
  let started = performance.now();
  for (let from = 0; from < count; from += each) await log.append(topic, records(from, Math.min(count, from + each)));
  const writeMs = performance.now() - started;
  started = performance.now();
  const cpuBefore = process.cpuUsage();
  const { rows, bytes } = await readAll(log, topic);
  const cpu = process.cpuUsage(cpuBefore);
  const readMs = performance.now() - started;
  await log.remove(topic);
  if (rows !== count) throw new Error(`read ${rows} of ${count}`);
  const rate = (ms: number): string => `${Math.round(count / ms).toLocaleString('en')} k messages/s`;
  process.stdout.write(
    `${log.target}, ${title}: written ${rate(writeMs)}, read ${rate(readMs)}, ${Math.round(bytes / readMs / 1000)} MB/s, ${((cpu.user + cpu.system) / count).toFixed(2)} µs of CPU a message\n`,
  );
}

function records(from: number, to: number): LogRecord[] {
  const batch: LogRecord[] = [];
  for (let i = from; i < to; i++) {
    const value = values[i % values.length]!;
    batch.push({ partition: i % 3, key: value.subarray(2, 12), value, timestampUs: startUs + i });
  }
  return batch;
}

async function readAll(from: EventLog, topic: string): Promise<{ rows: number; bytes: number }> {
  const reader = await from.reader(topic, { readCommitted: true });
  await reader.layout(0);
  const ends = new Map((await from.describe(topic))!.partitions.map(({ partition, end }) => [partition, end]));
  const next = new Map([0, 1, 2].map((partition) => [partition, 0]));
  let rows = 0;
  let bytes = 0;
  while ([...next].some(([partition, offset]) => offset < ends.get(partition)!)) {
    const asks = [...next].map(([partition, offset]) => ({ partition, offset }));
    for (const slice of await reader.fetch(asks, 1_000)) {
      if (slice.kind !== 'messages') throw new Error(slice.kind);
      if (slice.from !== next.get(slice.partition)) continue;
      next.set(slice.partition, slice.next);
      rows += slice.count;
      if (slice.count > 0) bytes += slice.end[slice.count - 1]! - slice.start[0]!;
    }
  }
  await reader.close();
  return { rows, bytes };
}
