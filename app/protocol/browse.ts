import type { Problem } from '../../engine/model/problem.ts';
import type { SettingSchema } from './catalog.ts';

/** What the sinks of a pipeline write to. */
export interface Target {
  readonly node: string;
  readonly service: 'kafka' | 'postgres' | 'redis' | 'file' | 'view';
  /** table, key pattern, topic or path */
  readonly name: string;
  /** what `count` counts: rows, keys, messages */
  readonly unit: string;
  readonly count: number | undefined;
}

export interface RowPage {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  /** undefined: unknown or costly */
  readonly total: number | undefined;
  /** wall clock of the read, ms */
  readonly at: number;
}

export interface TopicEntry {
  readonly name: string;
  readonly partitions: number;
  readonly messages: number;
  readonly newestAt: number | undefined;
}

export interface TableEntry {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly key: readonly string[];
}

export interface Inferred {
  readonly schema: SettingSchema;
  /** messages looked at */
  readonly samples: number;
  /** further settings that the events suggest and the node has not set: a column for the event time */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly notes: readonly Problem[];
}

/** [V2] One kept dead letter. */
export interface DeadLetter {
  readonly id: number;
  readonly code: string;
  readonly sentence: string;
  readonly node: string;
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  /** µs; undefined: the event time could not be read */
  readonly eventTime: number | undefined;
  /** wall clock, ms */
  readonly at: number;
  /** first 16 KiB, base64 */
  readonly bytes: string;
  readonly cut: boolean;
  /** byte position of the fault in `bytes` */
  readonly position?: number | undefined;
  readonly replayed: boolean;
}

export interface DeadGroup {
  readonly node: string;
  readonly code: string;
  /** sentence of the newest */
  readonly sentence: string;
  readonly count: number;
}

export interface DeadPage {
  readonly groups: readonly DeadGroup[];
  readonly letters: readonly DeadLetter[];
  readonly total: number;
  /** letters dropped from the ring */
  readonly dropped: number;
}

/** [V7] Fates of replayed letters, known when their epoch is durable. */
export interface Replayed {
  readonly sent: number;
  /** of those sent, how many will be late because their windows are closed, said before it is sent */
  readonly late: number;
}

/** A flow test beside the pipeline, made from what just ran. */
export interface Recorded {
  readonly file: string;
  readonly inputRows: number;
  readonly expectedRows: number;
  readonly command: string;
}
