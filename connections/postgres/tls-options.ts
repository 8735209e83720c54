import type { ClientConfig } from 'pg';
import type { PostgresProfile } from '../profile.ts';

/** PostgreSQL's own meaning of sslmode: `require` is encrypted and no more, unless an authority is given; `verify-full` is verified. */
export function tlsOptions(tls: NonNullable<PostgresProfile['tls']>): NonNullable<ClientConfig['ssl']> {
  return {
    rejectUnauthorized: tls.verified || tls.ca !== undefined,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
  };
}
