import type { Fence } from '../../../engine/stream/connector.ts';
import type { FenceKey, LogRecord, LogWriter } from '../event-log.ts';
import { fencedFault, sameFence } from '../fence.ts';
import { appendRecords } from './append.ts';
import { needTopic } from './stored-topic.ts';
import type { LogDatabase } from './log-database.ts';

/** [E2] Rows and fence in one SQLite transaction. */
export class EmbeddedWriter implements LogWriter {
  readonly #database: LogDatabase;
  readonly #topic: string;
  readonly #key: FenceKey;
  readonly #now: () => number;

  constructor(database: LogDatabase, topic: string, key: FenceKey, now: () => number) {
    this.#database = database;
    this.#topic = topic;
    this.#key = key;
    this.#now = now;
  }

  async fence(): Promise<Fence | undefined> {
    return this.#stored();
  }

  async take(expected: Fence | undefined, next: Fence): Promise<void> {
    this.#database.write(() => {
      const stored = this.#stored();
      if (!sameFence(stored, expected)) throw fencedFault(this.#key, stored, 'when it was taken');
      this.#store(next);
    });
  }

  async append(fence: Fence, epoch: number, records: readonly LogRecord[]): Promise<void> {
    this.#database.write(() => {
      const stored = this.#stored();
      if (stored === undefined || stored.lineage !== fence.lineage || stored.owner !== fence.owner) {
        throw fencedFault(this.#key, stored, `before epoch ${epoch}`);
      }
      if (stored.epoch >= epoch) return;
      if (stored.epoch !== fence.epoch) throw fencedFault(this.#key, stored, `before epoch ${epoch}`);
      appendRecords(this.#database, needTopic(this.#database, this.#topic), this.#topic, records, this.#now());
      this.#store({ ...fence, epoch });
    });
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #stored(): Fence | undefined {
    const { pipelineId, nodeId } = this.#key;
    const row = this.#database.row('SELECT lineage, owner, epoch FROM fences WHERE pipeline = ? AND node = ?', pipelineId, nodeId);
    return row && { lineage: row['lineage'] as string, owner: row['owner'] as number, epoch: row['epoch'] as number };
  }

  #store(fence: Fence): void {
    this.#database.run(
      'INSERT OR REPLACE INTO fences (pipeline, node, lineage, owner, epoch) VALUES (?, ?, ?, ?, ?)',
      this.#key.pipelineId,
      this.#key.nodeId,
      fence.lineage,
      fence.owner,
      fence.epoch,
    );
  }
}
