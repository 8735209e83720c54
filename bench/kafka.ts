import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';
import { openConnections } from '../connections/connections.ts';
import { partitionOfKey } from '../connections/kafka/murmur2.ts';
import { chatBranch, expectEqualRows } from './support/chat-branch.ts';
import { channelName, chatEvents } from './support/chat-events.ts';
import { cpuNs, report } from './support/machine.ts';
import { PlainChat } from './support/plain-chat.ts';

/**
 * The chat branch from a Kafka topic of 3 partitions on one thread, checkpoints and PostgreSQL sink on, beside kafkajs eachBatch
 * + the plain implementation (no checkpoints, no sink), in the same run. Time by the clock from the first message to the last row.
 * Needs `npm run services -- up kafka postgres`. Usage: npm run bench -- kafka [--events N]
 */
const { values: flags } = parseArgs({ options: { events: { type: 'string', default: '2000000' } } });
const EVENTS = Number(flags.events);
const PARTITIONS = 3;
const root = fileURLToPath(new URL('..', import.meta.url));
const { kafka, postgres } = services();
if (kafka === undefined || postgres === undefined) {
  console.error('Kafka or PostgreSQL is not running: npm run services -- up kafka postgres');
  process.exit(1);
}
const name = `bench_${Date.now().toString(36)}`;
const broker = `${kafka.host}:${kafka.port}`;
const directory = mkdtempSync(join(tmpdir(), 'telemetra-bench-'));
const env = {
  KAFKA_BOOTSTRAP_SERVERS: broker,
  POSTGRES_HOST: String(postgres.host),
  POSTGRES_PORT: String(postgres.port),
  POSTGRES_DB: String(postgres.database),
  POSTGRES_USER: String(postgres.user),
  POSTGRES_PASSWORD: String(postgres.password),
};
const connections = openConnections({ services: 'env', workspace: directory, env });
const log = await connections.kafka('kafka');

type Service = Readonly<Record<'host' | 'port' | 'user' | 'password' | 'database', string | number>>;

/** What `npm run services -- up` has noted. */
function services(): Readonly<Partial<Record<'kafka' | 'postgres', Service>>> {
  try {
    return JSON.parse(readFileSync(join(root, '.services', 'state.json'), 'utf8')) as ReturnType<typeof services>;
  } catch {
    return {};
  }
}

/** ms on the CPU of another process, all its threads; Linux counts in ticks of 10 ms. */
function cpuMsOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    // it has ended, or this is no Linux
    return undefined;
  }
}

interface Times {
  readonly ms: number;
  readonly cpuMs: number;
}

async function fill(): Promise<void> {
  const events = chatEvents(EVENTS);
  const encoder = new TextEncoder();
  await log.create(name, { partitions: PARTITIONS, retentionMs: 3650 * 86_400_000 });
  for (let from = 0; from < EVENTS; from += 5000) {
    await log.append(
      name,
      Array.from({ length: Math.min(5000, EVENTS - from) }, (_, i) => {
        const key = encoder.encode(channelName(events.channel[from + i]!));
        const value = events.bytes.slice(events.start[from + i], events.end[from + i]);
        return { partition: partitionOfKey(key, PARTITIONS), key, value, timestampUs: Date.now() * 1000 };
      }),
    );
  }
}

/** ms from the state `running` to the end of the process, which is after the last row was acknowledged */
async function runEngine(): Promise<Times> {
  const file = join(directory, 'chat.json');
  writeFileSync(
    file,
    JSON.stringify({ ...chatBranch({ chat: { topic: name }, chat_summary_minute: { table: name } }), id: randomUUID() }),
  );
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'telemetra.mjs'), 'run', file, '--bounded', '--workspace', directory, '--log', 'json'],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let began = 0;
  let cpuBefore = 0;
  let cpuNow = 0;
  const sampling = setInterval(() => (cpuNow = cpuMsOf(child.pid!) ?? cpuNow), 5);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (began > 0 || !text.includes('"running"')) return;
    began = performance.now();
    cpuBefore = cpuMsOf(child.pid!) ?? 0;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(sampling);
  if (code !== 0) throw new Error(`the run ended with ${String(code)}`);
  return { ms: performance.now() - began, cpuMs: cpuNow - cpuBefore };
}

/** ms from the first batch to the last */
async function runPlain(): Promise<Times & { readonly rows: PlainChat['rows'] }> {
  // of each partition its own: the channels of two partitions never meet
  const plains = Array.from({ length: PARTITIONS }, () => new PlainChat());
  const client = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = client.consumer({ groupId: name, maxBytesPerPartition: 8 << 20, maxBytes: 32 << 20 });
  await consumer.connect();
  await consumer.subscribe({ topic: name, fromBeginning: true });
  let began = 0;
  let cpuBegan = 0;
  let seen = 0;
  let done = (): void => {};
  const ended = new Promise<void>((resolve) => (done = resolve));
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      if (began === 0) {
        began = performance.now();
        cpuBegan = cpuNs();
      }
      const plain = plains[batch.partition]!;
      for (const { value } of batch.messages) plain.add(value!);
      seen += batch.messages.length;
      if (seen === EVENTS) done();
    },
  });
  await ended;
  for (const plain of plains) plain.end();
  const ms = performance.now() - began;
  const cpuMs = (cpuNs() - cpuBegan) / 1e6;
  await consumer.disconnect();
  return { ms, cpuMs, rows: plains.flatMap((plain) => plain.rows) };
}

try {
  await fill();
  const plain = await runPlain();
  const engine = await runEngine();
  const database = await connections.postgres('postgres');
  const { rows } = await database.use((session) => session.query(`SELECT row_to_json(t)::text AS row FROM ${name} AS t`));
  expectEqualRows(
    rows.map(({ row }) => JSON.parse(row!) as Readonly<Record<string, unknown>>),
    plain.rows,
  );
  await database.use((session) => session.query(`DROP TABLE ${name}`));
  const rate = (ms: number): number => Math.round(EVENTS / (ms / 1000));
  const line = (what: string, { ms, cpuMs }: Times): void =>
    console.log(
      `  ${what.padEnd(42)} ${rate(ms).toLocaleString('en')} events/s by the clock, ${rate(cpuMs).toLocaleString('en')} events per second of CPU`,
    );
  console.log(`${EVENTS} events, ${rows.length} rows in the table, equal to the plain ones`);
  line('chat branch, checkpoints and PostgreSQL', engine);
  line('kafkajs eachBatch + objects and Maps', plain);
  console.log(`  ${(plain.ms / engine.ms).toFixed(1)} × by the clock, ${(plain.cpuMs / engine.cpuMs).toFixed(1)} × by CPU`);
  report('kafka', `npm run bench -- kafka --events ${EVENTS}`, {
    events: EVENTS,
    partitions: PARTITIONS,
    rows: rows.length,
    engine: { eventsPerSecond: rate(engine.ms), eventsPerCpuSecond: rate(engine.cpuMs) },
    plain: { eventsPerSecond: rate(plain.ms), eventsPerCpuSecond: rate(plain.cpuMs) },
    times: { clock: plain.ms / engine.ms, cpu: plain.cpuMs / engine.cpuMs },
  });
} finally {
  await log.remove(name);
  await connections.close();
  rmSync(directory, { recursive: true, force: true });
}
