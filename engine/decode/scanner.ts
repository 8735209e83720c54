import { must } from '../model/assert.ts';
import { decodeUtf8 } from '../model/dictionary.ts';
import { MAX_TIMESTAMP_US } from '../model/timestamp.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import { MAX_DEPTH, MAX_KEYS, MAX_MESSAGE_BYTES } from './limits.ts';
import { numberFits, NumberScanner } from './number-scanner.ts';
import { shapedScan, type ShapedScan } from './shaped-scan.ts';
import { ARRAY, BOOLEAN, Check, NULL, OBJECT, Shape, STRING, type Field } from './shape.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const TRUE = 0x65757274;
const FALS = 0x736c6166;
const NULL_WORD = 0x6c6c756e;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
const MAX_LEARNED_SHAPES = 4_096;
const MAX_STAMP = 1 << 29;
const MAX_PATIENCE = 1 << 20;

/** −1 wherever a position is returned: unsure, the general path decides this message. */
const UNSURE = -1;

/**
 * The fast path: one pass over the bytes of a message that accepts only what the general path accepts, with the same values.
 * It refuses nothing: whatever it does not understand at a glance it leaves to the general path.
 */
export class Scanner extends NumberScanner {
  readonly #make: () => Shape;
  #root: Shape;
  times: Float64Array = new Float64Array(0);
  #row = 0;
  #depth = 0;
  #keys = 0;
  #stamp = 0;
  #learned = 0;
  #shaped: ShapedScan | undefined;
  /** messages that are scanned plainly before the shape of one is taken; grows each time a shape proved short-lived */
  #patience: number;
  #plain = 0;
  #strange = 0;

  constructor(make: () => Shape, shapeAfter: number) {
    super();
    this.#patience = shapeAfter;
    this.#make = make;
    this.#root = make();
  }

  begin(bytes: Uint8Array, times: Float64Array): void {
    this.take(bytes);
    this.times = times;
    if (this.#learned > MAX_LEARNED_SHAPES || this.#stamp > MAX_STAMP) {
      this.#root = this.#make();
      this.#learned = 0;
      this.#stamp = 0;
      this.#shaped = undefined;
    }
  }

  /** true: row `row` of every buffer and of `times` is written. false: the general path must look; what was written is to be overwritten. */
  scan(start: number, end: number, row: number): boolean {
    if (end - start > MAX_MESSAGE_BYTES) return false;
    if (this.#shaped !== undefined) {
      if (this.#shaped(start, end, row)) {
        if (this.#strange > 0) this.#strange--;
        return true;
      }
      // every second message has another shape: the attempt costs more than it gives
      if ((this.#strange += 2) > 256) {
        this.#shaped = undefined;
        this.#strange = 0;
        this.#patience = Math.min(this.#patience * 4, MAX_PATIENCE);
      }
    }
    if (!this.#scanPlain(start, end, row)) return false;
    if (this.#shaped === undefined && ++this.#plain >= this.#patience) {
      this.#plain = 0;
      this.#shaped = shapedScan(this, this.#root, this.bytes, start, end);
    }
    return true;
  }

  #scanPlain(start: number, end: number, row: number): boolean {
    this.enter(end, row, 0);
    this.#depth = 0;
    let at = start;
    if (this.bytes[at] !== 0x7b) at = this.#space(at);
    if (this.bytes[at] !== 0x7b) return false;
    at = this.#object(this.#root, at + 1);
    if (at < 0) return false;
    if (at < end) at = this.#space(at);
    return at === end;
  }

  /** Begins a message inside its root object, of which `keys` keys are known. */
  enter(end: number, row: number, keys: number): void {
    this.end = end;
    this.#row = row;
    this.#depth = 1;
    this.#keys = keys;
  }

  #space(at: number): number {
    const bytes = this.bytes;
    for (let byte = bytes[at]; byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) {
      if (at >= this.end) return at;
      at++;
    }
    return at;
  }

  /** `at` stands behind the brace. */
  #object(shape: Shape, at: number): number {
    if (++this.#depth > MAX_DEPTH) return UNSURE;
    const bytes = this.bytes;
    const stamp = ++this.#stamp;
    const { fields, next, seen } = shape;
    let declaredSeen = 0;
    if (bytes[at] !== QUOTE) at = this.#space(at);
    if (bytes[at] === 0x7d) at++;
    else {
      let previous = 0;
      for (;;) {
        if (at >= this.end || bytes[at] !== QUOTE) return UNSURE;
        at++;
        const guess = next[previous]!;
        let field = guess < fields.length ? fields[guess]! : undefined;
        if (field === undefined || !this.#keyIs(field, at)) {
          field = this.#findKey(shape, at);
          if (field === undefined) return UNSURE;
          next[previous] = field.index;
        }
        const index = field.index;
        if (seen[index] === stamp) return UNSURE;
        seen[index] = stamp;
        if (index < shape.declared) declaredSeen++;
        if (++this.#keys > MAX_KEYS) return UNSURE;
        previous = index + 1;
        at += field.length;
        if (bytes[at] !== COLON) {
          at = this.#space(at);
          if (bytes[at] !== COLON) return UNSURE;
        }
        at++;
        if (bytes[at] === SPACE) at++;
        if (bytes[at]! <= SPACE) at = this.#space(at);
        at = this.field(field, at);
        if (at < 0) return UNSURE;
        if (bytes[at]! <= SPACE) at = this.#space(at);
        const byte = bytes[at++]!;
        if (byte === COMMA) {
          if (bytes[at] === SPACE) at++;
          if (bytes[at] !== QUOTE) at = this.#space(at);
        } else if (byte === 0x7d) break;
        else return UNSURE;
      }
    }
    this.#depth--;
    if (declaredSeen < shape.declared && !this.#absent(shape, stamp)) return UNSURE;
    return at;
  }

  /** Declared keys that did not come. */
  #absent(shape: Shape, stamp: number): boolean {
    for (let i = 0; i < shape.declared; i++) {
      if (shape.seen[i] === stamp) continue;
      const field = shape.fields[i]!;
      if (field.required || field.isTime) return false;
      field.buffer?.setNull(this.#row);
    }
    return shape.hasAlternative(stamp);
  }

  #keyIs(field: Field, at: number): boolean {
    const { length, words } = field;
    if (at + length + 4 > this.limit) return false;
    const view = this.view;
    const last = words.length - 1;
    if (last < 0) {
      for (let i = 0; i < length; i++) if (this.bytes[at + i] !== field.key[i]) return false;
      return true;
    }
    for (let i = 0; i < last; i++) if (view.getInt32(at + i * 4, true) !== words[i]) return false;
    return view.getInt32(at + length - 4, true) === words[last];
  }

  #findKey(shape: Shape, at: number): Field | undefined {
    const bytes = this.bytes;
    let to = at;
    let hash = 0;
    let ascii = true;
    for (; ; to++) {
      if (to >= this.end) return undefined;
      const byte = bytes[to]!;
      if (byte === QUOTE) break;
      if (byte < 0x20 || byte === 0x5c) return undefined;
      if (byte >= 0x80) ascii = false;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const known = shape.find(hash, bytes, at, to);
    if (known !== undefined) return known;
    if (!ascii && this.slow(at) < 0) return undefined;
    this.#learned++;
    return shape.learn(bytes, at, to);
  }

  field(field: Field, at: number): number {
    const { check, buffer } = field;
    const start = at;
    if (field.reading === 'value') {
      at = this.#value(check, at);
      if (buffer !== undefined && at >= 0) {
        if (this.bytes[start] === 0x6e) buffer.setNull(this.#row);
        else buffer.setBytes(this.#row, this.bytes, start, at);
      }
      return at;
    }
    const byte = this.bytes[at]!;
    if (byte === 0x6e) {
      if (field.isTime) return UNSURE;
      at = this.#value(check, at);
      if (at >= 0) buffer?.setNull(this.#row);
      return at;
    }
    switch (field.reading) {
      case 'text':
        return byte === QUOTE ? this.#text(field, buffer, at + 1) : UNSURE;
      case 'time':
        if (byte !== QUOTE) return UNSURE;
        at = this.timestamp(at + 1);
        if (at < 0 || (field.limitsText && !this.fits(check, start + 1, at - 1))) return UNSURE;
        buffer?.setNumber(this.#row, this.time);
        if (field.isTime) this.times[this.#row] = this.time;
        return at;
      case 'boolean':
        at = this.#value(check, at);
        if (at >= 0) buffer?.setBoolean(this.#row, byte === 0x74);
        return at;
      case 'list':
        return byte === 0x5b ? this.list(check, buffer, at + 1) : UNSURE;
      default:
        return this.#number(field, buffer, at);
    }
  }

  #text(field: Field, buffer: ColumnBuffer | undefined, start: number): number {
    let at: number;
    if (buffer !== undefined && buffer.field.as === 'dictionary') {
      const id = this.intern(buffer.dictionary, start);
      if (id < 0) return UNSURE;
      buffer.ids[this.#row] = id;
      at = this.after;
    } else {
      at = this.string(start);
      if (at < 0) return UNSURE;
      if (buffer !== undefined) {
        buffer.start[this.#row] = start;
        buffer.end[this.#row] = at - 1;
      }
    }
    return field.limitsText && !this.fits(field.check, start, at - 1) ? UNSURE : at;
  }

  list(check: Check, buffer: ColumnBuffer | undefined, at: number): number {
    const bytes = this.bytes;
    const items = must(check.items, 'a text[] column has items');
    const limits = items.limitsText;
    if (items.isTime) return UNSURE;
    if (this.#depth >= MAX_DEPTH) return UNSURE;
    buffer?.startList(this.#row);
    let count = 0;
    if (bytes[at]! <= SPACE) at = this.#space(at);
    if (bytes[at] === 0x5d) at++;
    else {
      for (;;) {
        // an element that is null or no string is the general path's
        if (at >= this.end || bytes[at] !== QUOTE) return UNSURE;
        const start = at + 1;
        if (buffer === undefined) at = this.string(start);
        else {
          const id = this.intern(buffer.dictionary, start);
          if (id < 0) return UNSURE;
          buffer.push(id);
          at = this.after;
        }
        if (at < 0 || (limits && !this.fits(items, start, at - 1))) return UNSURE;
        count++;
        if (bytes[at]! <= SPACE) at = this.#space(at);
        const byte = bytes[at++]!;
        if (byte === COMMA) {
          if (bytes[at]! <= SPACE) at = this.#space(at);
        } else if (byte === 0x5d) break;
        else return UNSURE;
      }
    }
    if (count < check.minItems || count > check.maxItems || (check.unique && count > 1)) return UNSURE;
    return at;
  }

  /** integer, float, decimal and epoch times: up to 15 digits and no exponent; the rest is left to the general path. */
  #number(field: Field, buffer: ColumnBuffer | undefined, at: number): number {
    const bytes = this.bytes;
    const { check } = field;
    const start = at;
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    const first = at;
    let digits = 0;
    let fraction = 0;
    let byte = bytes[at]!;
    while (byte >= 0x30 && byte <= 0x39) {
      digits = digits * 10 + (byte - 0x30);
      byte = bytes[++at]!;
    }
    let count = at - first;
    if (count === 0 || (count > 1 && bytes[first] === 0x30)) return UNSURE;
    if (byte === 0x2e) {
      const point = at;
      byte = bytes[++at]!;
      while (byte >= 0x30 && byte <= 0x39) {
        digits = digits * 10 + (byte - 0x30);
        byte = bytes[++at]!;
      }
      fraction = at - point - 1;
      if (fraction === 0) return UNSURE;
      count += fraction;
    }
    if ((byte | 0x20) === 0x65) return UNSURE;
    const { reading, scale } = field;
    let value: number;
    if (count <= 15) value = digits / POWERS[fraction]!;
    else if (reading === 'float' && count <= 40) value = Math.abs(Number(decodeUtf8(bytes, start, at)));
    else return UNSURE;
    let kept = value;
    if (reading === 'float') {
      if (value === 0 && digits !== 0) return UNSURE;
      if (negative) kept = -value;
    } else {
      if (fraction > scale) return UNSURE;
      kept = digits * POWERS[scale - fraction]!;
      if (kept > MAX_TIMESTAMP_US) return UNSURE;
      if (negative && kept !== 0) kept = -kept;
    }
    if (negative) value = -value;
    if (!numberFits(check, value, fraction === 0)) return UNSURE;
    buffer?.setNumber(this.#row, kept);
    if (field.isTime) this.times[this.#row] = kept;
    return at;
  }

  /** Any value, checked only. */
  #value(check: Check, at: number): number {
    const byte = this.bytes[at]!;
    if (byte === QUOTE) {
      if ((check.types & STRING) === 0) return UNSURE;
      if (check.isTime && this.timestamp(at + 1) < 0) return UNSURE;
      const to = this.string(at + 1);
      return to >= 0 && check.limitsText && !this.fits(check, at + 1, to - 1) ? UNSURE : to;
    }
    if (byte === 0x7b) {
      if ((check.types & OBJECT) === 0) return UNSURE;
      return this.#object((check.shape ??= new Shape(new Check())), at + 1);
    }
    if (byte === 0x5b) return (check.types & ARRAY) === 0 ? UNSURE : this.#array(check, at + 1);
    if (at + 5 > this.limit) return UNSURE;
    const word = this.view.getInt32(at, true);
    if (word === NULL_WORD) return (check.types & NULL) === 0 ? UNSURE : at + 4;
    if (word === TRUE) return (check.types & BOOLEAN) === 0 ? UNSURE : at + 4;
    if (word === FALS) return (check.types & BOOLEAN) === 0 || this.bytes[at + 4] !== 0x65 ? UNSURE : at + 5;
    return this.uncounted(check, at);
  }

  #array(check: Check, at: number): number {
    if (++this.#depth > MAX_DEPTH) return UNSURE;
    const bytes = this.bytes;
    const items = (check.items ??= new Check());
    let count = 0;
    if (bytes[at]! <= SPACE) at = this.#space(at);
    if (bytes[at] === 0x5d) at++;
    else {
      for (;;) {
        if (at >= this.end) return UNSURE;
        at = this.#value(items, at);
        if (at < 0) return UNSURE;
        count++;
        if (bytes[at]! <= SPACE) at = this.#space(at);
        const byte = bytes[at++]!;
        if (byte === COMMA) {
          if (bytes[at]! <= SPACE) at = this.#space(at);
        } else if (byte === 0x5d) break;
        else return UNSURE;
      }
    }
    this.#depth--;
    if (count < check.minItems || count > check.maxItems || (check.unique && count > 1)) return UNSURE;
    return at;
  }
}
