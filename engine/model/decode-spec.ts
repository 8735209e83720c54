/** How a source's messages become rows (V5, T1). Made by a source definition from its settings, used by `engine/decode`. */
export type TimeUnit = 'rfc3339' | 's' | 'ms' | 'us';

export interface DecodeSpec {
  /** `json`: each message is one JSON object checked against `schema` · `message`: key, value (text) and timestamp as they are */
  readonly format: 'json' | 'message';
  /** JSON Schema (draft-07 or 2020-12) as parsed JSON; `format: 'json'` only */
  readonly schema: unknown;
  /** name of the column that holds event time; undefined: the source has none */
  readonly eventTime: string | undefined;
  /** unit of number-typed timestamp columns, by column; a column named here is a `timestamp` */
  readonly timeUnits: Readonly<Record<string, TimeUnit>>;
  /** scale of columns that are decimals, by column */
  readonly decimals: Readonly<Record<string, number>>;
  /** columns taken from the log instead of the message, by what they hold → column name */
  readonly meta: {
    readonly key?: string | undefined;
    readonly headers?: string | undefined;
    readonly timestamp?: string | undefined;
    readonly partition?: string | undefined;
    readonly offset?: string | undefined;
  };
  readonly latenessUs: number;
  readonly idleAfterUs: number;
  /** [T4] rows more than 5 min ahead of the clock are dead letters */
  readonly ceiling: boolean;
}
