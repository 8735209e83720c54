/** One key with its whole new value. Values are absolute: whatever stood there before is replaced. */
export type KeyWrite =
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'string'; readonly key: string; readonly value: string }
  | { readonly kind: 'hash'; readonly key: string; readonly fields: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'list'; readonly key: string; readonly values: readonly string[] };

/** Who may write (E2), stored in the same place as the keys. */
export interface StoredFence {
  readonly lineage: string;
  readonly owner: number;
  readonly epoch: number;
}

/** applied · already: the fence stands at this epoch or later · fenced: another owner · gap: an epoch is missing · lost: no fence */
export type WriteAnswer = 'applied' | 'already' | 'fenced' | 'gap' | 'lost';

export interface KeyInfo {
  readonly key: string;
  readonly type: 'string' | 'hash' | 'list' | 'other';
  /** undefined: it does not expire */
  readonly expiresInMs: number | undefined;
}

/** The value of one key for looking at; undefined: there is no such key. */
export type KeyValue = string | readonly string[] | Readonly<Record<string, string>> | undefined;

/** What the Redis sink needs of Redis, and its stand-in has. Errors are `Fault`s. */
export interface KeyValueStore {
  readonly name: string;
  /** host:port/database, or "embedded" */
  readonly target: string;
  readFence(fenceKey: string): Promise<StoredFence | undefined>;
  /** Compare-and-set; false: the stored fence is not `expected`. */
  takeFence(fenceKey: string, expected: StoredFence | undefined, next: StoredFence): Promise<boolean>;
  /**
   * All writes or none, if the fence stands at `from`; then it stands at `epoch` (leave it as it is: `epoch` = `from.epoch`, for all
   * but the last part of an epoch that comes in parts). ttlMs 0: keys do not expire.
   */
  write(fenceKey: string, from: StoredFence, epoch: number, writes: readonly KeyWrite[], ttlMs: number): Promise<WriteAnswer>;
  /** Keys that match a Redis glob pattern, ascending; at most `limit`. Fences are left out. */
  keys(pattern: string, limit: number): Promise<readonly KeyInfo[]>;
  /** Lists give their first `limit` elements. */
  value(key: string, limit: number): Promise<KeyValue>;
  close(): Promise<void>;
}

export const FENCE_PREFIX = 'telemetra:fence:';
