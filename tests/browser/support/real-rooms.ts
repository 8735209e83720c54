import { randomUUID } from 'node:crypto';
import type { PipelineDocument } from '../../../engine/model/pipeline.ts';
import type { RealApp } from './real-app.ts';

export const roomsSchema = {
  type: 'object',
  properties: { at: { type: 'string', format: 'date-time' }, room: { type: 'string' } },
  required: ['at', 'room'],
};

/** An event at second `second` of minute `minute`. */
export function eventAt(minute: number, second: number, room: string): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return JSON.stringify({ at: `2026-01-01T10:${two(minute)}:${two(second)}Z`, room });
}

export function emptyDocument(name: string): PipelineDocument {
  return {
    telemetra: 1,
    id: randomUUID(),
    name,
    description: '',
    nodes: [],
    edges: [],
    layout: { nodes: {}, groups: [], comments: [] },
  };
}

/** Asked of the database itself, past the app's own reading. */
export async function tableRows(app: RealApp, query: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = await app.opened.studio.connections.postgres('postgres');
  return client.use(async (session) => (await session.query(query)).rows as readonly Readonly<Record<string, unknown>>[]);
}
