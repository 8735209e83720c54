import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog, LogRecord, LogWriter } from '../../connections/kafka/event-log.ts';
import { open } from '../../connections/kafka/open.ts';
import { kafkaProfile } from '../../connections/profile.ts';
import { Fault } from '../../engine/model/fault.ts';
import { isInstalled } from '../../scripts/services-kafka.mjs';
import { startTelemetra } from '../cli/started.ts';
import { missingService } from '../support/services.ts';
import { scratch } from '../support/telemetra.ts';
import { startTwoBrokers, type TwoBrokers } from './kafka-cluster.ts';
import { Follower, record } from './topic-context.ts';

const PARTITIONS = 4;
/** a multiple of the partitions: the rows of a key come from one of them, so their order must hold */
const KEYS = 8;
const ROWS_A_STEP = 100;
/** rows that must come through between two moves of the leaders */
const ROWS_BETWEEN = 1_500;
/** for one wait: a cluster that has lost a broker is slow on a busy machine */
const WAIT_MS = 180_000;

describe('leaders that move', () => {
  if (!isInstalled()) return missingService('Kafka');
  const directory = scratch('leaders');
  let cluster: TwoBrokers | undefined;
  beforeAll(async () => {
    cluster = await startTwoBrokers(join(directory.path, 'cluster'));
  }, 120_000);
  afterAll(async () => {
    await cluster?.stop();
    directory.remove();
  });

  test(
    '[E2] [E5] the leading broker dies, returns and leads again while a pipeline reads and writes: every row once, in order',
    async () => {
      const { bootstrap, killSecond, leaders, prefer, startSecond } = cluster!;
      const profile = kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: bootstrap })!;
      const log = await open('kafka', {
        profile,
        workspace: directory.path,
        topicDefaults: { partitions: PARTITIONS, retentionMs: undefined },
      });
      await log.create('rows', {});
      await log.create('copies', {});
      const feeder = new Feeder(await log.writer('rows', { pipelineId: 'feeder', nodeId: 'rows' }));
      await feeder.begin();

      const running = startTelemetra(
        ['run', copyPipeline(directory.path), '--workspace', join(directory.path, 'w'), '--log', 'pretty', '--epoch-ms', '100'],
        { KAFKA_BOOTSTRAP_SERVERS: bootstrap },
      );
      const copies = await Copies.follow(log);
      await copies.until(() => copies.seen.length >= ROWS_A_STEP, 'the first rows');
      // now every topic is there, those of transactions and group offsets too
      await prefer(2);
      await copies.until(async () => (await leaders())[1] === 0, 'broker 2 leads everything');
      const through = async (what: string): Promise<void> => {
        const from = copies.seen.length;
        await copies.until(() => copies.seen.length >= from + ROWS_BETWEEN, `rows ${what}`);
      };
      await through('before the first move');

      await killSecond();
      await through('after the death of the leader');
      expect((await leaders())[2]).toBe(0);

      await startSecond();
      await copies.until(async () => {
        const now = await leaders();
        return now[1] === 0 && now.behind === 0;
      }, 'broker 2 leads everything again');
      await through('after its return');

      await feeder.end();
      await copies.until(() => copies.seen.length >= feeder.sent, 'the last rows');
      running.kill('SIGTERM');
      const { code, stderr } = await running.ended;
      expect(code, stderr).toBe(0);
      await copies.until(() => copies.isAtEnd(), 'the end of the topic');
      const byKey = (rows: readonly number[]): readonly (readonly number[])[] =>
        Array.from({ length: KEYS }, (_, key) => rows.filter((row) => row % KEYS === key));
      expect(byKey(copies.seen)).toEqual(byKey(Array.from({ length: feeder.sent }, (_, i) => i)));
      await log.close();
    },
    5 * WAIT_MS,
  );
});

function copyPipeline(directory: string): string {
  const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' }, key: { type: 'integer' } } };
  const file = join(directory, 'copy.json');
  writeFileSync(
    file,
    JSON.stringify({
      telemetra: 1,
      id: randomUUID(),
      name: 'copy',
      nodes: [
        { id: 'rows', kind: 'kafka-source', settings: { topic: 'rows', schema } },
        { id: 'copies', kind: 'kafka-sink', settings: { topic: 'copies', key: 'key' } },
      ],
      edges: [{ from: 'rows.out', to: 'copies.in' }],
    }),
  );
  return file;
}

/** Writes rows 0, 1, 2 … to their topic, each once, as fast as they are taken, whatever happens to the brokers. */
class Feeder {
  readonly #writer: LogWriter;
  #fence = { lineage: 'feeder', owner: 1, epoch: 0 };
  #work: Promise<void> | undefined;
  #ending = false;
  sent = 0;

  constructor(writer: LogWriter) {
    this.#writer = writer;
  }

  async begin(): Promise<void> {
    await this.#writer.take(undefined, this.#fence);
    this.#work = this.#go();
  }

  async #go(): Promise<void> {
    while (!this.#ending) {
      const rows = Array.from({ length: ROWS_A_STEP }, (_, i) => rowOf(this.sent + i));
      try {
        await this.#writer.append(this.#fence, this.#fence.epoch + 1, rows);
      } catch (error) {
        if (!(error instanceof Fault) || error.kind !== 'retry') throw error;
        await new Promise((go) => setTimeout(go, 100));
        continue;
      }
      this.#fence = { ...this.#fence, epoch: this.#fence.epoch + 1 };
      this.sent += ROWS_A_STEP;
    }
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#work;
    await this.#writer.close();
  }
}

function rowOf(n: number): LogRecord {
  return record(n % PARTITIONS, JSON.stringify({ n, key: n % KEYS }));
}

/** What a reader of committed messages sees of the pipeline's sink. */
class Copies {
  readonly seen: number[] = [];
  readonly #follower: Follower;

  private constructor(follower: Follower) {
    this.#follower = follower;
  }

  static async follow(log: EventLog): Promise<Copies> {
    return new Copies(await Follower.open(log, 'copies'));
  }

  isAtEnd(): boolean {
    return [...this.#follower.caughtUp.values()].every(Boolean);
  }

  async until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (const deadline = performance.now() + WAIT_MS; !(await answer(holds));) {
      if (performance.now() > deadline)
        throw new Error(`${what} did not come within ${WAIT_MS / 1000} s; seen: ${this.seen.length} rows`);
      await answer(() => this.#follower.poll());
      for (const text of this.#follower.values.splice(0)) this.seen.push((JSON.parse(text) as { n: number }).n);
    }
  }
}

/** undefined: a broker did not answer, which is part of the story here. */
async function answer<T>(ask: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'retry') throw error;
    return undefined;
  }
}
