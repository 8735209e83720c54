import { fetchV13, type Connection, type Reader } from '@platformatic/kafka';
import type { FetchAsk, LogSlice } from '../event-log.ts';
import { readRecords, type AbortedTransaction } from './record-batches.ts';

const FETCH = 1;
/** By topic identity since this version, so a topic that was made again is not read by mistake. */
const VERSION = 13;
/** Larger answers were slower. */
const PARTITION_BYTES = 1024 * 1024;
const ANSWER_BYTES = 8 * 1024 * 1024;

export interface PartitionError {
  readonly kind: 'error';
  readonly partition: number;
  readonly from: number;
  /** Kafka's error code */
  readonly code: number;
}

/** One Fetch request to the leader of all the partitions asked for; an empty answer comes after maxWaitMs. */
export function fetchFrom(
  connection: Connection,
  identity: string,
  asks: readonly FetchAsk[],
  options: { readonly readCommitted: boolean; readonly maxWaitMs: number },
): Promise<readonly (LogSlice | PartitionError)[]> {
  const partitions = asks.map(({ partition, offset }) => ({
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: BigInt(offset),
    lastFetchedEpoch: -1,
    partitionMaxBytes: PARTITION_BYTES,
  }));
  const topics = [{ topicId: identity, partitions }];
  const isolation = options.readCommitted ? 1 : 0;
  const from = new Map(asks.map(({ partition, offset }) => [partition, offset]));
  return new Promise((resolve, reject) => {
    connection.send(
      FETCH,
      VERSION,
      () => fetchV13.createRequest(options.maxWaitMs, 1, ANSWER_BYTES, isolation, 0, -1, topics, [], ''),
      (_correlation, _key, _version, reader) => parse(reader, from, options.readCommitted),
      true,
      true,
      (error, answers) => {
        if (error) reject(error);
        else resolve(answers ?? []);
      },
    );
  });
}

function parse(reader: Reader, from: ReadonlyMap<number, number>, readCommitted: boolean): readonly (LogSlice | PartitionError)[] {
  // joins the chunks of the response, so it is done once
  const whole = reader.buffer.buffer;
  reader.readInt32();
  const code = reader.readInt16();
  reader.readInt32();
  if (code !== 0) return [...from].map(([partition, offset]) => ({ kind: 'error', partition, from: offset, code }));
  const answers: (LogSlice | PartitionError)[] = [];
  reader.readArray((topic) => {
    topic.readUUID();
    topic.readArray((one) => {
      const partition = one.readInt32();
      const error = one.readInt16();
      const highWatermark = Number(one.readInt64());
      const lastStable = Number(one.readInt64());
      const start = Number(one.readInt64());
      const aborted: AbortedTransaction[] =
        one.readNullableArray((r) => ({ producerId: r.readInt64(), firstOffset: r.readInt64() })) ?? [];
      one.readInt32();
      const size = Math.max(0, one.readUnsignedVarInt() - 1);
      const at = one.position;
      one.skip(size);
      const offset = from.get(partition) ?? 0;
      if (error !== 0) answers.push({ kind: 'error', partition, from: offset, code: error });
      else {
        // what follows the records in the answer serves as their padding
        const records = whole.subarray(at, Math.min(whole.length, at + size + 8));
        const bounds = { start, end: readCommitted ? lastStable : highWatermark };
        answers.push(readRecords(partition, offset, records, size, readCommitted ? aborted : [], bounds));
      }
    });
  });
  return answers;
}
