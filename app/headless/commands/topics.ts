import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openConnections } from '../../../connections/connections.ts';
import type { EventLog } from '../../../connections/kafka/event-log.ts';
import { listTopics, showTopic, tailTopic } from '../../../connections/kafka/topics.ts';
import { Fault } from '../../../engine/model/fault.ts';
import { formatDuration } from '../../../engine/model/duration.ts';
import { formatTimestamp } from '../../../engine/model/timestamp.ts';
import { EXIT } from '../exit-codes.ts';
import { counted } from '../progress-line.ts';

export interface TopicFlags {
  readonly workspace: string;
  readonly connection: string;
  readonly services: 'env' | 'embedded';
}

async function withLog<T>(flags: TopicFlags, work: (log: EventLog) => Promise<T>): Promise<T> {
  const workspace = resolve(flags.workspace);
  const connections = openConnections({ services: flags.services, workspace, env: process.env });
  const [described] = connections.describe([{ name: flags.connection, service: 'kafka' }]);
  // looking creates nothing
  if (described!.target === 'embedded' && !existsSync(workspace)) {
    throw new Fault('fatal', 'no_workspace', `There is no workspace ${workspace}, so there are no topics.`, {
      mend: 'Run a pipeline first, or name another workspace with --workspace.',
    });
  }
  try {
    return await work(await connections.kafka(flags.connection));
  } finally {
    await connections.close();
  }
}

export function topicsLs(flags: TopicFlags): Promise<number> {
  return withLog(flags, async (log) => {
    const topics = await listTopics(log);
    if (topics.length === 0) process.stdout.write('no topics\n');
    for (const topic of topics) {
      const kept = topic.retentionMs === undefined ? '' : `, kept ${formatDuration(topic.retentionMs * 1000)}`;
      process.stdout.write(
        `${topic.name}  ${counted(topic.partitions, 'partition')}, ${counted(topic.messages, 'message')}${kept}\n`,
      );
    }
    return EXIT.done;
  });
}

export function topicsShow(name: string, flags: TopicFlags): Promise<number> {
  return withLog(flags, async (log) => {
    const topic = await showTopic(log, name);
    process.stdout.write(`${topic.name}  ${counted(topic.messages, 'message')}\n`);
    for (const { partition, start, end } of topic.partitions)
      process.stdout.write(
        `  partition ${partition}  ${end === start ? `empty, next offset ${end}` : `offsets ${start} to ${end - 1}`}\n`,
      );
    return EXIT.done;
  });
}

/** The newest messages; with `follow` also what comes, until Ctrl-C. */
export function topicsTail(
  name: string,
  flags: TopicFlags & { readonly last: number; readonly follow: boolean; readonly json: boolean },
): Promise<number> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  return withLog(flags, async (log) => {
    for await (const message of tailTopic(log, name, { last: flags.last, follow: flags.follow, signal: abort.signal })) {
      const line = flags.json
        ? JSON.stringify({ ...message, timestampUs: undefined, timestamp: formatTimestamp(message.timestampUs) })
        : `${message.partition}/${message.offset}  ${formatTimestamp(message.timestampUs)}  ${message.key ?? '-'}  ${message.value ?? '(no value)'}`;
      process.stdout.write(`${line}\n`);
    }
    return EXIT.done;
  });
}
