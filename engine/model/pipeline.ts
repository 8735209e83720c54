import { z } from 'zod';

/** The pipeline file (`docs/pipeline-file.md`). Version 1. */
export const FILE_VERSION = 1;

export const NODE_ID = /^[a-z][a-z0-9_]{0,62}$/;

const nodeSchema = z.strictObject({
  id: z.string().regex(NODE_ID, 'an id starts with a letter and has at most 63 of a-z, 0-9 and _'),
  kind: z.string().min(1).max(64),
  /** of the settings' shape (`definition.version`); left out: 1 */
  version: z.number().int().min(1).optional(),
  name: z.string().max(120).default(''),
  settings: z.record(z.string(), z.unknown()).default({}),
});

const edgeSchema = z.strictObject({
  from: z.string().regex(/^[a-z][a-z0-9_]{0,62}\.[A-Za-z0-9_]+$/, 'write "node.port"'),
  to: z.string().regex(/^[a-z][a-z0-9_]{0,62}\.[A-Za-z0-9_]+$/, 'write "node.port"'),
});

const layoutSchema = z.strictObject({
  nodes: z.record(z.string(), z.strictObject({ x: z.number(), y: z.number() })).default({}),
  groups: z
    .array(
      z.strictObject({
        id: z.string(),
        title: z.string().max(120).default(''),
        x: z.number(),
        y: z.number(),
        width: z.number().positive(),
        height: z.number().positive(),
      }),
    )
    .default([]),
  comments: z
    .array(
      z.strictObject({
        id: z.string(),
        text: z.string().max(4000),
        x: z.number(),
        y: z.number(),
        width: z.number().positive(),
        height: z.number().positive(),
      }),
    )
    .default([]),
});

export const pipelineSchema = z.strictObject({
  telemetra: z.literal(FILE_VERSION),
  id: z.uuid(),
  name: z.string().min(1).max(120),
  description: z.string().max(4000).default(''),
  nodes: z.array(nodeSchema).max(500),
  edges: z.array(edgeSchema).max(2000),
  layout: layoutSchema.default({ nodes: {}, groups: [], comments: [] }),
});

export type PipelineDocument = z.infer<typeof pipelineSchema>;
export type PipelineNode = PipelineDocument['nodes'][number];
export type PipelineEdge = PipelineDocument['edges'][number];
