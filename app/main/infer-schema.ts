import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { tailTopic } from '../../connections/kafka/topics.ts';
import type { Inferred } from '../protocol/browse.ts';
import { proposeSchema } from '../../nodes/kit/propose-schema.ts';
import { Refused } from './refused.ts';
import type { Studio } from './studio.ts';

/** A JSON Schema proposed from real messages of a source's topic, and a column for its event time when the node has none. */
export async function inferSchema(studio: Studio, document: PipelineDocument, nodeId: string, samples: number): Promise<Inferred> {
  const node = document.nodes.find(({ id }) => id === nodeId);
  const definition = studio.catalog.find(({ kind }) => kind === node?.kind);
  const parsed = definition?.settings.safeParse(node?.settings);
  const settings = parsed?.success === true ? (parsed.data as Readonly<Record<string, unknown>>) : node?.settings;
  const connection = parsed?.success === true ? definition?.connection?.(parsed.data) : undefined;
  const topic = settings?.['topic'];
  if (connection?.service !== 'kafka' || typeof topic !== 'string' || topic === '') {
    throw new Refused('not_valid', 'A schema is inferred from a topic; this node reads none.', {
      mend: 'Choose connection and topic first.',
    });
  }
  const log = await studio.connections.kafka(connection.name);
  const texts: string[] = [];
  for await (const message of tailTopic(log, topic, { last: samples, follow: false }))
    if (message.value !== undefined) texts.push(message.value);
  const { eventTime, ...proposed } = proposeSchema(texts);
  const unset = eventTime !== undefined && (node?.settings['event_time'] ?? '') === '';
  return { ...proposed, settings: unset ? { event_time: eventTime } : {} };
}
