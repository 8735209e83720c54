import { listTopics, tailTopic } from '../../connections/kafka/topics.ts';
import { listColumns, listRows, listTables } from '../../connections/postgres/browse.ts';
import { formatTimestamp } from '../../engine/model/timestamp.ts';
import type { RowPage, Target } from '../protocol/browse.ts';
import type { HandlersOf } from './handlers.ts';
import { Refused } from './refused.ts';
import { entryOf, type Studio } from './studio.ts';
import { viewPage } from './view-page.ts';

type Names = 'targets' | 'target' | 'topics' | 'topic' | 'tables' | 'table' | 'keys';

interface SinkNode {
  readonly node: string;
  readonly name: string;
  /** writes nothing: the runner holds the rows that it shows */
  readonly view: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly connection: { readonly service: 'kafka' | 'postgres' | 'redis'; readonly name: string } | undefined;
}

/** What stands behind connections, for looking at: topics, tables, keys, and what the sinks of a pipeline write. */
export function browseHandlers(studio: Studio): HandlersOf<Names> {
  const page = (columns: RowPage['columns'], rows: RowPage['rows'], total: number | undefined): RowPage => ({
    columns,
    rows,
    total,
    at: studio.now(),
  });

  const tablePage = async (connection: string, table: string, limit: number): Promise<RowPage> => {
    const client = await studio.connections.postgres(connection);
    const columns = await listColumns(client, table);
    if (columns.length === 0)
      throw new Refused('not_found', `There is no table ${table} yet.`, { mend: 'It is made when the first rows are written.' });
    const newest = columns.find(({ name }) => ['window_start', 'timestamp', 'updated_at'].includes(name))?.name;
    const { rows, more } = await listRows(client, table, { limit, ...(newest === undefined ? {} : { orderBy: newest }) });
    const values = rows.map((row) => columns.map(({ name }) => row[name] ?? null));
    const estimate = more ? (await listTables(client)).find((own) => own.name === table)?.estimatedRows : rows.length;
    // PostgreSQL says −1 of a table that it has never analysed
    return page(columns, values, estimate === undefined || estimate < 0 ? undefined : estimate);
  };

  const keyPage = async (connection: string, patterns: readonly string[], limit: number): Promise<RowPage> => {
    const store = await studio.connections.redis(connection);
    const found = await Promise.all(patterns.map((pattern) => store.keys(pattern, limit)));
    // two patterns may find the same key
    const keys = [...new Map(found.flat().map((key) => [key.key, key])).values()].slice(0, limit);
    const rows = await Promise.all(
      keys.map(async (key) => [
        key.key,
        key.type,
        textOf(await store.value(key.key, 50)),
        key.expiresInMs === undefined ? null : Math.round(key.expiresInMs / 1000),
      ]),
    );
    return page(
      [column('key', 'text'), column('type', 'text'), column('value', 'json'), column('ttl s', 'integer')],
      rows,
      rows.length,
    );
  };

  const topicPage = async (connection: string, topic: string, limit: number): Promise<RowPage> => {
    const log = await studio.connections.kafka(connection);
    const rows: unknown[][] = [];
    for await (const message of tailTopic(log, topic, { last: limit, follow: false })) {
      rows.push([
        message.partition,
        message.offset,
        formatTimestamp(message.timestampUs),
        message.key ?? null,
        message.value ?? null,
      ]);
    }
    const columns = [
      column('partition', 'integer'),
      column('offset', 'integer'),
      column('time', 'timestamp'),
      column('key', 'text'),
      column('value', 'text'),
    ];
    return page(columns, rows.toReversed(), undefined);
  };

  const sinks = (id: string): readonly SinkNode[] =>
    entryOf(studio, id).document.nodes.flatMap((node): readonly SinkNode[] => {
      const definition = studio.catalog.find(({ kind }) => kind === node.kind);
      const parsed = definition?.settings.safeParse(node.settings);
      if (definition === undefined || parsed?.success !== true) return [];
      const view =
        definition.role === 'operator' && definition.view !== undefined && definition.ports(parsed.data).outputs.length === 0;
      if (definition.role !== 'sink' && !view) return [];
      return [
        {
          node: node.id,
          name: node.name === '' ? node.id : node.name,
          view,
          settings: parsed.data as Readonly<Record<string, unknown>>,
          connection: definition.connection?.(parsed.data),
        },
      ];
    });

  return {
    targets: async ({ path }) => Promise.all(sinks(path['id']!).map((sink) => targetOf(studio, sink))),
    target: async ({ path, body }) => {
      const sink = sinks(path['id']!).find(({ node }) => node === path['node']);
      if (sink === undefined) throw new Refused('not_found', `${path['node']} is no sink of this pipeline.`);
      const limit = Number(body.limit ?? 100);
      if (sink.view) return viewPage(studio, path['id']!, sink.node, limit);
      switch (sink.connection?.service) {
        case 'postgres':
          return tablePage(sink.connection.name, String(sink.settings['table']), limit);
        case 'redis':
          return keyPage(sink.connection.name, body.match === undefined ? keyPatterns(sink) : [body.match], limit);
        case 'kafka':
          return topicPage(sink.connection.name, String(sink.settings['topic']), limit);
        default:
          throw new Refused('not_found', `What ${sink.node} writes cannot be shown here.`, { mend: 'Tap the edge into it.' });
      }
    },
    topics: async ({ body: { connection } }) =>
      (await listTopics(await studio.connections.kafka(connection))).map(({ name, partitions, messages }) => ({
        name,
        partitions,
        messages,
        newestAt: undefined,
      })),
    topic: ({ path, body }) => topicPage(path['connection']!, path['name']!, Number(body.limit ?? 100)),
    tables: async ({ body: { connection } }) => {
      const client = await studio.connections.postgres(connection);
      return Promise.all(
        (await listTables(client)).map(async ({ name }) => {
          const columns = await listColumns(client, name);
          return {
            name,
            columns: columns.map(({ name: own, type }) => ({ name: own, type })),
            key: columns.filter(({ key }) => key).map(({ name: own }) => own),
          };
        }),
      );
    },
    table: ({ path, body }) => tablePage(path['connection']!, path['name']!, Number(body.limit ?? 100)),
    keys: ({ path, body }) => keyPage(path['connection']!, [body.match ?? '*'], Number(body.limit ?? 100)),
  };
}

async function targetOf(studio: Studio, { node, name: title, view, settings, connection }: SinkNode): Promise<Target> {
  if (view) return { node, service: 'view', name: title, unit: 'rows', count: undefined };
  switch (connection?.service) {
    case 'postgres': {
      const name = String(settings['table']);
      const table = (await listTables(await studio.connections.postgres(connection.name))).find((own) => own.name === name);
      return {
        node,
        service: 'postgres',
        name,
        unit: 'rows',
        count: table === undefined || table.estimatedRows < 0 ? undefined : table.estimatedRows,
      };
    }
    case 'redis':
      return { node, service: 'redis', name: keyPatterns({ settings }).join(', '), unit: 'keys', count: undefined };
    case 'kafka': {
      const name = String(settings['topic']);
      const topic = (await listTopics(await studio.connections.kafka(connection.name))).find((own) => own.name === name);
      return { node, service: 'kafka', name, unit: 'messages', count: topic?.messages };
    }
    default:
      return { node, service: 'file', name: String(settings['path'] ?? ''), unit: 'rows', count: undefined };
  }
}

/** Key templates as patterns: metrics:{stream_id} → metrics:* */
function keyPatterns({ settings }: Pick<SinkNode, 'settings'>): readonly string[] {
  const keys = settings['keys'];
  if (!Array.isArray(keys)) return [];
  return keys.map((key: { readonly template?: unknown }) => String(key.template).replace(/\{[^}]*\}/g, '*'));
}

function column(name: string, type: string): RowPage['columns'][number] {
  return { name, type };
}

function textOf(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
