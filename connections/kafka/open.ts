import type { KafkaOpenOptions } from '../connections.ts';
import type { EventLog } from './event-log.ts';

/** The real client where the profile names brokers, else the workspace's embedded log. Connects on first use. */
export async function open(name: string, options: KafkaOpenOptions): Promise<EventLog> {
  if (options.profile !== undefined) {
    const { RealLog } = await import('./real/real-log.ts');
    return new RealLog(options.profile, options.topicDefaults);
  }
  const { EmbeddedLog } = await import('./embedded/embedded-log.ts');
  return new EmbeddedLog({
    directory: options.workspace,
    fileName: name === 'kafka' ? 'log.sqlite' : `log-${name}.sqlite`,
    defaults: options.topicDefaults,
    now: Date.now,
  });
}
