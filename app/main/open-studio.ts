import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openConnections } from '../../connections/connections.ts';
import { knownConnections } from '../../connections/known-connections.ts';
import { stopEmbeddedPostgres } from '../../connections/postgres/embedded/stop.ts';
import { loadParser } from '../../engine/expression/expression.ts';
import { tuneV8 } from '../../engine/host/tune-v8.ts';
import { writePipeline } from '../../engine/plan/write-pipeline.ts';
import { catalog } from '../../nodes/catalog.ts';
import { Library } from './library.ts';
import { Live } from './live.ts';
import { Memories } from './memories.ts';
import { RowCache } from './row-cache.ts';
import { isAlive } from './run-moves.ts';
import type { RunCommandLine, StartRunner } from './runner-process.ts';
import { planOf, type Studio } from './studio.ts';
import { Inspections } from './inspections.ts';
import { Supervisor } from './supervisor.ts';
import { readTemplate } from './templates.ts';

export interface StudioOptions {
  readonly version: string;
  readonly workspace: string;
  readonly services: 'env' | 'embedded';
  readonly templates: string;
  readonly startRunner: StartRunner;
  readonly runCommand: RunCommandLine;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

/** The pipelines of the first run, in the order they start. */
const DEMO = ['producer', 'stream-moments'] as const;
const LOOK_AT_FILES_MS = 1000;

export interface OpenStudio {
  readonly studio: Studio;
  readonly live: Live;
  /** starts the demo pipelines that are not running; resolves when they run, or when one of them has ended instead */
  startDemo(): Promise<void>;
  /** the stand-in of Postgres takes seconds to start the first time; undefined: there is none */
  warmUp(): Promise<void> | undefined;
  close(): Promise<void>;
}

/** Everything behind the server: library, supervisor, connections. A new workspace gets copies of the demo pipelines. */
export async function openStudio(options: StudioOptions): Promise<OpenStudio> {
  const { workspace, templates, now } = options;
  tuneV8();
  await loadParser();
  const isNew = !existsSync(join(workspace, 'pipelines'));
  mkdirSync(workspace, { recursive: true });
  if (isNew) copyDemo(workspace, templates);
  const rows = new RowCache();
  const supervisor = new Supervisor({ workspace, services: options.services, startRunner: options.startRunner, now });
  const inspections = new Inspections(supervisor);
  const live = new Live(supervisor, inspections, rows, options.version, now);
  const library = new Library(workspace, now, (id, revision, by) => live.libraryChanged(id, revision, by));
  const open = (): ReturnType<typeof openConnections> =>
    openConnections({ services: options.services, workspace, env: options.env });
  let connections = open();
  const studio: Studio = {
    version: options.version,
    workspace,
    services: options.services,
    catalog,
    checking: { catalog, connections: knownConnections(options.env), memories: new Memories() },
    library,
    supervisor,
    inspections,
    rows,
    // opened anew after a reset: the stand-ins' files are gone then
    get connections() {
      return connections;
    },
    templates,
    runCommand: options.runCommand,
    now,
    async resetDemo() {
      await supervisor.close();
      await connections.close();
      await stopEmbeddedPostgres(workspace);
      // what the stand-ins and runs keep; pipeline files and their history stay
      for (const name of ['state', 'runs', 'postgres', 'redis', 'log.sqlite', 'log.sqlite-wal', 'log.sqlite-shm']) {
        rmSync(join(workspace, name), { recursive: true, force: true });
      }
      copyDemo(workspace, templates);
      library.refresh();
      connections = open();
      void warmUp(connections);
      rows.clear();
      void startDemo();
    },
  };
  const startOne = (name: (typeof DEMO)[number]): void => {
    const entry = library.get(readTemplate(templates, name).id);
    if (entry === undefined || supervisor.running(entry.id) !== undefined) return;
    const plan = planOf(studio, entry.document);
    supervisor.start({ document: entry.document, revision: entry.revision, planHash: plan.hash, from: 'stored', words: [] });
  };
  const startDemo = async (): Promise<void> => {
    const producer = readTemplate(templates, 'producer').id;
    const written = afterHistory(supervisor, producer, now);
    startOne('producer');
    if (!(await written)) return;
    const running = hasStarted(supervisor, readTemplate(templates, 'stream-moments').id);
    startOne('stream-moments');
    await running;
  };
  const looking = setInterval(() => library.refresh(), LOOK_AT_FILES_MS);
  return {
    studio,
    live,
    startDemo,
    warmUp: () => warmUp(connections),
    async close() {
      clearInterval(looking);
      await supervisor.close();
      await connections.close();
    },
  };
}

/** a producer this close to the clock has written its history */
const CAUGHT_UP_MS = 3000;

/**
 * The history must be in the log before somebody reads it: else the topics that are filled last would be judged idle, and their rows
 * would come late to windows that are closed.
 */
function afterHistory(supervisor: Supervisor, producer: string, now: () => number): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = supervisor.listen({
      status: (status) => {
        if (status.pipelineId === producer && !isAlive(status.state)) end(false);
      },
      event: (pipelineId, _runId, event) => {
        if (pipelineId !== producer || event.type !== 'meters') return;
        const nodes = Object.values(event.nodes);
        const newest = Math.max(
          ...nodes.flatMap((node) => node.partitions ?? []).map((partition) => partition.newest ?? -Infinity),
        );
        const written = nodes.every((node) => (node.outbox?.epochs ?? 0) <= 1);
        if (written && newest / 1000 >= now() - CAUGHT_UP_MS) end(true);
      },
    });
    const end = (written: boolean): void => {
      stop();
      resolve(written);
    };
  });
}

function hasStarted(supervisor: Supervisor, pipelineId: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = supervisor.listen({
      status: (status) => {
        if (status.pipelineId !== pipelineId || status.state === 'starting') return;
        stop();
        resolve();
      },
      event: () => undefined,
    });
  });
}

/** A failure is said by whoever needs the database. */
function warmUp(connections: ReturnType<typeof openConnections>): Promise<void> | undefined {
  const postgres = connections.describe().find(({ service }) => service === 'postgres');
  if (postgres?.target !== 'embedded') return undefined;
  return connections
    .postgres(postgres.name)
    .then((client) => client.use((session) => session.query('SELECT 1')))
    .then(
      () => undefined,
      () => undefined,
    );
}

/** Copies keep the templates' ids: they are the demo itself, and the clone stays clean. */
function copyDemo(workspace: string, templates: string): void {
  const directory = join(workspace, 'pipelines');
  mkdirSync(directory, { recursive: true });
  for (const name of DEMO) writeFileSync(join(directory, `${name}.json`), writePipeline(readTemplate(templates, name)));
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
