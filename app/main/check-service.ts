import { analyse } from '../../engine/expression/expression.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Schema } from '../../engine/model/schema.ts';
import type { Type } from '../../engine/model/type.ts';
import { compilePipeline, type Compiled } from '../../engine/plan/compile-pipeline.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import { settingFields } from '../../engine/plan/settings-schema.ts';
import { whyNotConnect } from '../../engine/plan/why-not-connect.ts';
import type { Checked, CheckedNode, CheckedPort, Connectable, Misfit } from '../protocol/check.ts';
import type { Memories } from './memories.ts';
import { planDifference } from './plan-difference.ts';

export interface CheckContext {
  readonly catalog: readonly AnyDefinition[];
  readonly connections: readonly { readonly service: string; readonly name: string }[];
  readonly memories: Memories;
}

/** The checker's answer for the page: the one source of ports, schemas, problems. The same code as `telemetra check`. */
export function checkDocument(
  document: PipelineDocument,
  revision: number,
  running: { readonly plan: Plan; readonly document: PipelineDocument } | undefined,
  context: CheckContext,
): Checked & { readonly plan: Plan | undefined } {
  const { catalog, connections, memories } = context;
  const compiled = compilePipeline(document, catalog, { connections, memory: memories.of(document.id) });
  const edgeInto = new Map(document.edges.map(({ from, to }) => [to, from]));
  const byKind = new Map(catalog.map((definition) => [definition.kind, definition]));
  const nodes: Record<string, CheckedNode> = {};
  for (const node of document.nodes) {
    const definition = byKind.get(node.kind);
    const found = definition === undefined ? undefined : checkedNode(edgeInto, node.id, definition, compiled, memories);
    if (found !== undefined) nodes[node.id] = found;
  }
  const difference =
    running === undefined || compiled.plan === undefined
      ? undefined
      : planDifference({ document: running.document, plan: running.plan }, { document, plan: compiled.plan }, catalog);
  return { revision, problems: compiled.problems, nodes, planHash: compiled.plan?.hash, difference, plan: compiled.plan };
}

function checkedNode(
  edgeInto: ReadonlyMap<string, string>,
  id: string,
  definition: AnyDefinition,
  compiled: Compiled,
  memories: Memories,
): CheckedNode | undefined {
  const ports = compiled.ports.get(id);
  if (ports === undefined) return undefined;
  const settings = compiled.settings.get(id);
  const inputs: CheckedPort[] = ports.inputs.map((port) => {
    const from = edgeInto.get(`${id}.${port.name}`);
    return { ...port, schema: from === undefined ? undefined : compiled.schemas.get(from) };
  });
  return {
    caption: settings === undefined ? '' : definition.caption(settings as never),
    inputs,
    outputs: ports.outputs.map((port) => ({ ...port, schema: compiled.schemas.get(`${id}.${port.name}`) })),
    types: settings === undefined ? {} : expressionTypes(definition, settings, inputs[0]?.schema, memories),
    view:
      settings === undefined
        ? undefined
        : definition.view?.(
            settings as never,
            inputs.map(({ schema }) => schema),
          ),
  };
}

/** Result type of each expression setting by its dotted path. */
function expressionTypes(
  definition: AnyDefinition,
  settings: unknown,
  schema: Schema | undefined,
  memories: Memories,
): Readonly<Record<string, Type>> {
  if (schema === undefined) return {};
  const types: Record<string, Type> = {};
  for (const { path, meta } of settingFields(definition)) {
    if (meta['widget'] !== 'expression') continue;
    for (const [at, text] of textsAt(settings, path, '')) {
      const type = memories.type(schema, text, () => {
        const analysis = analyse(text, schema);
        return analysis.ok ? analysis.expression.type : undefined;
      });
      if (type !== undefined) types[at] = type;
    }
  }
  return types;
}

/** Every text at a path of settings, `[]` standing for each entry of a list: ["columns.0.expression", "count(*)"]. */
export function textsAt(value: unknown, path: readonly string[], at: string): readonly (readonly [string, string])[] {
  if (path.length === 0) return typeof value === 'string' ? [[at, value]] : [];
  const [first, ...rest] = path;
  const join = (name: string): string => (at === '' ? name : `${at}.${name}`);
  if (first === '[]') return Array.isArray(value) ? value.flatMap((entry, i) => textsAt(entry, rest, join(String(i)))) : [];
  if (typeof value !== 'object' || value === null) return [];
  return textsAt((value as Readonly<Record<string, unknown>>)[first!], rest, join(first!));
}

/** Where a wire may end that begins at the output `from`, or (backwards) at the input `to`. */
export function connectable(
  document: PipelineDocument,
  wire: { readonly from: string } | { readonly to: string },
  context: CheckContext,
): Connectable {
  const { catalog, connections, memories } = context;
  const compiled = compilePipeline(document, catalog, { connections, memory: memories.of(document.id) });
  const forwards = 'from' in wire;
  const ports: Record<string, Misfit | null> = {};
  for (const [node, own] of compiled.ports) {
    for (const port of forwards ? own.inputs : own.outputs) {
      const end = `${node}.${port.name}`;
      const edge = forwards ? { from: wire.from, to: end } : { from: end, to: wire.to };
      const problem = whyNotConnect(document, compiled, catalog, edge);
      ports[end] =
        problem === undefined
          ? null
          : misfit(problem.code, problem.message, problem.mend, forwards ? finalPort(compiled, wire.from) : undefined);
    }
  }
  const schema = forwards ? compiled.schemas.get(wire.from) : undefined;
  const kinds = catalog.flatMap((definition) => {
    const found = freePort(definition, forwards);
    if (found === undefined) return [];
    const accepts = definition.accepts ?? ['append'];
    const wrongMode = schema !== undefined && !accepts.includes(schema.mode.kind);
    const why = wrongMode
      ? misfit(
          'needs_final_rows',
          'This port sends interim rows, which replace each other; the node needs final rows.',
          'Take the port out.',
          finalPort(compiled, forwards ? wire.from : ''),
        )
      : null;
    return [{ kind: definition.kind, port: found, misfit: why }];
  });
  return { ports, kinds };
}

/** The port of a kind that a new wire would take, for its default settings. */
function freePort(definition: AnyDefinition, input: boolean): string | undefined {
  const parsed = definition.settings.safeParse({});
  try {
    const ports = definition.ports((parsed.success ? parsed.data : {}) as never);
    return (input ? ports.inputs : ports.outputs)[0]?.name;
  } catch {
    // ports that need settings without a default: such a kind cannot be wired before it is set up
    return undefined;
  }
}

const TITLES: Readonly<Record<string, string>> = {
  needs_final_rows: 'It needs final rows',
  input_taken: 'This input has an edge',
  cycle: 'Rows would run in a circle',
};

function misfit(code: string, message: string, mend: string | undefined, instead: string | undefined): Misfit {
  return {
    code,
    title: TITLES[code] ?? 'This edge is not possible',
    message,
    mend,
    instead: code === 'needs_final_rows' ? instead : undefined,
  };
}

/** Another output of the same node that sends final rows. */
function finalPort(compiled: Compiled, from: string): string | undefined {
  const dot = from.indexOf('.');
  const node = from.slice(0, dot);
  const other = compiled.ports
    .get(node)
    ?.outputs.find(({ name, role }) => role === 'main' && compiled.schemas.get(`${node}.${name}`)?.mode.kind === 'append');
  return other === undefined || `${node}.${other.name}` === from ? undefined : other.name;
}
