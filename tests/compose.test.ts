import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kafkaProfile, postgresProfile, redisProfile, topicDefaults } from '../connections/profile.ts';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const compose = read('docker-compose.yml');

/** The lines of a block that begins with `header`, as far as they are indented deeper. */
function block(text: string, header: string): string {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.trimEnd() === header);
  if (from < 0) throw new Error(`no "${header}" in docker-compose.yml`);
  const depth = header.search(/\S/);
  const to = lines.findIndex((line, i) => i > from && line.trim() !== '' && line.search(/\S/) <= depth);
  return lines.slice(from + 1, to < 0 ? undefined : to).join('\n');
}

/** NAME: value lines; ${NAME:-default} is the default. */
function environment(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^\s+([A-Z][A-Z0-9_]*): (.+)$/gm)].map(([, name, value]) => [
    name!,
    value!.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

const service = (name: string): string => block(compose, `  ${name}:`);

describe('docker-compose.yml', () => {
  const env = environment(block(service('producer'), '    environment: &connections'));

  test('Telemetra runs with the variables that connections read, and no others', () => {
    expect(service('telemetra')).toContain('environment: *connections');
    const asked = new Set<string>();
    const recorded = new Proxy(env, {
      get(target, name: string) {
        asked.add(name);
        return target[name];
      },
    });
    kafkaProfile('kafka', recorded);
    postgresProfile('postgres', recorded);
    redisProfile('redis', recorded);
    topicDefaults('kafka', recorded);
    expect(Object.keys(env).filter((name) => !asked.has(name))).toEqual([]);
  });

  test('every host and port is one that a service of the file listens on', () => {
    const [broker] = kafkaProfile('kafka', env)!.brokers;
    const kafka = environment(service('kafka'));
    expect(kafka['KAFKA_ADVERTISED_LISTENERS']).toContain(`://${broker!.host}:${broker!.port}`);
    expect(kafka['KAFKA_LISTENERS']).toContain(`://:${broker!.port}`);
    expect(topicDefaults('kafka', env)).toEqual({ partitions: 3, retentionMs: 7 * 24 * 3_600_000 });

    const postgres = postgresProfile('postgres', env)!;
    const server = environment(service('postgres'));
    expect(postgres.target).toBe(`postgres:5432/${server['POSTGRES_DB']}`);
    expect(postgres.user).toBe(server['POSTGRES_USER']);
    expect(postgres.password!.reveal()).toBe(server['POSTGRES_PASSWORD']);

    expect(redisProfile('redis', env)!.target).toBe('redis:6379/0');
  });

  test('ports are published on loopback only, the services under their usual numbers', () => {
    const published = [...compose.matchAll(/^\s+- (\S+:\d+:\d+)$/gm)].map(([, port]) => port);
    expect(published).toEqual(['127.0.0.1:9092:9092', '127.0.0.1:5432:5432', '127.0.0.1:6379:6379', '127.0.0.1:9464:9464']);
    expect(environment(service('kafka'))['KAFKA_ADVERTISED_LISTENERS']).toContain('HOST://localhost:9092');
  });

  test('every named volume exists', () => {
    const used = [...compose.matchAll(/^ {6}- ([a-z]+):\//gm)].map(([, name]) => name);
    const declared = [...block(compose, 'volumes:').matchAll(/^ {2}([a-z]+):$/gm)].map(([, name]) => name);
    expect(used).toEqual(declared);
  });
});

describe('Dockerfile', () => {
  test('copies every folder that runs, and runs the command as an ordinary user', () => {
    const text = read('Dockerfile');
    for (const folder of ['app', 'bin', 'connections', 'engine', 'nodes', 'pipelines', 'scripts'])
      expect(text).toContain(`COPY ${folder} ./${folder}\n`);
    expect(text).toContain('USER node');
    expect(text).toContain('ENTRYPOINT ["node", "bin/telemetra.mjs"]');
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    expect(engines.node).toBe('>=20');
    expect(text.match(/^FROM node:(\d+)/m)![1]).toBe('24');
  });
});
