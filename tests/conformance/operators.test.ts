import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadParser } from '../../engine/expression/expression.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { OperatorModule } from '../../engine/stream/operator.ts';
import { catalog } from '../../nodes/catalog.ts';
import { loadKind } from '../../nodes/runtime.ts';
import { hostilePartitions } from './support/hostile-rows.ts';
import { runOperator, type Input, type RunResult } from './support/operator-run.ts';
import { SECOND_US, ways, waysToOptions } from './support/random-rows.ts';
import type { JsonRow } from './support/row-batch.ts';

await loadParser();
const operators = catalog.filter((definition) => definition.role === 'operator');

/** Final rows of each port and dead letters, without the order in which partitions happened to be read. */
function finalRows(definition: AnyDefinition, settings: unknown, inputs: readonly Input[], result: RunResult): unknown {
  const { outputs } = definition.infer(
    settings as never,
    inputs.map((input) => input.schema),
  );
  const ports = definition.ports(settings as never).outputs.map((port) => port.name);
  const final = ports.filter((_, i) => outputs![i]!.mode.kind === 'append');
  const text = (port: string) => (row: JsonRow, i: number) => JSON.stringify([row, result.times[port]![i]]);
  return {
    rows: Object.fromEntries(final.map((port) => [port, result.rows[port]!.map(text(port)).toSorted()])),
    dead: result.dead.map(({ code, sentence }) => `${code}: ${sentence}`).toSorted(),
    ledger: result.ledger,
  };
}

describe.each(operators.map((definition) => [definition.kind, definition] as const))('%s', (kind, definition) => {
  const module = async (): Promise<OperatorModule<never>> => (await loadKind(kind, 'operator')).operator as OperatorModule<never>;

  test.each(definition.examples.map((example) => [example.title, example] as const))('example: %s', async (_title, example) => {
    const inputs = example.inputs.map(({ schema, rows }) => ({ schema, partitions: [rows] }));
    for (const options of [
      {},
      { batchSize: 1, barrierEvery: 1, restore: true, spread: true },
      { textAs: 'dictionary' as const, batchSize: 2 },
    ]) {
      const { rows, ledger } = runOperator(definition, await module(), example.settings, inputs, options);
      expect(Object.fromEntries(Object.keys(example.outputs).map((port) => [port, rows[port]]))).toEqual(example.outputs);
      expect(ledger.held).toBe(0);
    }
  });

  test.each(definition.examples.map((example) => [example.title, example] as const))(
    '[D1] [E6] hostile rows, any batches, epochs, restores, interleaving: the same final rows, one fate each (%s)',
    async (_title, example) => {
      const operator = await module();
      const schemas = example.inputs.map((input) => input.schema);
      const windowed = schemas.some((schema) => schema.fields.some(({ name }) => name === 'window_end'));
      fc.assert(
        fc.property(
          fc.tuple(...schemas.map((schema) => hostilePartitions(schema))),
          ways,
          fc.constantFrom(0, 20 * SECOND_US),
          (partitions, way, lateness) => {
            const inputs = schemas.map((schema, i) => ({ schema, partitions: partitions[i]! }));
            const latenessUs = windowed ? 0 : lateness;
            const straight = runOperator(definition, operator, example.settings, inputs, { latenessUs });
            const { in: taken, used, filtered, late, dead, held } = straight.ledger;
            expect(taken).toBe(partitions.flat(2).length);
            expect([taken, held, dead]).toEqual([used + filtered + late + dead, 0, straight.dead.length]);
            expect(Math.min(used, filtered, late, dead)).toBeGreaterThanOrEqual(0);
            for (const { code, sentence } of straight.dead) {
              expect(code).toMatch(/^[a-z][a-z_]*$/);
              expect(sentence.length).toBeGreaterThan(10);
            }
            const other = runOperator(definition, operator, example.settings, inputs, { latenessUs, ...waysToOptions(way) });
            expect(finalRows(definition, example.settings, inputs, other)).toEqual(
              finalRows(definition, example.settings, inputs, straight),
            );
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  test.each(definition.examples.map((example) => [example.title, example] as const))(
    '[V3] texts of a megabyte, lists of 10,000 elements: used, filtered or a dead letter (%s)',
    async (_title, example) => {
      const inputs = example.inputs.map(({ schema, rows }) => {
        const large = (name: string): unknown => {
          const type = schema.fields.find((field) => field.name === name)?.type;
          return type === 'text'
            ? 'ü'.repeat(1 << 19)
            : type === 'text[]'
              ? Array.from({ length: 10_000 }, (_, i) => `e${i}`)
              : undefined;
        };
        const enlarged = rows.map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, large(name) ?? value])),
        );
        return { schema, partitions: [enlarged] };
      });
      const { ledger, dead } = runOperator(definition, await module(), example.settings, inputs, {
        batchSize: 2,
        barrierEvery: 1,
        restore: true,
      });
      expect(ledger).toMatchObject({ held: 0, dead: dead.length, in: inputs.flatMap((input) => input.partitions.flat()).length });
      expect(ledger.in).toBe(ledger.used + ledger.filtered + ledger.late + ledger.dead);
    },
  );

  test.each(definition.examples.map((example) => [example.title, example] as const))(
    '[E1] only changed pieces are written: a barrier without new rows writes nothing (%s)',
    async (_title, example) => {
      const inputs = example.inputs.map(({ schema, rows }) => ({ schema, partitions: [rows] }));
      const { quietPieces } = runOperator(definition, await module(), example.settings, inputs, { barrierEvery: 1, open: true });
      expect(quietPieces).toEqual([]);
    },
  );
});
