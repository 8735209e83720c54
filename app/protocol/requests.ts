import { z } from 'zod';
import { pipelineSchema } from '../../engine/model/pipeline.ts';
import type { api } from './api.ts';

/** What the server lets in. A query (`GET`) arrives as text, so its numbers are coerced. */

const portName = z.string().regex(/^[a-z][a-z0-9_]{0,62}\.[A-Za-z0-9_]+$/, 'write "node.port"');
const nodeId = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
const documentName = z.string().trim().min(1).max(120);
/** counted by the page with every edit */
const draft = { document: pipelineSchema, revision: z.int().nonnegative() };

export const sessionRequest = z.strictObject({ token: z.string().min(1).max(200) });

export const createRequest = z.strictObject({ name: documentName, template: z.string().max(64).optional() });
export const importRequest = z.strictObject({ text: z.string(), fileName: z.string().max(255).optional() });
export const saveRequest = z.strictObject({ document: pipelineSchema, baseRevision: z.int().nonnegative() });
export const nameRequest = z.strictObject({ name: documentName });

/** `pipelineId`: compare with what runs */
export const checkRequest = z.strictObject({ ...draft, pipelineId: z.string().optional() });
/** from an output to inputs (`from`), or backwards from an input (`to`) */
export const connectRequest = z.union([
  z.strictObject({ document: pipelineSchema, from: portName }),
  z.strictObject({ document: pipelineSchema, to: portName }),
]);
export const evaluateRequest = z.strictObject({ document: pipelineSchema, node: nodeId, field: z.string().max(200) });
export const inferRequest = z.strictObject({
  document: pipelineSchema,
  node: nodeId,
  samples: z.int().min(1).max(10_000).default(500),
});

export const startRequest = z.strictObject({
  document: pipelineSchema,
  revision: z.int().nonnegative(),
  from: z.union([z.enum(['stored', 'earliest', 'latest', 'fixture']), z.strictObject({ timeUs: z.int() })]),
  /** give up stored state */
  fresh: z.boolean().default(false),
});
export const applyRequest = z.strictObject({
  document: pipelineSchema,
  revision: z.int().nonnegative(),
  choices: z.record(nodeId, z.enum(['fresh', 'reprocess', 'back'])).default({}),
});

export const deadQuery = z.strictObject({
  node: nodeId.optional(),
  code: z.string().max(64).optional(),
  /** older than this letter */
  before: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const replayRequest = z.union([
  z.strictObject({ ids: z.array(z.int()).min(1).max(10_000) }),
  z.strictObject({ node: nodeId, code: z.string().max(64) }),
  /** one letter with new content */
  z.strictObject({ id: z.int(), text: z.string().max(1 << 20) }),
]);
export const browseQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** Redis: key pattern */
  match: z.string().max(200).optional(),
});
export const serviceQuery = z.strictObject({ connection: z.string().max(64) });
export const recordRequest = z.strictObject({
  node: nodeId,
  port: z.string().max(64),
  seconds: z.int().min(1).max(600),
  name: documentName,
});

export const liveRequestSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('watch'), pipelineId: z.string(), runId: z.string().optional(), after: z.int().optional() }),
  z.strictObject({ type: z.literal('unwatch'), pipelineId: z.string() }),
  z.strictObject({ type: z.literal('tap'), pipelineId: z.string(), node: nodeId, port: z.string().max(64) }),
  z.strictObject({ type: z.literal('untap'), pipelineId: z.string(), node: nodeId, port: z.string().max(64) }),
  z.strictObject({
    type: z.literal('inspect'),
    id: z.int(),
    pipelineId: z.string(),
    node: nodeId,
    limit: z.int().min(1).max(1000),
  }),
]);

export type SessionRequest = z.input<typeof sessionRequest>;
export type CreateRequest = z.input<typeof createRequest>;
export type ImportRequest = z.input<typeof importRequest>;
export type SaveRequest = z.input<typeof saveRequest>;
export type NameRequest = z.input<typeof nameRequest>;
export type CheckRequest = z.input<typeof checkRequest>;
export type ConnectRequest = z.input<typeof connectRequest>;
export type EvaluateRequest = z.input<typeof evaluateRequest>;
export type InferRequest = z.input<typeof inferRequest>;
export type StartRequest = z.input<typeof startRequest>;
export type ApplyRequest = z.input<typeof applyRequest>;
export type DeadQuery = z.input<typeof deadQuery>;
export type ReplayRequest = z.input<typeof replayRequest>;
export type BrowseQuery = z.input<typeof browseQuery>;
export type ServiceQuery = z.input<typeof serviceQuery>;
export type RecordRequest = z.input<typeof recordRequest>;

/** What the server checks the body or query of each route with; a route that is not here takes none. */
export const requests = {
  session: sessionRequest,
  create: createRequest,
  importText: importRequest,
  save: saveRequest,
  rename: nameRequest,
  duplicate: nameRequest,
  check: checkRequest,
  connectable: connectRequest,
  evaluate: evaluateRequest,
  infer: inferRequest,
  start: startRequest,
  apply: applyRequest,
  dead: deadQuery,
  replay: replayRequest,
  target: browseQuery,
  record: recordRequest,
  topics: serviceQuery,
  topic: browseQuery,
  tables: serviceQuery,
  table: browseQuery,
  keys: browseQuery,
} as const satisfies Partial<Record<keyof typeof api, z.ZodType>>;
