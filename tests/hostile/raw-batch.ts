import type { Batch, Layout, PhysicalField } from '../../engine/model/batch.ts';
import type { DecodeSpec } from '../../engine/model/decode-spec.ts';
import { encodeUtf8 } from '../../engine/model/dictionary.ts';
import type { Field } from '../../engine/model/schema.ts';
import { createDecoder, inferSourceSchema, type Decoder, type DecoderOptions } from '../../engine/decode/decoder.ts';
import type { ByteRanges, RawBatch } from '../../engine/stream/connector.ts';
import { isNull, jsonAt } from '../../nodes/kit/values.ts';

/** Messages as a connector would hand them over; null: a record without a message. */
export function rawBatch(messages: readonly (Uint8Array | string | null)[], more: Partial<RawBatch> = {}): RawBatch {
  const ranges = byteRanges(messages);
  return {
    ...ranges,
    partition: 0,
    port: 0,
    count: messages.length,
    offsets: Float64Array.from(messages, (_, i) => 100 + i),
    timestamps: undefined,
    keys: undefined,
    headers: undefined,
    next: { offset: 100 + messages.length },
    caughtUp: true,
    ended: true,
    logEnd: undefined,
    ...more,
  };
}

export function byteRanges(texts: readonly (Uint8Array | string | null)[]): ByteRanges {
  const encoded = texts.map((text) => (text === null ? null : typeof text === 'string' ? encodeUtf8(text) : text));
  const size = encoded.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
  const bytes = new Uint8Array(size + 8);
  const start = new Int32Array(texts.length);
  const end = new Int32Array(texts.length);
  let at = 0;
  encoded.forEach((one, i) => {
    start[i] = one === null ? -1 : at;
    if (one !== null) {
      bytes.set(one, at);
      at += one.length;
    }
    end[i] = one === null ? -1 : at;
  });
  return { bytes, start, end };
}

export function decodeSpec(schema: unknown, more: Partial<DecodeSpec> = {}): DecodeSpec {
  return {
    format: 'json',
    schema,
    eventTime: undefined,
    timeUnits: {},
    decimals: {},
    meta: {},
    latenessUs: 120_000_000,
    idleAfterUs: 30_000_000,
    ceiling: false,
    ...more,
  };
}

export function physical(field: Field, textAs: 'dictionary' | 'bytes' = 'dictionary'): PhysicalField {
  const { type } = field;
  const as =
    type === 'text' ? textAs : type === 'json' ? 'bytes' : type === 'boolean' ? 'boolean' : type === 'text[]' ? 'list' : 'number';
  return { ...field, as };
}

/** every column of the source */
export function wholeLayout(spec: DecodeSpec, textAs: 'dictionary' | 'bytes' = 'dictionary'): Layout {
  const { schema, problems } = inferSourceSchema(spec);
  if (schema === undefined) throw new Error(problems.map((problem) => problem.message).join('; '));
  return schema.fields.map((field) => physical(field, textAs));
}

export interface Verdict {
  /** undefined: a row */
  readonly code: string | undefined;
  readonly sentence?: string | undefined;
  readonly time?: number | undefined;
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}

/** One verdict a message, read back through the columns. */
export function verdicts(decoder: Decoder, raw: RawBatch, from = 0, to = raw.count): Verdict[] {
  const result: Verdict[] = Array.from({ length: to - from }, () => ({ code: 'nothing said' }));
  const batch = decoder.decode(raw, from, to, { source: 0, partition: 0 }, (row, code, sentence) => {
    result[row] = { code, sentence };
  });
  for (let i = 0; i < batch.count; i++) {
    const row = batch.rows[i]!;
    if (result[row]!.code !== 'nothing said') throw new Error(`row ${row} is dead and selected`);
    result[row] = { code: undefined, time: batch.times[row]!, values: valuesAt(batch, decoder.layout, row) };
  }
  return result;
}

/** Numbers as they are stored: timestamps in µs, decimals scaled. */
export function valuesAt(batch: Batch, layout: Layout, row: number): Record<string, unknown> {
  return Object.fromEntries(
    layout.map((field, i) => {
      const column = batch.columns[i]!;
      const isStored = column.kind === 'number' && !isNull(column, row);
      return [field.name, isStored ? column.values[row]! : jsonAt(column, row, field.type)];
    }),
  );
}

export function decodeAll(
  spec: DecodeSpec,
  messages: readonly (Uint8Array | string | null)[],
  options: DecoderOptions & { textAs?: 'dictionary' | 'bytes' } = {},
): Verdict[] {
  return verdicts(createDecoder(spec, wholeLayout(spec, options.textAs), options), rawBatch(messages));
}
