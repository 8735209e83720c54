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

/** Twenty minutes of one room: minute 18 has 31 events, the others one to three. The topic has one partition. */
export async function fillRooms(app: RealApp): Promise<void> {
  const log = await app.opened.studio.connections.kafka('kafka');
  await log.create('rooms', { partitions: 1 });
  const texts = Array.from({ length: 20 }, (_, minute) =>
    Array.from({ length: countIn(minute) }, (_own, second) => eventAt(minute, second, 'a')),
  ).flat();
  await send(app, texts);
}

export const countIn = (minute: number): number => (minute === 18 ? 31 : (minute % 3) + 1);

export async function send(app: RealApp, texts: readonly string[]): Promise<void> {
  const log = await app.opened.studio.connections.kafka('kafka');
  const timestampUs = Date.now() * 1000;
  await log.append(
    'rooms',
    texts.map((text) => ({ partition: 0, key: undefined, value: Buffer.from(text), timestampUs })),
  );
}
