import { Fault } from '../../engine/model/fault.ts';
import type { Position } from '../../engine/stream/connector.ts';
import type { LogReader, LogSlice, TopicDescription } from '../../connections/kafka/event-log.ts';
import { anchorOf, lastOf } from './partition-cursor.ts';

/** A stored position must lie in the log, and the message before it must be the one that was read. Throws Fault `refused`. */
export async function verifyPosition(
  reader: LogReader,
  topic: string,
  description: TopicDescription,
  partition: number,
  position: Position,
): Promise<void> {
  const place = `Topic "${topic}" partition ${partition}`;
  const bounds = description.partitions.find((candidate) => candidate.partition === partition);
  if (bounds === undefined) throw recreated(topic, partition);
  const anchor = anchorOf(position);
  const another = anchor !== undefined && anchor.identity !== '' && anchor.identity !== description.identity;
  if (another && position.offset === 0) return;
  if (position.offset > bounds.end) {
    if (another) throw recreated(topic, partition);
    throw new Fault(
      'refused',
      'log_truncated',
      `${place} ends at ${bounds.end}, but this pipeline has read up to ${position.offset}: the log has lost messages.`,
      {
        mend: 'Find out what happened to the topic, then start over with --from earliest --fresh.',
      },
    );
  }
  const last = anchor?.last;
  if (last !== undefined && last.offset >= bounds.start) {
    const found = await firstMessage(reader, partition, last.offset);
    if (found !== undefined && found.offsets[0] === last.offset) {
      const now = lastOf(found, 0);
      if (now.crc !== last.crc || now.timestampUs !== last.timestampUs) throw recreated(topic, partition);
      if (position.offset >= bounds.start) return;
    } else if (another) throw recreated(topic, partition);
  } else if (another) throw recreated(topic, partition);
  if (position.offset < bounds.start) {
    throw new Fault(
      'refused',
      'offset_out_of_range',
      `${place} begins at ${bounds.start} now, but this pipeline has read only up to ${position.offset}: the messages between are gone.`,
      { mend: 'Accept the gap and read on with --from earliest --fresh, or skip to now with --from latest --fresh.' },
    );
  }
}

export function recreated(topic: string, partition: number): Fault {
  return new Fault(
    'refused',
    'topic_recreated',
    `Topic "${topic}" is not the one this pipeline has read: the message before the stored position of partition ${partition} is another one or gone.`,
    { mend: 'If the topic was deleted and made again on purpose, start over with --from earliest --fresh.' },
  );
}

/** The slice that begins with the first visible message at or after `offset`; undefined: only invisible ones follow. */
async function firstMessage(reader: LogReader, partition: number, offset: number): Promise<LogSlice | undefined> {
  let from = offset;
  for (;;) {
    const answers = await reader.fetch([{ partition, offset: from }], 5_000);
    const answer = answers.find((candidate) => candidate.partition === partition && candidate.from === from);
    if (answer === undefined) throw new Fault('retry', 'log_slow', `Partition ${partition} did not answer within 5 s.`);
    if (answer.kind !== 'messages') return undefined;
    if (answer.count > 0) return answer;
    if (answer.next === from) return undefined;
    from = answer.next;
  }
}
