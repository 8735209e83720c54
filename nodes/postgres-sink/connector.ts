import { Fault } from '../../engine/model/fault.ts';
import type { Fence, RefusedRow, SinkContext, SinkModule, SinkWriter } from '../../engine/stream/connector.ts';
import type { Outbox } from '../../engine/stream/operator.ts';
import type { PostgresConnection, PostgresSession } from '../../connections/postgres/open.ts';
import { isRowError, postgresFault, saidBy, sqlState } from '../../connections/postgres/postgres-fault.ts';
import { outboxLines } from '../kit/outbox-lines.ts';
import { writtenFields, type PostgresSinkSettings } from './definition.ts';
import { FENCE_TABLE_SQL, makeFenceTable, moveFence, readFence, rememberRefused, takeFence } from './fence-table.ts';
import { insertSql } from './insert-sql.ts';
import { prepareTable, quotedTable, type TargetColumn } from './table.ts';

interface PostgresConnections {
  postgres(name: string): Promise<PostgresConnection>;
}

const ROWS_PER_STATEMENT = 5_000;
const BYTES_PER_STATEMENT = 4 << 20;

export const sink: SinkModule<PostgresSinkSettings, PostgresConnections> = {
  async open(settings, context) {
    const connection = await context.connections.postgres(settings.connection);
    const writer = new PostgresWriter(settings, context, connection);
    await writer.prepare();
    return writer;
  },
};

class PostgresWriter implements SinkWriter {
  guarantee: SinkWriter['guarantee'] = { level: 'exactly-once', because: 'rows and fence share a transaction' };
  readonly #settings: PostgresSinkSettings;
  readonly #context: SinkContext<PostgresConnections>;
  readonly #connection: PostgresConnection;
  #columns: readonly TargetColumn[] = [];
  #fenced = true;

  constructor(settings: PostgresSinkSettings, context: SinkContext<PostgresConnections>, connection: PostgresConnection) {
    this.#settings = settings;
    this.#context = context;
    this.#connection = connection;
  }

  /** Checks rights, makes or checks fence and table. */
  async prepare(): Promise<void> {
    const { table, mode } = this.#settings;
    await this.#transaction(`preparing the table ${table}`, async (session) => {
      const why = await makeFenceTable(session);
      this.#fenced = why === undefined;
      if (why !== undefined) {
        this.guarantee =
          mode === 'upsert'
            ? { level: 'idempotent', because: `${why}, so an epoch may be written twice, which changes nothing` }
            : { level: 'at-least-once', because: `${why}, so after a crash the rows of an epoch may be there twice` };
        this.#context.report(
          `${this.#context.nodeId}: ${this.guarantee.level}, ${this.guarantee.because}. To make it exactly-once, run as an administrator: ` +
            `${FENCE_TABLE_SQL.replace(/\s+/g, ' ')}; GRANT SELECT, INSERT, UPDATE ON telemetra_fence TO "${this.#connection.user}";`,
        );
      }
    });
    await this.#transaction(`preparing the table ${table}`, async (session) => {
      this.#columns = await prepareTable(
        session,
        this.#settings,
        writtenFields(this.#settings, this.#context.schema),
        this.#connection.target,
      );
      await this.#checkRights(session);
    });
  }

  async #checkRights(session: PostgresSession): Promise<void> {
    const { table, mode } = this.#settings;
    const needed = mode === 'upsert' ? ['INSERT', 'UPDATE', 'SELECT'] : ['INSERT'];
    const { rows } = await session.query(
      `SELECT r AS right FROM unnest($2::text[]) AS r WHERE NOT has_table_privilege($1::regclass, r)`,
      [quotedTable(table), needed],
    );
    if (rows.length > 0) {
      const missing = rows.map((row) => row['right']!).join(', ');
      throw new Fault(
        'fatal',
        'postgres_no_rights',
        `PostgreSQL (${this.#connection.target}): the user ${this.#connection.user} has no right to ${missing} on the table ${table}.`,
        { mend: `Run as the table's owner: GRANT ${missing} ON ${quotedTable(table)} TO "${this.#connection.user}";` },
      );
    }
    const readOnly = await session.query(`SELECT current_setting('transaction_read_only') AS is`);
    if (readOnly.rows[0]!['is'] === 'on') {
      throw postgresFault(
        { code: '25006', message: 'transactions are read-only here' },
        this.#connection.target,
        `writing to ${table}`,
      );
    }
  }

  async fence(): Promise<Fence | undefined> {
    if (!this.#fenced) return undefined;
    const found = await this.#transaction('reading the fence', (session) => readFence(session, this.#context));
    return found === undefined ? undefined : { lineage: found.lineage, owner: found.owner, epoch: found.epoch };
  }

  async take(expected: Fence | undefined, next: Fence): Promise<void> {
    if (!this.#fenced) return;
    await this.#transaction('taking the fence', (session) => takeFence(session, this.#context, expected, next));
  }

  async push(fence: Fence, epoch: number, outbox: Outbox): Promise<readonly RefusedRow[]> {
    return this.#transaction(`writing to the table ${this.#settings.table}`, async (session) => {
      if (this.#fenced) {
        const before = await moveFence(session, this.#context, fence, epoch);
        if (before !== undefined) return before;
      }
      // a deferred constraint would refuse the whole epoch at COMMIT instead of its row
      await session.query('SET CONSTRAINTS ALL IMMEDIATE');
      const refused: RefusedRow[] = [];
      const lines = outboxLines(outbox);
      for (let from = 0; from < lines.length;) {
        let to = from;
        let bytes = 0;
        while (to < lines.length && to - from < ROWS_PER_STATEMENT && bytes < BYTES_PER_STATEMENT) bytes += lines[to++]!.length;
        await this.#insert(session, lines, from, to, refused);
        from = to;
      }
      if (this.#fenced && refused.length > 0) await rememberRefused(session, this.#context, refused);
      return refused;
    });
  }

  /** Rows [from, to) by one statement; when one of them is refused, by halves, until the bad one stands alone. */
  async #insert(
    session: PostgresSession,
    lines: readonly string[],
    from: number,
    to: number,
    refused: RefusedRow[],
  ): Promise<void> {
    await session.query('SAVEPOINT telemetra_rows');
    try {
      await session.query(insertSql(this.#settings, this.#columns), [`[${lines.slice(from, to).join(',')}]`]);
      await session.query('RELEASE SAVEPOINT telemetra_rows');
    } catch (error) {
      if (!isRowError(error)) throw error;
      await session.query('ROLLBACK TO SAVEPOINT telemetra_rows');
      await session.query('RELEASE SAVEPOINT telemetra_rows');
      if (to - from > 1) {
        const middle = from + Math.ceil((to - from) / 2);
        await this.#insert(session, lines, from, middle, refused);
        await this.#insert(session, lines, middle, to, refused);
      } else {
        const state = sqlState(error)!;
        refused.push({
          row: from,
          code: `postgres_${state}`,
          sentence: `PostgreSQL refused the row: ${saidBy(error)} (${state}).`,
        });
      }
    }
  }

  async #transaction<T>(doing: string, work: (session: PostgresSession) => Promise<T>): Promise<T> {
    try {
      return await this.#connection.transaction(work);
    } catch (error) {
      throw postgresFault(error, this.#connection.target, doing);
    }
  }

  async close(): Promise<void> {
    // the connection belongs to the registry that opened it
  }
}
