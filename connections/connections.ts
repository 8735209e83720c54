import type { open as openKafka } from './kafka/open.ts';
import type { open as openPostgres } from './postgres/open.ts';
import type { open as openRedis } from './redis/open.ts';
import {
  kafkaProfile,
  postgresProfile,
  redisProfile,
  topicDefaults,
  type Environment,
  type KafkaProfile,
  type PostgresProfile,
  type RedisProfile,
  type Service,
  type TopicDefaults,
} from './profile.ts';

/** What each `connections/<service>/open.ts` gets: `open(name, options)`. profile undefined: the embedded stand-in. */
export interface OpenOptions<P> {
  readonly profile: P | undefined;
  /** directory in which the stand-ins keep their files; exists */
  readonly workspace: string;
}

export interface KafkaOpenOptions extends OpenOptions<KafkaProfile> {
  readonly topicDefaults: TopicDefaults;
}

export interface UsedConnection {
  readonly name: string;
  readonly service: Service;
}

/** target: `embedded`, or host:port[/database]; never a user or a secret. */
export interface DescribedConnection extends UsedConnection {
  readonly target: string;
}

/** Clients by connection name, each opened on first use and closed together. */
export interface Connections {
  kafka(name: string): ReturnType<typeof openKafka>;
  postgres(name: string): ReturnType<typeof openPostgres>;
  redis(name: string): ReturnType<typeof openRedis>;
  /** What stands behind these names, without connecting; default: the three names the templates use. */
  describe(used?: readonly UsedConnection[]): readonly DescribedConnection[];
  close(): Promise<void>;
}

const USUAL: readonly UsedConnection[] = [
  { name: 'kafka', service: 'kafka' },
  { name: 'postgres', service: 'postgres' },
  { name: 'redis', service: 'redis' },
];

/** services `env`: real where the environment names the service, else embedded · `embedded`: always the stand-ins. */
export function openConnections(options: {
  readonly services: 'env' | 'embedded';
  readonly workspace: string;
  readonly env: Environment;
}): Connections {
  const { workspace } = options;
  const env = options.services === 'env' ? options.env : {};
  const opened = new Map<string, Promise<{ close(): Promise<void> }>>();

  function once<C extends { close(): Promise<void> }>(service: Service, name: string, start: () => Promise<C>): Promise<C> {
    const key = `${service} ${name}`;
    const known = opened.get(key);
    if (known !== undefined) return known as Promise<C>;
    const started = start();
    opened.set(key, started);
    started.catch(() => opened.delete(key));
    return started;
  }

  return {
    kafka: (name) =>
      once('kafka', name, async () =>
        (await import('./kafka/open.ts')).open(name, {
          profile: kafkaProfile(name, env),
          workspace,
          // a stand-in follows the same wishes about new topics as the real service would
          topicDefaults: topicDefaults(name, options.env),
        }),
      ),
    postgres: (name) =>
      once('postgres', name, async () =>
        (await import('./postgres/open.ts')).open(name, { profile: postgresProfile(name, env), workspace }),
      ),
    redis: (name) =>
      once('redis', name, async () =>
        (await import('./redis/open.ts')).open(name, { profile: redisProfile(name, env), workspace }),
      ),
    describe: (used = USUAL) =>
      used.map(({ name, service }) => ({ name, service, target: profileOf(service, name, env)?.target ?? 'embedded' })),
    async close() {
      const all = [...opened.values()];
      opened.clear();
      await Promise.allSettled(all.map(async (client) => (await client).close()));
    },
  };
}

function profileOf(service: Service, name: string, env: Environment): KafkaProfile | PostgresProfile | RedisProfile | undefined {
  if (service === 'kafka') return kafkaProfile(name, env);
  return service === 'postgres' ? postgresProfile(name, env) : redisProfile(name, env);
}
