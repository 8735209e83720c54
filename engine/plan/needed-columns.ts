import type { PhysicalField } from '../model/batch.ts';
import type { Reads } from '../model/definition.ts';
import { physicalForm } from '../model/physical-form.ts';
import type { Schema } from '../model/schema.ts';

/** Columns that are read, and how: `dictionary` as soon as one reader groups, compares or counts. */
export type Needs = ReadonlyMap<string, 'dictionary' | 'any'>;

export interface NeedsNode {
  readonly id: string;
  readonly passes: boolean;
  /** per input */
  readonly reads: readonly Reads[];
  readonly inputs: readonly Schema[];
  readonly outputs: readonly Schema[];
  readonly feeds: readonly { readonly node: string; readonly port: number }[];
}

/**
 * [V4] What each node's outputs must carry, backward from the readers. `nodes` stand in topological order.
 * A column that a node passes through is needed by it as its own readers need it; one that a node makes anew under the
 * name of an input column is asked for upstream too, which costs a column and never a value.
 */
export function neededColumns(nodes: readonly NeedsNode[]): {
  /** node → per output port */
  readonly outputs: ReadonlyMap<string, readonly Needs[]>;
  /** node → per input port: what it reads and what it passes */
  readonly inputs: ReadonlyMap<string, readonly Needs[]>;
} {
  const outputs = new Map(nodes.map((node) => [node.id, node.outputs.map(() => new Map<string, 'dictionary' | 'any'>())]));
  const inputs = new Map<string, readonly Needs[]>();
  for (const node of nodes.toReversed()) {
    const needs = node.inputs.map((schema, index) => {
      const need = new Map<string, 'dictionary' | 'any'>();
      for (const [column, how] of Object.entries(node.reads[index] ?? {})) ask(need, schema, column, how);
      if (node.passes) {
        for (const port of outputs.get(node.id)!) for (const [column, how] of port) ask(need, schema, column, how);
      }
      return need;
    });
    inputs.set(node.id, needs);
    node.feeds.forEach((feed, index) => {
      const port = outputs.get(feed.node)![feed.port]!;
      for (const [column, how] of needs[index]!) if (port.get(column) !== 'dictionary') port.set(column, how);
    });
  }
  return { outputs, inputs };
}

/** The needed columns of a schema as they travel, in schema order. */
export function physicalFields(schema: Schema, needs: Needs): readonly PhysicalField[] {
  return schema.fields.flatMap((field) => {
    const need = needs.get(field.name);
    return need === undefined ? [] : [{ ...field, as: physicalForm(field.type, need === 'dictionary' ? 'dictionary' : 'bytes') }];
  });
}

function ask(need: Map<string, 'dictionary' | 'any'>, schema: Schema, column: string, how: 'dictionary' | 'any'): void {
  if (need.get(column) !== 'dictionary' && schema.fields.some((field) => field.name === column)) need.set(column, how);
}
