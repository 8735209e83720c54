import { Fault } from '../../engine/model/fault.ts';

/** Types what Redis, the network or the client said by what the caller does about it. */
export function redisFault(error: unknown, target: string): Fault {
  if (error instanceof Fault) return error;
  const said = ((error as Error | null)?.message ?? String(error)).replace(/\.+$/, '');
  const where = `Redis (${target})`;
  const fatal = (code: string, message: string, mend: string): Fault =>
    new Fault('fatal', code, `${where} ${message}: ${said}.`, { mend, cause: error });
  if (/OOM command not allowed/.test(said)) {
    return new Fault('retry', 'redis_full', `${where} is full and takes nothing: ${said}.`, {
      mend: 'Raise maxmemory, or remove keys that are not needed.',
      cause: error,
    });
  }
  if (/WRONGPASS|NOAUTH|invalid username-password|without any password configured/.test(said)) {
    return fatal(
      'redis_denied',
      'does not let this user in',
      'Correct user and password in REDIS_URL (redis://user:password@host:port).',
    );
  }
  if (/NOPERM/.test(said)) {
    return fatal(
      'redis_no_rights',
      'does not allow this user to write',
      'Grant the user +eval, +@read and +@write on these keys (ACL SETUSER).',
    );
  }
  if (said.startsWith('READONLY')) return fatal('redis_read_only', 'is a read-only replica', 'Name the primary in REDIS_URL.');
  if (/CROSSSLOT|MOVED|cluster support disabled/.test(said)) {
    return fatal('redis_cluster', 'is a cluster, which cannot write several keys at once', 'Name a Redis that is not a cluster.');
  }
  if (/Error compiling script|unknown command/i.test(said))
    return fatal('redis_too_old', 'is too old for scripts with flags', 'Use Redis 7 or newer.');
  if (/out of range|invalid DB index/i.test(said))
    return fatal('redis_no_database', 'has no such database', 'Correct the number at the end of REDIS_URL.');
  if (/^(ERR|WRONGTYPE|NOSCRIPT)/.test(said))
    return fatal('redis_refused', 'refused a command', 'Look at the message; this should not happen.');
  return new Fault('retry', 'redis_unreachable', `${where} does not answer: ${said}.`, {
    mend: 'Start Redis or correct REDIS_URL; it is tried again by itself.',
    cause: error,
  });
}
