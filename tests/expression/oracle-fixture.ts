import { PGlite } from '@electric-sql/pglite';
import type { PhysicalField } from '../../engine/model/batch.ts';
import type { Schema } from '../../engine/model/schema.ts';
import { batchOf, columnOf } from '../../engine/expression/column-fixture.ts';
import { analyse, compile, FailedRows, sqlOf, type Typed } from '../../engine/expression/expression.ts';
import { constantSql } from '../../engine/expression/sql-text.ts';
import type { Node, Value } from '../../engine/expression/typed.ts';
import { textOf } from '../../engine/expression/value-text.ts';
import { sqlType } from '../../engine/expression/coercion.ts';
import { vectorOf, TruthColumn, valueAt } from '../../engine/expression/vector.ts';

const DAY = 86_400_000_000;

export const FIELDS: readonly PhysicalField[] = [
  { name: 'i', type: 'integer', nullable: true, as: 'number' },
  { name: 'k', type: 'integer', nullable: false, as: 'number' },
  { name: 'f', type: 'float', nullable: true, as: 'number' },
  { name: 'g', type: 'float', nullable: false, as: 'number' },
  { name: 'd', type: 'decimal(2)', nullable: true, as: 'number' },
  { name: 'e', type: 'decimal(1)', nullable: false, as: 'number' },
  { name: 't', type: 'text', nullable: true, as: 'dictionary' },
  { name: 'u', type: 'text', nullable: false, as: 'bytes' },
  { name: 'v', type: 'text', nullable: true, as: 'dictionary' },
  { name: 'b', type: 'boolean', nullable: true, as: 'boolean' },
  { name: 'c', type: 'boolean', nullable: false, as: 'boolean' },
  { name: 's', type: 'timestamp', nullable: true, as: 'number' },
  { name: 'r', type: 'timestamp', nullable: false, as: 'number' },
  { name: 'l', type: 'text[]', nullable: true, as: 'list' },
  { name: 'j', type: 'json', nullable: true, as: 'bytes' },
];

export const SCHEMA: Schema = { fields: FIELDS, mode: { kind: 'append' }, keys: [], window: undefined, timed: true };

const T0 = Date.UTC(2026, 8, 7, 7, 17, 12, 250) * 1000;

/** Row by row, in the order of FIELDS. */
export const ROWS: readonly (readonly Value[])[] = [
  [
    1,
    0,
    1.5,
    0,
    199,
    5,
    'abc',
    'Hello World',
    'b',
    true,
    true,
    T0,
    T0,
    ['a', 'b'],
    '{"a": 1, "b": [1, "x", null], "c": {"d": "é"}}',
  ],
  [
    0,
    3,
    -0.5,
    2.5,
    -250,
    -15,
    'ABC',
    '',
    'abc',
    false,
    false,
    T0 + 1,
    Date.UTC(2024, 1, 29) * 1000,
    [],
    '[1, 2.50, "three", {"k" : "v"}]',
  ],
  [null, 7, null, 1e-7, null, 0, null, 'a,b,,c', null, null, true, null, Date.UTC(1970, 0, 1) * 1000, null, null],
  [
    -7,
    2,
    1e15,
    3,
    10_050,
    105,
    'Àé ß Σς',
    'x\\y"z\n',
    'ß',
    true,
    false,
    Date.UTC(2000, 11, 31, 23, 59, 59) * 1000 + 999_999,
    Date.UTC(2100, 0, 31) * 1000,
    ['é', null, ''],
    '"text"',
  ],
  [
    42,
    -1,
    123_456.789,
    -2,
    5,
    1,
    '  pad ',
    'e😀f',
    'x',
    null,
    true,
    Date.UTC(1969, 6, 20, 20, 17, 40) * 1000,
    Date.UTC(1900, 0, 1) * 1000 + 1,
    ['😀', 'x', 'x'],
    'null',
  ],
  [
    12,
    12,
    0,
    0.1,
    0,
    -1,
    'a%b_c',
    'foo.bar.baz',
    'foo',
    false,
    true,
    T0 - 400 * DAY,
    T0 - 31 * DAY,
    [null],
    '{"a": null, "n": -0.0, "t": true, "s": "q\\u00e9\\n"}',
  ],
  [-1, 5, 2.5, 1e300, 99_999, 20, '\uE000', '😀', '\uFFFD', true, true, T0, T0, ['NULL', 'a,b', '"q"'], ' { "a" : [ ] } '],
  [1_000_003, 1, -2.5, -1e-300, -1, 7, '12', '3.5', '12', true, false, T0 + 3_600_000_000, T0, ['12'], '12'],
];

export interface Outcome {
  readonly value: string | null;
  readonly failure: string | undefined;
}

/** With the kernels, over the columns as given or with the text columns in their other representation. */
export function evaluateHere(typed: Typed, other: boolean, rows: readonly number[] = ROWS.map((_, i) => i)): Outcome[] {
  const layout = FIELDS.map((field): PhysicalField =>
    other && field.type === 'text' ? { ...field, as: field.as === 'bytes' ? 'dictionary' : 'bytes' } : field,
  );
  const columns = layout.map((field, i) =>
    columnOf(
      field,
      ROWS.map((row) => row[i]!),
      other,
    ),
  );
  const batch = batchOf(columns, ROWS.length, Int32Array.from(rows), rows.length);
  const failed = new FailedRows();
  failed.reset(ROWS.length);
  const column = compile(typed, layout).evaluate(batch, failed);
  const vector = vectorOf(column, batch.rows, batch.count, new TruthColumn(new Uint8Array(0)));
  return rows.map((row) => {
    if (failed.has(row)) return { value: null, failure: failed.codes[failed.rows.indexOf(row)]! };
    const value = valueAt(vector, row);
    return { value: value === null ? null : textOf(value, typed.type, true), failure: undefined };
  });
}

/** PostgreSQL in memory, with texts in C.UTF-8, over the same rows. */
export class Oracle {
  readonly #database: PGlite;
  private constructor(database: PGlite) {
    this.#database = database;
  }

  static async open(): Promise<Oracle> {
    const first = new PGlite();
    await first.query("UPDATE pg_database SET datlocprovider = 'b', datlocale = 'C.UTF-8' WHERE datname = 'postgres'");
    const files = await first.dumpDataDir('none');
    await first.close();
    const database = new PGlite({ loadDataDir: files });
    const columns = FIELDS.map(
      (field) => `${field.name} ${field.type.startsWith('decimal') ? `numeric(30, ${field.type.at(-2)})` : sqlType(field.type)}`,
    );
    await database.exec(`SET timezone = 'UTC'; CREATE TABLE rows (row int4, ${columns.join(', ')});
      CREATE FUNCTION attempt(expression text, wanted int4, OUT value text, OUT failure text) LANGUAGE plpgsql AS $$
      BEGIN EXECUTE format('SELECT (%s)::text FROM rows WHERE row = $1', expression) INTO value USING wanted;
      EXCEPTION WHEN OTHERS THEN failure := SQLSTATE || ' ' || SQLERRM; END $$;`);
    for (const [row, values] of ROWS.entries()) {
      await database.exec(
        `INSERT INTO rows VALUES (${row}, ${values.map((value, i) => constantSql(value, FIELDS[i]!.type)).join(', ')})`,
      );
    }
    return new Oracle(database);
  }

  /** All rows in one statement; only when that fails, row by row. */
  async evaluate(sql: string): Promise<Outcome[]> {
    try {
      const { rows } = await this.#database.query<{ value: string | null }>(
        `SELECT (${sql})::text AS value FROM rows ORDER BY row`,
      );
      return rows.map(({ value }) => ({ value, failure: undefined }));
    } catch {
      return this.#rowByRow(sql);
    }
  }

  async #rowByRow(sql: string): Promise<Outcome[]> {
    const { rows } = await this.#database.query<{ value: string | null; failure: string | null }>(
      'SELECT (o).value, (o).failure FROM (SELECT row, attempt($1, row) AS o FROM rows ORDER BY row OFFSET 0) a ORDER BY row',
      [sql],
    );
    return rows.map(({ value, failure }) => ({ value, failure: failure ?? undefined }));
  }

  async query(sql: string): Promise<readonly unknown[]> {
    return (await this.#database.query(sql)).rows;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

const STATES: Readonly<Record<string, readonly string[]>> = {
  division_by_zero: ['22012'],
  integer_out_of_range: ['22003'],
  decimal_out_of_range: ['22003'],
  float_overflow: ['22003'],
  float_underflow: ['22003'],
  invalid_argument: ['2201F', '2201E', '22023', '22011', '22004', '22008', '0A000'],
  invalid_integer: ['22P02'],
  invalid_float: ['22P02'],
  invalid_decimal: ['22P02'],
  invalid_boolean: ['22P02'],
  invalid_json: ['22P02'],
  invalid_array: ['22P02'],
  invalid_interval: ['22007'],
  invalid_timestamp: ['22007', '22008'],
  timestamp_out_of_range: ['22008'],
  interval_out_of_range: ['22008'],
  invalid_pattern: ['22025'],
};

/** Codes of bounds that are narrower than PostgreSQL's (X4). */
const BOUNDS = new Set(['integer_out_of_range', 'decimal_out_of_range', 'timestamp_out_of_range', 'interval_out_of_range']);

/**
 * A sentence for the first row on which both differ; `near`: floats within that relative bound;
 * `bounds: false`: rows that leave our narrower bounds are not compared.
 */
export async function difference(oracle: Oracle, text: string, { near = 0, bounds = true } = {}): Promise<string | undefined> {
  const analysis = analyse(text, SCHEMA);
  if (!analysis.ok) return `${text}\n  refused: ${JSON.stringify(analysis.problems)}`;
  const typed = analysis.expression;
  const sql = sqlOf(typed);
  const theirs = await oracle.evaluate(sql);
  for (const other of [false, true]) {
    const ours = evaluateHere(typed, other);
    for (let row = 0; row < ours.length; row++) {
      if (!bounds && BOUNDS.has(ours[row]!.failure ?? '')) continue;
      if (!agree(ours[row]!, theirs[row]!, near)) {
        return `${text}\n  as ${sql}\n  row ${row}: ours ${JSON.stringify(ours[row])}, PostgreSQL ${JSON.stringify(theirs[row])}${other ? ' (other representation)' : ''}`;
      }
      if (ours[row]!.value === null && ours[row]!.failure === undefined && !typed.nullable)
        return `${text}\n  is NULL in row ${row} but typed as never NULL`;
    }
  }
  return undefined;
}

function agree(ours: Outcome, theirs: Outcome, near: number): boolean {
  if (ours.failure !== undefined) return theirs.failure !== undefined && STATES[ours.failure]!.includes(theirs.failure.slice(0, 5));
  if (theirs.failure !== undefined) return false;
  if (ours.value === theirs.value) return true;
  if (near === 0 || ours.value === null || theirs.value === null) return false;
  const [a, b] = [Number(ours.value), Number(theirs.value)];
  return Math.abs(a - b) <= near * Math.max(Math.abs(a), Math.abs(b));
}

/** PostgreSQL computes constant parts when it plans, so their errors do not depend on rows; such expressions are not compared. */
export function hasConstantPart(node: Node): boolean {
  if (node.op === 'constant' || node.op === 'column') return false;
  const parts = Object.entries(node).flatMap(([name, value]) =>
    name === 'whens'
      ? (value as readonly { condition: Node; result: Node }[]).flatMap((when) => [when.condition, when.result])
      : Array.isArray(value) || isNode(value)
        ? [value].flat()
        : [],
  );
  const nodes = parts.filter(isNode);
  return nodes.every((part) => part.op === 'constant') || nodes.some(hasConstantPart);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value;
}
