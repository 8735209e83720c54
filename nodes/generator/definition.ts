import { z } from 'zod';
import { inferSourceSchema } from '../../engine/decode/decoder.ts';
import type { DecodeSpec } from '../../engine/model/decode-spec.ts';
import { defineNode } from '../../engine/model/definition.ts';
import type { Schema } from '../../engine/model/schema.ts';
import { duration, field } from '../kit/settings.ts';

const share = (): z.ZodNumber => z.number().min(0).max(1);

const settingsSchema = z.strictObject({
  rate: z
    .number()
    .min(0.1)
    .max(50_000)
    .default(12)
    .meta(
      field({
        title: 'Rate',
        help: 'Events per second over all channels and kinds; moments add chat to it.',
        unit: 'per second',
        widget: 'number',
      }),
    ),
  channels: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(200)
    .refine((names) => new Set(names).size === names.length, 'each channel once')
    .default(['demo_stream', 'art_corner'])
    .meta(field({ title: 'Channels', help: 'Live streams that events are made for.', widget: 'list' })),
  seed: z
    .int()
    .min(0)
    .default(20_251_020)
    .meta(field({ title: 'Seed', help: 'The same seed makes the same events.', widget: 'number', advanced: true })),
  produce: z
    .strictObject({
      chat: z.boolean().default(true),
      viewer: z.boolean().default(true),
      transactions: z.boolean().default(true),
      stream_meta: z.boolean().default(true),
    })
    .default({ chat: true, viewer: true, transactions: true, stream_meta: true })
    .meta(field({ title: 'Kinds', help: 'Kinds of events that are sent.', widget: 'fields' })),
  bursts: z
    .strictObject({
      every: duration().default('20m'),
      factor: z.number().min(1).max(100).default(8),
      length: duration().default('25s'),
    })
    .default({ every: '20m', factor: 8, length: '25s' })
    .meta(
      field({
        title: 'Moments',
        help: 'How often the chat of a channel bursts, how many times faster it then is, and for how long. "0s" for never.',
        widget: 'fields',
      }),
    ),
  late_share: share()
    .default(0.003)
    .meta(
      field({ title: 'Late', help: 'Share of events that arrive minutes after they happened.', widget: 'number', advanced: true }),
    ),
  disorder: duration()
    .default('2s')
    .meta(
      field({
        title: 'Disorder',
        help: 'A fifth of the events are up to so much older than their neighbours.',
        widget: 'duration',
        advanced: true,
      }),
    ),
  broken_share: share()
    .default(0.002)
    .meta(field({ title: 'Broken', help: 'Share of messages that are damaged on purpose.', widget: 'number', advanced: true })),
  users: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(600)
    .meta(field({ title: 'Users', help: 'People who write; a few of them write much.', widget: 'number' })),
  backfill: duration()
    .default('15m')
    .meta(
      field({
        title: 'History',
        help: 'At the start, the time since the last event is filled with events, at most so much of it. From five minutes on it holds a moment.',
        widget: 'duration',
      }),
    ),
  messages: z
    .int()
    .min(0)
    .default(0)
    .meta(field({ title: 'Limit', help: 'End after so many messages; 0 for no limit.', widget: 'number', advanced: true })),
});

export type Settings = z.infer<typeof settingsSchema>;

const PORTS = [
  ['chat', 'Chat'],
  ['viewer', 'Viewers'],
  ['transactions', 'Transactions'],
  ['stream_meta', 'Stream'],
] as const;

/** Every port carries messages as they are: key, value, timestamp. They leave in the order of their time. */
const spec: DecodeSpec = {
  format: 'message',
  schema: undefined,
  eventTime: 'timestamp',
  timeUnits: {},
  decimals: {},
  meta: {},
  latenessUs: 0,
  idleAfterUs: 30_000_000,
  ceiling: false,
};

export const definition = defineNode<Settings>({
  kind: 'generator',
  version: 1,
  family: 'source',
  role: 'source',
  title: 'Generator',
  summary: 'events at a set rate',
  help:
    'Makes the events of live streams: chat, viewer counts, transactions and stream changes, as JSON messages keyed by channel. ' +
    'The chat bursts now and then, raids bring viewers, some events come late or out of order, a few are broken. ' +
    'The value is text: read it again through a topic, with a schema. `PRODUCER_RATE_PER_SEC`, `PRODUCER_CHANNELS` and `PRODUCE_CHAT` … in the environment override the settings.',
  icon: 'activity',
  settings: settingsSchema,
  ports: () => ({
    inputs: [],
    outputs: PORTS.map(([name, title], i) => ({ name, title, role: i === 0 ? ('main' as const) : ('side' as const) })),
  }),
  infer() {
    const { schema, problems } = inferSourceSchema(spec);
    return { outputs: schema === undefined ? undefined : PORTS.map((): Schema => schema), problems };
  },
  reads: () => [],
  passes: false,
  stateKeys: [],
  guarantee: 'Its position holds the state of the random numbers: after a crash exactly the same events follow.',
  migrations: [],
  examples: [],
  caption: ({ rate, channels }) => `${rate}/s, ${channels.length === 1 ? channels[0] : `${channels.length} channels`}`,
  decode: () => PORTS.map(() => spec),
});
