import { encodeUtf8 } from './dictionary.ts';

/**
 * Identity of plans and of stored state: MurmurHash3 x86 128 of the UTF-8 text, 32 hex digits. It tells accidental
 * changes apart; it is no defence against somebody who looks for collisions.
 */
export function hashText(text: string): string {
  const bytes = encodeUtf8(text);
  const blocks = bytes.length >>> 4;
  const lanes = [0, 0, 0, 0];
  for (let block = 0; block < blocks; block++) {
    for (let lane = 0; lane < 4; lane++) {
      lanes[lane]! ^= scramble(lane, word(bytes, block * 16 + lane * 4));
      lanes[lane] = rotate(lanes[lane]!, SHIFTS[lane]!);
      lanes[lane] = (lanes[lane]! + lanes[(lane + 1) & 3]!) | 0;
      lanes[lane] = (Math.imul(lanes[lane]!, 5) + ADDENDS[lane]!) | 0;
    }
  }
  const tail = blocks * 16;
  for (let lane = 3; lane >= 0; lane--) {
    if (bytes.length > tail + lane * 4) lanes[lane]! ^= scramble(lane, word(bytes, tail + lane * 4));
  }
  for (let lane = 0; lane < 4; lane++) lanes[lane]! ^= bytes.length;
  spread(lanes);
  for (let lane = 0; lane < 4; lane++) lanes[lane] = avalanche(lanes[lane]!);
  spread(lanes);
  return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Hash of JSON data that does not depend on the order of keys. */
export function hashValue(value: unknown): string {
  return hashText(canonicalText(value));
}

/** JSON text with sorted keys; members that are undefined are left out, as in JSON.stringify. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item === undefined ? null : item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const record = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${canonicalText(record[key])}`);
  return `{${members.join(',')}}`;
}

const FACTORS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
const ROTATIONS = [15, 16, 17, 18];
const SHIFTS = [19, 17, 15, 13];
const ADDENDS = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17];

function scramble(lane: number, value: number): number {
  return Math.imul(rotate(Math.imul(value, FACTORS[lane]!), ROTATIONS[lane]!), FACTORS[(lane + 1) & 3]!);
}

/** four bytes, little end first; bytes past the end are 0 */
function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function spread(lanes: number[]): void {
  lanes[0] = (lanes[0]! + lanes[1]! + lanes[2]! + lanes[3]!) | 0;
  for (let lane = 1; lane < 4; lane++) lanes[lane] = (lanes[lane]! + lanes[0]!) | 0;
}

function avalanche(lane: number): number {
  let h = lane;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
