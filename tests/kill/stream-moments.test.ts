import type { PGlite } from '@electric-sql/pglite';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopEmbeddedPostgres } from '../../connections/postgres/embedded/stop.ts';
import { openOracle, seedLines, TOPICS } from '../oracle/oracle.ts';
import { missingService, runningService, type RunningService } from '../support/services.ts';
import { scratch } from '../support/telemetra.ts';
import { isMidRun, killMoments, runOnce, type RunEnd } from './kill-loop.ts';
import { appendEvents, connectionsOf, createTopics, expectKeys, expectTables, flowIn, type Flow } from './moments-setup.ts';

const KILLS = 12;
/** of the runs that are left alone, between two kills */
const EPOCHS_APART = 12;

const directory = scratch('kill');
const postgres = runningService('postgres');
let oracle: PGlite;

beforeAll(async () => {
  oracle = await openOracle(Object.fromEntries(TOPICS.map((topic) => [topic, seedLines(topic)])));
});

afterAll(async () => {
  await oracle.close();
  directory.remove();
});

/** Kills the runner again and again while it reads the recorded events from the embedded log, then lets it end. */
async function killAndFinish(flow: Flow, env: Readonly<Record<string, string>>, seed: number): Promise<void> {
  const connections = connectionsOf(flow, env);
  const log = await connections.kafka('kafka');
  await createTopics(log, flow);
  for (const topic of TOPICS) await appendEvents(log, flow.topic(topic), seedLines(topic));

  // 32 messages a poll and partition, so that the input is some two hundred epochs long
  const words = [flow.file, '--bounded', '--workspace', flow.workspace, '--batch-rows', '8', '--epoch-ms', '2'];
  const runs: RunEnd[] = [];
  for (const moment of killMoments(KILLS, EPOCHS_APART, seed)) runs.push(await runOnce(words, flow.state, env, moment));
  const last = await runOnce(words, flow.state, env, undefined);

  expect(last, last.output).toMatchObject({ code: 0, complete: true });
  expect(runs.map(({ code, output }) => code ?? output.match(/defect.*/)?.[0])).toEqual(runs.map(() => undefined));
  expect(runs.filter(isMidRun).length).toBeGreaterThanOrEqual(KILLS / 2);
  await expectTables(connections, oracle);
  await expectKeys(connections, oracle);
  await connections.close();
}

describe('stream moments on the stand-ins', () => {
  test(`[E2] [D1] ${KILLS} SIGKILLs: every table equals the oracle's and the keys hold the newest values`, async () => {
    const flow = flowIn(join(directory.path, 'embedded'));
    await killAndFinish(flow, {}, 4);
    await stopEmbeddedPostgres(flow.workspace);
  }, 400_000);
});

describe('stream moments into a PostgreSQL server', () => {
  if (postgres === undefined) return missingService('PostgreSQL');
  test(`[E2] [D1] ${KILLS} SIGKILLs: every table equals the oracle's and the keys hold the newest values`, async () => {
    const database = `kill_${process.pid}_${Date.now().toString(36)}`;
    await administer(postgres, `CREATE DATABASE ${database}`);
    try {
      await killAndFinish(flowIn(join(directory.path, 'server')), environmentOf(postgres, database), 9);
    } finally {
      await administer(postgres, `DROP DATABASE ${database} WITH (FORCE)`);
    }
  }, 400_000);
});

function environmentOf(service: RunningService, database: string): Readonly<Record<string, string>> {
  return {
    POSTGRES_HOST: service.host,
    POSTGRES_PORT: String(service.port),
    POSTGRES_DB: database,
    POSTGRES_USER: service.user!,
    POSTGRES_PASSWORD: service.password!,
  };
}

async function administer(service: RunningService, sql: string): Promise<void> {
  const { host, port, user, password } = service;
  const client = new Client({ host, port, user, password: password!, database: 'postgres' });
  await client.connect();
  await client.query(sql);
  await client.end();
}
