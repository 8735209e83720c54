import type { OpenOptions } from '../connections.ts';
import type { RedisProfile } from '../profile.ts';
import type { KeyValueStore } from './key-value-store.ts';

/** The real client connects on first use; the stand-in is a file of the workspace. */
export async function open(name: string, options: OpenOptions<RedisProfile>): Promise<KeyValueStore> {
  if (options.profile === undefined) return new (await import('./embedded/sqlite-store.ts')).SqliteStore(name, options.workspace);
  return new (await import('./redis-store.ts')).RedisStore(name, options.profile);
}
