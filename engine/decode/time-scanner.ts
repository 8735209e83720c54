import { daysFromCivil, daysInMonth, MAX_TIMESTAMP_US } from '../model/timestamp.ts';
import { TextScanner } from './text-scanner.ts';

const QUOTE = 0x22;
const COLON = 0x3a;
const UNSURE = -1;

/** RFC 3339 times, in place: what `parseTimestamp` accepts, as far as ajv accepts it too. */
export class TimeScanner extends TextScanner {
  // the calendar day of the last timestamp, as its ten bytes: 1970-01-01
  #day0 = 0x30373931;
  #day1 = 0x2d31302d;
  #day2 = 0x3130;
  #dayUs = 0;
  /** µs, of the last timestamp */
  time = 0;

  /** "2026-09-07T07:17:12.250000+00:00" behind its opening quote; sets `time`, returns the position behind the closing quote. */
  timestamp(at: number): number {
    const bytes = this.bytes;
    if (at + 21 > this.end) return UNSURE;
    const view = this.view;
    const day0 = view.getInt32(at, true);
    const day1 = view.getInt32(at + 4, true);
    const day2 = view.getInt16(at + 8, true);
    if (day0 !== this.#day0 || day1 !== this.#day1 || day2 !== this.#day2) {
      if (!this.#date(at)) return UNSURE;
      this.#day0 = day0;
      this.#day1 = day1;
      this.#day2 = day2;
    }
    const hour = pair(bytes, at + 11);
    const minute = pair(bytes, at + 14);
    const second = pair(bytes, at + 17);
    if ((bytes[at + 10]! | 0x20) !== 0x74 || bytes[at + 13] !== COLON || bytes[at + 16] !== COLON) return UNSURE;
    if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59)) return UNSURE;
    at += 19;
    let micros = 0;
    if (bytes[at] === 0x2e) {
      const point = ++at;
      let unit = 100_000;
      while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39) {
        if (unit >= 1) micros += (bytes[at]! - 0x30) * unit;
        unit = (unit / 10) | 0;
        at++;
      }
      // ajv reads the seconds as a float, which many nines round up to 60
      if (at === point || at - point > 9) return UNSURE;
    }
    let offset = 0;
    const sign = bytes[at]!;
    if (sign === 0x2b || sign === 0x2d) {
      const hours = pair(bytes, at + 1);
      const minutes = pair(bytes, at + 4);
      if (at + 6 > this.end || bytes[at + 3] !== COLON || !(hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59))
        return UNSURE;
      offset = (hours * 60 + minutes) * (sign === 0x2d ? -60_000_000 : 60_000_000);
      at += 6;
    } else if ((sign | 0x20) === 0x7a) at++;
    else return UNSURE;
    if (bytes[at] !== QUOTE || at >= this.end) return UNSURE;
    const time = this.#dayUs + (hour * 3600 + minute * 60 + second) * 1_000_000 - offset + micros;
    if (!(time <= MAX_TIMESTAMP_US && time >= -MAX_TIMESTAMP_US)) return UNSURE;
    this.time = time;
    return at + 1;
  }

  #date(at: number): boolean {
    const bytes = this.bytes;
    const century = pair(bytes, at);
    const year = pair(bytes, at + 2);
    const month = pair(bytes, at + 5);
    const day = pair(bytes, at + 8);
    if (century < 0 || year < 0 || bytes[at + 4] !== 0x2d || bytes[at + 7] !== 0x2d) return false;
    if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(century * 100 + year, month))) return false;
    this.#dayUs = daysFromCivil(century * 100 + year, month, day) * 86_400_000_000;
    return true;
  }
}

/** two decimal digits, −1 when they are none */
function pair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
