import { z } from 'zod';
import type { AnyDefinition, Port } from '../../../engine/model/definition.ts';
import { catalog as kinds } from '../../../nodes/catalog.ts';
import type { Catalog, KindEntry, SettingSchema } from '../../../app/protocol/catalog.ts';

/** The catalogue for a page without a server: real definitions where they exist, else these few lines of data. */

const main = (name: string, title = ''): Port => ({ name, title, role: 'main' });
const side = (name: string, title = name): Port => ({ name, title, role: 'side' });
const out = (name: string, title = name): Port => ({ name, title, role: 'falls-out' });

const text = (title: string, more: SettingSchema = {}): SettingSchema => ({ type: 'string', title, ...more });

const WINDOW: SettingSchema = {
  type: 'object',
  properties: {
    window: {
      title: 'Kind',
      widget: 'choice',
      oneOf: [
        {
          type: 'object',
          properties: { kind: { const: 'tumbling', type: 'string' }, size: text('Size', { widget: 'duration' }) },
          required: ['kind', 'size'],
        },
        {
          type: 'object',
          properties: {
            kind: { const: 'hopping', type: 'string' },
            size: text('Size', { widget: 'duration' }),
            every: text('Every', { widget: 'duration' }),
          },
          required: ['kind', 'size', 'every'],
        },
        {
          type: 'object',
          properties: { kind: { const: 'session', type: 'string' }, gap: text('Gap', { widget: 'duration' }) },
          required: ['kind', 'gap'],
        },
        {
          type: 'object',
          properties: { kind: { const: 'running', type: 'string' }, ttl: text('Forget after', { widget: 'duration' }) },
          required: ['kind', 'ttl'],
        },
      ],
      default: { kind: 'tumbling', size: '1m' },
    },
    by: { type: 'array', title: 'Group by', widget: 'fields', items: { type: 'string' }, default: [] },
    columns: {
      type: 'array',
      title: 'Aggregates',
      widget: 'aggregate',
      items: {
        type: 'object',
        properties: { name: text('Column'), expression: text('Expression', { widget: 'aggregate' }) },
        required: ['name', 'expression'],
      },
      default: [{ name: 'rows', expression: 'count(*)' }],
    },
    limits: {
      type: 'object',
      title: 'Limits',
      advanced: true,
      properties: {
        keys: { type: 'integer', title: 'Keys', minimum: 1, default: 1_000_000 },
        bytes: { type: 'integer', title: 'Memory', unit: 'bytes', default: 536_870_912 },
        policy: { type: 'string', title: 'When a limit is reached', enum: ['fail', 'other'], default: 'fail' },
      },
    },
  },
};

const Z_SCORE: SettingSchema = {
  type: 'object',
  properties: {
    field: text('Field', { widget: 'field' }),
    by: { type: 'array', title: 'Group by', widget: 'fields', items: { type: 'string' }, default: [] },
    threshold: {
      type: 'number',
      title: 'Threshold',
      help: 'A row is an anomaly when |z| is greater.',
      exclusiveMinimum: 0,
      default: 3,
    },
    baseline: { type: 'integer', title: 'Baseline', unit: 'rows', minimum: 2, default: 30 },
    direction: { type: 'string', title: 'Direction', enum: ['two-sided', 'high', 'low'], default: 'two-sided' },
    exclude_anomalies: { type: 'boolean', title: 'Keep anomalies out of later baselines', default: false },
  },
  required: ['field'],
};

const SOURCE: SettingSchema = {
  type: 'object',
  properties: {
    connection: text('Connection', { widget: 'connection', service: 'kafka', default: 'kafka' }),
    topic: text('Topic', { widget: 'topic', service: 'kafka' }),
    event_time: text('Event time', { help: 'The column that says when a row happened.', default: '' }),
    lateness: text('Lateness', { widget: 'duration', help: 'How long late rows are waited for.', default: '2m' }),
    schema: { type: 'object', title: 'Schema', widget: 'json-schema', default: { type: 'object', properties: {} } },
  },
  required: ['topic'],
};

const TABLE: SettingSchema = {
  type: 'object',
  properties: {
    connection: text('Connection', { widget: 'connection', service: 'postgres', default: 'postgres' }),
    table: text('Table', { widget: 'table', service: 'postgres' }),
    mode: { type: 'string', title: 'Mode', enum: ['upsert', 'insert'], default: 'upsert' },
    key: { type: 'array', title: 'Key', widget: 'fields', items: { type: 'string' }, default: [] },
    create: { type: 'boolean', title: 'Create the table when it is missing', default: true },
  },
  required: ['table'],
};

const COLUMNS: SettingSchema = {
  type: 'object',
  properties: {
    columns: {
      type: 'array',
      title: 'Columns',
      items: {
        type: 'object',
        properties: { name: text('Column'), expression: text('Expression', { widget: 'expression' }) },
        required: ['name', 'expression'],
      },
      default: [],
    },
  },
};

const CONDITION: SettingSchema = {
  type: 'object',
  properties: { condition: text('Condition', { widget: 'expression' }) },
  required: ['condition'],
};
const ANY: SettingSchema = { type: 'object', properties: {} };

type Line = readonly [
  kind: string,
  family: KindEntry['family'],
  title: string,
  summary: string,
  icon: string,
  inputs: readonly Port[],
  outputs: readonly Port[],
  settings: SettingSchema,
];

const LINES: readonly Line[] = [
  ['kafka-source', 'source', 'Kafka topic', 'a topic, validated', 'radio', [], [main('out')], SOURCE],
  ['generator', 'source', 'Generator', 'events at a set rate', 'activity', [], [main('out')], ANY],
  ['file-source', 'source', 'File', 'JSON lines, bounded', 'file-json', [], [main('out')], ANY],
  ['filter', 'transform', 'Filter', 'match or rest', 'filter', [main('in')], [main('match'), out('rest')], CONDITION],
  ['derive', 'transform', 'Derive', 'compute fields', 'square-function', [main('in')], [main('out')], COLUMNS],
  ['sentiment', 'transform', 'Sentiment', 'score by lexicon', 'smile', [main('in')], [main('out')], ANY],
  ['explode', 'transform', 'Explode', 'one row per element', 'split', [main('in')], [main('out')], ANY],
  ['validate', 'transform', 'Validate', 'named conditions', 'shield-check', [main('in')], [main('out'), out('invalid')], ANY],
  ['dedupe', 'transform', 'Dedupe', 'first row per key', 'copy-minus', [main('in')], [main('out'), out('late')], ANY],
  ['union', 'transform', 'Union', 'streams of one shape', 'merge', [main('in1'), main('in2')], [main('out')], ANY],
  ['window', 'window', 'Window', 'by event time', 'timer', [main('in')], [main('out'), side('updates'), out('late')], WINDOW],
  ['top-n', 'window', 'Top N', 'first rows per group', 'list-ordered', [main('in')], [main('out')], ANY],
  [
    'window-join',
    'join',
    'Window join',
    'same key, window',
    'combine',
    [main('left'), side('right', 'viewers')],
    [main('out'), out('unmatched'), out('late')],
    ANY,
  ],
  [
    'interval-join',
    'join',
    'Interval join',
    'within a time bound',
    'arrow-right-left',
    [main('left'), side('right')],
    [main('out'), out('unmatched'), out('late')],
    ANY,
  ],
  [
    'z-score',
    'detect',
    'Z-score',
    'spikes over baseline',
    'chart-no-axes-column',
    [main('in')],
    [main('out'), side('anomalies')],
    Z_SCORE,
  ],
  ['postgres-sink', 'sink', 'Postgres table', 'upsert or append', 'database', [main('in')], [], TABLE],
  ['redis-sink', 'sink', 'Redis', 'keys, hashes, lists', 'zap', [main('in')], [], ANY],
  ['kafka-sink', 'sink', 'Kafka topic', 'write a topic', 'send', [main('in')], [], ANY],
  ['chart', 'sink', 'Chart', 'look, keep nothing', 'chart-line', [main('in')], [], ANY],
];

function defaultsOf(schema: SettingSchema): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    if (property.default !== undefined) found[name] = property.default;
  return found;
}

function fromLine([kind, family, title, summary, icon, inputs, outputs, settings]: Line): KindEntry {
  return {
    kind,
    version: 1,
    family,
    role: family === 'source' ? 'source' : family === 'sink' ? 'sink' : 'operator',
    title,
    summary,
    help: `**${title}** – ${summary}. The pages of the real catalogue stand here when a server serves this page.`,
    icon,
    guarantee: 'Its state is stored with every epoch; nothing is lost or counted twice.',
    settings,
    defaults: defaultsOf(settings),
    inputs,
    outputs,
    accepts: family === 'sink' ? ['append', 'updates'] : ['append'],
    stateful: family === 'window' || family === 'join' || family === 'detect',
    examples: [],
  };
}

export function fromDefinition(definition: AnyDefinition): KindEntry {
  const settings = z.toJSONSchema(definition.settings, { io: 'input', unrepresentable: 'any' }) as SettingSchema;
  const defaults = defaultsOf(settings);
  const parsed = definition.settings.safeParse(defaults);
  const ports = (definition.ports as (settings: unknown) => { inputs: readonly Port[]; outputs: readonly Port[] })(
    parsed.success ? parsed.data : defaults,
  );
  return {
    kind: definition.kind,
    version: definition.version,
    family: definition.family,
    role: definition.role,
    title: definition.title,
    summary: definition.summary,
    help: definition.help,
    icon: definition.icon,
    guarantee: definition.guarantee,
    settings,
    defaults,
    inputs: ports.inputs,
    outputs: ports.outputs,
    accepts: definition.accepts ?? ['append'],
    stateful: definition.stateKeys.length > 0,
    examples: [],
  };
}

export function doubleCatalog(): Catalog {
  const real = new Map(kinds.map((definition) => [definition.kind, definition]));
  const entries = LINES.map((line) => {
    const definition = real.get(line[0]);
    return definition === undefined ? fromLine(line) : fromDefinition(definition);
  });
  for (const definition of kinds) if (!LINES.some((line) => line[0] === definition.kind)) entries.push(fromDefinition(definition));
  return {
    version: '0.1.0',
    kinds: entries,
    connections: [
      { name: 'kafka', service: 'kafka', behind: 'embedded' },
      { name: 'postgres', service: 'postgres', behind: 'embedded' },
      { name: 'redis', service: 'redis', behind: 'embedded' },
    ],
    functions: [
      ...['count(x) → integer', 'sum(x) → number', 'avg(x) → float', 'min(x)', 'max(x)', 'top(x, n) → text[]'].map((signature) => ({
        name: signature.split('(')[0]!,
        signature,
        help: '',
        aggregate: true,
      })),
      ...[
        'coalesce(a, b, …)',
        'lower(text) → text',
        'length(text) → integer',
        'round(number) → number',
        'split_part(text, text, integer) → text',
      ].map((signature) => ({ name: signature.split('(')[0]!, signature, help: '', aggregate: false })),
    ],
    templates: [
      {
        name: 'stream-moments',
        title: 'Stream moments',
        summary: 'Chat, viewers and transactions in; summaries and moments out.',
        nodes: 19,
        needs: [],
        picture: {
          nodes: [
            { id: 'a', family: 'source', x: 0, y: 0 },
            { id: 'b', family: 'window', x: 200, y: 0 },
            { id: 'c', family: 'detect', x: 400, y: 0 },
            { id: 'd', family: 'sink', x: 600, y: 0 },
            { id: 'e', family: 'sink', x: 600, y: 120 },
          ],
          edges: [
            { from: 'a', to: 'b' },
            { from: 'b', to: 'c' },
            { from: 'c', to: 'd' },
            { from: 'c', to: 'e' },
          ],
        },
      },
      {
        name: 'top-emotes',
        title: 'Top emotes',
        summary: 'The ten most used emotes a minute.',
        nodes: 4,
        needs: [],
        picture: {
          nodes: [
            { id: 'a', family: 'source', x: 0, y: 0 },
            { id: 'b', family: 'transform', x: 200, y: 0 },
            { id: 'c', family: 'window', x: 400, y: 0 },
            { id: 'd', family: 'sink', x: 600, y: 0 },
          ],
          edges: [
            { from: 'a', to: 'b' },
            { from: 'b', to: 'c' },
            { from: 'c', to: 'd' },
          ],
        },
      },
    ],
  };
}
