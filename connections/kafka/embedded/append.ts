import { Fault } from '../../../engine/model/fault.ts';
import type { LogRecord } from '../event-log.ts';
import { encodeBatch } from './batch-codec.ts';
import type { StoredTopic } from './stored-topic.ts';
import type { LogDatabase } from './log-database.ts';

/** A stored batch is read as a whole, so it stays small enough for a reader that wants only a part of it. */
const BATCH_BYTES = 512 * 1024;
const BATCH_ROWS = 4096;
/** Expired batches dropped by one append and partition, so that an append stays short. */
const DROPPED_AT_ONCE = 64;

/** Inside a write transaction: appends in the given order, then enforces the topic's retention on the partitions touched. */
export function appendRecords(
  database: LogDatabase,
  topic: StoredTopic,
  name: string,
  records: readonly LogRecord[],
  nowMs: number,
): void {
  const byPartition = new Map<number, LogRecord[]>();
  for (const record of records) {
    const list = byPartition.get(record.partition);
    if (list === undefined) byPartition.set(record.partition, [record]);
    else list.push(record);
  }
  for (const [partition, list] of byPartition) {
    const place = database.row('SELECT next FROM partitions WHERE topic = ? AND partition = ?', topic.id, partition);
    if (place === undefined) throw new Fault('fatal', 'partition_missing', `Topic "${name}" has no partition ${partition}.`);
    let base = place['next'] as number;
    for (let from = 0; from < list.length;) {
      const to = endOfBatch(list, from);
      const part = from === 0 && to === list.length ? list : list.slice(from, to);
      let newestMs = -Infinity;
      for (const record of part) newestMs = Math.max(newestMs, Math.floor(record.timestampUs / 1000));
      database.run(
        'INSERT INTO batches (topic, partition, base, count, newest_ms, appended_ms, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
        topic.id,
        partition,
        base,
        part.length,
        newestMs,
        nowMs,
        encodeBatch(part),
      );
      base += part.length;
      from = to;
    }
    database.run('UPDATE partitions SET next = ? WHERE topic = ? AND partition = ?', base, topic.id, partition);
    dropExpired(database, topic, partition, nowMs);
  }
}

function endOfBatch(records: readonly LogRecord[], from: number): number {
  let bytes = 0;
  let to = from;
  while (to < records.length && to - from < BATCH_ROWS) {
    const record = records[to]!;
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (bytes > BATCH_BYTES && to > from) break;
    to++;
  }
  return to;
}

/** Age counts from the append, so that a back-fill of old events is not dropped before anybody has read it. */
function dropExpired(database: LogDatabase, topic: StoredTopic, partition: number, nowMs: number): void {
  const oldest = database.rows(
    'SELECT base, count, appended_ms FROM batches WHERE topic = ? AND partition = ? ORDER BY base LIMIT ?',
    topic.id,
    partition,
    DROPPED_AT_ONCE,
  );
  let keepFrom = -1;
  for (const batch of oldest) {
    if ((batch['appended_ms'] as number) >= nowMs - topic.retentionMs) break;
    keepFrom = (batch['base'] as number) + (batch['count'] as number);
  }
  if (keepFrom < 0) return;
  database.run('DELETE FROM batches WHERE topic = ? AND partition = ? AND base < ?', topic.id, partition, keepFrom);
  database.run('UPDATE partitions SET first = max(first, ?) WHERE topic = ? AND partition = ?', keepFrom, topic.id, partition);
}
