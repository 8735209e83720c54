import { Fault } from '../../../engine/model/fault.ts';
import type { LogDatabase } from './log-database.ts';

export interface StoredTopic {
  readonly id: number;
  readonly identity: string;
  readonly retentionMs: number;
}

export function findTopic(database: LogDatabase, name: string): StoredTopic | undefined {
  const row = database.row('SELECT id, identity, retention_ms FROM topics WHERE name = ?', name);
  return row && { id: row['id'] as number, identity: row['identity'] as string, retentionMs: row['retention_ms'] as number };
}

export function needTopic(database: LogDatabase, name: string): StoredTopic {
  const topic = findTopic(database, name);
  if (topic === undefined) {
    throw new Fault('fatal', 'topic_missing', `There is no topic "${name}" in the embedded event log.`, {
      mend: `Let the sink create it, or run the pipeline that writes "${name}" first.`,
    });
  }
  return topic;
}
