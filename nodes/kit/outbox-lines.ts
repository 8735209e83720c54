import { decodeUtf8 } from '../../engine/model/dictionary.ts';
import type { Outbox } from '../../engine/stream/operator.ts';

/** The rows of an outbox, one JSON object each, without the line ends. */
export function outboxLines(outbox: Outbox): string[] {
  const lines = decodeUtf8(outbox.bytes, 0, outbox.bytes.length).split('\n');
  lines.length = outbox.rows;
  return lines;
}
