import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Broker } from '../../scripts/services-kafka.mjs';
import { kafkaProfile, type KafkaProfile } from '../../connections/profile.ts';

/** The broker of TEST_KAFKA (host:port), or the one that `npm run services -- up` has started; or why there is none. */
export async function kafkaForTests(): Promise<{ readonly profile: KafkaProfile | undefined; readonly missing: string }> {
  const started = startedBroker();
  const address = process.env['TEST_KAFKA'] ?? (started && `${started.host}:${started.port}`);
  const missing = 'no broker answers; install and start one with "npm run services -- install" and "npm run services -- up"';
  if (address !== undefined) {
    const profile = kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: address })!;
    const [broker] = profile.brokers;
    if (await answers(broker!.host, broker!.port)) return { profile, missing };
  }
  if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(`Kafka is required, but ${missing}.`);
  return { profile: undefined, missing };
}

/** What `npm run services -- up` has noted about its broker. */
export function startedBroker(): Broker | undefined {
  const file = new URL('../../.services/state.json', import.meta.url);
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { kafka?: Broker }).kafka;
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
