import { Redis } from 'ioredis';
import type { RedisProfile } from '../profile.ts';
import {
  FENCE_PREFIX,
  type KeyInfo,
  type KeyValue,
  type KeyValueStore,
  type KeyWrite,
  type StoredFence,
  type WriteAnswer,
} from './key-value-store.ts';
import { redisFault } from './redis-fault.ts';

const CONNECT_MS = 10_000;
const ANSWER_MS = 15_000;

/**
 * The first line makes Redis (7 or newer) refuse the script before it starts when memory is full, so it never stops half-way.
 * KEYS: fence, then the keys in the order of their operations. ARGV: lineage, owner, epoch before, epoch after, ttl ms, then for
 * each key its operation: D · S value · H count name value … · L count value …
 */
const WRITE = `#!lua
local fence = redis.call('HMGET', KEYS[1], 'lineage', 'owner', 'epoch')
if not fence[1] then return 'lost' end
if fence[1] ~= ARGV[1] or fence[2] ~= ARGV[2] then return 'fenced' end
if tonumber(fence[3]) > tonumber(ARGV[3]) then return 'already' end
if fence[3] ~= ARGV[3] then return 'gap' end
local ttl = tonumber(ARGV[5])
local at = 6
for i = 2, #KEYS do
  local key = KEYS[i]
  local op = ARGV[at]
  at = at + 1
  redis.call('DEL', key)
  if op == 'S' then
    redis.call('SET', key, ARGV[at])
    at = at + 1
  elseif op ~= 'D' then
    local last = at + tonumber(ARGV[at])
    local command = op == 'H' and 'HSET' or 'RPUSH'
    at = at + 1
    while at <= last do
      local to = math.min(last, at + 999)
      redis.call(command, key, unpack(ARGV, at, to))
      at = to + 1
    end
  end
  if ttl > 0 and op ~= 'D' then redis.call('PEXPIRE', key, ttl) end
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[4])
return 'applied'
`;

/** KEYS: fence. ARGV: expected lineage ('' = none), owner, epoch; next lineage, owner, epoch. */
const TAKE = `#!lua
local fence = redis.call('HMGET', KEYS[1], 'lineage', 'owner', 'epoch')
if ARGV[1] == '' then
  if fence[1] then return 0 end
elseif fence[1] ~= ARGV[1] or fence[2] ~= ARGV[2] or fence[3] ~= ARGV[3] then
  return 0
end
redis.call('HSET', KEYS[1], 'lineage', ARGV[4], 'owner', ARGV[5], 'epoch', ARGV[6])
return 1
`;

export class RedisStore implements KeyValueStore {
  readonly name: string;
  readonly target: string;
  readonly #profile: RedisProfile;
  #client: Promise<Redis> | undefined;

  constructor(name: string, profile: RedisProfile) {
    this.name = name;
    this.target = profile.target;
    this.#profile = profile;
  }

  readFence(fenceKey: string): Promise<StoredFence | undefined> {
    return this.#use(async (client) => {
      const [lineage, owner, epoch] = await client.hmget(fenceKey, 'lineage', 'owner', 'epoch');
      return lineage === null || lineage === undefined ? undefined : { lineage, owner: Number(owner), epoch: Number(epoch) };
    });
  }

  takeFence(fenceKey: string, expected: StoredFence | undefined, next: StoredFence): Promise<boolean> {
    return this.#use(async (client) => {
      const before = [expected?.lineage ?? '', expected?.owner ?? 0, expected?.epoch ?? 0];
      return (await client.eval(TAKE, 1, fenceKey, ...before, next.lineage, next.owner, next.epoch)) === 1;
    });
  }

  write(fenceKey: string, from: StoredFence, epoch: number, writes: readonly KeyWrite[], ttlMs: number): Promise<WriteAnswer> {
    const keys = [fenceKey];
    const words: (string | number)[] = [from.lineage, from.owner, from.epoch, epoch, Math.ceil(ttlMs)];
    for (const write of writes) {
      keys.push(write.key);
      if (write.kind === 'string') words.push('S', write.value);
      else if (write.kind === 'hash' && write.fields.length > 0) words.push('H', write.fields.length * 2, ...write.fields.flat());
      else if (write.kind === 'list' && write.values.length > 0) words.push('L', write.values.length, ...write.values);
      else words.push('D');
    }
    return this.#use(async (client) => (await client.eval(WRITE, keys.length, ...keys, ...words)) as WriteAnswer);
  }

  keys(pattern: string, limit: number): Promise<readonly KeyInfo[]> {
    return this.#use(async (client) => {
      const found = new Set<string>();
      let cursor = '0';
      do {
        const [next, page] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', 500);
        cursor = next;
        for (const key of page) if (!key.startsWith(FENCE_PREFIX)) found.add(key);
      } while (cursor !== '0' && found.size < limit);
      const names = [...found].toSorted(byBytes).slice(0, limit);
      const infos: KeyInfo[] = [];
      for (const key of names) {
        const [type, expiresInMs] = await Promise.all([client.type(key), client.pttl(key)]);
        if (type === 'none') continue;
        const known = type === 'string' || type === 'hash' || type === 'list' ? type : 'other';
        infos.push({ key, type: known, expiresInMs: expiresInMs < 0 ? undefined : expiresInMs });
      }
      return infos;
    });
  }

  value(key: string, limit: number): Promise<KeyValue> {
    return this.#use(async (client) => {
      switch (await client.type(key)) {
        case 'string':
          return (await client.get(key)) ?? undefined;
        case 'hash':
          return client.hgetall(key);
        case 'list':
          return client.lrange(key, 0, limit - 1);
        default:
          return undefined;
      }
    });
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    (await client?.catch(() => undefined))?.disconnect();
  }

  /** A client that failed is thrown away: the caller backs off and comes again (E10). */
  async #use<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    const opening = (this.#client ??= this.#connect());
    try {
      return await work(await opening);
    } catch (error) {
      const fault = redisFault(error, this.target);
      if (this.#client === opening && fault.code === 'redis_unreachable') {
        this.#client = undefined;
        opening.then(
          (client) => client.disconnect(),
          () => undefined,
        );
      }
      if (this.#client === opening && fault.kind === 'fatal') this.#client = undefined;
      throw fault;
    }
  }

  async #connect(): Promise<Redis> {
    const { host, port, database, username, password, tls } = this.#profile;
    const client = new Redis({
      host,
      port,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: password.reveal() }),
      ...(tls === undefined
        ? {}
        : {
            tls: {
              ...(tls.ca === undefined ? {} : { ca: tls.ca }),
              ...(tls.cert === undefined ? {} : { cert: tls.cert }),
              ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
            },
          }),
      lazyConnect: true,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      connectTimeout: CONNECT_MS,
      commandTimeout: ANSWER_MS,
      connectionName: 'telemetra',
    });
    // what is refused while connecting (AUTH, SELECT) comes as an event, and says more than "connection is closed"
    let refusal: unknown;
    client.on('error', (error: unknown) => {
      refusal = error;
      if (this.#client !== undefined && client.status === 'end') this.#client = undefined;
    });
    try {
      await client.connect();
      // not the client's own option: a refused SELECT would leave it in database 0 without a word
      await client.select(database);
      return client;
    } catch (error) {
      client.disconnect();
      throw refusal ?? error;
    }
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
