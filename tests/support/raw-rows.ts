import type { RawBatch } from '../../engine/stream/connector.ts';

/** Messages as a raw batch of one partition; offsets count from `firstOffset`. */
export function rawRows(
  messages: readonly (string | Uint8Array)[],
  options: { partition?: number; firstOffset?: number; port?: number; ended?: boolean } = {},
): RawBatch {
  const { partition = 0, firstOffset = 0, port = 0, ended = false } = options;
  const parts = messages.map((message) => (typeof message === 'string' ? Buffer.from(message) : message));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0) + 16);
  const start = new Int32Array(parts.length);
  const end = new Int32Array(parts.length);
  const offsets = new Float64Array(parts.length);
  let at = 0;
  parts.forEach((part, i) => {
    start[i] = at;
    bytes.set(part, at);
    at += part.length;
    end[i] = at;
    offsets[i] = firstOffset + i;
  });
  return {
    partition,
    port,
    count: parts.length,
    bytes,
    start,
    end,
    offsets,
    timestamps: undefined,
    keys: undefined,
    headers: undefined,
    next: { offset: firstOffset + parts.length },
    caughtUp: true,
    ended,
    logEnd: firstOffset + parts.length,
  };
}
