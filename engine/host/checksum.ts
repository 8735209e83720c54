import { crc32 } from 'node:zlib';

/** CRC-32 as an unsigned integer. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes);
}
