import { inspect } from 'node:util';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openConnections } from './connections.ts';
import { tlsOptions } from './postgres/tls-options.ts';
import { kafkaProfile, postgresProfile, redisProfile, topicDefaults } from './profile.ts';

test('without variables there is no profile, and everything is embedded', () => {
  expect([kafkaProfile('kafka', {}), postgresProfile('postgres', {}), redisProfile('redis', { REDIS_URL: ' ' })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const connections = openConnections({ services: 'env', workspace: '/nowhere', env: {} });
  expect(connections.describe().map(({ name, target }) => `${name} ${target}`)).toEqual([
    'kafka embedded',
    'postgres embedded',
    'redis embedded',
  ]);
});

test('the seed names of variables give the three profiles', () => {
  const env = {
    KAFKA_BOOTSTRAP_SERVERS: 'one:9093, two,[::1]:9094',
    KAFKA_NUM_PARTITIONS: '3',
    KAFKA_LOG_RETENTION_HOURS: '168',
    POSTGRES_HOST: 'db',
    POSTGRES_DB: 'streams',
    POSTGRES_USER: 'u',
    POSTGRES_PASSWORD: 'geheim',
    REDIS_URL: 'redis://me:p%40ss@cache:6380/2',
  };
  expect(kafkaProfile('kafka', env)?.brokers).toEqual([
    { host: 'one', port: 9093 },
    { host: 'two', port: 9092 },
    { host: '::1', port: 9094 },
  ]);
  expect(topicDefaults('kafka', env)).toEqual({ partitions: 3, retentionMs: 604_800_000 });
  expect(postgresProfile('postgres', env)).toMatchObject({
    host: 'db',
    port: 5432,
    database: 'streams',
    user: 'u',
    target: 'db:5432/streams',
  });
  const redis = redisProfile('redis', env)!;
  expect(redis).toMatchObject({ host: 'cache', port: 6380, database: 2, username: 'me', target: 'cache:6380/2' });
  expect(redis.password?.reveal()).toBe('p@ss');
  const described = openConnections({ services: 'env', workspace: '/nowhere', env }).describe();
  expect(described.map(({ target }) => target)).toEqual(['one:9093,two:9092,::1:9094', 'db:5432/streams', 'cache:6380/2']);
  expect(openConnections({ services: 'embedded', workspace: '/nowhere', env }).describe()[0]!.target).toBe('embedded');
});

test.each([
  ['disable', undefined],
  ['require', { rejectUnauthorized: false }],
  ['verify-full', { rejectUnauthorized: true }],
])('sslmode %s of PostgreSQL', (POSTGRES_SSLMODE, options) => {
  const { tls } = postgresProfile('postgres', { POSTGRES_HOST: 'db', POSTGRES_SSLMODE })!;
  expect(tls === undefined ? undefined : tlsOptions(tls)).toEqual(options);
});

test('an authority makes every TLS connection to PostgreSQL a verified one', () => {
  const directory = mkdtempSync(join(tmpdir(), 'telemetra-authority-'));
  const file = join(directory, 'ca.pem');
  writeFileSync(file, 'PEM');
  const env = { POSTGRES_HOST: 'db', POSTGRES_SSLMODE: 'require', POSTGRES_SSL_CA_FILE: file };
  expect(tlsOptions(postgresProfile('postgres', env)!.tls!)).toEqual({ rejectUnauthorized: true, ca: 'PEM' });
  rmSync(directory, { recursive: true });
});

test('docs/connections.md names every variable that is read', () => {
  const page = readFileSync(new URL('../docs/connections.md', import.meta.url), 'utf8');
  const asked = new Set<string>();
  const given: Record<string, string> = {
    KAFKA_BOOTSTRAP_SERVERS: 'k:1',
    KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
    KAFKA_SASL_USERNAME: 'u',
    KAFKA_SASL_PASSWORD: 'p',
    POSTGRES_HOST: 'db',
    POSTGRES_SSLMODE: 'require',
    REDIS_URL: 'rediss://cache',
  };
  const env = new Proxy(given, {
    get(target, name: string) {
      asked.add(name);
      return target[name];
    },
  });
  kafkaProfile('kafka', env);
  topicDefaults('kafka', env);
  postgresProfile('postgres', env);
  redisProfile('redis', env);
  const shared = /^(POSTGRES|REDIS)_SSL_|_(PASSWORD|URL)_FILE$/;
  const own = [...asked].filter((name) => !shared.test(name));
  expect(own.length).toBeGreaterThan(15);
  expect(own.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('a connection of another name reads its own variables', () => {
  expect(kafkaProfile('kafka-eu', { KAFKA_EU_BOOTSTRAP_SERVERS: 'eu:1', KAFKA_BOOTSTRAP_SERVERS: 'us:1' })?.target).toBe('eu:1');
});

test('secrets come from files too and show nowhere', () => {
  const directory = mkdtempSync(join(tmpdir(), 'telemetra-secret-'));
  const file = join(directory, 'password');
  writeFileSync(file, 'hunter2\n');
  const env = {
    KAFKA_BOOTSTRAP_SERVERS: 'k:1',
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: 'u',
    KAFKA_SASL_PASSWORD_FILE: file,
  };
  const profile = kafkaProfile('kafka', env)!;
  expect(profile.sasl?.password.reveal()).toBe('hunter2');
  expect(`${profile.sasl!.password} ${JSON.stringify(profile)} ${inspect(profile, { depth: 9, showHidden: true })}`).not.toContain(
    'hunter2',
  );
  rmSync(directory, { recursive: true });
});

test.each([
  ['a port out of range', () => kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: 'k:99999' }), 'KAFKA_BOOTSTRAP_SERVERS'],
  ['a user in the broker list', () => kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: 'u@k:1' }), 'KAFKA_BOOTSTRAP_SERVERS'],
  [
    'an unknown protocol',
    () => kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: 'k', KAFKA_SECURITY_PROTOCOL: 'TLS' }),
    'KAFKA_SECURITY_PROTOCOL',
  ],
  [
    'SASL without a password',
    () => kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: 'k', KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'u' }),
    'KAFKA_SASL_PASSWORD',
  ],
  [
    'a missing secret file',
    () => postgresProfile('postgres', { POSTGRES_HOST: 'h', POSTGRES_PASSWORD_FILE: '/nowhere/secret' }),
    'POSTGRES_PASSWORD_FILE',
  ],
  ['a port that is no number', () => postgresProfile('postgres', { POSTGRES_HOST: 'h', POSTGRES_PORT: '54x' }), 'POSTGRES_PORT'],
  ['no URL', () => redisProfile('redis', { REDIS_URL: 'localhost' }), 'REDIS_URL'],
  ['a URL of another service', () => redisProfile('redis', { REDIS_URL: 'http://localhost' }), 'REDIS_URL'],
])('%s is one sentence that names the variable', (_title, make, variable) => {
  expect(make).toThrow(
    expect.objectContaining({ kind: 'fatal', code: 'connection_settings', message: expect.stringContaining(variable) as string }),
  );
});
