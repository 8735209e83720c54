import { randomUUID } from 'node:crypto';
import { Fault } from '../../../engine/model/fault.ts';
import {
  DEFAULT_RETENTION_MS,
  TOPIC_NAME,
  type EventLog,
  type FenceKey,
  type LogReader,
  type LogRecord,
  type LogWriter,
  type TopicDescription,
  type TopicWish,
} from '../event-log.ts';
import { appendRecords } from './append.ts';
import { decodeBatches } from './batch-codec.ts';
import { EmbeddedReader } from './embedded-reader.ts';
import { EmbeddedWriter } from './embedded-writer.ts';
import { LogDatabase } from './log-database.ts';
import { findTopic, needTopic } from './stored-topic.ts';

/** Stand-in for Kafka: topics, partitions and fences of one workspace in one SQLite file, shared by its processes. */
export class EmbeddedLog implements EventLog {
  readonly target = 'embedded';
  readonly #database: LogDatabase;
  readonly #open: () => LogDatabase;
  readonly #defaults: { readonly partitions: number | undefined; readonly retentionMs: number | undefined };
  readonly #now: () => number;
  readonly #closeables = new Set<{ close(): Promise<void> }>();

  constructor(options: {
    readonly directory: string;
    readonly fileName: string;
    readonly defaults: { readonly partitions: number | undefined; readonly retentionMs: number | undefined };
    /** ms */
    readonly now: () => number;
  }) {
    this.#open = () => new LogDatabase(options.directory, options.fileName);
    this.#database = this.#open();
    this.#defaults = options.defaults;
    this.#now = options.now;
  }

  async topics(): Promise<readonly string[]> {
    return this.#database.rows('SELECT name FROM topics ORDER BY name').map((row) => row['name'] as string);
  }

  async describe(name: string): Promise<TopicDescription | undefined> {
    return this.#database.read(() => {
      const topic = findTopic(this.#database, name);
      if (topic === undefined) return undefined;
      const partitions = this.#database
        .rows('SELECT partition, first, next FROM partitions WHERE topic = ? ORDER BY partition', topic.id)
        .map((row) => ({ partition: row['partition'] as number, start: row['first'] as number, end: row['next'] as number }));
      return { name, identity: topic.identity, partitions, retentionMs: topic.retentionMs };
    });
  }

  async create(name: string, wish: Partial<TopicWish>): Promise<boolean> {
    if (!TOPIC_NAME.test(name)) {
      throw new Fault('fatal', 'topic_name', `"${name}" cannot be the name of a topic.`, {
        mend: 'Use letters, digits, point, _ and -, at most 249.',
      });
    }
    const partitions = this.#defaults.partitions ?? wish.partitions ?? 1;
    const retentionMs = this.#defaults.retentionMs ?? wish.retentionMs ?? DEFAULT_RETENTION_MS;
    return this.#database.write(() => {
      if (findTopic(this.#database, name) !== undefined) return false;
      this.#database.run('INSERT INTO topics (identity, name, retention_ms) VALUES (?, ?, ?)', randomUUID(), name, retentionMs);
      this.#addPartitions(needTopic(this.#database, name).id, 0, partitions);
      return true;
    });
  }

  async widen(name: string, partitions: number): Promise<void> {
    this.#database.write(() => {
      const { id } = needTopic(this.#database, name);
      const count = this.#database.row('SELECT count(*) AS n FROM partitions WHERE topic = ?', id)!['n'] as number;
      this.#addPartitions(id, count, partitions);
    });
  }

  async remove(name: string): Promise<void> {
    this.#database.write(() => {
      const { id } = needTopic(this.#database, name);
      this.#database.run('DELETE FROM batches WHERE topic = ?', id);
      this.#database.run('DELETE FROM partitions WHERE topic = ?', id);
      this.#database.run('DELETE FROM topics WHERE id = ?', id);
    });
  }

  /** Whole batches before `offset` go; messages of the batch that holds `offset` become invisible. */
  async truncate(name: string, partition: number, offset: number): Promise<void> {
    this.#database.write(() => {
      const { id } = needTopic(this.#database, name);
      this.#database.run(
        'UPDATE partitions SET first = min(next, max(first, ?)) WHERE topic = ? AND partition = ?',
        offset,
        id,
        partition,
      );
      this.#database.run('DELETE FROM batches WHERE topic = ? AND partition = ? AND base + count <= ?', id, partition, offset);
    });
  }

  async offsetAt(name: string, partition: number, timeUs: number): Promise<number> {
    return this.#database.read(() => {
      const { id } = needTopic(this.#database, name);
      const place = this.#database.row('SELECT first, next FROM partitions WHERE topic = ? AND partition = ?', id, partition);
      const first = (place?.['first'] as number | undefined) ?? 0;
      const next = (place?.['next'] as number | undefined) ?? 0;
      const row = this.#database.row(
        `SELECT base, bytes FROM batches WHERE topic = ? AND partition = ? AND newest_ms >= ? AND base + count > ? ORDER BY base LIMIT 1`,
        id,
        partition,
        Math.ceil(timeUs / 1000),
        first,
      );
      if (row === undefined) return next;
      const batch = { base: row['base'] as number, bytes: row['bytes'] as Uint8Array };
      const slice = decodeBatches(partition, Math.max(first, batch.base), [batch], { start: first, end: next });
      const at = slice.timestamps.findIndex((time) => time >= timeUs);
      return at < 0 ? slice.next : slice.offsets[at]!;
    });
  }

  async reader(topic: string): Promise<LogReader> {
    return this.#keep(new EmbeddedReader(this.#open(), topic));
  }

  async writer(topic: string, key: FenceKey): Promise<LogWriter> {
    return this.#keep(new EmbeddedWriter(this.#open(), topic, key, this.#now));
  }

  async append(name: string, records: readonly LogRecord[]): Promise<void> {
    this.#database.write(() => appendRecords(this.#database, needTopic(this.#database, name), name, records, this.#now()));
  }

  /** Nobody looks for group offsets in the stand-in: the engine's own positions are the truth. */
  async noteGroup(): Promise<void> {}

  async close(): Promise<void> {
    for (const part of this.#closeables) await part.close();
    this.#database.close();
  }

  #keep<C extends { close(): Promise<void> }>(part: C): C {
    this.#closeables.add(part);
    return part;
  }

  #addPartitions(topic: number, from: number, to: number): void {
    for (let partition = from; partition < to; partition++) {
      this.#database.run('INSERT INTO partitions (topic, partition, first, next) VALUES (?, ?, 0, 0)', topic, partition);
    }
  }
}
