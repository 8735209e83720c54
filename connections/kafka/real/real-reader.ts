import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../engine/model/fault.ts';
import type { FetchAsk, LogAbsence, LogReader, LogSlice } from '../event-log.ts';
import { EARLIEST, LATEST, type Cluster, type TopicMetadata } from './cluster.ts';
import { fetchFrom, type PartitionError } from './fetch.ts';
import { kafkaFault } from './kafka-fault.ts';

/** How long the broker keeps a request for which it has nothing. Short: it answers the requests of one connection in turn. */
const LONG_POLL_MS = 100;
/** Between two looks at metadata that is out of date. */
const STALE_PAUSE_MS = 100;

/** Error codes by what is done about them. */
const OFFSET_OUT_OF_RANGE = 1;
const MOVED: ReadonlySet<number> = new Set([5, 6, 7, 8, 9, 13, 56, 74, 75, 76, 78]);
const GONE: ReadonlySet<number> = new Set([3, 100, 103]);
const NOT_ALLOWED: ReadonlySet<number> = new Set([29]);

/**
 * Reads assigned partitions of one topic, answers in the order they come. A partition that has more than was read so far is
 * fetched by requests of its own, so that a leader prepares one answer while another is read; those that are caught up wait
 * together in one request a leader, which waits only where nothing else is under way there.
 */
export class RealReader implements LogReader {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #readCommitted: boolean;
  readonly #underWay = new Map<number, Promise<void>>();
  /** exclusive end of each partition as the last answer told it */
  readonly #ends = new Map<number, number>();
  #metadata: TopicMetadata | undefined;
  #metadataAt = -Infinity;
  #stale = false;
  #answers: (LogSlice | LogAbsence)[] = [];
  #failure: Fault | undefined;
  #closed = false;

  constructor(cluster: Cluster, topic: string, readCommitted: boolean) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#readCommitted = readCommitted;
  }

  async layout(maxAgeMs: number): Promise<{ identity: string; partitions: readonly number[] } | undefined> {
    if (this.#metadata === undefined || performance.now() - this.#metadataAt >= maxAgeMs) {
      const [found] = await this.#cluster.metadata([this.#topic]);
      this.#metadata = found;
      this.#metadataAt = performance.now();
      this.#stale = false;
    }
    const topic = this.#metadata;
    return topic && { identity: topic.identity, partitions: topic.partitions.map(({ partition }) => partition) };
  }

  async fetch(asks: readonly FetchAsk[], waitMs: number): Promise<readonly (LogSlice | LogAbsence)[]> {
    if (this.#stale) await this.#refreshLeaders();
    this.#send(asks);
    if (this.#answers.length === 0 && this.#failure === undefined) {
      if (waitMs === 0 || this.#underWay.size === 0) await breathe();
      else await this.#first(waitMs);
    }
    if (this.#failure !== undefined && this.#answers.length === 0) {
      const failure = this.#failure;
      this.#failure = undefined;
      throw failure;
    }
    return this.#answers.splice(0);
  }

  async close(): Promise<void> {
    // what is under way ends by itself, or with its connection
    this.#closed = true;
  }

  /** Until the first answer, or the time is over. */
  async #first(waitMs: number): Promise<void> {
    const timer = new AbortController();
    const timeout = sleep(waitMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([...this.#underWay.values(), timeout]);
    timer.abort();
  }

  #send(asks: readonly FetchAsk[]): void {
    const waiting = new Map<number, FetchAsk[]>();
    const leadersAtWork = new Set<number>();
    for (const ask of asks) {
      const leader = this.#metadata?.partitions.find(({ partition }) => partition === ask.partition)?.leader;
      if (leader === undefined) this.#answers.push(gone(ask));
      else if (leader < 0) this.#stale = true;
      else if (ask.offset < (this.#ends.get(ask.partition) ?? 0)) {
        leadersAtWork.add(leader);
        this.#request(leader, [ask], 0);
      } else {
        const list = waiting.get(leader);
        if (list === undefined) waiting.set(leader, [ask]);
        else list.push(ask);
      }
    }
    for (const [leader, list] of waiting) this.#request(leader, list, leadersAtWork.has(leader) ? 0 : LONG_POLL_MS);
  }

  #request(leader: number, asks: readonly FetchAsk[], maxWaitMs: number): void {
    const free = asks.filter(({ partition }) => !this.#underWay.has(partition));
    if (free.length === 0) return;
    const work = this.#fetchFrom(this.#metadata!, leader, free, maxWaitMs)
      .catch((error: unknown) => {
        this.#stale = true;
        this.#failure ??= kafkaFault(error, this.#cluster.target, `reading topic "${this.#topic}"`);
      })
      .finally(() => {
        for (const { partition } of free) this.#underWay.delete(partition);
      });
    for (const { partition } of free) this.#underWay.set(partition, work);
  }

  async #fetchFrom(topic: TopicMetadata, leader: number, asks: readonly FetchAsk[], maxWaitMs: number): Promise<void> {
    const options = { readCommitted: this.#readCommitted, maxWaitMs };
    const answers = await this.#cluster.request(`reading topic "${topic.name}"`, leader, (connection) =>
      fetchFrom(connection, topic.identity, asks, options),
    );
    if (this.#closed) return;
    for (const answer of answers) {
      if (answer.kind === 'messages') {
        this.#ends.set(answer.partition, answer.bounds.end);
        this.#answers.push(answer);
      } else await this.#explain(topic, answer);
    }
  }

  async #explain(topic: TopicMetadata, error: PartitionError): Promise<void> {
    const { partition, from, code } = error;
    if (code === OFFSET_OUT_OF_RANGE) {
      const [starts, ends] = await Promise.all([
        this.#cluster.offsets(topic, EARLIEST, false, [partition]),
        this.#cluster.offsets(topic, LATEST, this.#readCommitted, [partition]),
      ]);
      const bounds = { start: starts.get(partition)!, end: ends.get(partition)! };
      if (from < bounds.start || from > bounds.end) this.#answers.push({ kind: 'out-of-range', partition, from, bounds });
      else this.#stale = true;
      return;
    }
    if (NOT_ALLOWED.has(code)) {
      throw new Fault('fatal', 'kafka_rights', `Kafka at ${this.#cluster.target} does not allow to read topic "${topic.name}".`, {
        mend: 'Grant the user of KAFKA_SASL_USERNAME the right to read the topic.',
      });
    }
    this.#stale = true;
    if (GONE.has(code)) {
      await sleep(STALE_PAUSE_MS);
      this.#answers.push(gone({ partition, offset: from }));
    } else if (!MOVED.has(code)) {
      throw new Fault(
        'retry',
        'kafka_error',
        `Kafka at ${this.#cluster.target} answers error ${code} for topic "${topic.name}" partition ${partition}.`,
      );
    }
  }

  /** New leaders of the same topic; whether it still is the same one, `layout` says. */
  async #refreshLeaders(): Promise<void> {
    if (performance.now() - this.#metadataAt < STALE_PAUSE_MS) await sleep(STALE_PAUSE_MS);
    const [found] = await this.#cluster.metadata([this.#topic]);
    this.#metadataAt = performance.now();
    this.#stale = false;
    if (found !== undefined && found.identity === this.#metadata?.identity) this.#metadata = found;
  }
}

function gone(ask: FetchAsk): LogAbsence {
  return { kind: 'gone', partition: ask.partition, from: ask.offset, bounds: { start: 0, end: 0 } };
}
