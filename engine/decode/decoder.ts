import type { Batch, Layout, Origin } from '../model/batch.ts';
import type { DecodeSpec } from '../model/decode-spec.ts';
import type { RawBatch } from '../stream/connector.ts';

export { inferSourceSchema } from './infer-source-schema.ts';

/** A raw message that is no row: `row` is the physical row of the batch (raw row − from), `code` is stable. */
export type OnDead = (row: number, code: string, sentence: string) => void;

/** One per source partition (or per source port and worker): keeps dictionaries and learned key order between calls. */
export interface Decoder {
  readonly layout: Layout;
  /**
   * Raw rows [from, to) as a batch of to − from physical rows whose columns are exactly `layout`; `rows` leaves out dead rows.
   * `times` (µs; 0 for a source without event time), `offsets`, `raw` and `minTime` (+Infinity when no row is left) are set;
   * `watermarks` has the right length and undefined content, `lastWatermark` is −Infinity: the loop fills them, and applies the ceiling (T4).
   * All arrays and column objects are reused by the next call.
   */
  decode(raw: RawBatch, from: number, to: number, origin: Origin, onDead: OnDead): Batch;
  /** memory held by dictionaries and buffers (W5) */
  bytes(): number;
}

export function createDecoder(spec: DecodeSpec, wanted: Layout): Decoder {
  throw new Error(`bug: not built yet (${spec.format}, ${wanted.length} columns)`);
}
