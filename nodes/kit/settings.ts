import { z } from 'zod';
import { DURATION, parseDuration } from '../../engine/model/duration.ts';

/**
 * What a settings field tells the form: `.meta(field({...}))`. The page gets it inside the JSON Schema of the settings.
 * Widgets are few and named; a kind never brings its own panel.
 */
export interface FieldMeta {
  readonly title: string;
  readonly help?: string;
  readonly unit?: string;
  readonly widget?:
    | 'text'
    | 'number'
    | 'switch'
    | 'duration'
    | 'choice'
    | 'expression'
    | 'aggregate'
    | 'field'
    | 'fields'
    | 'connection'
    | 'topic'
    | 'table'
    | 'json-schema'
    | 'lexicon'
    | 'path'
    | 'list';
  /** for widget `connection`, `topic`, `table`: which service is meant */
  readonly service?: 'kafka' | 'postgres' | 'redis';
  /** rarely needed: folded away in the form */
  readonly advanced?: boolean;
}

export function field(meta: FieldMeta): FieldMeta & Record<string, unknown> {
  return { ...meta };
}

export function duration(): z.ZodString {
  return z
    .string()
    .regex(DURATION, 'write a duration such as 500ms, 10s, 2m, 1h')
    .refine((text) => (parseDuration(text) ?? 0) >= 0, 'too long') as z.ZodString;
}

/** a column name: what PostgreSQL takes as an identifier when quoted, 63 bytes at most */
export function columnName(): z.ZodString {
  return z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'a column name has letters, digits and _, 63 at most, and no digit first');
}

/** put before column names that would hide others; empty: none */
export function columnPrefix() {
  return z
    .string()
    .regex(/^([A-Za-z_][A-Za-z0-9_]{0,31})?$/, 'a prefix has letters, digits and _, 32 at most, and no digit first')
    .default('');
}

export function connectionName(): z.ZodString {
  return z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'a connection name has a-z, 0-9, _ and -');
}
