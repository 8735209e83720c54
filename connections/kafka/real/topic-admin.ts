import { Kafka, type Admin, type SASLOptions } from 'kafkajs';
import type { KafkaProfile } from '../../profile.ts';
import { tlsOptions } from './cluster.ts';
import { kafkaFault } from './kafka-fault.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** kafkajs nests its retries; its own default is half a minute a level. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4 };

/**
 * Changes to topics, by kafkajs. A client lives for one change: it would keep asking for every topic that it has ever been
 * asked about, and fail for good once one of them is removed.
 */
export class TopicAdmin {
  readonly #profile: KafkaProfile;

  constructor(profile: KafkaProfile) {
    this.#profile = profile;
  }

  /**
   * Every error comes out as a Fault. `about`: a topic whose partitions all have leaders; kafkajs asks about it instead of
   * the whole cluster, where a single partition without a leader would fail the change.
   */
  async change<T>(doing: string, about: string | undefined, work: (admin: Admin) => Promise<T>): Promise<T> {
    spendNegativeTimeoutWarning();
    const { target } = this.#profile;
    const admin = this.#client().admin();
    try {
      await admin.connect();
      if (about !== undefined) await admin.fetchTopicOffsets(about);
      return await work(admin);
    } catch (error) {
      throw kafkaFault(error, target, doing);
    } finally {
      // the change is decided by now, whatever becomes of the connection
      await admin.disconnect().catch(() => undefined);
    }
  }

  #client(): Kafka {
    const { brokers, tls } = this.#profile;
    const sasl = saslOptions(this.#profile);
    return new Kafka({
      clientId: 'telemetra',
      brokers: brokers.map(({ host, port }) => `${host}:${port}`),
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry: RETRY,
      // what it would log comes out as the error of the call; a level alone can be overruled by the environment
      logCreator: () => () => undefined,
      ...(tls === undefined ? {} : { ssl: tlsOptions(tls) }),
      ...(sasl === undefined ? {} : { sasl }),
    });
  }
}

function saslOptions({ sasl }: KafkaProfile): SASLOptions | undefined {
  if (sasl === undefined) return undefined;
  const user = { username: sasl.username, password: sasl.password.reveal() };
  switch (sasl.mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', ...user };
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', ...user };
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', ...user };
  }
}

let spent = false;

/**
 * kafkajs 2.2.4 sets a timer with a negative time after its first request; Node takes it for 1 ms, which is right, and warns
 * of it once a process. The warning is used up here, where nobody sees it. Synchronous: no other warning is lost.
 */
function spendNegativeTimeoutWarning(): void {
  if (spent) return;
  spent = true;
  const warn = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    clearTimeout(setTimeout(() => undefined, -1));
  } finally {
    process.emitWarning = warn;
  }
}
