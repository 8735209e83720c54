import { decodeUtf8 } from '../model/dictionary.ts';
import { type Check, INTEGER, NUMBER } from './shape.ts';
import { TimeScanner } from './time-scanner.ts';

const UNSURE = -1;

/** Numbers that are checked only. */
export class NumberScanner extends TimeScanner {
  /** A number that no column keeps: grammar, and limits if it has any. */
  uncounted(check: Check, at: number): number {
    const bytes = this.bytes;
    const start = at;
    if (bytes[at] === 0x2d) at++;
    const first = at;
    while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
    if (at === first || (at - first > 1 && bytes[first] === 0x30)) return UNSURE;
    let integral = true;
    if (bytes[at] === 0x2e) {
      integral = false;
      const point = ++at;
      while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
      if (at === point) return UNSURE;
    }
    if ((bytes[at]! | 0x20) === 0x65 || at - start > 100) return UNSURE;
    if ((check.types & (NUMBER | INTEGER)) === 0) return UNSURE;
    const free =
      (check.types & NUMBER) !== 0 &&
      check.minimum === -Infinity &&
      check.maximum === Infinity &&
      check.above === -Infinity &&
      check.below === Infinity;
    if (!free && !numberFits(check, Number(decodeUtf8(bytes, start, at)), integral)) return UNSURE;
    return at;
  }
}

export function numberFits(check: Check, value: number, integral: boolean): boolean {
  if ((check.types & NUMBER) === 0 && ((check.types & INTEGER) === 0 || !integral)) return false;
  return value >= check.minimum && value <= check.maximum && value > check.above && value < check.below;
}
