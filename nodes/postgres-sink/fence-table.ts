import { Fault } from '../../engine/model/fault.ts';
import type { Fence, RefusedRow } from '../../engine/stream/connector.ts';
import type { PostgresSession } from '../../connections/postgres/open.ts';
import { sqlState } from '../../connections/postgres/postgres-fault.ts';

/** refused: rows of `epoch` that were not written, so that a push whose answer was lost can still be told about them */
export const FENCE_TABLE_SQL = `CREATE TABLE IF NOT EXISTS telemetra_fence (
  pipeline_id text NOT NULL, node_id text NOT NULL, lineage text NOT NULL, owner bigint NOT NULL, epoch bigint NOT NULL,
  refused text, PRIMARY KEY (pipeline_id, node_id))`;

export interface SinkIdentity {
  readonly pipelineId: string;
  readonly nodeId: string;
}

/** The clause why there can be no fence, or undefined when it is there and usable. Inside a transaction of its own. */
export async function makeFenceTable(session: PostgresSession): Promise<string | undefined> {
  const there = async (): Promise<boolean> =>
    (await session.query(`SELECT to_regclass('telemetra_fence')::oid AS id`)).rows[0]!['id'] !== null;
  if (!(await there())) {
    await session.query('SAVEPOINT telemetra_fence');
    try {
      await session.query(FENCE_TABLE_SQL);
    } catch (error) {
      const state = sqlState(error);
      // two runners at once: the other one has made it
      if (state !== '23505' && state !== '42P07' && state !== '42501' && state !== '3F000') throw error;
      await session.query('ROLLBACK TO SAVEPOINT telemetra_fence');
      if (state === '42501' || state === '3F000') return 'the user may not create the table telemetra_fence';
    }
  }
  const { rows } = await session.query(
    `SELECT has_table_privilege('telemetra_fence', 'SELECT') AND has_table_privilege('telemetra_fence', 'INSERT')
        AND has_table_privilege('telemetra_fence', 'UPDATE') AS may`,
  );
  return rows[0]!['may'] === 't' ? undefined : 'the user may not read and write the table telemetra_fence';
}

export async function readFence(
  session: PostgresSession,
  sink: SinkIdentity,
): Promise<(Fence & { refused: RefusedRow[] }) | undefined> {
  const { rows } = await session.query(
    'SELECT lineage, owner, epoch, refused FROM telemetra_fence WHERE pipeline_id = $1 AND node_id = $2',
    [sink.pipelineId, sink.nodeId],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    lineage: row['lineage']!,
    owner: Number(row['owner']),
    epoch: Number(row['epoch']),
    refused: JSON.parse(row['refused'] ?? '[]') as RefusedRow[],
  };
}

export async function takeFence(
  session: PostgresSession,
  sink: SinkIdentity,
  expected: Fence | undefined,
  next: Fence,
): Promise<void> {
  const values = [sink.pipelineId, sink.nodeId, next.lineage, next.owner, next.epoch];
  const { rowCount } =
    expected === undefined
      ? await session.query(
          `INSERT INTO telemetra_fence (pipeline_id, node_id, lineage, owner, epoch) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (pipeline_id, node_id) DO NOTHING`,
          values,
        )
      : await session.query(
          `UPDATE telemetra_fence SET lineage = $3, owner = $4, epoch = $5
            WHERE pipeline_id = $1 AND node_id = $2 AND lineage = $6 AND owner = $7 AND epoch = $8`,
          [...values, expected.lineage, expected.owner, expected.epoch],
        );
  if (rowCount === 1) return;
  const now = await readFence(session, sink);
  // an answer that was lost: the fence is already ours
  if (now !== undefined && now.lineage === next.lineage && now.owner === next.owner && now.epoch === next.epoch) return;
  throw fenced(sink);
}

/** Moves the fence to `epoch`; the refused rows when it already stands there (a replay). Locks the row until COMMIT. */
export async function moveFence(
  session: PostgresSession,
  sink: SinkIdentity,
  fence: Fence,
  epoch: number,
): Promise<readonly RefusedRow[] | undefined> {
  const { rowCount } = await session.query(
    `UPDATE telemetra_fence SET epoch = $5, refused = NULL
      WHERE pipeline_id = $1 AND node_id = $2 AND lineage = $3 AND owner = $4 AND epoch = $6`,
    [sink.pipelineId, sink.nodeId, fence.lineage, fence.owner, epoch, fence.epoch],
  );
  if (rowCount === 1) return undefined;
  const now = await readFence(session, sink);
  if (now === undefined || now.lineage !== fence.lineage || now.owner !== fence.owner) throw fenced(sink);
  if (now.epoch === epoch) return now.refused;
  if (now.epoch > epoch) return [];
  throw new Fault(
    'refused',
    'fence_gap',
    `The table of node ${sink.nodeId} holds epoch ${now.epoch}, but epoch ${fence.epoch} should come before ${epoch}.`,
    {
      mend: 'Restore the state directory that belongs to this table, or start with --fresh.',
    },
  );
}

export async function rememberRefused(session: PostgresSession, sink: SinkIdentity, refused: readonly RefusedRow[]): Promise<void> {
  await session.query('UPDATE telemetra_fence SET refused = $3 WHERE pipeline_id = $1 AND node_id = $2', [
    sink.pipelineId,
    sink.nodeId,
    JSON.stringify(refused),
  ]);
}

function fenced(sink: SinkIdentity): Fault {
  return new Fault('fenced', 'fenced', `Another run has taken over the sink ${sink.nodeId}; this one may not write any more.`, {
    mend: 'Stop one of the two runs: a pipeline has one runner at a time.',
  });
}
