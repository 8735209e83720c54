import type { AnyDefinition, LocalProblem, Reads } from '../model/definition.ts';
import type { PipelineNode } from '../model/pipeline.ts';
import type { Schema } from '../model/schema.ts';
import { checkSettings, type CheckedSettings } from './check-settings.ts';

export interface Inferred {
  readonly outputs: readonly Schema[] | undefined;
  readonly problems: readonly LocalProblem[];
}

interface Remembered {
  readonly definition: AnyDefinition;
  /** of the node's settings */
  readonly text: string;
  readonly checked: CheckedSettings;
  inputs: readonly (Schema | undefined)[] | undefined;
  inferred: Inferred | undefined;
  reads: readonly Reads[] | undefined;
}

/**
 * What earlier compilations found out about nodes, for whoever compiles at every keystroke: a node is judged again only
 * when its settings or the schemas before it are others. It never changes a result, definitions are pure.
 */
export class CompileMemory {
  readonly #nodes = new Map<string, Remembered>();

  settings(definition: AnyDefinition, node: PipelineNode): CheckedSettings {
    const text = `${node.version ?? 1} ${JSON.stringify(node.settings)}`;
    const known = this.#nodes.get(node.id);
    if (known !== undefined && known.definition === definition && known.text === text) return known.checked;
    const checked = checkSettings(definition, node);
    this.#nodes.set(node.id, { definition, text, checked, inputs: undefined, inferred: undefined, reads: undefined });
    return checked;
  }

  /** Only after settings() has found this node's settings right. */
  infer(id: string, inputs: readonly (Schema | undefined)[]): Inferred {
    const node = this.#nodes.get(id)!;
    const same =
      node.inputs !== undefined && node.inputs.length === inputs.length && node.inputs.every((own, i) => own === inputs[i]);
    if (same && node.inferred !== undefined) return node.inferred;
    node.inputs = inputs;
    node.reads = undefined;
    node.inferred = node.definition.infer(node.checked.settings as never, inputs);
    return node.inferred;
  }

  /** Only after infer() of the same inputs gave outputs. */
  reads(id: string): readonly Reads[] {
    const node = this.#nodes.get(id)!;
    node.reads ??=
      node.inputs!.length === 0 ? [] : node.definition.reads(node.checked.settings as never, node.inputs as readonly Schema[]);
    return node.reads;
  }

  /** Nodes that are gone are forgotten. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#nodes.keys()) if (!ids.has(id)) this.#nodes.delete(id);
  }
}
