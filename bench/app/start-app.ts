import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Imported } from '../../app/protocol/library.ts';
import { launchChromium } from '../../tests/browser/support/chromium.ts';
import { rateIsShown } from './page-measures.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WAIT_MS = 240_000;

export interface App {
  readonly url: string;
  readonly origin: string;
  /** the page was not there and had to be built while starting */
  readonly builtPage: boolean;
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** as a pipeline of the workspace, which gives it an id */
  importPipeline(document: PipelineDocument): Promise<PipelineDocument>;
  /** starts it and returns once it runs */
  run(document: PipelineDocument): Promise<void>;
  /** from the start of the command to the first rate that is not nothing, in a browser that was started meanwhile */
  firstNumber(): Promise<{ readonly ms: number; readonly chromium: string }>;
  stop(): Promise<void>;
}

/** `npm start` as a person runs it, but for the browser and the port. */
export async function startApp(workspace: string, demo: boolean): Promise<App> {
  const begun = performance.now();
  const port = await freePort();
  const words = ['scripts/start.mjs', '--workspace', workspace, '--no-open', '--port', String(port)];
  const child = spawn(process.execPath, demo ? words : [...words, '--no-demo'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const browser = demo ? await launchChromium() : undefined;
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the app did not start:\n${said}`)), WAIT_MS);
    const hear = (text: string): void => {
      said += text;
      const found = /open (http:\S+)\s/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('exit', () => reject(new Error(`the app ended:\n${said}`)));
  });
  const origin = new URL(url).origin;
  const token = new URL(url).searchParams.get('token')!;
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(origin + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    url,
    origin,
    builtPage: said.includes('the page is built'),
    ask,
    importPipeline: async (document) =>
      (await ask<Imported>('POST', '/api/pipelines/import', { text: JSON.stringify(document) })).document,
    async run(document) {
      await ask('POST', `/api/pipelines/${document.id}/run/start`, { document, revision: 1, from: 'stored' });
      const until = Date.now() + WAIT_MS;
      for (;;) {
        const status = await ask<{ state: string; cause?: { message: string } } | null>('GET', `/api/pipelines/${document.id}/run`);
        if (status?.state === 'running') return;
        if (status?.state === 'failed' || Date.now() > until) throw new Error(`it does not run: ${JSON.stringify(status)}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    async firstNumber() {
      if (browser === undefined) throw new Error('bug: started without a demo');
      const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
      await page.goto(url);
      await rateIsShown(page);
      const ms = performance.now() - begun;
      const chromium = browser.version();
      await browser.close();
      return { ms, chromium };
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
