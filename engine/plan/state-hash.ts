import type { AnyDefinition, Reads } from '../model/definition.ts';
import { hashValue } from '../model/hash.ts';
import type { Schema } from '../model/schema.ts';
import type { Needs } from './needed-columns.ts';

/** A node whose result depends on more than the row before it. Sources and sinks always keep positions and outboxes. */
export function isStateful(definition: AnyDefinition): boolean {
  return definition.role !== 'operator' || definition.stateKeys.length > 0 || definition.holdsRows !== undefined;
}

/**
 * [E8] Identity of stored state: kind, version, the settings that decide it, and the columns in it: those that the node
 * reads, and those that it passes on when it holds whole rows. A sink holds encoded rows, which no longer depend on columns.
 */
export function stateHash(
  definition: AnyDefinition,
  settings: unknown,
  inputs: readonly Schema[],
  reads: readonly Reads[],
  needs: readonly Needs[],
): string {
  const values = settings as Readonly<Record<string, unknown>>;
  return hashValue({
    kind: definition.kind,
    version: definition.version,
    settings: Object.fromEntries(definition.stateKeys.map((key) => [key, values[key]])),
    columns: definition.role === 'operator' && isStateful(definition) ? columns(definition, settings, inputs, reads, needs) : [],
  });
}

/** "name type" of the columns in the state, per input; their order in the schema does not matter. */
function columns(
  definition: AnyDefinition,
  settings: unknown,
  inputs: readonly Schema[],
  reads: readonly Reads[],
  needs: readonly Needs[],
): readonly (readonly string[])[] {
  const whole = definition.holdsRows?.(settings as never, inputs) ?? definition.passes;
  return inputs.map((schema, index) =>
    schema.fields
      .filter(({ name }) => (whole ? needs[index]!.has(name) : reads[index]?.[name] !== undefined))
      .map(({ name, type }) => `${name} ${type}`)
      .sort(),
  );
}
