import type { Connections } from '../../connections/connections.ts';
import type { SourceModule } from '../../engine/stream/connector.ts';
import type { Settings } from './definition.ts';
import { TopicFeed } from './topic-feed.ts';

export const source: SourceModule<Settings, Connections> = {
  async open(settings, context) {
    const log = await context.connections.kafka(settings.connection);
    const reader = await log.reader(settings.topic, { readCommitted: settings.read_committed });
    const feed = new TopicFeed(log, reader, { topic: settings.topic, start: settings.start }, context);
    try {
      await feed.start();
    } catch (error) {
      await reader.close();
      throw error;
    }
    return feed;
  },
};
