import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingService, runningService } from '../support/services.ts';
import { scratch } from '../support/telemetra.ts';
import { commandLine as telemetra, type Said } from './command-line.ts';
import { chain, FILE_SOURCE, INPUT, MINUTE } from './small-pipeline.ts';

const service = runningService('postgres');
const CANARY = 'canary-8e21c4';
const suffix = `${process.pid}_${Math.trunc(performance.timeOrigin)}`;
const [reader, visitor, writer] = ['reader', 'visitor', 'writer'].map((role) => `cli_${role}_${suffix}`) as [
  string,
  string,
  string,
];

if (service === undefined) missingService('PostgreSQL');
else
  describe('PostgreSQL behind the command line', () => {
    const dir = scratch('cli-services');
    const client = new Client({ ...service });
    const schema = `cli_${suffix}`;
    beforeAll(async () => {
      await client.connect();
      await client.query(`CREATE SCHEMA ${schema}`);
      for (const role of [reader, visitor, writer]) await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${CANARY}'`);
      await client.query(
        `GRANT ALL ON SCHEMA ${schema} TO ${reader}, ${writer}; GRANT USAGE ON SCHEMA ${schema} TO ${visitor}; ALTER ROLE ${reader} SET default_transaction_read_only = on`,
      );
      for (const role of [reader, visitor, writer]) await client.query(`ALTER ROLE ${role} SET search_path = ${schema}`);
    });
    afterAll(async () => {
      await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      for (const role of [reader, visitor, writer]) await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      await client.end();
      dir.remove();
    });

    let places = 0;
    async function run(user: string, env: Readonly<Record<string, string>> = {}, table = 'counts'): Promise<Said & { at: string }> {
      const at = join(dir.path, String(++places));
      mkdirSync(at);
      writeFileSync(join(at, 'in.jsonl'), INPUT);
      const sink = { id: 'rows', kind: 'postgres-sink', settings: { table, key: ['who', 'window_start', 'window_end'] } };
      const pipeline = chain(at, [FILE_SOURCE, MINUTE, sink], 'p.json', randomUUID());
      const said = await telemetra(['run', pipeline, '--bounded', '--workspace', join(at, 'w'), '--log', 'pretty'], {
        POSTGRES_HOST: service!.host,
        POSTGRES_PORT: String(service!.port),
        POSTGRES_DB: service!.database!,
        POSTGRES_USER: user,
        POSTGRES_PASSWORD: CANARY,
        ...env,
      });
      expect(`${said.stdout}${said.stderr}`).not.toMatch(/\n\s+at |defect/);
      expect(`${said.stdout}${said.stderr}`).not.toContain(CANARY);
      const holding = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter(
        (name) => name !== 'password' && statSync(join(at, name)).isFile() && readFileSync(join(at, name)).includes(CANARY),
      );
      expect(holding).toEqual([]);
      return { ...said, at };
    }

    test('the password from the environment or a file: rows arrive, and the password is nowhere', async () => {
      const { code, stderr } = await run(writer);
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(
          new RegExp(
            `^postgres → ${service!.host}:${service!.port}/${service!.database}\\n[^]*completed: 5 events read, 3 rows written`,
          ),
        ),
      ]);
      const { rows } = await client.query(`SELECT who, c::int FROM ${schema}.counts ORDER BY window_start, who`);
      expect(rows).toEqual([
        { who: 'ann', c: 1 },
        { who: 'bob', c: 1 },
        { who: 'bob', c: 1 },
      ]);
      const file = join(dir.path, 'password');
      writeFileSync(file, `${CANARY}\n`);
      expect(await run(writer, { POSTGRES_PASSWORD: '', POSTGRES_PASSWORD_FILE: file }, 'by_file')).toMatchObject({ code: 0 });
    });

    test('[E10] wrong password (1)', async () => {
      const { code, stderr } = await run(writer, { POSTGRES_PASSWORD: 'wrong-1f2e' });
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(
          /^PostgreSQL \(\S+\) does not let the user in: .*\.\n {2}Correct POSTGRES_USER and POSTGRES_PASSWORD/m,
        ),
      ]);
      expect(stderr).not.toContain('wrong-1f2e');
    });

    test('[E10] a database that is not there (1)', async () => {
      const { code, stderr } = await run(writer, { POSTGRES_DB: 'nowhere' });
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/database "nowhere" does not exist\.\n {2}Create the database or correct POSTGRES_DB\./),
      ]);
    });

    test('[E10] a read-only role (1)', async () => {
      const { code, stderr } = await run(reader, {}, 'by_reader');
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(
          /^PostgreSQL \(\S+\) is read-only, so nothing can be written .*\n {2}Connect to the primary server, or run ALTER ROLE/m,
        ),
      ]);
    });

    test('[E10] no rights (1)', async () => {
      const { code, stderr } = await run(visitor, {}, 'by_visitor');
      expect([code, stderr]).toEqual([1, expect.stringMatching(/lacks rights while .*\n {2}Grant /)]);
    });

    test('a table whose types do not fit (1), nothing written', async () => {
      await client.query(`CREATE TABLE ${schema}.misfit (who int, window_start timestamptz, window_end timestamptz, c text, PRIMARY KEY (who, window_start, window_end));
        GRANT ALL ON ${schema}.misfit TO ${writer}`);
      const { code, stderr } = await run(writer, {}, 'misfit');
      expect([code, stderr]).toEqual([1, expect.stringMatching(/misfit.*who/)]);
      expect((await client.query(`SELECT * FROM ${schema}.misfit`)).rows).toEqual([]);
    });
  });
