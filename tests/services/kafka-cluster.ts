import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alterPartitionReassignmentsV0, metadataV12 } from '@platformatic/kafka';
import { Cluster } from '../../connections/kafka/real/cluster.ts';
import { kafkaProfile } from '../../connections/profile.ts';
import { formatStorage, freePorts, startBroker, stopBroker } from '../../scripts/services-kafka.mjs';

/** Node 1 is broker and the only controller, so it always stays; node 2 is a broker that may die. Every topic has a replica on both. */
export interface TwoBrokers {
  readonly bootstrap: string;
  /** Node 2 is killed: what it led is led by node 1 soon. */
  killSecond(): Promise<void>;
  startSecond(): Promise<void>;
  /** Every partition that there is prefers this node as its leader; the controller moves leaders within a second. */
  prefer(node: 1 | 2): Promise<void>;
  /** How many partitions each node leads, and how many lack a replica that is in step. */
  leaders(): Promise<{ readonly 1: number; readonly 2: number; readonly behind: number }>;
  stop(): Promise<void>;
}

export async function startTwoBrokers(directory: string): Promise<TwoBrokers> {
  const [first, second, controller] = (await freePorts(3)) as [number, number, number];
  const prepare = (node: 1 | 2, port: number): { directory: string; port: number } => {
    const own = join(directory, String(node));
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'server.properties'), properties(node, own, port, controller));
    formatStorage(own, 'dGVsZW1ldHJhLXR3by1icg');
    return { directory: own, port };
  };
  const brokers = [prepare(1, first), prepare(2, second)] as const;
  const pids = await Promise.all(brokers.map((broker) => startBroker(broker)));
  const bootstrap = `127.0.0.1:${first},127.0.0.1:${second}`;
  const cluster = new Cluster(kafkaProfile('kafka', { KAFKA_BOOTSTRAP_SERVERS: bootstrap })!);
  const topics = async (): Promise<readonly metadataV12.MetadataResponseTopic[]> => {
    const { topics: all } = await cluster.request('looking at the cluster', 'any', (connection) =>
      metadataV12.api.async(connection, null, false, false),
    );
    return all;
  };
  return {
    bootstrap,
    killSecond: () => stopBroker(pids[1]!, 'SIGKILL'),
    async startSecond() {
      pids[1] = await startBroker(brokers[1]);
    },
    async prefer(node) {
      const wish = (await topics()).map(({ name, partitions }) => ({
        name: name!,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, replicas: [node, 3 - node] })),
      }));
      await cluster.request('choosing leaders', 'any', (connection) =>
        alterPartitionReassignmentsV0.api.async(connection, 20_000, false, wish),
      );
    },
    async leaders() {
      const partitions = (await topics()).flatMap((topic) => topic.partitions);
      const led = (node: number): number => partitions.filter(({ leaderId }) => leaderId === node).length;
      return { 1: led(1), 2: led(2), behind: partitions.filter(({ isrNodes }) => isrNodes.length < 2).length };
    },
    async stop() {
      await cluster.close();
      await Promise.all(pids.map((pid) => stopBroker(pid, 'SIGKILL')));
    },
  };
}

function properties(node: 1 | 2, directory: string, port: number, controllerPort: number): string {
  const own = node === 1 ? `,CONTROLLER://127.0.0.1:${controllerPort}` : '';
  return `process.roles=broker${node === 1 ? ',controller' : ''}
node.id=${node}
controller.quorum.voters=1@127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:${port}${own}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(directory, 'data')}
auto.create.topics.enable=false
default.replication.factor=2
min.insync.replicas=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=2
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=2
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
auto.leader.rebalance.enable=true
leader.imbalance.check.interval.seconds=1
`;
}
