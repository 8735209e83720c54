import type { AnyDefinition } from '../model/definition.ts';
import { hashValue } from '../model/hash.ts';
import type { PipelineDocument, PipelineNode } from '../model/pipeline.ts';
import { isError, type Problem } from '../model/problem.ts';
import type { Schema } from '../model/schema.ts';
import { must } from '../model/assert.ts';
import { checkEdges, edgeText, missingInputs, orderNodes, type Wire } from './check-edges.ts';
import { checkKeyKept, checkMode, checkUniqueKey, takesUpdates, type UpdatesOrigin } from './check-modes.ts';
import type { Ports } from './check-settings.ts';
import { CompileMemory } from './compile-memory.ts';
import { nearestName } from '../model/nearest-name.ts';
import { neededColumns, physicalFields } from './needed-columns.ts';
import type { Plan, Step } from './plan.ts';
import { duplicateIds } from './read-pipeline.ts';
import { stateHash } from './state-hash.ts';

export interface CompileOptions {
  /** connections that exist; left out: names are not checked */
  readonly connections?: readonly { readonly service: string; readonly name: string }[] | undefined;
  /** the same object at every call while a document is edited: only what changed is judged again */
  readonly memory?: CompileMemory | undefined;
}

export interface Compiled {
  /** present exactly when `problems` holds no error */
  readonly plan?: Plan | undefined;
  readonly problems: readonly Problem[];
  /** "node.port" → what that output carries, as far as it can be inferred, also when the pipeline cannot run */
  readonly schemas: ReadonlyMap<string, Schema>;
  /** node → its ports, where they are known */
  readonly ports: ReadonlyMap<string, Ports>;
  /** node → its settings with defaults filled in, where they are right */
  readonly settings: ReadonlyMap<string, unknown>;
  /** "node.port" of outputs that send updates → where the updates began (W4) */
  readonly updates: ReadonlyMap<string, UpdatesOrigin>;
}

/** A node whose settings hold, with what was inferred for it. */
interface Checked {
  readonly id: string;
  readonly definition: AnyDefinition;
  readonly settings: unknown;
  readonly ports: Ports;
  readonly wires: readonly (Wire | undefined)[];
  readonly inputs: readonly (Schema | undefined)[];
  readonly outputs: readonly Schema[] | undefined;
}

/** The document against the catalogue: a plan that can run, or every problem at once. Pure, and the same for CLI and app. */
export function compilePipeline(
  document: PipelineDocument,
  catalog: readonly AnyDefinition[],
  options: CompileOptions = {},
): Compiled {
  const duplicates = duplicateIds(document.nodes);
  if (duplicates.length > 0) {
    return { problems: duplicates, schemas: new Map(), ports: new Map(), settings: new Map(), updates: new Map() };
  }

  const compiler = new Compiler(document, catalog, options);
  const problems = compiler.check();
  return {
    plan: problems.some(isError) ? undefined : compiler.plan(),
    problems,
    schemas: compiler.schemas,
    ports: compiler.ports,
    settings: compiler.settings,
    updates: compiler.updates,
  };
}

class Compiler {
  readonly schemas = new Map<string, Schema>();
  readonly ports = new Map<string, Ports>();
  readonly settings = new Map<string, unknown>();
  readonly updates = new Map<string, UpdatesOrigin>();
  readonly #document: PipelineDocument;
  readonly #byKind: ReadonlyMap<string, AnyDefinition>;
  readonly #kinds: ReadonlyMap<string, string>;
  readonly #options: CompileOptions;
  readonly #memory: CompileMemory;
  readonly #checked = new Map<string, Checked>();
  readonly #problems: Problem[] = [];

  constructor(document: PipelineDocument, catalog: readonly AnyDefinition[], options: CompileOptions) {
    this.#document = document;
    this.#byKind = new Map(catalog.map((definition) => [definition.kind, definition]));
    this.#kinds = new Map(document.nodes.map((node) => [node.id, node.kind]));
    this.#options = options;
    this.#memory = options.memory ?? new CompileMemory();
    this.#memory.keepOnly(new Set(document.nodes.map((node) => node.id)));
  }

  /** Every problem: of nodes in the order of the file, then of edges, then in the order of computation. */
  check(): readonly Problem[] {
    const { nodes } = this.#document;
    const connected = new Set(this.#document.edges.flatMap((edge) => [nodeOf(edge.from), nodeOf(edge.to)]));
    for (const node of nodes) this.#checkNode(node, connected.has(node.id));
    if (!nodes.some((node) => connected.has(node.id))) {
      this.#problems.push({
        code: 'nothing_to_run',
        severity: 'error',
        message: nodes.length === 0 ? 'The pipeline has no nodes.' : 'No node of the pipeline is connected to another.',
        mend: 'Connect a source to a sink.',
      });
    }
    const wiring = checkEdges(this.#document, this.ports);
    this.#problems.push(...wiring.problems);
    const { order, problems } = orderNodes(
      nodes.map((node) => node.id),
      wiring.inputs,
    );
    this.#problems.push(...problems);
    for (const id of order) {
      if (connected.has(id)) this.#infer(id, wiring.inputs.get(id) ?? [], wiring.broken.has(id));
      else this.#inferAlone(id);
    }
    return this.#problems;
  }

  #definition(id: string): AnyDefinition | undefined {
    const kind = this.#kinds.get(id);
    return kind === undefined ? undefined : this.#byKind.get(kind);
  }

  #checkNode(node: PipelineNode, connected: boolean): void {
    // what does not run cannot stop the rest from running
    const severity = connected ? 'error' : 'warning';
    if (!connected) {
      this.#problems.push({
        code: 'unconnected',
        severity,
        node: node.id,
        message: `"${node.id}" is not connected to anything and is left out.`,
        mend: 'Connect it, or remove it.',
      });
    }
    const definition = this.#byKind.get(node.kind);
    if (definition === undefined) {
      const near = nearestName(node.kind, this.#byKind.keys());
      this.#problems.push({
        code: 'unknown_kind',
        severity,
        node: node.id,
        message: `"${node.id}" is of the kind "${node.kind}", which this Telemetra does not know.`,
        mend: near === undefined ? 'Remove the node, or open the file with a newer Telemetra.' : `Write "${near}".`,
      });
      return;
    }
    const checked = this.#memory.settings(definition, node);
    this.#problems.push(...checked.problems.map((problem) => ({ ...problem, severity }) as Problem));
    if (checked.ports !== undefined) this.ports.set(node.id, checked.ports);
    if (checked.settings === undefined) return;
    this.settings.set(node.id, checked.settings);
    this.#checkConnection(definition, checked.settings, node.id, severity);
  }

  #checkConnection(definition: AnyDefinition, settings: unknown, node: string, severity: Problem['severity']): void {
    const wanted = definition.connection?.(settings as never);
    const known = this.#options.connections;
    if (wanted === undefined || known === undefined) return;
    const names = known.filter((own) => own.service === wanted.service).map((own) => own.name);
    if (names.includes(wanted.name)) return;
    const near = nearestName(wanted.name, names) ?? (names.length === 1 ? names[0] : undefined);
    this.#problems.push({
      code: 'unknown_connection',
      severity,
      node,
      field: 'connection',
      message:
        `"${node}" uses the ${wanted.service} connection "${wanted.name}", which is not set up; ` +
        (names.length === 0 ? `there is no ${wanted.service} connection.` : `known: ${names.join(', ')}.`),
      mend:
        near === undefined ? `Set up a ${wanted.service} connection of this name.` : `Write "${near}", or set the other one up.`,
    });
  }

  #infer(id: string, wires: readonly (Wire | undefined)[], broken: boolean): void {
    const definition = this.#definition(id);
    const ports = this.ports.get(id);
    if (definition === undefined || ports === undefined) return;
    if (!broken) this.#problems.push(...missingInputs(id, ports, wires));
    if (!this.settings.has(id)) return;
    const settings = this.settings.get(id);
    const inputs = ports.inputs.map((_, index) => {
      const wire = wires[index];
      return wire && this.#checked.get(wire.node)?.outputs?.[wire.port];
    });
    const inferred = this.#memory.infer(id, inputs);
    const sound = !inferred.problems.some(isError);
    // a sink whose own settings are wrong says so itself; its key cannot be judged yet
    const fits =
      !sound && definition.role === 'sink' && takesUpdates(definition)
        ? false
        : this.#checkModes(definition, settings, id, wires, inputs);
    this.#problems.push(...inferred.problems.map((problem) => ({ ...problem, node: id })));
    const outputs = fits && sound ? inferred.outputs : undefined;
    this.#checked.set(id, { id, definition, settings, ports, wires, inputs, outputs });
    outputs?.forEach((schema, index) => this.#addOutput(id, ports, index, schema, outputs, wires));
    this.#checkUse(id, definition, ports);
  }

  /** A node beside the pipeline: shown as far as it is known, never a reason not to run. */
  #inferAlone(id: string): void {
    const ports = this.ports.get(id);
    if (ports === undefined || !this.settings.has(id)) return;
    const { outputs, problems } = this.#memory.infer(
      id,
      ports.inputs.map(() => undefined),
    );
    this.#problems.push(...problems.map((problem): Problem => ({ ...problem, severity: 'warning', node: id })));
    if (!problems.some(isError))
      outputs?.forEach((schema, index) => this.schemas.set(`${id}.${ports.outputs[index]!.name}`, schema));
  }

  /** [W4, K9] */
  #checkModes(
    definition: AnyDefinition,
    settings: unknown,
    id: string,
    wires: readonly (Wire | undefined)[],
    inputs: readonly (Schema | undefined)[],
  ): boolean {
    let fits = true;
    inputs.forEach((schema, index) => {
      const wire = wires[index];
      if (schema === undefined || wire === undefined) return;
      const origin = this.updates.get(`${wire.node}.${this.ports.get(wire.node)!.outputs[wire.port]!.name}`);
      const refused = checkMode(definition, settings, id, wire.edge, schema, origin);
      const warned = refused ?? checkUniqueKey(definition, settings, id, schema);
      if (warned !== undefined) this.#problems.push(warned);
      if (refused !== undefined) fits = false;
    });
    return fits;
  }

  #addOutput(
    id: string,
    ports: Ports,
    index: number,
    schema: Schema,
    outputs: readonly Schema[],
    wires: readonly (Wire | undefined)[],
  ): void {
    const port = must(ports.outputs[index], `${id} infers more outputs than it has ports`).name;
    this.schemas.set(`${id}.${port}`, schema);
    if (schema.mode.kind === 'append') return;
    const lost = checkKeyKept(id, port, schema);
    if (lost !== undefined) this.#problems.push(lost);
    const upstream = wires
      .map((wire) => wire && this.updates.get(`${wire.node}.${this.ports.get(wire.node)!.outputs[wire.port]!.name}`))
      .find((origin) => origin !== undefined);
    const final = ports.outputs.findIndex((other, at) => other.role === 'main' && outputs[at]?.mode.kind === 'append');
    this.updates.set(`${id}.${port}`, upstream ?? { node: id, port, finalPort: ports.outputs[final]?.name });
  }

  /** Nobody reads a node that is no sink: it works for nothing. One without outputs shows its rows. */
  #checkUse(id: string, definition: AnyDefinition, ports: Ports): void {
    if (definition.role === 'sink' || ports.outputs.length === 0 || this.#document.edges.some((edge) => nodeOf(edge.from) === id))
      return;
    this.#problems.push({
      code: 'output_unused',
      severity: 'warning',
      node: id,
      message: `Nothing reads the rows of "${id}".`,
      mend: `Draw an edge from ${id}.${ports.outputs[0]?.name ?? 'out'}, or remove the node.`,
    });
  }

  /** Only after check() found no error. */
  plan(): Plan {
    const nodes = [...this.#checked.values()];
    const indexOf = new Map(nodes.map((node, index) => [node.id, index]));
    const needs = neededColumns(
      nodes.map((node) => ({
        id: node.id,
        passes: node.definition.passes,
        reads: this.#memory.reads(node.id),
        inputs: node.inputs.map((schema) => must(schema, `${node.id} has an input without a schema`)),
        outputs: node.outputs ?? [],
        feeds: node.wires.map((wire) => must(wire, `${node.id} has an open input`)),
      })),
    );
    const steps = nodes.map((node, index): Step => {
      const { definition, settings } = node;
      const outputs = node.outputs ?? [];
      return {
        index,
        node: node.id,
        name: this.#document.nodes.find((own) => own.id === node.id)?.name ?? '',
        kind: definition.kind,
        role: definition.role,
        settings,
        inputs: node.wires.map((wire) => wire && { step: indexOf.get(wire.node)!, port: wire.port }),
        inputPorts: node.ports.inputs.map((port) => port.name),
        outputPorts: node.ports.outputs.map((port) => port.name),
        outputs,
        wanted:
          definition.role === 'source'
            ? outputs.map((schema, port) => physicalFields(schema, needs.outputs.get(node.id)![port]!))
            : [],
        stateHash: stateHash(
          definition,
          settings,
          node.inputs as readonly Schema[],
          this.#memory.reads(node.id),
          needs.inputs.get(node.id)!,
        ),
        horizonUs: definition.horizonUs?.(settings as never) ?? 0,
      };
    });
    return {
      pipelineId: this.#document.id,
      pipelineName: this.#document.name,
      hash: planHash(this.#document, steps, this.#byKind),
      steps,
    };
  }
}

/** Logic only: kinds, parsed settings, edges. */
function planHash(document: PipelineDocument, steps: readonly Step[], byKind: ReadonlyMap<string, AnyDefinition>): string {
  const ran = new Set(steps.map((step) => step.node));
  return hashValue({
    nodes: steps
      .map((step) => [step.node, step.kind, byKind.get(step.kind)?.version, step.settings] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    edges: document.edges
      .filter((edge) => ran.has(nodeOf(edge.from)))
      .map(edgeText)
      .toSorted(),
  });
}

function nodeOf(end: string): string {
  return end.slice(0, end.indexOf('.'));
}
