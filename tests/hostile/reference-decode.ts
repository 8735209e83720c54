import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type { DecodeSpec } from '../../engine/model/decode-spec.ts';
import type { Field } from '../../engine/model/schema.ts';

/**
 * The rules V1, V3 and V5 written once more, slowly and without any of the decoder's code: a parser over text that keeps the
 * source of every number, and exact arithmetic in BigInt. For tests only.
 */
const addFormats =
  (addFormatsModule as unknown as { default?: (ajv: Ajv) => void }).default ?? (addFormatsModule as unknown as (ajv: Ajv) => void);

export interface ReferenceVerdict {
  readonly accepted: boolean;
  readonly why?: string | undefined;
  /** column values as JSON data; timestamps in µs, decimals as scaled integers */
  readonly values?: ReadonlyMap<string, unknown> | undefined;
}

class No extends Error {}

/** A value with the text it was written as. */
interface Node {
  readonly value: unknown;
  readonly source: string;
  readonly members?: ReadonlyMap<string, Node>;
}

function parse(text: string): Node {
  let at = 0;
  let keys = 0;
  const space = (): void => {
    while (at < text.length && ' \n\r\t'.includes(text[at]!)) at++;
  };
  const regex = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const string = (): string => {
    // oxlint-disable-next-line no-control-regex -- JSON's grammar forbids them raw
    const found = regex(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    if (found === undefined) throw new No('no string');
    const decoded = JSON.parse(found) as string;
    for (const character of decoded) {
      const code = character.codePointAt(0)!;
      if (code === 0) throw new No('NUL');
      if (code >= 0xd800 && code <= 0xdfff) throw new No('lone surrogate');
    }
    return decoded;
  };
  const value = (depth: number): Node => {
    const start = at;
    const done = (result: unknown, members?: ReadonlyMap<string, Node>): Node => ({
      value: result,
      source: text.slice(start, at),
      ...(members === undefined ? {} : { members }),
    });
    const first = text[at];
    if (first === '"') return done(string());
    if (first === '{') {
      if (depth === 32) throw new No('depth');
      at++;
      const members = new Map<string, Node>();
      space();
      while (text[at] !== '}') {
        if (members.size > 0) {
          if (text[at++] !== ',') throw new No('comma');
          space();
        }
        const key = string();
        if (++keys > 1000) throw new No('keys');
        if (members.has(key)) throw new No('duplicate');
        space();
        if (text[at++] !== ':') throw new No('colon');
        space();
        members.set(key, value(depth + 1));
        space();
        if (at >= text.length) throw new No('end');
      }
      at++;
      const object = Object.create(null) as Record<string, unknown>;
      for (const [key, node] of members)
        Object.defineProperty(object, key, { value: node.value, enumerable: true, configurable: true, writable: true });
      return done(object, members);
    }
    if (first === '[') {
      if (depth === 32) throw new No('depth');
      at++;
      const list: unknown[] = [];
      space();
      while (text[at] !== ']') {
        if (list.length > 0) {
          if (text[at++] !== ',') throw new No('comma');
          space();
        }
        list.push(value(depth + 1).value);
        space();
        if (at >= text.length) throw new No('end');
      }
      at++;
      return done(list);
    }
    const word = regex(/true|false|null/y);
    if (word !== undefined) return done(JSON.parse(word));
    const number = regex(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (number === undefined) throw new No('no value');
    if (!Number.isFinite(Number(number))) throw new No('overflow');
    return done(Number(number));
  };
  space();
  const root = value(0);
  space();
  if (at < text.length) throw new No('more follows');
  return root;
}

/** digits × 10^exponent */
function exact(source: string): { digits: bigint; exponent: number } {
  const [mantissa, exponent] = source.toLowerCase().split('e');
  const [whole, fraction = ''] = mantissa!.split('.');
  return {
    digits: BigInt(whole!.replace('-', '') + fraction) * (source.startsWith('-') ? -1n : 1n),
    exponent: Number(exponent ?? 0) - fraction.length,
  };
}

const SAFE = 9_007_199_254_740_991n;

function scaled(source: string, scale: number, cut: boolean): number {
  const { digits, exponent } = exact(source);
  const shift = exponent + scale;
  if (digits === 0n) return 0;
  if (shift > 400) throw new No('out of range');
  let result: bigint;
  if (shift >= 0) result = digits * 10n ** BigInt(shift);
  else if (shift < -2000) {
    if (!cut) throw new No('inexact');
    result = 0n;
  } else {
    const divisor = 10n ** BigInt(-shift);
    if (!cut && digits % divisor !== 0n) throw new No('inexact');
    result = digits / divisor;
  }
  if (result > SAFE || result < -SAFE) throw new No('out of range');
  return Number(result);
}

function timestamp(text: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)t(\d\d:\d\d:\d\d)(?:\.(\d+))?(z|[+-]\d\d:\d\d)$/i.exec(text);
  if (parts === null) throw new No('timestamp');
  const [, date, time, fraction = '', zone] = parts;
  const utc = Date.parse(`${date}T${time}Z`);
  // V8 turns 30 February into 2 March and takes 24:00:00
  if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 19) !== `${date}T${time}`) throw new No('no such time');
  let offset = 0;
  if (zone!.length > 1) {
    const hours = Number(zone!.slice(1, 3));
    const minutes = Number(zone!.slice(4, 6));
    if (hours > 23 || minutes > 59) throw new No('zone');
    offset = (hours * 60 + minutes) * (zone!.startsWith('-') ? -1 : 1);
  }
  const us = (BigInt(utc) - BigInt(offset) * 60_000n) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  if (us > SAFE || us < -SAFE) throw new No('out of range');
  return Number(us);
}

export function referenceDecoder(spec: DecodeSpec, fields: readonly Field[]): (message: Uint8Array) => ReferenceVerdict {
  const ajv = new Ajv({ strict: false, ownProperties: true, logger: false, validateSchema: false });
  addFormats(ajv);
  const { $schema: _, $id: __, ...rest } = spec.schema as Record<string, unknown>;
  const validate = ajv.compile(rest);
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  const column = (field: Field, node: Node | undefined): unknown => {
    if (node === undefined || node.value === null) {
      if (field.name === spec.eventTime) throw new No('no event time');
      return null;
    }
    switch (field.type) {
      case 'integer':
        return scaled(node.source, 0, false);
      case 'float': {
        if (node.value === 0 && exact(node.source).digits !== 0n) throw new No('underflow');
        return node.value;
      }
      case 'timestamp': {
        const unit = Object.hasOwn(spec.timeUnits, field.name) ? spec.timeUnits[field.name]! : 'rfc3339';
        return unit === 'rfc3339' ? timestamp(node.value as string) : scaled(node.source, { s: 6, ms: 3, us: 0 }[unit], true);
      }
      case 'text':
      case 'boolean':
      case 'text[]':
      case 'json':
        return node.value;
      default: {
        const source = typeof node.value === 'string' ? node.value : node.source;
        if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(source)) throw new No('no number');
        return scaled(source, Number(field.type.slice(8, -1)), false);
      }
    }
  };

  return (message) => {
    try {
      if (message.length > 1_048_576) throw new No('size');
      let text: string;
      try {
        text = utf8.decode(message);
      } catch {
        throw new No('utf-8');
      }
      const root = parse(text);
      if (root.members === undefined) throw new No('no object');
      if (!validate(JSON.parse(text))) throw new No(`ajv: ${validate.errors?.[0]?.message}`);
      return { accepted: true, values: new Map(fields.map((field) => [field.name, column(field, root.members!.get(field.name))])) };
    } catch (reason) {
      if (reason instanceof No) return { accepted: false, why: reason.message };
      throw reason;
    }
  };
}
