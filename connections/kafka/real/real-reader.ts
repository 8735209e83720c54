import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../engine/model/fault.ts';
import type { FetchAsk, LogAbsence, LogReader, LogSlice } from '../event-log.ts';
import { EARLIEST, LATEST, type Cluster, type TopicMetadata } from './cluster.ts';
import { fetchFrom, type PartitionError } from './fetch.ts';
import { kafkaFault } from './kafka-fault.ts';

/** How long the broker keeps a request for which it has nothing. Short: one request a leader is under way at a time. */
const LONG_POLL_MS = 100;
/** Between two looks at metadata that is out of date. */
const STALE_PAUSE_MS = 100;

/** Error codes by what is done about them. */
const OFFSET_OUT_OF_RANGE = 1;
const MOVED: ReadonlySet<number> = new Set([5, 6, 7, 8, 9, 13, 56, 74, 75, 76, 78]);
const GONE: ReadonlySet<number> = new Set([3, 100, 103]);
const NOT_ALLOWED: ReadonlySet<number> = new Set([29]);

/** Reads assigned partitions of one topic: one Fetch a leader under way, answers in the order they come. */
export class RealReader implements LogReader {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #readCommitted: boolean;
  readonly #underWay = new Map<number, Promise<void>>();
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
    const byLeader = new Map<number, FetchAsk[]>();
    for (const ask of asks) {
      const leader = this.#metadata?.partitions.find(({ partition }) => partition === ask.partition)?.leader;
      if (leader === undefined) this.#answers.push(gone(ask));
      else if (leader < 0) this.#stale = true;
      else if (!this.#underWay.has(leader)) {
        const list = byLeader.get(leader);
        if (list === undefined) byLeader.set(leader, [ask]);
        else list.push(ask);
      }
    }
    for (const [leader, list] of byLeader) {
      const topic = this.#metadata!;
      const work = this.#fetchFrom(topic, leader, list)
        .catch((error: unknown) => {
          this.#stale = true;
          this.#failure ??= kafkaFault(error, this.#cluster.target, `reading topic "${this.#topic}"`);
        })
        .finally(() => this.#underWay.delete(leader));
      this.#underWay.set(leader, work);
    }
  }

  async #fetchFrom(topic: TopicMetadata, leader: number, asks: readonly FetchAsk[]): Promise<void> {
    const options = { readCommitted: this.#readCommitted, maxWaitMs: LONG_POLL_MS };
    const answers = await this.#cluster.request(`reading topic "${topic.name}"`, leader, (connection) =>
      fetchFrom(connection, topic.identity, asks, options),
    );
    if (this.#closed) return;
    for (const answer of answers) {
      if (answer.kind === 'messages') this.#answers.push(answer);
      else await this.#explain(topic, answer);
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
