// Kafka for tests and benchmarks, without Docker: the broker's own jars from Maven, one KRaft node on loopback.
// Only Node built-ins; imported by services.mjs, and by tests that need a broker of their own.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KAFKA_VERSION = '4.1.0';
const home = join(dirname(fileURLToPath(import.meta.url)), '..', '.services', 'kafka');
const libs = join(home, 'libs');

function have(command) {
  return spawnSync(command, ['-version'], { stdio: 'ignore' }).error === undefined;
}

export function isInstalled() {
  return existsSync(libs) && readdirSync(libs).some((name) => name === `kafka_2.13-${KAFKA_VERSION}.jar`) && have('java');
}

export async function install() {
  if (isInstalled()) return 'is installed';
  if (!have('java')) throw new Error('no Java here: npm run services -- install java');
  if (!have('mvn'))
    throw new Error('no Maven here: install the package "maven", or put the jars of Kafka 4.1 into .services/kafka/libs');
  mkdirSync(libs, { recursive: true });
  const project = join(home, 'pom.xml');
  writeFileSync(
    project,
    `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>telemetra</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
  </dependencies>
</project>
`,
  );
  const words = ['-q', '-B', '-f', project, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${libs}`];
  const { status } = spawnSync('mvn', words, { stdio: 'inherit' });
  if (status !== 0 || !isInstalled()) throw new Error('Maven did not bring the jars of Kafka');
  return 'installed';
}

/**
 * A new, formatted broker under `directory`, not started: PLAINTEXT on `port`, SASL_SSL (PLAIN, SCRAM-SHA-512) on `securePort`.
 * User `guest` (PLAIN, the same password) may log in and has no rights.
 * @returns {Promise<{directory: string, host: string, port: number, securePort: number, user: string, password: string, ca: string}>}
 */
export async function prepareBroker(directory) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const [port, securePort, controllerPort] = await freePorts(3);
  const user = 'telemetra';
  const password = randomBytes(16).toString('hex');
  const store = join(directory, 'broker.p12');
  const ca = join(directory, 'broker.pem');
  const key = ['-alias', 'broker', '-keystore', store, '-storetype', 'PKCS12', '-storepass', password];
  const certificate = [
    '-dname',
    'CN=localhost',
    '-ext',
    'SAN=DNS:localhost,IP:127.0.0.1',
    '-keyalg',
    'EC',
    '-groupname',
    'secp256r1',
    '-validity',
    '30',
  ];
  execFileSync('keytool', ['-genkeypair', ...key, ...certificate], { stdio: 'ignore' });
  writeFileSync(ca, execFileSync('keytool', ['-exportcert', '-rfc', ...key], { stdio: ['ignore', 'pipe', 'ignore'] }));
  const login = 'org.apache.kafka.common.security';
  writeFileSync(
    join(directory, 'server.properties'),
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port},SASL_SSL://localhost:${securePort}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
listener.name.sasl_ssl.ssl.keystore.type=PKCS12
listener.name.sasl_ssl.ssl.keystore.location=${store}
listener.name.sasl_ssl.ssl.keystore.password=${password}
listener.name.sasl_ssl.ssl.key.password=${password}
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${user}="${password}" user_guest="${password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:${user}
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;
log.dirs=${join(directory, 'data')}
auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=2
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.segment.delete.delay.ms=1000
`,
    { mode: 0o600 },
  );
  formatStorage(directory, randomBytes(16).toString('base64url'), [
    '--add-scram',
    `SCRAM-SHA-512=[name=${user},password=${password}]`,
  ]);
  return { directory, host: '127.0.0.1', port, securePort, user, password, ca };
}

/** Makes the data directories that `server.properties` under `directory` names. Brokers of one cluster share its id. */
export function formatStorage(directory, cluster, more = []) {
  const format = ['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', join(directory, 'server.properties'), ...more];
  const { status, stdout, stderr } = spawnSync('java', [...javaOptions(directory), ...format], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`formatting failed: ${`${stdout}${stderr}`.trim().split('\n').at(-1)}`);
}

/** Starts a prepared (or stopped) broker and waits until it serves; gives its pid. */
export async function startBroker(broker) {
  const log = openSync(join(broker.directory, 'log'), 'a');
  const child = spawn('java', [...javaOptions(broker.directory), 'kafka.Kafka', join(broker.directory, 'server.properties')], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.on('error', () => {}); // seen below: it never answers
  child.unref();
  // a KRaft broker opens its port when it is ready to serve
  for (const end = Date.now() + 90_000; !(await answers(broker.port));) {
    if (child.exitCode !== null || Date.now() > end) {
      if (child.exitCode === null) child.kill('SIGKILL');
      throw new Error(`the broker did not start: see ${join(broker.directory, 'log')}`);
    }
    await new Promise((go) => setTimeout(go, 100));
  }
  return child.pid;
}

/** @param {'SIGTERM' | 'SIGKILL'} signal */
export async function stopBroker(pid, signal = 'SIGTERM') {
  if (!isAlive(pid)) return;
  process.kill(pid, signal);
  for (const end = Date.now() + 30_000; isAlive(pid);) {
    if (Date.now() > end) process.kill(pid, 'SIGKILL');
    await new Promise((go) => setTimeout(go, 50));
  }
}

function javaOptions(directory) {
  const settings = join(directory, 'log4j2.properties');
  if (!existsSync(settings)) {
    writeFileSync(
      settings,
      `status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %m (%c{1})%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
`,
    );
  }
  return [
    '-Xmx512m',
    '-Xms128m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=4',
    `-Dlog4j2.configurationFile=${settings}`,
    '-cp',
    join(libs, '*'),
  ];
}

export const kafka = {
  install,
  async up({ directory }) {
    if (!isInstalled()) throw new Error('no Kafka here: npm run services -- install kafka');
    const broker = await prepareBroker(join(directory, 'kafka', 'broker'));
    return { ...broker, pid: await startBroker(broker) };
  },
  async down(state) {
    await stopBroker(state.pid);
    rmSync(state.directory, { recursive: true, force: true });
  },
  running: (state) => isAlive(state.pid) && answers(state.port),
  describe: (state) => `${state.host}:${state.port}`,
};

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** An ended child whose parent has not waited for it answers signal 0 as well. */
function isZombie(pid) {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function answers(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const done = (is) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

/** Taken together, so that they differ. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
