import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, fieldOf, type Schema } from '../../engine/model/schema.ts';
import { unknownField, wrongType } from '../kit/field-problems.ts';
import { columnName, connectionName, duration, field } from '../kit/settings.ts';

const optionalColumn = z.union([z.literal(''), columnName()]).default('');

const settingsSchema = z.strictObject({
  connection: connectionName()
    .default('kafka')
    .meta(field({ title: 'Connection', widget: 'connection', service: 'kafka' })),
  topic: z
    .string()
    .regex(/^(?!\.\.?$)[A-Za-z0-9._-]{1,249}$/, "a topic's name has letters, digits, point, _ and -, at most 249")
    .meta(field({ title: 'Topic', widget: 'topic', service: 'kafka' })),
  key: optionalColumn.meta(
    field({
      title: 'Key',
      help: 'Column whose text is the key of the message; rows with the same key go to the same partition.',
      widget: 'field',
    }),
  ),
  value: z
    .enum(['row', 'column'])
    .default('row')
    .meta(field({ title: 'Value', help: 'The whole row as a JSON object, or one column as it is.', widget: 'choice' })),
  value_column: optionalColumn.meta(
    field({ title: 'Value column', help: 'With value "column": its text is the message.', widget: 'field' }),
  ),
  timestamp_column: optionalColumn.meta(
    field({ title: 'Timestamp', help: "Column that becomes the message's timestamp; none: the time of writing.", widget: 'field' }),
  ),
  partitions: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta(
      field({
        title: 'Partitions',
        help: 'Of a topic that is created here, unless the environment sets KAFKA_NUM_PARTITIONS.',
        widget: 'number',
        advanced: true,
      }),
    ),
  retention: duration()
    .default('7d')
    .meta(
      field({
        title: 'Retention',
        help: 'Of a topic that is created here, unless the environment sets KAFKA_LOG_RETENTION_HOURS.',
        widget: 'duration',
        advanced: true,
      }),
    ),
  create: z
    .boolean()
    .default(true)
    .meta(field({ title: 'Create topic', help: 'Create the topic when it is not there.', widget: 'switch', advanced: true })),
});

export type Settings = z.infer<typeof settingsSchema>;

/** The columns that a message is made of; empty: all of them, in their order. */
export function messageColumns(settings: Settings): readonly string[] {
  if (settings.value === 'row') return [];
  return [...new Set([settings.value_column, settings.key, settings.timestamp_column])].filter((name) => name !== '');
}

function problemsOf(settings: Settings, input: Schema): LocalProblem[] {
  const problems: LocalProblem[] = [];
  if (settings.value === 'column' && settings.value_column === '') {
    problems.push({
      code: 'missing_setting',
      severity: 'error',
      message: 'The value is one column, but no column is named.',
      field: 'value_column',
      mend: 'Name the column, or take the whole row as the value.',
    });
  }
  const named =
    settings.value === 'column' ? (['key', 'value_column', 'timestamp_column'] as const) : (['key', 'timestamp_column'] as const);
  for (const setting of named) {
    const name = settings[setting];
    if (name === '') continue;
    const found = fieldOf(input, name);
    if (found === undefined) problems.push(unknownField(name, input, setting));
    else if (setting === 'timestamp_column' && found.type !== 'timestamp') {
      problems.push(wrongType(found, 'a timestamp', setting, 'Take a column of type timestamp, or leave it empty.'));
    }
  }
  return problems;
}

export const definition = defineNode<Settings>({
  kind: 'kafka-sink',
  version: 1,
  family: 'sink',
  role: 'sink',
  title: 'Kafka sink',
  summary: 'a topic, transactional',
  help:
    'Writes every row as one message: the row as a JSON object, or one column as it is. The rows of an epoch and the note of how far ' +
    'the sink has come are written in one transaction, so a reader that reads committed messages only sees every row once.',
  icon: 'send',
  settings: settingsSchema,
  ports: () => ({ inputs: [{ name: 'in', title: 'In', role: 'main' }], outputs: [] }),
  infer(settings, [input]) {
    if (input === undefined) return { outputs: undefined, problems: [] };
    return { outputs: [], problems: problemsOf(settings, input) };
  },
  reads(settings, [input]) {
    const columns = messageColumns(settings);
    const names = columns.length > 0 ? columns : input!.fields.map((column) => column.name);
    return [Object.fromEntries(names.map((name) => [name, 'any' as const]))];
  },
  passes: false,
  stateKeys: [],
  guarantee:
    'Exactly once for readers of committed messages: after a crash the unfinished transaction is aborted and written again.',
  migrations: [],
  examples: [
    {
      title: 'One message a row',
      settings: {
        connection: 'kafka',
        topic: 'viewers',
        key: '',
        value: 'row',
        value_column: '',
        timestamp_column: '',
        partitions: 1,
        retention: '7d',
        create: true,
      },
      inputs: [
        {
          schema: {
            fields: [{ name: 'viewers', type: 'integer', nullable: false }],
            mode: APPEND,
            keys: [],
            window: undefined,
            timed: false,
          },
          rows: [{ viewers: 1 }, { viewers: 2 }],
        },
      ],
      outputs: {},
    },
  ],
  caption: (settings) => settings.topic,
  view: () => ({ as: 'table' }),
  sinkKey: () => [],
  accepts: ['append'],
  connection: (settings) => ({ service: 'kafka', name: settings.connection }),
});
