import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchAsk, LogAbsence, LogReader, LogSlice } from '../event-log.ts';
import { decodeBatches, type StoredBatch } from './batch-codec.ts';
import { findTopic } from './stored-topic.ts';
import type { LogDatabase } from './log-database.ts';

/** What one answer brings of one partition, about: it ends with the batch that reaches one of these. */
const FETCH_BYTES = 1024 * 1024;
const FETCH_ROWS = 16_384;
/** How often a waiting reader looks whether another connection has committed. */
const LOOK_EVERY_MS = 10;

export class EmbeddedReader implements LogReader {
  readonly #database: LogDatabase;
  readonly #topic: string;
  #closed = false;
  #id: number | undefined;

  constructor(database: LogDatabase, topic: string) {
    this.#database = database;
    this.#topic = topic;
  }

  async layout(): Promise<{ identity: string; partitions: readonly number[] } | undefined> {
    return this.#database.read(() => {
      const topic = findTopic(this.#database, this.#topic);
      this.#id = topic?.id;
      if (topic === undefined) return undefined;
      const rows = this.#database.rows('SELECT partition FROM partitions WHERE topic = ? ORDER BY partition', topic.id);
      return { identity: topic.identity, partitions: rows.map((row) => row['partition'] as number) };
    });
  }

  async fetch(asks: readonly FetchAsk[], waitMs: number): Promise<readonly (LogSlice | LogAbsence)[]> {
    const until = performance.now() + waitMs;
    let version = this.#database.version();
    let answers = this.#fetchNow(asks);
    while (!answers.some(tellsSomething)) {
      const left = until - performance.now();
      if (left <= 0 || this.#closed) break;
      await sleep(Math.min(LOOK_EVERY_MS, left));
      if (this.#closed) return [];
      const now = this.#database.version();
      if (now === version) continue;
      version = now;
      answers = this.#fetchNow(asks);
    }
    return answers;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#database.close();
  }

  #fetchNow(asks: readonly FetchAsk[]): readonly (LogSlice | LogAbsence)[] {
    return this.#database.read(() => {
      const topic = findTopic(this.#database, this.#topic);
      this.#id ??= topic?.id;
      return asks.map((ask) => this.#fetchOne(topic?.id === this.#id ? topic?.id : undefined, ask));
    });
  }

  #fetchOne(topic: number | undefined, ask: FetchAsk): LogSlice | LogAbsence {
    const { partition, offset } = ask;
    const place =
      topic === undefined
        ? undefined
        : this.#database.row('SELECT first, next FROM partitions WHERE topic = ? AND partition = ?', topic, partition);
    if (topic === undefined || place === undefined) return { kind: 'gone', partition, from: offset, bounds: { start: 0, end: 0 } };
    const bounds = { start: place['first'] as number, end: place['next'] as number };
    if (offset < bounds.start || offset > bounds.end) return { kind: 'out-of-range', partition, from: offset, bounds };
    const stored: StoredBatch[] = [];
    if (offset < bounds.end) {
      let bytes = 0;
      let rows = 0;
      const found = this.#database.each(
        `SELECT base, count, bytes FROM batches WHERE topic = ?1 AND partition = ?2 AND base >= coalesce(
           (SELECT max(base) FROM batches WHERE topic = ?1 AND partition = ?2 AND base <= ?3), 0) ORDER BY base`,
        topic,
        partition,
        offset,
      );
      for (const row of found) {
        const batch = { base: row['base'] as number, bytes: row['bytes'] as Uint8Array };
        stored.push(batch);
        bytes += batch.bytes.length;
        rows += row['count'] as number;
        if (bytes >= FETCH_BYTES || rows >= FETCH_ROWS) break;
      }
    }
    return decodeBatches(partition, offset, stored, bounds);
  }
}

function tellsSomething(answer: LogSlice | LogAbsence): boolean {
  return answer.kind !== 'messages' || answer.count > 0;
}
