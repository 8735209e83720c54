import { readFileSync, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { WebSocketServer, type WebSocket } from 'ws';
import { Fault } from '../../engine/model/fault.ts';
import { api } from '../protocol/api.ts';
import { MAX_REQUEST_BYTES } from '../protocol/limits.ts';
import { LIVE_PATH } from '../protocol/live.ts';
import { requests, sessionRequest } from '../protocol/requests.ts';
import { refuseAccess, sameToken, sessionCookie, type Access } from './access.ts';
import type { Handlers } from './handlers.ts';
import { Refused } from './refused.ts';
import { NotNow } from './supervisor.ts';

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "style-src-elem 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

export interface ServerOptions {
  readonly access: Access;
  readonly handlers: Handlers;
  /** the built page; undefined: no page, only the API */
  readonly page: string | undefined;
  readonly live: (socket: WebSocket) => void;
  readonly log: (line: string) => void;
}

/** The HTTP side: who may come in, what is let through, and how refusals look. */
export function makeApp(options: ServerOptions): Hono {
  const { access, handlers } = options;
  const app = new Hono();
  app.use('*', async (context, next) => {
    const kind = context.req.path === api.session.path ? 'session' : context.req.path.startsWith('/api/') ? 'api' : 'page';
    const refusal = refuseAccess(asAccessRequest(context), access, kind);
    if (refusal !== undefined) {
      const { status, ...body } = refusal;
      return context.json(body, status);
    }
    await next();
    context.header('Content-Security-Policy', CSP);
    context.header('X-Content-Type-Options', 'nosniff');
    context.header('Referrer-Policy', 'no-referrer');
    context.header('Cross-Origin-Opener-Policy', 'same-origin');
    context.header('Cross-Origin-Resource-Policy', 'same-origin');
    if (context.req.path.startsWith('/api/')) context.header('Cache-Control', 'no-store');
    return undefined;
  });
  app.post(api.session.path, async (context) => {
    const parsed = sessionRequest.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success || !sameToken(parsed.data.token, access.token))
      throw new Refused('unauthorised', 'The token is not the one of this start.', {
        mend: 'Open the link printed in the terminal.',
      });
    context.header('Set-Cookie', sessionCookie(access));
    return context.json(null);
  });
  for (const [name, route] of Object.entries(api)) {
    if (route === api.session) continue;
    const key = name as keyof typeof api;
    const schema = key in requests ? requests[key as keyof typeof requests] : undefined;
    const limit = bodyLimit({
      maxSize: MAX_REQUEST_BYTES,
      onError: (context) => {
        // read to its end unseen: else the sender meets a broken connection in place of the refusal
        (context.env as { incoming?: IncomingMessage }).incoming?.resume();
        throw new Refused('too_large', 'The request is larger than this route takes.');
      },
    });
    app.on(route.method, route.path, limit, async (context) => {
      const given = schema === undefined ? undefined : route.method === 'GET' ? context.req.query() : await bodyOf(context);
      const parsed = schema?.safeParse(given);
      if (parsed?.success === false) {
        const first = parsed.error.issues[0]!;
        throw new Refused('not_valid', `The request is not as this route wants it: ${first.path.join('.')} ${first.message}.`);
      }
      const handler = handlers[key] as (asked: { body: unknown; path: Record<string, string> }) => unknown;
      const answer = await handler({ body: parsed?.data, path: context.req.param() as Record<string, string> });
      return context.json((answer ?? null) as never);
    });
  }
  app.all('/api/*', () => {
    throw new Refused('not_found', 'There is no such route.');
  });
  app.get('/', (context) => pageOrLogin(context, options));
  app.get('*', (context) => staticFile(context, options.page, context.req.path));
  app.onError((error, context) => {
    const refused = refusedOf(error);
    if (refused === undefined) {
      options.log(`A request failed by a defect: ${error.stack ?? error.message}`);
      return context.json({ code: 'defect', message: 'Telemetra has a defect; its log says more.' }, 500);
    }
    return context.json(refused.body, refused.status);
  });
  return app;
}

function refusedOf(error: unknown): Refused | undefined {
  if (error instanceof Refused) return error;
  if (error instanceof NotNow) return new Refused('not_now', error.message, { mend: error.mend });
  if (error instanceof Fault) return new Refused('unavailable', error.message, { mend: error.mend });
  return undefined;
}

async function bodyOf(context: Context): Promise<unknown> {
  if (context.req.header('content-length') === undefined && context.req.header('transfer-encoding') === undefined) return {};
  if (context.req.header('content-type')?.split(';')[0] !== 'application/json') {
    if (context.req.header('content-length') === '0') return {};
    throw new Refused('not_valid', 'Only JSON is taken here.');
  }
  return context.req.json().catch(() => {
    throw new Refused('not_valid', 'The request is not JSON.');
  });
}

function asAccessRequest(context: Context): Parameters<typeof refuseAccess>[0] {
  return { method: context.req.method, path: context.req.path, header: (name) => context.req.header(name) };
}

/** `/?token=…` makes the session and goes on to `/`; without a session a page says where to find the link. */
function pageOrLogin(context: Context, { access, page }: ServerOptions): Response | Promise<Response> {
  const token = context.req.query('token');
  if (token !== undefined && sameToken(token, access.token)) {
    context.header('Set-Cookie', sessionCookie(access));
    return context.redirect('/', 302);
  }
  const refusal = refuseAccess(asAccessRequest(context), access, 'api');
  if (refusal === undefined && token === undefined) return staticFile(context, page, '/index.html');
  return context.html(
    '<!doctype html><meta charset="utf-8"><title>Telemetra</title><p>Open the link printed in the terminal: it carries the token of this start.</p>',
    401,
  );
}

function staticFile(context: Context, page: string | undefined, path: string): Response | Promise<Response> {
  if (page === undefined) throw new Refused('not_found', 'The page has not been built.', { mend: 'Run npm run build.' });
  const file = join(page, normalize(path));
  const type = TYPES[extname(file)];
  if (!file.startsWith(page) || type === undefined || !existsSync(file))
    throw new Refused('not_found', `There is no ${path} here.`);
  context.header('Content-Type', type);
  context.header('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
  return context.body(readFileSync(file));
}

/** Listens on loopback only. */
export async function serve(
  options: Omit<ServerOptions, 'access'>,
  token: string,
  port: number,
): Promise<{ readonly server: Server; readonly access: Access; readonly end: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const access = { token, port: (server.address() as { port: number }).port };
  const app = makeApp({ ...options, access });
  server.on('request', getRequestListener(app.fetch, { autoCleanupIncoming: false }));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 256 * 1024 });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const header = (name: string): string | undefined => {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const path = (request.url ?? '').split('?')[0]!;
    const refusal = path === LIVE_PATH ? refuseAccess({ method: 'GET', path, header }, access, 'socket') : { status: 404 };
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => options.live(client));
  });
  const end = (): void => {
    server.close();
    server.closeAllConnections();
    // an upgraded connection is the server's no more: with a page still open the process would never end
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
  return { server, access, end };
}
