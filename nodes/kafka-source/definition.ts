import { z } from 'zod';
import { inferSourceSchema } from '../../engine/decode/infer-source-schema.ts';
import { defineNode } from '../../engine/model/definition.ts';
import { decodeFields, decodeSpecOf } from '../kit/decode-settings.ts';
import { connectionName, field } from '../kit/settings.ts';

const settingsSchema = z.strictObject({
  connection: connectionName()
    .default('kafka')
    .meta(
      field({
        title: 'Connection',
        help: 'Which Kafka; its address comes from the environment.',
        widget: 'connection',
        service: 'kafka',
      }),
    ),
  topic: z
    .string()
    .regex(/^(?!\.\.?$)[A-Za-z0-9._-]{1,249}$/, "a topic's name has letters, digits, point, _ and -, at most 249")
    .meta(field({ title: 'Topic', help: 'All its partitions are read.', widget: 'topic', service: 'kafka' })),
  ...decodeFields,
  start: z
    .enum(['earliest', 'latest'])
    .default('earliest')
    .meta(field({ title: 'First start', help: 'Where reading begins when there is no stored position.', widget: 'choice' })),
  read_committed: z
    .boolean()
    .default(true)
    .meta(
      field({ title: 'Committed only', help: 'Leave out messages of aborted transactions.', widget: 'switch', advanced: true }),
    ),
});

export type Settings = z.infer<typeof settingsSchema>;

export const definition = defineNode<Settings>({
  kind: 'kafka-source',
  version: 1,
  family: 'source',
  role: 'source',
  title: 'Kafka source',
  summary: 'a topic, validated',
  help: [
    'Reads all partitions of one topic from positions that are part of the checkpoint; group offsets are written too, but only for tools that show lag.',
    'Partitions that are added are read from their first message. When messages are gone before they were read, or the topic has been made again,',
    'nothing is skipped silently: the run stops and names the choices. The event time column drives windows; see lateness.',
  ].join(' '),
  icon: 'radio',
  settings: settingsSchema,
  ports: () => ({ inputs: [], outputs: [{ name: 'out', title: 'rows', role: 'main' }] }),
  infer(chosen) {
    const { schema, problems } = inferSourceSchema(decodeSpecOf(chosen, true));
    return { outputs: schema && [schema], problems };
  },
  reads: () => [],
  passes: false,
  stateKeys: ['connection', 'topic'],
  guarantee: 'Every message is read exactly once: positions and results are stored in one transaction.',
  view: () => ({ as: 'table' }),
  migrations: [],
  examples: [],
  caption: (chosen) => chosen.topic,
  decode: (chosen) => [decodeSpecOf(chosen, true)],
  connection: (chosen) => ({ service: 'kafka', name: chosen.connection }),
});
