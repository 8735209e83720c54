import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import type { OpenOptions } from '../connections.ts';
import type { PostgresProfile } from '../profile.ts';
import { embeddedAddress } from './embedded/address.ts';
import { postgresFault } from './postgres-fault.ts';
import { tlsOptions } from './tls-options.ts';

/** Values come back as PostgreSQL's own text (null = NULL): nothing is rounded or shifted on the way. */
export type TextRow = Readonly<Record<string, string | null>>;

export interface QueryAnswer {
  readonly rows: readonly TextRow[];
  readonly rowCount: number;
}

/** One session, lent for the length of a `use` or `transaction`. Errors are the client's own: `postgresFault` types them. */
export interface PostgresSession {
  query(sql: string, parameters?: readonly unknown[]): Promise<QueryAnswer>;
}

export interface PostgresConnection {
  readonly name: string;
  /** host:port/database, or "embedded" */
  readonly target: string;
  readonly user: string;
  /**
   * Lends a session, connecting when there is none idle. When `work` fails for a reason of the connection, the session is thrown
   * away. Errors of `work` come out unchanged; a connection that cannot be made is a `Fault`.
   */
  use<T>(work: (session: PostgresSession) => Promise<T>): Promise<T>;
  /** BEGIN, work, COMMIT. Short: in the stand-in an open transaction keeps every other client waiting. */
  transaction<T>(work: (session: PostgresSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface PostgresTimeouts {
  readonly connectMs: number;
  /** the server gives a statement up after this */
  readonly statementMs: number;
  /** the client gives an answer up after this (a half-open connection): longer than `statementMs` */
  readonly answerMs: number;
}

const TIMEOUTS: PostgresTimeouts = { connectMs: 10_000, statementMs: 60_000, answerMs: 75_000 };
const MAX_SESSIONS = 4;

/** Connects on first use. */
export async function open(
  name: string,
  options: OpenOptions<PostgresProfile> & { readonly timeouts?: PostgresTimeouts },
): Promise<PostgresConnection> {
  return new PooledConnection(name, options.profile, options.workspace, options.timeouts ?? TIMEOUTS);
}

class PooledConnection implements PostgresConnection {
  readonly name: string;
  readonly target: string;
  readonly user: string;
  readonly #profile: PostgresProfile | undefined;
  readonly #workspace: string;
  readonly #timeouts: PostgresTimeouts;
  readonly #idle: Client[] = [];
  readonly #waiting: (() => void)[] = [];
  #lent = 0;
  #closed = false;

  constructor(name: string, profile: PostgresProfile | undefined, workspace: string, timeouts: PostgresTimeouts) {
    this.name = name;
    this.target = profile?.target ?? 'embedded';
    this.user = profile?.user ?? 'postgres';
    this.#profile = profile;
    this.#workspace = workspace;
    this.#timeouts = timeouts;
  }

  async use<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    if (this.#lent >= MAX_SESSIONS) await new Promise<void>((go) => this.#waiting.push(go));
    this.#lent++;
    let client: Client | undefined;
    try {
      client = this.#idle.pop() ?? (await this.#connect());
      const result = await work(sessionOf(client));
      if (this.#closed) await end(client);
      else this.#idle.push(client);
      return result;
    } catch (error) {
      // what state the session is in is unknown: the next one starts clean
      if (client !== undefined) await end(client);
      throw error;
    } finally {
      this.#lent--;
      this.#waiting.shift()?.();
    }
  }

  transaction<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    return this.use(async (session) => {
      // SET LOCAL, for a pooler in between would keep or refuse a setting of the session
      await session.query(`BEGIN; SET LOCAL statement_timeout = ${this.#timeouts.statementMs}`);
      const result = await work(session);
      await session.query('COMMIT');
      return result;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map(end));
  }

  async #connect(): Promise<Client> {
    if (this.#closed) throw new Error('bug: connection used after close');
    const client = new Client(await this.#config());
    // an error between two queries: the session leaves the pool, the next query gets a new one
    client.on('error', () => {
      const at = this.#idle.indexOf(client);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await end(client);
      throw postgresFault(error, this.target, 'connecting');
    }
  }

  async #config(): Promise<ClientConfig> {
    const common = {
      connectionTimeoutMillis: this.#timeouts.connectMs,
      query_timeout: this.#timeouts.answerMs,
      keepAlive: true,
      types: { getTypeParser: () => (value: string) => value },
    } as unknown as ClientConfig;
    const profile = this.#profile;
    if (profile === undefined) {
      const { host, port, password } = await embeddedAddress(this.#workspace);
      return { ...common, host, port, password, user: 'postgres', database: 'postgres' };
    }
    return {
      ...common,
      host: profile.host,
      port: profile.port,
      user: profile.user,
      database: profile.database,
      application_name: 'telemetra',
      ...(profile.password === undefined ? {} : { password: profile.password.reveal() }),
      ...(profile.tls === undefined ? {} : { ssl: tlsOptions(profile.tls) }),
    };
  }
}

function sessionOf(client: Client): PostgresSession {
  return {
    async query(sql, parameters) {
      const answer = await client.query(sql, parameters === undefined ? undefined : [...parameters]);
      return { rows: answer.rows as TextRow[], rowCount: answer.rowCount ?? 0 };
    },
  };
}

/** Says good-bye; a peer that does not answer within half a second is left. */
async function end(client: Client): Promise<void> {
  const socket = (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream;
  const late = new AbortController();
  const bye = client.end().catch(() => socket?.destroy());
  await Promise.race([
    bye,
    sleep(500, undefined, { signal: late.signal }).then(
      () => socket?.destroy(),
      () => {},
    ),
  ]);
  late.abort();
}
