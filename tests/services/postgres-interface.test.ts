import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listColumns, listRows, listTables } from '../../connections/postgres/browse.ts';
import { open, type PostgresConnection } from '../../connections/postgres/open.ts';
import { embeddedAddress } from '../../connections/postgres/embedded/address.ts';
import { stopEmbeddedPostgres } from '../../connections/postgres/embedded/stop.ts';
import type { PostgresProfile } from '../../connections/profile.ts';
import { Secret } from '../../connections/secret.ts';
import { encodeUtf8 } from '../../engine/model/dictionary.ts';
import { Fault } from '../../engine/model/fault.ts';
import { APPEND, type Field, type Schema } from '../../engine/model/schema.ts';
import type { Fence, SinkWriter } from '../../engine/stream/connector.ts';
import type { Outbox } from '../../engine/stream/operator.ts';
import { sink } from '../../nodes/postgres-sink/connector.ts';
import { definition, type PostgresSinkSettings } from '../../nodes/postgres-sink/definition.ts';
import { faultProxy } from '../support/fault-proxy.ts';
import { missingService, runningService } from '../support/services.ts';

const running = runningService('postgres');

function profileOf(change: Partial<PostgresProfile> & { plain?: string } = {}): PostgresProfile {
  const service = running!;
  const profile = {
    service: 'postgres' as const,
    host: service.host,
    port: service.port,
    database: service.database!,
    user: service.user!,
    password: new Secret(change.plain ?? service.password!),
    tls: undefined,
    ...change,
  };
  return { ...profile, target: `${profile.host}:${profile.port}/${profile.database}` };
}

const KV: readonly Field[] = [
  { name: 'k', type: 'text', nullable: false },
  { name: 'v', type: 'integer', nullable: true },
];

const schemaOf = (fields: readonly Field[]): Schema => ({ fields, mode: APPEND, keys: [], window: undefined, timed: true });
const owner = (epoch: number, number = 1): Fence => ({ lineage: 'L', owner: number, epoch });
const outbox = (...rows: readonly unknown[]): Outbox => ({
  rows: rows.length,
  bytes: encodeUtf8(rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('')),
});

let tables = 0;
const freshTable = (): string => `t_${process.pid}_${++tables}_${Math.trunc(performance.timeOrigin)}`;

function settingsOf(change: Partial<PostgresSinkSettings>): PostgresSinkSettings {
  return { ...definition.settings.parse({ table: freshTable(), key: change.mode === 'insert' ? [] : ['k'] }), ...change };
}

async function openSink(
  connection: PostgresConnection,
  settings: PostgresSinkSettings,
  options: { fields?: readonly Field[]; pipeline?: string; report?: (line: string) => void } = {},
): Promise<SinkWriter> {
  return sink.open(settings, {
    pipelineId: options.pipeline ?? settings.table,
    nodeId: 'n',
    connections: { postgres: async () => connection },
    baseDirectory: '/',
    now: () => 0,
    sleep: async () => {},
    random: () => 0,
    signal: new AbortController().signal,
    report: options.report ?? (() => {}),
    schema: schemaOf(options.fields ?? KV),
    fresh: false,
  });
}

/** Again after every fault that passes; any other is thrown. Returns how many there were. */
async function pushAsTheRunnerDoes(writer: SinkWriter, fence: Fence, epoch: number, rows: Outbox): Promise<number> {
  for (let faults = 0; ; faults++) {
    try {
      await writer.push(fence, epoch, rows);
      return faults;
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'retry') throw error;
    }
  }
}

async function contents(connection: PostgresConnection, table: string, order = 'k'): Promise<unknown[]> {
  const { rows } = await connection.use((session) =>
    session.query(`SELECT row_to_json(t)::text AS row FROM "${table}" t ORDER BY ${order}`),
  );
  return rows.map((row) => JSON.parse(row['row']!) as unknown);
}

/** What every PostgreSQL behind a connection must do, the stand-in as well as the real one. */
function suite(connect: () => Promise<PostgresConnection>, close: () => Promise<void>): void {
  let connection: PostgresConnection;
  beforeAll(async () => {
    connection = await connect();
  });
  afterAll(async () => {
    await connection.close();
    await close();
  });

  test('[E2] an epoch that is pushed twice is there once, in a plain append table without any key', async () => {
    const settings = settingsOf({ mode: 'insert' });
    const writer = await openSink(connection, settings);
    expect(writer.guarantee.level).toBe('exactly-once');
    expect(await writer.fence()).toBeUndefined();
    await writer.take(undefined, owner(0));
    await writer.push(owner(0), 3, outbox({ k: 'a', v: 1 }));
    await writer.push(owner(0), 3, outbox({ k: 'a', v: 1 }));
    await writer.push(owner(3), 4, outbox({ k: 'a', v: 1 }));
    expect(await writer.fence()).toEqual(owner(4));
    expect(await contents(connection, settings.table)).toEqual([
      { k: 'a', v: 1 },
      { k: 'a', v: 1 },
    ]);
  });

  test('[E7] the earlier of two owners writes nothing after the later took the fence', async () => {
    const settings = settingsOf({});
    const zombie = await openSink(connection, settings);
    await zombie.take(undefined, owner(0));
    const next = await openSink(connection, settings);
    await next.take(owner(0), owner(0, 2));
    await expect(zombie.push(owner(0), 1, outbox({ k: 'z', v: 1 }))).rejects.toMatchObject({ kind: 'fenced' });
    await expect(zombie.take(owner(0), owner(0, 2))).resolves.toBeUndefined();
    await expect(zombie.take(owner(0), owner(0, 3))).rejects.toMatchObject({ kind: 'fenced' });
    await next.push(owner(0, 2), 1, outbox({ k: 'n', v: 1 }));
    expect(await contents(connection, settings.table)).toEqual([{ k: 'n', v: 1 }]);
  });

  test('[E2] two owners that take at once: exactly one has the fence', async () => {
    const settings = settingsOf({});
    const writers = await Promise.all([0, 1, 2].map(() => openSink(connection, settings)));
    const results = await Promise.allSettled(
      writers.map((writer, i) => writer.take(undefined, { lineage: `L${i}`, owner: 1, epoch: 0 })),
    );
    expect(results.filter((result) => result.status === 'fulfilled').length).toBe(1);
  });

  test('[E3] an epoch that skips one is refused', async () => {
    const settings = settingsOf({});
    const writer = await openSink(connection, settings);
    await writer.take(undefined, owner(0));
    await expect(writer.push(owner(5), 6, outbox({ k: 'a', v: 1 }))).rejects.toMatchObject({ kind: 'refused', code: 'fence_gap' });
  });

  test('a row that PostgreSQL refuses goes alone, the rest is written, and a replay tells it again', async () => {
    const settings = settingsOf({});
    await connection.use((session) =>
      session.query(
        `CREATE TABLE "${settings.table}" (k varchar(5) PRIMARY KEY, v smallint CHECK (v <> 7), made timestamptz DEFAULT now())`,
      ),
    );
    const writer = await openSink(connection, settings);
    await writer.take(undefined, owner(0));
    const rows = Array.from({ length: 500 }, (_, i) => ({ k: `k${i}`, v: i === 7 ? 8 : i }));
    rows[100] = { k: 'too long', v: 1 };
    rows[250] = { k: 'big', v: 99_999 };
    rows[499] = { k: 'seven', v: 7 };
    const refused = await writer.push(owner(0), 1, outbox(...rows));
    expect(refused.map((row) => `${row.row} ${row.code}`)).toEqual([
      '100 postgres_22001',
      '250 postgres_22003',
      '499 postgres_23514',
    ]);
    expect(await writer.push(owner(0), 1, outbox(...rows))).toEqual(refused);
    const answer = await connection.use((session) => session.query(`SELECT count(*) AS n FROM "${settings.table}"`));
    expect(answer.rows).toEqual([{ n: '497' }]);
  });

  test('[V1] every value arrives as it was written', async () => {
    const fields: readonly Field[] = [
      { name: 'k', type: 'text', nullable: false },
      { name: 'f', type: 'float', nullable: true },
      { name: 'i', type: 'integer', nullable: true },
      { name: 'd', type: 'decimal(6)', nullable: true },
      { name: 'b', type: 'boolean', nullable: true },
      { name: 't', type: 'timestamp', nullable: true },
      { name: 'l', type: 'text[]', nullable: true },
      { name: 'j', type: 'json', nullable: true },
    ];
    const settings = settingsOf({});
    const writer = await openSink(connection, settings, { fields });
    await writer.take(undefined, owner(0));
    await writer.push(
      owner(0),
      1,
      outbox(
        `{"k":"a'\\"\\\\é🙂\\n","f":0.30000000000000004,"i":9007199254740991,"d":12345678.901234,"b":true,"t":"2026-09-07T07:17:12.000001Z","l":["x","a,b{}\\"",null,""],"j":{"big":12345678901234567890.5,"n":null}}`,
        '{"k":"b","f":5e-324,"i":-9007199254740991,"d":-0.000001,"b":false,"t":"1700-01-01T00:00:00Z","l":[],"j":[1]}',
        '{"k":"c","f":-0,"i":0,"d":0.000000,"b":null,"t":null,"l":null,"j":null}',
        '{"k":"d","f":1.7976931348623157e308,"i":1,"d":1.000000,"b":null,"t":"2255-06-05T23:47:34.740991Z","l":[""],"j":"s"}',
      ),
    );
    const { rows } = await connection.use((session) =>
      session.query(
        `SELECT k, f::text, i::text, d::text, b::text, extract(epoch FROM t)::text AS t, l::text, j::text FROM "${settings.table}" ORDER BY k`,
      ),
    );
    expect(rows).toEqual([
      {
        k: `a'"\\é🙂\n`,
        f: '0.30000000000000004',
        i: '9007199254740991',
        d: '12345678.901234',
        b: 'true',
        t: '1788765432.000001',
        l: '{x,"a,b{}\\"",NULL,""}',
        j: '{"n": null, "big": 12345678901234567890.5}',
      },
      { k: 'b', f: '5e-324', i: '-9007199254740991', d: '-0.000001', b: 'false', t: '-8520336000.000000', l: '{}', j: '[1]' },
      { k: 'c', f: '-0', i: '0', d: '0.000000', b: null, t: null, l: null, j: null },
      { k: 'd', f: '1.7976931348623157e+308', i: '1', d: '1.000000', b: null, t: '9007199254.740991', l: '{""}', j: '"s"' },
    ]);
  });

  test('[K9] across epochs the later row wins, or with "newer only" the newer', async () => {
    const fields: readonly Field[] = [...KV, { name: 'at', type: 'timestamp', nullable: true }];
    for (const [newerOnly, kept] of [
      ['', 2],
      ['at', 1],
    ] as const) {
      const settings = settingsOf({ newer_only: newerOnly });
      const writer = await openSink(connection, settings, { fields });
      await writer.take(undefined, owner(0));
      await writer.push(owner(0), 1, outbox({ k: 'a', v: 1, at: '2026-01-02T00:00:00Z' }));
      await writer.push(owner(1), 2, outbox({ k: 'a', v: 2, at: '2026-01-01T00:00:00Z' }));
      expect((await contents(connection, settings.table)).map((row) => (row as { v: number }).v)).toEqual([kept]);
    }
  });

  test('12,000 rows go in statements of 5,000', async () => {
    const settings = settingsOf({});
    const writer = await openSink(connection, settings);
    await writer.take(undefined, owner(0));
    await writer.push(owner(0), 1, outbox(...Array.from({ length: 12_000 }, (_, i) => `{"k":"${i}","v":${i}}`)));
    const answer = await connection.use((session) => session.query(`SELECT count(*) AS n, sum(v) AS s FROM "${settings.table}"`));
    expect(answer.rows).toEqual([{ n: '12000', s: String((11_999 * 12_000) / 2) }]);
  });

  test('tables, their columns and their newest rows can be looked at', async () => {
    const fields: readonly Field[] = [...KV, { name: 'at', type: 'timestamp', nullable: true }];
    const settings = settingsOf({});
    const writer = await openSink(connection, settings, { fields });
    await writer.take(undefined, owner(0));
    await writer.push(owner(0), 1, outbox(...[1, 2, 3].map((v) => ({ k: `k${v}`, v, at: `2026-01-0${v}T00:00:00.5Z` }))));
    expect((await listTables(connection)).map((table) => table.name)).toContain(settings.table);
    expect(await listColumns(connection, settings.table)).toEqual([
      { name: 'k', type: 'text', nullable: false, key: true },
      { name: 'v', type: 'bigint', nullable: true, key: false },
      { name: 'at', type: 'timestamp with time zone', nullable: true, key: false },
    ]);
    expect(await listColumns(connection, 'no_such_table')).toEqual([]);
    expect(await listRows(connection, settings.table, { limit: 1, orderBy: 'at' })).toEqual({
      rows: [{ k: 'k3', v: 3, at: '2026-01-03T00:00:00.5Z' }],
      more: true,
    });
  });

  describe('a table that does not fit is a sentence with the SQL that mends it', () => {
    const cases: readonly (readonly [title: string, create: string, names: RegExp, mend: RegExp])[] = [
      ['missing column', '(k text PRIMARY KEY)', /no column v/, /ADD COLUMN "v" bigint/],
      ['no unique key', '(k text, v bigint)', /unique index on exactly \(k\)/, /CREATE UNIQUE INDEX/],
      ['unique key on more columns', '(k text, v bigint, UNIQUE (k, v))', /unique index on exactly \(k\)/, /CREATE UNIQUE INDEX/],
      ['lossy type', '(k text PRIMARY KEY, v text)', /column v of \S+ is text/, /TYPE bigint/],
      [
        'a column that must have a value',
        '(k text PRIMARY KEY, v bigint, w int NOT NULL)',
        /column w .* must have a value/,
        /DROP NOT NULL/,
      ],
      [
        'computed column',
        '(k text PRIMARY KEY, v bigint GENERATED ALWAYS AS (length(k)) STORED)',
        /computes the column v/,
        /Drop this column/,
      ],
    ];
    for (const [title, create, names, mend] of cases) {
      test(title, async () => {
        const settings = settingsOf({});
        await connection.use((session) => session.query(`CREATE TABLE "${settings.table}" ${create}`));
        const failure = await openSink(connection, settings).catch((error: unknown) => error);
        expect(failure).toMatchObject({
          kind: 'fatal',
          code: 'table_unfit',
          message: expect.stringMatching(names),
          mend: expect.stringMatching(mend),
        });
      });
    }

    test('no table, and none to be made', async () => {
      const settings = settingsOf({ create: false });
      const failure = await openSink(connection, settings).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'table_unfit', mend: expect.stringMatching(/CREATE TABLE .*PRIMARY KEY \("k"\)/) });
    });
  });
}

describe('embedded PostgreSQL', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'telemetra-pg-'));
  let pid = 0;
  suite(
    async () => {
      pid = (await embeddedAddress(workspace, { idleMs: 2_000, startMs: 60_000 })).pid;
      return open('postgres', { profile: undefined, workspace });
    },
    async () => {
      await stopEmbeddedPostgres(workspace);
      rmSync(workspace, { recursive: true, force: true });
    },
  );

  test('[E4] a server that is killed is started again by the next use, with every committed row', async () => {
    const connection = await open('postgres', { profile: undefined, workspace });
    const settings = settingsOf({});
    const writer = await openSink(connection, settings);
    await writer.take(undefined, owner(0));
    await writer.push(owner(0), 1, outbox({ k: 'a', v: 1 }));
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5_000, interval: 20 }).toBe(false);
    await pushAsTheRunnerDoes(writer, owner(1), 2, outbox({ k: 'b', v: 2 }));
    const restarted = await embeddedAddress(workspace, { idleMs: 2_000, startMs: 60_000 });
    expect(restarted.pid).not.toBe(pid);
    pid = restarted.pid;
    expect(await contents(connection, settings.table)).toEqual([
      { k: 'a', v: 1 },
      { k: 'b', v: 2 },
    ]);
    await connection.close();
  });

  test('[E2] a server that is killed in the middle of epochs loses and doubles nothing', async () => {
    const connection = await open('postgres', { profile: undefined, workspace });
    const settings = settingsOf({ mode: 'insert' });
    const writer = await openSink(connection, settings);
    await writer.take(undefined, owner(0));
    for (let epoch = 1; epoch <= 12; epoch++) {
      const rows = outbox(...Array.from({ length: 20 }, (_, i) => ({ k: `e${epoch}`, v: epoch * 100 + i })));
      const pushed = pushAsTheRunnerDoes(writer, owner(epoch - 1), epoch, rows);
      if (epoch % 4 === 0) process.kill((await embeddedAddress(workspace, { idleMs: 2_000, startMs: 60_000 })).pid, 'SIGKILL');
      await pushed;
    }
    pid = (await embeddedAddress(workspace, { idleMs: 2_000, startMs: 60_000 })).pid;
    const written = (await contents(connection, settings.table, 'v')).map((row) => (row as { v: number }).v);
    expect(written).toEqual(Array.from({ length: 12 * 20 }, (_, i) => (Math.floor(i / 20) + 1) * 100 + (i % 20)));
    await connection.close();
  });

  test('who does not know the password of the workspace is not let in', async () => {
    const { port } = await embeddedAddress(workspace);
    const stranger = await open('postgres', {
      profile: {
        service: 'postgres',
        target: `127.0.0.1:${port}/postgres`,
        host: '127.0.0.1',
        port,
        database: 'postgres',
        user: 'postgres',
        password: new Secret('guess'),
        tls: undefined,
      },
      workspace,
    });
    await expect(listTables(stranger)).rejects.toMatchObject({ kind: 'fatal', code: 'postgres_denied' });
    await stranger.close();
  });

  test('it ends by itself after its last connection, and comes back with the next', async () => {
    const own = mkdtempSync(join(tmpdir(), 'telemetra-pg-'));
    const times = { idleMs: 200, startMs: 60_000 };
    const first = await embeddedAddress(own, times);
    await expect.poll(() => isAlive(first.pid), { timeout: 20_000, interval: 20 }).toBe(false);
    const starts = await Promise.all([1, 2, 3].map(() => embeddedAddress(own, times)));
    expect(new Set(starts.map((address) => address.pid)).size).toBe(1);
    expect(starts[0]!.pid).not.toBe(first.pid);
    await stopEmbeddedPostgres(own);
    rmSync(own, { recursive: true });
  });

  test('a client that dies inside a transaction leaves nothing behind and holds nobody up', async () => {
    const [dying, other] = [
      await open('postgres', { profile: undefined, workspace }),
      await open('postgres', { profile: undefined, workspace }),
    ];
    const table = freshTable();
    await other.use((session) => session.query(`CREATE TABLE "${table}" (n int)`));
    await expect(
      dying.use(async (session) => {
        await session.query('BEGIN');
        await session.query(`INSERT INTO "${table}" VALUES (1)`);
        throw new Error('dies');
      }),
    ).rejects.toThrow('dies');
    const { rows } = await other.use((session) => session.query(`SELECT count(*) AS n FROM "${table}"`));
    expect(rows).toEqual([{ n: '0' }]);
    await Promise.all([dying.close(), other.close()]);
  });

  test('many clients at once, some failing inside their transaction, do not disturb each other', async () => {
    const connections = await Promise.all(Array.from({ length: 6 }, () => open('postgres', { profile: undefined, workspace })));
    const table = freshTable();
    await connections[0]!.use((session) => session.query(`CREATE TABLE "${table}" (who int, n int)`));
    await Promise.all(
      connections.map(async (connection, who) => {
        for (let n = 0; n < 30; n++) {
          const echo = await connection.use((session) => session.query('SELECT $1::text AS x', [`${who} ${n}`]));
          expect(echo.rows).toEqual([{ x: `${who} ${n}` }]);
          const write = connection.transaction(async (session) => {
            await session.query(`INSERT INTO "${table}" VALUES ($1, $2)`, [who, n]);
            if (n % 3 === 0) await session.query('SELECT 1 / ($1::int - $1::int)', [n]);
          });
          if (n % 3 === 0) await expect(write).rejects.toThrow('division by zero');
          else await write;
        }
      }),
    );
    const { rows } = await connections[0]!.use((session) =>
      session.query(`SELECT who, count(*) AS n FROM "${table}" GROUP BY who ORDER BY who`),
    );
    expect(rows).toEqual(connections.map((_, who) => ({ who: String(who), n: '20' })));
    await Promise.all(connections.map((connection) => connection.close()));
  });
});

if (running === undefined) missingService('PostgreSQL');
else {
  describe('real PostgreSQL', () => {
    suite(
      () => open('postgres', { profile: profileOf(), workspace: tmpdir() }),
      async () => {},
    );

    test('[E2] connections cut before and after COMMIT was applied lose and double nothing', async () => {
      const proxy = await faultProxy(running);
      const connection = await open('postgres', { profile: profileOf({ port: proxy.port }), workspace: tmpdir() });
      const settings = settingsOf({ mode: 'insert' });
      const writer = await openSink(connection, settings);
      await writer.take(undefined, owner(0));
      const verdicts = ['cut', 'cut-after'] as const;
      let faults = 0;
      for (let epoch = 1; epoch <= 20; epoch++) {
        let verdict: (typeof verdicts)[number] | 'pass' = verdicts[epoch % 2]!;
        proxy.onRequest = (bytes) => {
          if (!bytes.includes('COMMIT') || verdict === 'pass') return 'pass';
          const now = verdict;
          verdict = 'pass';
          return now;
        };
        faults += await pushAsTheRunnerDoes(writer, owner(epoch - 1), epoch, outbox({ k: `e${epoch}`, v: epoch }));
      }
      expect(faults).toBe(20);
      expect((await contents(connection, settings.table, 'v')).map((row) => (row as { v: number }).v)).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
      await connection.close();
      await proxy.close();
    });

    test('[E10] sessions that the server ends are replaced', async () => {
      const connection = await open('postgres', { profile: profileOf(), workspace: tmpdir() });
      const admin = await open('postgres', { profile: profileOf(), workspace: tmpdir() });
      const settings = settingsOf({ mode: 'insert' });
      const writer = await openSink(connection, settings);
      await writer.take(undefined, owner(0));
      for (let epoch = 1; epoch <= 3; epoch++) {
        const { rows } = await connection.use((session) => session.query('SELECT pg_backend_pid() AS pid'));
        await admin.use((session) => session.query('SELECT pg_terminate_backend($1)', [rows[0]!['pid']]));
        await pushAsTheRunnerDoes(writer, owner(epoch - 1), epoch, outbox({ k: 'a', v: epoch }));
      }
      expect((await contents(connection, settings.table, 'v')).length).toBe(3);
      await connection.close();
      await admin.close();
    });

    test('[E10] a server that refuses connections is tried again', async () => {
      const proxy = await faultProxy(running);
      proxy.refuse = true;
      const connection = await open('postgres', { profile: profileOf({ port: proxy.port }), workspace: tmpdir() });
      await expect(openSink(connection, settingsOf({}))).rejects.toMatchObject({ kind: 'retry', code: 'postgres_unreachable' });
      proxy.refuse = false;
      await expect(openSink(connection, settingsOf({}))).resolves.toBeDefined();
      await connection.close();
      await proxy.close();
    });

    test('[E10] a server that is silent is given up after the time-out', async () => {
      const proxy = await faultProxy(running);
      const connection = await open('postgres', {
        profile: profileOf({ port: proxy.port }),
        workspace: tmpdir(),
        timeouts: { connectMs: 20_000, statementMs: 4_000, answerMs: 4_500 },
      });
      const writer = await openSink(connection, settingsOf({}));
      proxy.onAnswer = () => 'drop';
      await expect(writer.take(undefined, owner(0))).rejects.toMatchObject({ kind: 'retry', code: 'postgres_unreachable' });
      await connection.close();
      await proxy.close();
    });

    test('[E10] a wrong password, an unknown database', async () => {
      const wrong = await open('postgres', { profile: profileOf({ plain: 'not it' }), workspace: tmpdir() });
      await expect(openSink(wrong, settingsOf({}))).rejects.toMatchObject({
        kind: 'fatal',
        code: 'postgres_denied',
        mend: expect.stringContaining('POSTGRES_PASSWORD'),
      });
      const nowhere = await open('postgres', { profile: profileOf({ database: 'nowhere' }), workspace: tmpdir() });
      await expect(openSink(nowhere, settingsOf({}))).rejects.toMatchObject({ kind: 'fatal', code: 'postgres_no_database' });
    });

    describe('users with fewer rights', () => {
      let admin: PostgresConnection;
      const database = `rights_${process.pid}`;
      const as = (user: string): Promise<PostgresConnection> =>
        open('postgres', { profile: profileOf({ user, plain: 'secret', database }), workspace: tmpdir() });
      const run = (sql: string): Promise<unknown> => admin.use((session) => session.query(sql));
      const users = ['reader', 'limited', 'frozen'].map((user) => `${user}_${process.pid}`);
      const [reader, limited, frozen] = users as [string, string, string];

      beforeAll(async () => {
        const root = await open('postgres', { profile: profileOf(), workspace: tmpdir() });
        await root.use((session) => session.query(`CREATE DATABASE ${database}`));
        for (const user of users) await root.use((session) => session.query(`CREATE ROLE ${user} LOGIN PASSWORD 'secret'`));
        await root.use((session) => session.query(`ALTER ROLE ${frozen} SET default_transaction_read_only = on`));
        await root.close();
        admin = await open('postgres', { profile: profileOf({ database }), workspace: tmpdir() });
        await run('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
        await run('CREATE TABLE moments (k text PRIMARY KEY, v bigint)');
        await run(`GRANT SELECT ON moments TO ${reader}`);
        await run(`GRANT SELECT, INSERT, UPDATE ON moments TO ${limited}, ${frozen}`);
      });
      afterAll(async () => {
        await admin.close();
        const root = await open('postgres', { profile: profileOf(), workspace: tmpdir() });
        await root.use((session) => session.query(`DROP DATABASE ${database} WITH (FORCE)`));
        for (const user of users) await root.use((session) => session.query(`DROP ROLE ${user}`));
        await root.close();
      });

      test('[E10] a user who may only read is told what to grant', async () => {
        const connection = await as(reader);
        await expect(openSink(connection, settingsOf({ table: 'moments' }))).rejects.toMatchObject({
          kind: 'fatal',
          code: 'postgres_no_rights',
          mend: expect.stringMatching(/GRANT INSERT, UPDATE ON "moments" TO "reader_\d+"/),
        });
        await connection.close();
      });

      test('[E10] a table that may not be created', async () => {
        const connection = await as(limited);
        await expect(openSink(connection, settingsOf({ table: 'other' }))).rejects.toMatchObject({
          kind: 'fatal',
          code: 'postgres_no_rights',
        });
        await connection.close();
      });

      test('[E10] a read-only session', async () => {
        const connection = await as(frozen);
        await expect(openSink(connection, settingsOf({ table: 'moments' }))).rejects.toMatchObject({
          kind: 'fatal',
          code: 'postgres_read_only',
        });
        await connection.close();
      });

      test('[E5] without a fence table the badge says so: idempotent with a key, at-least-once without', async () => {
        const connection = await as(limited);
        const lines: string[] = [];
        const report = (line: string): void => void lines.push(line);
        const keyed = await openSink(connection, settingsOf({ table: 'moments' }), { report });
        expect(keyed.guarantee.level).toBe('idempotent');
        expect(lines.join()).toMatch(/CREATE TABLE IF NOT EXISTS telemetra_fence .*GRANT SELECT, INSERT, UPDATE/);
        expect(await keyed.fence()).toBeUndefined();
        await keyed.take(undefined, owner(0));
        for (let i = 0; i < 2; i++) await keyed.push(owner(0), 1, outbox({ k: 'a', v: 1 }));
        expect(await contents(admin, 'moments')).toEqual([{ k: 'a', v: 1 }]);
        const plain = await openSink(connection, settingsOf({ table: 'moments', mode: 'insert' }));
        expect(plain.guarantee.level).toBe('at-least-once');
        await connection.close();
      });
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // a zombie that nobody has waited for is dead
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
