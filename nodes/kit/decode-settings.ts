import { z } from 'zod';
import type { DecodeSpec } from '../../engine/model/decode-spec.ts';
import { durationUs } from '../../engine/model/duration.ts';
import { duration, field } from './settings.ts';

/** a column name, or '' = off */
function optionalColumn(title: string, help: string): z.ZodDefault<z.ZodString> {
  return z
    .string()
    .regex(/^$|^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'a column name has letters, digits and _, 63 at most, and no digit first')
    .default('')
    .meta(field({ title, help, widget: 'text', advanced: true })) as z.ZodDefault<z.ZodString>;
}

/** Settings that every source which reads messages shares; spread into its own strict object. */
export const decodeFields = {
  format: z
    .enum(['json', 'message'])
    .default('json')
    .meta(
      field({
        title: 'Format',
        help: 'json: each message is a JSON object with the columns of the schema. message: key, value and timestamp as they are.',
        widget: 'choice',
      }),
    ),
  schema: z
    .record(z.string(), z.unknown())
    .default({ type: 'object', properties: {} })
    .meta(
      field({
        title: 'Schema',
        help: 'JSON Schema, draft-07 or 2020-12. A message that does not fit is a dead letter.',
        widget: 'json-schema',
      }),
    ),
  event_time: z
    .string()
    .max(63)
    .default('')
    .meta(field({ title: 'Event time', help: 'The column that says when it happened. Windows need one.', widget: 'field' })),
  lateness: duration()
    .default('2m')
    .meta(
      field({
        title: 'Lateness',
        help: 'How long to wait for events that arrive out of order.',
        unit: 'event time',
        widget: 'duration',
      }),
    ),
  idle_after: duration()
    .default('30s')
    .meta(
      field({
        title: 'Idle after',
        help: 'A partition that is silent for so long is not waited for.',
        widget: 'duration',
        advanced: true,
      }),
    ),
  decimals: z
    .record(z.string(), z.int().min(0).max(6))
    .default({})
    .meta(
      field({
        title: 'Decimals',
        help: 'Columns kept as exact decimals, with their digits after the point: money.',
        widget: 'fields',
        advanced: true,
      }),
    ),
  time_units: z
    .record(z.string(), z.enum(['rfc3339', 's', 'ms', 'us']))
    .default({})
    .meta(
      field({
        title: 'Time units',
        help: 'Columns that hold times since 1970 as numbers, with their unit.',
        widget: 'fields',
        advanced: true,
      }),
    ),
  key_column: optionalColumn('Key column', 'Column for the key of each record.'),
  headers_column: optionalColumn('Headers column', 'Column for the headers of each record, as a JSON object.'),
  timestamp_column: optionalColumn('Timestamp column', 'Column for the time that the log gives each record.'),
  partition_column: optionalColumn('Partition column', 'Column for the number of the partition.'),
  offset_column: optionalColumn('Offset column', 'Column for the offset in the partition.'),
};

const decodeSettings = z.object(decodeFields);
export type DecodeSettings = z.infer<typeof decodeSettings>;

/** `ceiling`: whether rows far ahead of the clock are refused [T4]; live logs yes, files no. */
export function decodeSpecOf(settings: DecodeSettings, ceiling: boolean): DecodeSpec {
  const column = (name: string): string | undefined => (name === '' ? undefined : name);
  return {
    format: settings.format,
    schema: settings.schema,
    eventTime: column(settings.event_time),
    timeUnits: settings.time_units,
    decimals: settings.decimals,
    meta: {
      key: column(settings.key_column),
      headers: column(settings.headers_column),
      timestamp: column(settings.timestamp_column),
      partition: column(settings.partition_column),
      offset: column(settings.offset_column),
    },
    latenessUs: durationUs(settings.lateness),
    idleAfterUs: durationUs(settings.idle_after),
    ceiling,
  };
}
