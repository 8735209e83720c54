import type { Dictionary } from './dictionary.ts';
import type { Field } from './schema.ts';

/**
 * A column as it stands in a batch. text comes as `dictionary` (ids) where something compares, groups or counts it, and as
 * `bytes` where it is only scanned or passed on; every operator accepts both (`nodes/kit/values.ts` reads either).
 */
export interface PhysicalField extends Field {
  readonly as: 'number' | 'boolean' | 'dictionary' | 'bytes' | 'list';
}

/** The columns of the batches on an edge, in order. Only what somebody downstream reads is there (V4). */
export type Layout = readonly PhysicalField[];

/** integer, float, timestamp (µs), decimal (scaled integer). `nulls` undefined = no NULL in this batch; 1 = NULL. */
export class NumberColumn {
  readonly kind = 'number' as const;
  values: Float64Array;
  nulls: Uint8Array | undefined;
  constructor(values: Float64Array, nulls: Uint8Array | undefined) {
    this.values = values;
    this.nulls = nulls;
  }
}

export class BooleanColumn {
  readonly kind = 'boolean' as const;
  values: Uint8Array;
  nulls: Uint8Array | undefined;
  constructor(values: Uint8Array, nulls: Uint8Array | undefined) {
    this.values = values;
    this.nulls = nulls;
  }
}

/** text by id; −1 is NULL. */
export class TextColumn {
  readonly kind = 'text' as const;
  ids: Int32Array;
  dictionary: Dictionary;
  constructor(ids: Int32Array, dictionary: Dictionary) {
    this.ids = ids;
    this.dictionary = dictionary;
  }
}

/**
 * text or json as a byte range [start, end) of `bytes`; start −1 is NULL.
 * form `json-string`: the body of a JSON string between its quotes, escapes undecoded, known to be valid ·
 * `utf8`: plain text · `json`: one whole JSON value (type json).
 */
export class BytesColumn {
  readonly kind = 'bytes' as const;
  start: Int32Array;
  end: Int32Array;
  bytes: Uint8Array;
  readonly form: 'json-string' | 'utf8' | 'json';
  constructor(start: Int32Array, end: Int32Array, bytes: Uint8Array, form: 'json-string' | 'utf8' | 'json') {
    this.start = start;
    this.end = end;
    this.bytes = bytes;
    this.form = form;
  }
}

/** text[]: row r is ids[offsets[r] .. offsets[r + 1]); an element of −1 is NULL; nulls[r] = 1: the whole list is NULL. */
export class ListColumn {
  readonly kind = 'list' as const;
  offsets: Int32Array;
  ids: Int32Array;
  dictionary: Dictionary;
  nulls: Uint8Array | undefined;
  constructor(offsets: Int32Array, ids: Int32Array, dictionary: Dictionary, nulls: Uint8Array | undefined) {
    this.offsets = offsets;
    this.ids = ids;
    this.dictionary = dictionary;
    this.nulls = nulls;
  }
}

export type Column = NumberColumn | BooleanColumn | TextColumn | BytesColumn | ListColumn;

/** Where rows come from: a source partition, or (node, 0) after a combination. `source` is the node's index in the plan. */
export interface Origin {
  readonly source: number;
  readonly partition: number;
}

/** The raw messages behind a batch of a source, by physical row; for dead letters and taps. */
export interface RawRows {
  readonly bytes: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/**
 * Rows of one origin, column by column. A batch lives until onBatch returns and its arrays are reused after that:
 * keep values, never arrays. Physical rows are 0 … length − 1; the selection rows[0 … count) is ascending and always there.
 */
export class Batch {
  origin: Origin;
  columns: readonly Column[];
  length: number;
  rows: Int32Array;
  count: number;
  /** event time, µs, by physical row */
  times: Float64Array;
  /** offset in the origin, by physical row */
  offsets: Float64Array;
  /** own partition's watermark right after that row (T1), µs, by physical row; −Infinity before the first */
  watermarks: Float64Array;
  /** over all physical rows: if windows ending after minTime are all open by lastWatermark, nothing here can be late */
  minTime: number;
  lastWatermark: number;
  raw: RawRows | undefined;

  constructor(init: {
    origin: Origin;
    columns: readonly Column[];
    length: number;
    rows: Int32Array;
    count: number;
    times: Float64Array;
    offsets: Float64Array;
    watermarks: Float64Array;
    minTime: number;
    lastWatermark: number;
    raw: RawRows | undefined;
  }) {
    this.origin = init.origin;
    this.columns = init.columns;
    this.length = init.length;
    this.rows = init.rows;
    this.count = init.count;
    this.times = init.times;
    this.offsets = init.offsets;
    this.watermarks = init.watermarks;
    this.minTime = init.minTime;
    this.lastWatermark = init.lastWatermark;
    this.raw = init.raw;
  }

  /** The same rows with other columns; shares everything, copies nothing. */
  with(columns: readonly Column[]): Batch {
    return new Batch({ ...this, columns });
  }

  /** Fewer of the same rows. `rows` must be ascending and a subset of this selection. */
  select(rows: Int32Array, count: number): Batch {
    return new Batch({ ...this, rows, count });
  }
}

let ramp = new Int32Array(0);

/** 0, 1, 2 … as a shared read-only selection of at least `length` rows. */
export function allRows(length: number): Int32Array {
  if (ramp.length < length) {
    ramp = new Int32Array(Math.max(length, 4096));
    for (let i = 0; i < ramp.length; i++) ramp[i] = i;
  }
  return ramp;
}
