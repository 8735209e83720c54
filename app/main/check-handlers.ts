import { analyse, compile, FailedRows } from '../../engine/expression/expression.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { compilePipeline } from '../../engine/plan/compile-pipeline.ts';
import { aggregateNames } from './aggregate-names.ts';
import { checkDocument, connectable } from './check-service.ts';
import { functionEntries, kindEntries } from './catalog-data.ts';
import type { HandlersOf } from './handlers.ts';
import { inferSchema } from './infer-schema.ts';
import { rowBatch } from './row-batch.ts';
import { runningPlan, type Studio } from './studio.ts';
import { templateEntries } from './templates.ts';

type Names = 'catalog' | 'check' | 'connectable' | 'evaluate' | 'infer';

/** The catalogue as data, and every answer of the checker. */
export function checkHandlers(studio: Studio): HandlersOf<Names> {
  const { catalog, checking } = studio;
  const kinds = kindEntries(catalog);
  const functions = [...functionEntries(), ...aggregateNames()];
  return {
    catalog: () => ({
      version: studio.version,
      kinds,
      connections: studio.connections
        .describe(checking.connections as never)
        .map(({ name, service, target }) => ({ name, service, behind: target })),
      functions,
      templates: templateEntries(studio.templates, catalog),
    }),
    check: ({ body: { document, revision, pipelineId } }) => {
      const running = pipelineId === undefined ? undefined : runningPlan(studio, pipelineId);
      const { plan: _plan, ...checked } = checkDocument(document as PipelineDocument, revision, running, checking);
      return checked;
    },
    connectable: ({ body }) =>
      'from' in body
        ? connectable(body.document as PipelineDocument, { from: body.from }, checking)
        : connectable(body.document as PipelineDocument, { to: body.to }, checking),
    evaluate: ({ body: { document, node, field } }) => evaluate(studio, document as PipelineDocument, node, field),
    infer: ({ body: { document, node, samples } }) => inferSchema(studio, document as PipelineDocument, node, samples ?? 500),
  };
}

/** One expression of a node on the newest real row of its input, as far as somebody taps that edge. */
function evaluate(
  studio: Studio,
  document: PipelineDocument,
  node: string,
  field: string,
): ReturnType<HandlersOf<'evaluate'>['evaluate']> {
  const compiled = compilePipeline(document, studio.catalog, {
    connections: studio.checking.connections,
    memory: studio.checking.memories.of(document.id),
  });
  const edge = document.edges.find(({ to }) => to.startsWith(`${node}.`));
  const schema = edge === undefined ? undefined : compiled.schemas.get(edge.from);
  const text = textAt(document.nodes.find(({ id }) => id === node)?.settings, field);
  if (edge === undefined || schema === undefined || text === undefined) return { type: undefined, problem: undefined };
  const analysis = analyse(text, schema);
  if (!analysis.ok) {
    // an expression over aggregates has no value on a single row: the checker judges it
    const problem = compiled.problems.find((own) => own.node === node && own.field === field);
    return problem === undefined ? aggregateValue(studio, document, node, field) : { type: undefined, problem };
  }
  const { expression } = analysis;
  const row = studio.rows.rows(document.id, edge.from).at(-1);
  if (row === undefined) return { type: expression.type, problem: undefined };
  const { batch, layout, valueOf } = rowBatch(schema, row);
  const failed = new FailedRows();
  failed.reset(1);
  const column = compile(expression, layout).evaluate(batch, failed);
  const failure = failed.count > 0 ? 'the row fails: it would become a dead letter' : undefined;
  return {
    type: expression.type,
    problem: undefined,
    value: failure ?? valueOf(column, expression.type),
    of: `${edge.from.slice(0, edge.from.indexOf('.'))}, row ${row.partition}/${row.offset}`,
  };
}

/** A window's column: its value in the newest row that left the node. */
function aggregateValue(
  studio: Studio,
  document: PipelineDocument,
  node: string,
  field: string,
): ReturnType<HandlersOf<'evaluate'>['evaluate']> {
  const name = textAt(document.nodes.find(({ id }) => id === node)?.settings, field.replace(/[^.]+$/, 'name'));
  const row = studio.rows.rows(document.id, `${node}.out`).at(-1);
  if (name === undefined || row === undefined || !(name in row.values)) return { type: undefined, problem: undefined };
  const texts = Object.values(row.values).filter((value) => typeof value === 'string');
  return {
    type: undefined,
    problem: undefined,
    value: row.values[name],
    of: `Last final window${texts.length === 0 ? '' : `, ${texts[0] as string}`}`,
  };
}

function textAt(settings: unknown, path: string): string | undefined {
  let at: unknown = settings;
  for (const key of path.split('.'))
    at = typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[key] : undefined;
  return typeof at === 'string' ? at : undefined;
}
