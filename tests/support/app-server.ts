import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { WebSocket } from 'ws';
import { startChildRunner, runChildCommand, type StartRunner } from '../../app/main/runner-process.ts';
import { openStudio, type OpenStudio } from '../../app/main/open-studio.ts';
import { serve } from '../../app/main/server.ts';
import { handlersOf } from '../../app/main/handlers-of.ts';
import { LIVE_PATH, type LiveMessage, type LiveRequest } from '../../app/protocol/live.ts';
import { fillPath, type AnswerOf, type RequestOf, type Route } from '../../app/protocol/route.ts';

const TEMPLATES = fileURLToPath(new URL('../../pipelines', import.meta.url));
export const TOKEN = 'token-of-the-tests';

/** for one wait; what comes sooner is taken sooner */
const WAIT_MS = 90_000;
// longer than any wait, so that a step that hangs says itself what did not come
vi.setConfig({ testTimeout: 2 * WAIT_MS, hookTimeout: 2 * WAIT_MS });

export interface Answered<A> {
  readonly status: number;
  readonly body: A;
  readonly headers: Headers;
}

/** The real server in this process, on a free port and a workspace of its own; runners are real processes. */
export class AppServer {
  readonly opened: OpenStudio;
  readonly port: number;
  readonly workspace: string;
  readonly log: string[];
  readonly #close: () => Promise<void>;

  private constructor(opened: OpenStudio, port: number, workspace: string, log: string[], close: () => Promise<void>) {
    this.opened = opened;
    this.port = port;
    this.workspace = workspace;
    this.log = log;
    this.#close = close;
  }

  static async open(workspace: string, startRunner: StartRunner = startChildRunner): Promise<AppServer> {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(KAFKA|POSTGRES|REDIS)_/.test(name)));
    const opened = await openStudio({
      version: 'test',
      workspace,
      services: 'embedded',
      templates: TEMPLATES,
      startRunner,
      runCommand: runChildCommand,
      env,
      now: Date.now,
    });
    const log: string[] = [];
    const parts = {
      handlers: handlersOf(opened.studio),
      page: undefined,
      live: opened.live.accept,
      log: (line: string) => void log.push(line),
    };
    const { server, access } = await serve(parts, TOKEN, 0);
    return new AppServer(opened, access.port, workspace, log, async () => {
      server.close();
      server.closeAllConnections();
      await opened.close();
    });
  }

  close(): Promise<void> {
    return this.#close();
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get library(): string {
    return join(this.workspace, 'pipelines');
  }

  /** As a script asks: with the token. */
  async ask<R extends Route<never, unknown>>(
    route: R,
    parts: Readonly<Record<string, string | number>> = {},
    request?: RequestOf<R>,
  ): Promise<Answered<AnswerOf<R>>> {
    const path = fillPath(route.path, parts);
    const query =
      route.method === 'GET' && request !== undefined
        ? `?${new URLSearchParams(request as Record<string, string>).toString()}`
        : '';
    const body = route.method === 'GET' || request === undefined ? {} : { body: JSON.stringify(request) };
    const answer = await fetch(`${this.origin}${path}${query}`, {
      method: route.method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...body,
    });
    return { status: answer.status, body: (await answer.json()) as AnswerOf<R>, headers: answer.headers };
  }

  /** The answer of a request that must succeed. */
  async get<R extends Route<never, unknown>>(
    route: R,
    parts: Readonly<Record<string, string | number>> = {},
    request?: RequestOf<R>,
  ): Promise<AnswerOf<R>> {
    const { status, body } = await this.ask(route, parts, request);
    if (status !== 200) throw new Error(`${route.method} ${route.path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  socket(): Promise<LiveSocket> {
    return LiveSocket.open(this.port);
  }
}

/** A page's WebSocket: everything that came, and a promise for what is to come. */
export class LiveSocket {
  readonly messages: LiveMessage[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as LiveMessage);
      for (const look of this.#waiting) look();
    });
  }

  static open(port: number): Promise<LiveSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${LIVE_PATH}`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const live = new LiveSocket(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(live));
      socket.once('error', reject);
    });
  }

  say(request: LiveRequest): void {
    this.#socket.send(JSON.stringify(request));
  }

  /** The first message, also of those that have come, from which `pick` makes something. What does not come is said with its place. */
  until<T>(pick: (message: LiveMessage) => T | undefined, from = 0): Promise<T> {
    const waited = new Error(`The message did not come within ${WAIT_MS / 1000} s.`);
    return new Promise((resolve, reject) => {
      let next = from;
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        waited.message += ` The last ones: ${JSON.stringify(this.messages.slice(-3)).slice(0, 2000)}`;
        reject(waited);
      }, WAIT_MS);
      const look = (): void => {
        while (next < this.messages.length) {
          const found = pick(this.messages[next++]!);
          if (found === undefined) continue;
          this.#waiting.delete(look);
          clearTimeout(timer);
          resolve(found);
          return;
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}
