import { readFileSync } from 'node:fs';
import { Fault } from '../engine/model/fault.ts';
import { Secret } from './secret.ts';

export type Service = 'kafka' | 'postgres' | 'redis';
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Tls {
  /** PEM texts; undefined: the system's authorities, no client certificate */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: Secret | undefined;
}

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

export interface KafkaProfile {
  readonly service: 'kafka';
  readonly target: string;
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  readonly tls: Tls | undefined;
  readonly sasl: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: Secret } | undefined;
}

export interface PostgresProfile {
  readonly service: 'postgres';
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | undefined;
  /** verified: the server must show a certificate of its name, also when only the system's authorities are known */
  readonly tls: (Tls & { readonly verified: boolean }) | undefined;
}

export interface RedisProfile {
  readonly service: 'redis';
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  readonly tls: Tls | undefined;
}

/**
 * What topics are created with, before what a pipeline's settings wish: whoever runs a pipeline decides about the size of
 * its topics. KAFKA_NUM_PARTITIONS, KAFKA_LOG_RETENTION_HOURS.
 */
export interface TopicDefaults {
  readonly partitions: number | undefined;
  readonly retentionMs: number | undefined;
}

/**
 * The variables of a connection begin with its name in capitals: connection `kafka` reads KAFKA_BOOTSTRAP_SERVERS,
 * connection `kafka-eu` reads KAFKA_EU_BOOTSTRAP_SERVERS. Undefined: the environment does not name this service.
 */
export function kafkaProfile(name: string, env: Environment): KafkaProfile | undefined {
  const read = reader(name, env);
  const servers = read('BOOTSTRAP_SERVERS');
  if (servers === undefined) return undefined;
  const brokers = servers.split(',').map((text) => hostPort(text.trim(), 9092, read.variable('BOOTSTRAP_SERVERS')));
  const mechanism = read('SASL_MECHANISM')?.toUpperCase();
  const protocol = (read('SECURITY_PROTOCOL') ?? (mechanism === undefined ? 'PLAINTEXT' : 'SASL_PLAINTEXT')).toUpperCase();
  if (!/^(PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)$/.test(protocol)) {
    throw wrong(read.variable('SECURITY_PROTOCOL'), `is "${protocol}"`, 'Write PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.');
  }
  return {
    service: 'kafka',
    target: brokers.map((broker) => `${broker.host}:${broker.port}`).join(','),
    brokers,
    tls: protocol.endsWith('SSL') ? tlsOf(read) : undefined,
    sasl: protocol.startsWith('SASL') ? saslOf(read, mechanism ?? 'PLAIN') : undefined,
  };
}

export function topicDefaults(name: string, env: Environment): TopicDefaults {
  const read = reader(name, env);
  const hours = integerOf(read, 'LOG_RETENTION_HOURS', 1, 24 * 365 * 10);
  return {
    partitions: integerOf(read, 'NUM_PARTITIONS', 1, 10_000),
    retentionMs: hours === undefined ? undefined : hours * 3_600_000,
  };
}

export function postgresProfile(name: string, env: Environment): PostgresProfile | undefined {
  const read = reader(name, env);
  const host = read('HOST');
  if (host === undefined) return undefined;
  const port = integerOf(read, 'PORT', 1, 65535) ?? 5432;
  const database = read('DB') ?? 'postgres';
  const mode = read('SSLMODE') ?? 'disable';
  if (!/^(disable|require|verify-full)$/.test(mode))
    throw wrong(read.variable('SSLMODE'), `is "${mode}"`, 'Write disable, require or verify-full.');
  return {
    service: 'postgres',
    target: `${host}:${port}/${database}`,
    host,
    port,
    database,
    user: read('USER') ?? 'postgres',
    password: secretOf(read, 'PASSWORD'),
    tls: mode === 'disable' ? undefined : { ...tlsOf(read), verified: mode === 'verify-full' },
  };
}

export function redisProfile(name: string, env: Environment): RedisProfile | undefined {
  const read = reader(name, env);
  const text = secretOf(read, 'URL')?.reveal();
  if (text === undefined) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw wrong(read.variable('URL'), 'is no URL', 'Write redis://[user:password@]host[:port][/database].', cause);
  }
  const database = url.pathname.length > 1 ? Number(url.pathname.slice(1)) : 0;
  if (!/^rediss?:$/.test(url.protocol) || url.hostname === '' || !Number.isInteger(database) || database < 0) {
    throw wrong(read.variable('URL'), 'is no Redis URL', 'Write redis://[user:password@]host[:port][/database].');
  }
  const port = url.port === '' ? 6379 : Number(url.port);
  return {
    service: 'redis',
    target: `${url.hostname}:${port}/${database}`,
    host: url.hostname,
    port,
    database,
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? secretOf(read, 'PASSWORD') : new Secret(decodeURIComponent(url.password)),
    tls: url.protocol === 'rediss:' ? tlsOf(read) : undefined,
  };
}

interface Read {
  (suffix: string): string | undefined;
  variable(suffix: string): string;
}

function reader(connection: string, env: Environment): Read {
  const prefix = connection.toUpperCase().replaceAll('-', '_');
  const variable = (suffix: string): string => `${prefix}_${suffix}`;
  const read = (suffix: string): string | undefined => {
    const text = env[variable(suffix)]?.trim();
    return text === undefined || text === '' ? undefined : text;
  };
  return Object.assign(read, { variable });
}

/** NAME, or the first line of the file that NAME_FILE names. */
function secretOf(read: Read, suffix: string): Secret | undefined {
  const file = read(`${suffix}_FILE`);
  if (file !== undefined) return new Secret(fileOf(file, read.variable(`${suffix}_FILE`)).replace(/\r?\n[^]*$/, ''));
  const text = read(suffix);
  return text === undefined ? undefined : new Secret(text);
}

function tlsOf(read: Read): Tls {
  const pem = (suffix: string): string | undefined => {
    const file = read(suffix);
    return file === undefined ? undefined : fileOf(file, read.variable(suffix));
  };
  const key = pem('SSL_KEY_FILE');
  return { ca: pem('SSL_CA_FILE'), cert: pem('SSL_CERT_FILE'), key: key === undefined ? undefined : new Secret(key) };
}

function saslOf(read: Read, mechanism: string): KafkaProfile['sasl'] {
  if (mechanism !== 'PLAIN' && mechanism !== 'SCRAM-SHA-256' && mechanism !== 'SCRAM-SHA-512') {
    throw wrong(read.variable('SASL_MECHANISM'), `is "${mechanism}"`, 'Write PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.');
  }
  const username = read('SASL_USERNAME');
  const password = secretOf(read, 'SASL_PASSWORD');
  if (username === undefined || password === undefined) {
    const missing = username === undefined ? 'SASL_USERNAME' : 'SASL_PASSWORD';
    throw wrong(read.variable(missing), 'is not set although SASL is asked for', `Set ${read.variable(missing)}.`);
  }
  return { mechanism, username, password };
}

function integerOf(read: Read, suffix: string, from: number, to: number): number | undefined {
  const text = read(suffix);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < from || value > to) {
    throw wrong(read.variable(suffix), `is "${text}"`, `Write a whole number from ${from} to ${to}.`);
  }
  return value;
}

function hostPort(text: string, defaultPort: number, variable: string): { host: string; port: number } {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s/@]+))(?::(\d{1,5}))?$/.exec(text);
  const port = parts?.[3] === undefined ? defaultPort : Number(parts[3]);
  if (parts === null || port < 1 || port > 65535)
    throw wrong(variable, `contains "${text}"`, 'Write host:port, separated by commas.');
  return { host: (parts[1] ?? parts[2])!, port };
}

function fileOf(path: string, variable: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw wrong(variable, `names the file ${path}, which cannot be read`, 'Give the path of a readable file.', cause);
  }
}

function wrong(variable: string, what: string, mend: string, cause?: unknown): Fault {
  return new Fault('fatal', 'connection_settings', `The environment variable ${variable} ${what}.`, { mend, cause });
}
