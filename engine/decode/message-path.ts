import { checkedText } from './general-path.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import { Refusal } from './refusal.ts';

/** One text that is not JSON (a message of format `message`, a key): valid UTF-8 without U+0000. start −1 = NULL. Throws a Refusal. */
export function takeText(buffer: ColumnBuffer, bytes: Uint8Array, start: number, end: number, row: number, what: string): void {
  if (start < 0) {
    buffer.setNull(row);
    return;
  }
  checkText(bytes, start, end, what);
  buffer.setBytes(row, bytes, start, end);
}

export function checkText(bytes: Uint8Array, start: number, end: number, what: string): void {
  let plain = end - start <= 1024;
  for (let at = start; plain && at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0 || byte >= 0x80) plain = false;
  }
  if (plain) return;
  if (checkedText(bytes, start, end).includes('\0')) {
    throw new Refusal('nul_character', `U+0000 in the ${what}, which no database column can hold`);
  }
}
