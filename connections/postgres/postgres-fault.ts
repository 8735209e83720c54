import { Fault } from '../../engine/model/fault.ts';

/** What PostgreSQL, the network or the client said, as far as anybody looks at it. */
interface PostgresError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly detail?: unknown;
}

/** SQLSTATE of an error that PostgreSQL sent; undefined for errors of the network or the client. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as PostgresError | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined;
}

/**
 * True when the statement was refused because of a row in it: value out of range, constraint, key too long for the index,
 * the same key twice, a trigger that raised. Another row might pass.
 */
export function isRowError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && /^(22|23|44|P0001|54000|21000)/.test(state);
}

/** One line of what PostgreSQL said, without the SQL. */
export function saidBy(error: unknown): string {
  const { message, detail } = error as PostgresError;
  const text = typeof message === 'string' && message !== '' ? message : String(error);
  return typeof detail === 'string' && detail !== '' ? `${text} (${detail})` : text;
}

/** Types an error by what the caller does about it. `doing` completes "while …": "writing to table x". */
export function postgresFault(error: unknown, target: string, doing: string): Fault {
  if (error instanceof Fault) return error;
  const said = saidBy(error);
  const state = sqlState(error);
  const where = `PostgreSQL (${target})`;
  if (state === undefined) {
    if (/password/i.test(said)) {
      return new Fault('fatal', 'postgres_denied', `${where} wants a password and none is set.`, {
        mend: 'Set POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE) for this connection.',
        cause: error,
      });
    }
    return new Fault('retry', 'postgres_unreachable', `${where} does not answer while ${doing}: ${said}.`, {
      mend: 'Start the server or correct POSTGRES_HOST and POSTGRES_PORT; it is tried again by itself.',
      cause: error,
    });
  }
  if (state.startsWith('28')) {
    return new Fault('fatal', 'postgres_denied', `${where} does not let the user in: ${said}.`, {
      mend: 'Correct POSTGRES_USER and POSTGRES_PASSWORD, or allow this user in pg_hba.conf.',
      cause: error,
    });
  }
  if (state === '3D000') {
    return new Fault('fatal', 'postgres_no_database', `${where}: ${said}.`, {
      mend: 'Create the database or correct POSTGRES_DB.',
      cause: error,
    });
  }
  if (state === '3F000') {
    return new Fault(
      'fatal',
      'postgres_no_schema',
      `${where}: there is no schema in which this user may work while ${doing}: ${said}.`,
      {
        mend: 'Grant USAGE and CREATE on a schema of its search_path, then start again.',
        cause: error,
      },
    );
  }
  if (state === '25006') {
    return new Fault('fatal', 'postgres_read_only', `${where} is read-only, so nothing can be written while ${doing}: ${said}.`, {
      mend: 'Connect to the primary server, or run ALTER ROLE … SET default_transaction_read_only = off for this user.',
      cause: error,
    });
  }
  if (state === '42501') {
    return new Fault('fatal', 'postgres_no_rights', `${where}: the user lacks rights while ${doing}: ${said}.`, {
      mend: 'Grant the right that the message names, then start again.',
      cause: error,
    });
  }
  if (/^(08|53|57|40|55)/.test(state)) {
    return new Fault('retry', 'postgres_busy', `${where} could not finish ${doing}: ${said} (${state}).`, { cause: error });
  }
  return new Fault('fatal', 'postgres_refused', `${where} refused ${doing}: ${said} (${state}).`, { cause: error });
}
