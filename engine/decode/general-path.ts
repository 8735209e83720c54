import type { ErrorObject } from 'ajv';
import { decodeUtf8 } from '../model/dictionary.ts';
import { must } from '../model/assert.ts';
import { parseTimestamp } from '../model/timestamp.ts';
import { scaleOf } from '../model/type.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import type { CompiledSchema } from './json-schema.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { Refusal, shortened } from './refusal.ts';
import { scaledNumber } from './scaled-number.ts';
import type { SourceColumn } from './source-columns.ts';
import { WellFormed } from './well-formed.ts';

/** Where one declared property goes: its buffer, if somebody reads it, and the event time, if it is that. */
export interface Target {
  readonly source: SourceColumn;
  readonly buffer: ColumnBuffer | undefined;
  readonly isTime: boolean;
}

const fatalUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FLOAT_ZERO = /^-?[0.]*(?:[eE].*)?$/;

/** Text of valid UTF-8 of at most MAX_MESSAGE_BYTES, or a Refusal. */
export function checkedText(bytes: Uint8Array, from: number, end: number): string {
  if (end - from > MAX_MESSAGE_BYTES) {
    throw new Refusal('message_too_large', `the message has ${end - from} bytes; ${MAX_MESSAGE_BYTES} are taken at most`);
  }
  try {
    return fatalUtf8.decode(bytes.subarray(from, end));
  } catch {
    throw new Refusal('invalid_utf8', 'the message is not valid UTF-8');
  }
}

/** [V5] The verdict itself: V1 and V3, then ajv, then each column's type. Throws a Refusal, or has written row `row` of every buffer. */
export class GeneralPath {
  readonly #wellFormed = new WellFormed();
  readonly #schema: CompiledSchema;
  readonly #targets: readonly Target[];

  constructor(schema: CompiledSchema, targets: readonly Target[]) {
    this.#schema = schema;
    this.#targets = targets;
  }

  decode(bytes: Uint8Array, from: number, end: number, row: number, times: Float64Array): void {
    const text = checkedText(bytes, from, end);
    this.#wellFormed.walk(bytes, from, end);
    const message = JSON.parse(text) as unknown;
    if (message === null || typeof message !== 'object' || Array.isArray(message)) {
      throw new Refusal('wrong_type', `the message is ${shortened(message)} and not a JSON object`);
    }
    const error = this.#schema.firstError(message);
    if (error !== undefined) throw this.#disagreement(error, message);
    for (const target of this.#targets) this.#take(target, bytes, row, times);
  }

  #take(target: Target, bytes: Uint8Array, row: number, times: Float64Array): void {
    const { source, buffer } = target;
    const range = this.#wellFormed.members.get(source.name);
    const isNull = range === undefined || bytes[range[0]] === 0x6e;
    if (isNull) {
      if (target.isTime)
        throw new Refusal('missing_field', `${source.name}, the event time, is ${range === undefined ? 'missing' : 'null'}`);
      buffer?.setNull(row);
      return;
    }
    const [start, end] = range;
    switch (source.type) {
      case 'json':
        buffer?.setBytes(row, bytes, start, end);
        return;
      case 'text':
        if (buffer === undefined) return;
        if (buffer.field.as === 'bytes') buffer.setBytes(row, bytes, start + 1, end - 1);
        else buffer.setText(row, this.#string(bytes, start, end));
        return;
      case 'boolean':
        buffer?.setBoolean(row, bytes[start] === 0x74);
        return;
      case 'text[]': {
        if (buffer === undefined) return;
        const list = JSON.parse(decodeUtf8(bytes, start, end)) as readonly (string | null)[];
        buffer.startList(row);
        for (const element of list) buffer.push(element === null ? -1 : buffer.dictionary.internText(element));
        return;
      }
      case 'timestamp': {
        const time = this.#timestamp(source, bytes, start, end);
        buffer?.setNumber(row, time);
        if (target.isTime) times[row] = time;
        return;
      }
      case 'float': {
        const text = decodeUtf8(bytes, start, end);
        const value = Number(text);
        if (value === 0 && !FLOAT_ZERO.test(text)) {
          throw new Refusal(
            'number_out_of_range',
            `${source.name} is ${text.slice(0, 40)}, which is closer to 0 than a double precision number can be`,
          );
        }
        buffer?.setNumber(row, value);
        return;
      }
      default:
        buffer?.setNumber(row, this.#scaled(source, bytes, start, end));
    }
  }

  #string(bytes: Uint8Array, start: number, end: number): string {
    return JSON.parse(decodeUtf8(bytes, start, end)) as string;
  }

  /** integer and decimal */
  #scaled(source: SourceColumn, bytes: Uint8Array, start: number, end: number): number {
    const text = bytes[start] === 0x22 ? this.#string(bytes, start, end) : decodeUtf8(bytes, start, end);
    const number = scaledNumber(text, scaleOf(source.type));
    if (number === undefined) throw new Refusal('wrong_type', `${source.name} must be a number, it is ${shortened(text)}`);
    if (number.value === undefined) {
      throw new Refusal(
        'number_out_of_range',
        `${source.name} is ${text.slice(0, 40)}, outside the range of ${source.type} (±(2^53−1) units)`,
      );
    }
    if (!number.exact) {
      if (source.type === 'integer') throw new Refusal('wrong_type', `${source.name} must be integer, it is ${text.slice(0, 40)}`);
      throw new Refusal(
        'decimal_inexact',
        `${source.name} is ${text.slice(0, 40)}, which ${scaleOf(source.type)} digits after the point cannot hold`,
      );
    }
    return number.value;
  }

  #timestamp(source: SourceColumn, bytes: Uint8Array, start: number, end: number): number {
    let time: number | undefined;
    if (source.unit === 'rfc3339') time = parseTimestamp(this.#string(bytes, start, end));
    else {
      const scale = source.unit === 's' ? 6 : source.unit === 'ms' ? 3 : 0;
      time = must(scaledNumber(decodeUtf8(bytes, start, end), scale), 'a JSON number is a number').value;
    }
    if (time === undefined) {
      const shown = decodeUtf8(bytes, start, Math.min(end, start + 60));
      const wanted = source.unit === 'rfc3339' ? 'an RFC 3339 time with zone' : `a time in ${source.unit} since 1970`;
      throw new Refusal('invalid_timestamp', `${source.name} is ${shown}, not ${wanted} between the years 1684 and 2255`);
    }
    return time;
  }

  #disagreement(error: ErrorObject, message: unknown): Refusal {
    const path = error.instancePath
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    let value: unknown = message;
    for (const part of path) value = Object.getOwnPropertyDescriptor(value, part)?.value as unknown;
    const name = path.join('.');
    if (error.keyword === 'required') {
      const missing = String((error.params as Readonly<Record<string, unknown>>).missingProperty);
      return new Refusal('missing_field', `${[...path, missing].join('.')} is missing`);
    }
    const what = `${name === '' ? 'the message' : name} ${error.message ?? 'does not fit the schema'}, it is ${shortened(value)}`;
    switch (error.keyword) {
      case 'type': {
        // ajv asks for an integer before the column can say which numbers an integer may be
        return new Refusal('wrong_type', what);
      }
      case 'minimum':
      case 'maximum':
      case 'exclusiveMinimum':
      case 'exclusiveMaximum':
        return new Refusal('out_of_range', what);
      case 'format': {
        const column = this.#targets.find((target) => path.length === 1 && target.source.name === path[0]);
        return new Refusal(column?.source.type === 'timestamp' ? 'invalid_timestamp' : 'schema_mismatch', what);
      }
      default:
        return new Refusal('schema_mismatch', what);
    }
  }
}
