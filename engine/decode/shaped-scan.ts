import type { ColumnBuffer } from './column-buffer.ts';
import type { Scanner } from './scanner.ts';
import type { Check, Field, Shape } from './shape.ts';
import { hashBytes } from '../model/dictionary.ts';
import { WellFormed } from './well-formed.ts';

/** A scanner for messages whose keys, key order and spacing are those of one sample; false: another shape, or unsure. */
export type ShapedScan = (start: number, end: number, row: number) => boolean;

const QUOTE = 0x22;

interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Writes the scanner for the shape of one accepted message: everything between the values is compared as whole words with the
 * sample's own bytes, so keys, duplicates, depth and counts need no look of their own. Values are read as everywhere else.
 * The generated text holds templates and integers only; fields, checks and buffers come in as an array.
 */
export function shapedScan(scanner: Scanner, root: Shape, bytes: Uint8Array, start: number, end: number): ShapedScan | undefined {
  const source = new ShapedSource(bytes);
  let from = start;
  let keys = 0;
  for (const member of membersOf(bytes, start, end)) {
    const field = fieldOf(root, bytes, member);
    if (field === undefined) return undefined;
    keys++;
    const nested = field.reading === 'value' && bytes[member.start] === 0x7b ? scalarsOf(bytes, member) : undefined;
    const shape = field.check.shape;
    if (nested === undefined || shape === undefined || nested.length === 0) {
      from = source.member(field, from, member);
      continue;
    }
    // an object of scalars is read in place, its punctuation as part of the literals
    const slot = field.buffer === undefined ? -1 : source.constant(field.buffer);
    source.literal(from, member.start);
    if (slot >= 0) source.push(`const o${slot} = at;`);
    from = member.start;
    for (const inner of nested) {
      const innerField = fieldOf(shape, bytes, inner);
      if (innerField === undefined) return undefined;
      keys++;
      from = source.member(innerField, from, inner);
    }
    if (slot < 0) continue;
    source.literal(from, member.end);
    source.push(`k${slot}.setBytes(row, b, o${slot}, at);`);
    from = member.end;
  }
  source.literal(from, end);
  const present = new Set(membersOf(bytes, start, end).map((member) => fieldOf(root, bytes, member)));
  for (const field of root.fields.slice(0, root.declared)) {
    if (!present.has(field) && field.buffer !== undefined) source.push(`k${source.constant(field.buffer)}.setNull(row);`);
  }
  return source.compile(scanner, keys);
}

function membersOf(bytes: Uint8Array, start: number, end: number): Member[] {
  const walker = new WellFormed();
  walker.walk(bytes, start, end);
  return [...walker.members].map(([key, [from, to]]) => ({ key, start: from, end: to }));
}

/** Members of an object that holds neither objects nor arrays. */
function scalarsOf(bytes: Uint8Array, value: Member): Member[] | undefined {
  const members = membersOf(bytes, value.start, value.end);
  return members.some(({ start }) => bytes[start] === 0x7b || bytes[start] === 0x5b) ? undefined : members;
}

function fieldOf(shape: Shape, bytes: Uint8Array, member: Member): Field | undefined {
  // the key stands before the colon before the value, and has no escapes, or the scanner had not accepted the sample
  let to = member.start - 1;
  while (bytes[to] !== QUOTE) to--;
  let from = to - 1;
  while (bytes[from] !== QUOTE) from--;
  return shape.find(hashBytes(bytes, from + 1, to), bytes, from + 1, to);
}

class ShapedSource {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #constants: (Field | Check | ColumnBuffer)[] = [];
  readonly #lines: string[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  push(line: string): void {
    this.#lines.push(line);
  }

  constant(value: Field | Check | ColumnBuffer): number {
    const known = this.#constants.indexOf(value);
    return known >= 0 ? known : this.#constants.push(value) - 1;
  }

  /** The bytes [from, to) of the sample must stand at `at`. */
  literal(from: number, to: number): void {
    const length = to - from;
    if (length === 0) return;
    const tests = [`at + ${length} > limit`];
    let i = 0;
    for (; i + 4 <= length; i += 4) tests.push(`v.getInt32(at + ${i}, true) !== ${this.#view.getInt32(from + i, true)}`);
    for (; i < length; i++) tests.push(`b[at + ${i}] !== ${this.#bytes[from + i]!}`);
    this.push(`if (${tests.join(' || ')}) return false;`);
    this.push(`at += ${length};`);
  }

  /** The literal before a member and its value; returns the position in the sample where the next literal begins. */
  member(field: Field, from: number, { start, end }: Member): number {
    const first = this.#bytes[start]!;
    const isString = first === QUOTE;
    if (isString && (field.reading === 'text' || field.reading === 'value')) {
      // the opening quote is part of the literal
      if (field.check.isTime || (field.reading === 'value' && field.buffer !== undefined))
        return this.#any(field, from, start, end);
      this.literal(from, start + 1);
      this.#text(field);
      return end;
    }
    if (isString && field.reading === 'time' && !(field.check.options !== undefined || field.check.test !== undefined)) {
      this.literal(from, start + 1);
      this.push('at = s.timestamp(at); if (at < 0) return false;');
      if (field.buffer !== undefined) this.push(`k${this.constant(field.buffer)}.setNumber(row, s.time);`);
      if (field.isTime) this.push('s.times[row] = s.time;');
      this.#lengthLimits(field);
      return end;
    }
    if (field.reading === 'list' && first === 0x5b) {
      this.literal(from, start + 1);
      const buffer = field.buffer === undefined ? 'undefined' : `k${this.constant(field.buffer)}`;
      this.push(`at = s.list(k${this.constant(field.check)}, ${buffer}, at); if (at < 0) return false;`);
      return end;
    }
    return this.#any(field, from, start, end);
  }

  #any(field: Field, from: number, start: number, end: number): number {
    this.literal(from, start);
    this.push(`at = s.field(k${this.constant(field)}, at); if (at < 0) return false;`);
    return end;
  }

  #text(field: Field): void {
    const { buffer, check } = field;
    this.push('from = at;');
    if (buffer !== undefined && buffer.field.as === 'dictionary') {
      const slot = this.constant(buffer);
      this.push(`id = s.intern(k${slot}.dictionary, at); if (id < 0) return false; k${slot}.ids[row] = id; at = s.after;`);
    } else {
      // as TextScanner.string, in place: calls took a quarter of the whole
      this.push(`for (;;) {
    if (at >= end) return false;
    const w = v.getInt32(at, true);
    const m = ((w - 0x20202020) | ((w ^ 0x22222222) - 0x01010101) | ((w ^ 0x5c5c5c5c) - 0x01010101) | w) & 0x80808080;
    if (m === 0) { at += 4; continue; }
    at += (31 - Math.clz32(m & -m)) >> 3;
    if (b[at] !== 0x22) { at = s.slow(from); if (at < 0) return false; } else if (at >= end) return false; else at++;
    break;
  }`);
      if (buffer !== undefined) {
        const slot = this.constant(buffer);
        this.push(`k${slot}.start[row] = from; k${slot}.end[row] = at - 1;`);
      }
    }
    if (!check.limitsText) return;
    const fits = `if (!s.fits(k${this.constant(check)}, from, at - 1)) return false;`;
    if (check.options !== undefined || check.isUuid || check.test !== undefined) this.push(fits);
    else {
      const most = check.maxLength === Infinity ? '' : ` || at - 1 - from > ${check.maxLength}`;
      this.push(`if (at - 1 - from < ${check.minLength * 12}${most}) { ${fits} }`);
    }
  }

  /** lengths of a time are rarely limited, so the whole check is made */
  #lengthLimits(field: Field): void {
    const { check } = field;
    if (check.minLength > 0 || check.maxLength !== Infinity || check.isUuid) this.push('return false;');
  }

  compile(scanner: Scanner, keys: number): ShapedScan {
    const names = this.#constants.map((_, i) => `k${i} = k[${i}]`).join(', ');
    const body = `'use strict';
${names === '' ? '' : `const ${names};`}
return function shaped(start, end, row) {
  const b = s.bytes, v = s.view, limit = s.limit;
  let at = start, from = 0, id = 0;
  s.enter(end, row, ${keys});
  ${this.#lines.join('\n  ')}
  return at === end;
};`;
    const make = new Function('s', 'k', body) as (s: Scanner, k: readonly unknown[]) => ShapedScan;
    return make(scanner, this.#constants);
  }
}
