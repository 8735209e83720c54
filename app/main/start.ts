import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPage, PAGE } from './build-page.ts';
import { handlersOf } from './handlers-of.ts';
import { openBrowser } from './open-browser.ts';
import { openStudio, packageVersion } from './open-studio.ts';
import { runChildCommand, startChildRunner } from './runner-process.ts';
import { serve } from './server.ts';

const FIRST_PORT = 4700;
const LAST_PORT = 4720;
const TEMPLATES = fileURLToPath(new URL('../../pipelines', import.meta.url));

const HELP = `telemetra start: the app, with the demo running on embedded stand-ins

  --port N             port on 127.0.0.1 (default ${FIRST_PORT}, or the next free one)
  --workspace DIR      where pipelines, state and stand-ins live (default .telemetra)
  --services env       use the services that the environment names (default: stand-ins)
  --no-open            do not open the browser
  --no-demo            do not start the demo pipelines
`;

/** `telemetra start`: engine and stand-ins first, the page meanwhile, then one address. Returns when it is stopped. */
export async function start(words: readonly string[], say: (step: string) => void): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      port: { type: 'string' },
      workspace: { type: 'string', default: '.telemetra' },
      services: { type: 'string', default: 'embedded' },
      open: { type: 'boolean', default: true },
      demo: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
    strict: true,
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const workspace = resolve(values.workspace);
  const known = await runningApp(workspace);
  if (known !== undefined) {
    say(`already running: ${known}`);
    if (values.open) openBrowser(known);
    return 0;
  }
  const services = values.services === 'env' ? 'env' : 'embedded';
  const opened = await openStudio({
    version: packageVersion(),
    workspace,
    services,
    templates: TEMPLATES,
    startRunner: startChildRunner,
    runCommand: runChildCommand,
    env: process.env,
    now: Date.now,
  });
  const { studio, live, close } = opened;
  const token = process.env['TELEMETRA_TOKEN'] ?? randomBytes(32).toString('base64url');
  const serving = await listen(values.port, (port) =>
    serve(
      { handlers: handlersOf(studio), page: PAGE, live: live.accept, log: (line) => void process.stderr.write(`${line}\n`) },
      token,
      port,
    ),
  );
  if (serving === undefined) {
    await close();
    const which = values.port === undefined ? `Ports ${FIRST_PORT} to ${LAST_PORT} are` : `Port ${values.port} is`;
    process.stderr.write(`${which} used by another program; nothing was started.\n  Choose a free one with --port N.\n`);
    return 1;
  }
  const { access, end } = serving;
  const building = buildPage();
  building.catch(() => undefined);
  const address = `http://127.0.0.1:${access.port}/?token=${token}`;
  const note = join(workspace, 'app.json');
  writeFileSync(note, JSON.stringify({ port: access.port, token, pid: process.pid }), { mode: 0o600 });
  for (const { name, service, target } of studio.connections.describe())
    say(`${name} → ${target === 'embedded' ? `embedded ${service}` : target}`);
  void opened.warmUp()?.then(() => say('the embedded Postgres is up'));
  if (values.demo) {
    say('the demo is starting: producer, then stream moments');
    void opened.startDemo().then(() => say('the demo is running'));
  }
  try {
    say((await building) ? 'the page is built' : 'the page is there');
    if (values.port === undefined && access.port !== FIRST_PORT) say(`port ${FIRST_PORT} is taken, so this is ${access.port}`);
    say(`open ${address}`);
    if (values.open) openBrowser(address);
    await stopWish();
    say('stopping: the last epoch is written');
  } finally {
    end();
    rmSync(note, { force: true });
    await close();
  }
  return 0;
}

/** The address of an app that works on this workspace already. */
async function runningApp(workspace: string): Promise<string | undefined> {
  let note: { port: number; token: string };
  try {
    note = JSON.parse(readFileSync(join(workspace, 'app.json'), 'utf8')) as { port: number; token: string };
  } catch {
    return undefined;
  }
  try {
    const answer = await fetch(`http://127.0.0.1:${note.port}/api/pipelines`, {
      headers: { authorization: `Bearer ${note.token}` },
      signal: AbortSignal.timeout(2000),
    });
    return answer.ok ? `http://127.0.0.1:${note.port}/?token=${note.token}` : undefined;
  } catch {
    return undefined;
  }
}

/** undefined: the port, or every one that is tried, is taken */
async function listen<T>(wish: string | undefined, work: (port: number) => Promise<T>): Promise<T | undefined> {
  const first = wish === undefined ? FIRST_PORT : Number(wish);
  const last = wish === undefined ? LAST_PORT : first;
  for (let port = first; port <= last; port++) {
    try {
      return await work(port);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    }
  }
  return undefined;
}

function stopWish(): Promise<void> {
  return new Promise((done) => {
    let asked = 0;
    const stop = (): void => {
      if (++asked > 1) process.exit(1);
      done();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
