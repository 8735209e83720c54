import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_REQUEST_BYTES } from '../../app/protocol/limits.ts';
import { api } from '../../app/protocol/api.ts';
import { LIVE_PATH } from '../../app/protocol/live.ts';
import { fillPath, type Route } from '../../app/protocol/route.ts';
import { AppServer, TOKEN } from '../support/app-server.ts';
import { scratch } from '../support/telemetra.ts';

const directory = scratch('access');
let app: AppServer;

beforeAll(async () => {
  app = await AppServer.open(directory.path);
});

afterAll(async () => {
  await app.close();
  directory.remove();
});

/** Plain HTTP: a browser would not let us write these headers. */
function ask(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<{ status: number; body: string; cookie: string }> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({ host: '127.0.0.1', port: app.port, method, path, headers: { ...length, ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, body: text, cookie: String(answer.headers['set-cookie'] ?? '') }),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

function upgrade(headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1', () => {
      const own = { Host: `127.0.0.1:${app.port}`, Upgrade: 'websocket', Connection: 'Upgrade', ...headers };
      const key = { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
      const lines = Object.entries({ ...own, ...key }).map(([name, value]) => `${name}: ${value}`);
      socket.write(`GET ${LIVE_PATH} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    });
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(String(data).split('\r\n')[0]!);
    });
  });
}

const routes = Object.entries(api as Readonly<Record<string, Route<never, unknown>>>).map(([name, route]) => ({
  name,
  method: route.method,
  path: fillPath(route.path, {
    id: '0c3c4be6-7f0e-4d0e-8f4a-3f6f0a1b7c02',
    revision: 1,
    letter: 1,
    node: 'n',
    connection: 'kafka',
    name: 'n',
  }),
}));
const cookie = (): string => `telemetra_${app.port}=${TOKEN}`;

describe.each(routes)('$method $path ($name)', ({ name, method, path }) => {
  const json = { 'content-type': 'application/json' };

  test('refuses a foreign page, with the session and with the token', async () => {
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${app.port + 1}`, `https://127.0.0.1:${app.port}`]) {
      expect((await ask(method, path, { ...json, origin, cookie: cookie() }, '{}')).status).toBe(403);
      expect((await ask(method, path, { ...json, origin, authorization: `Bearer ${TOKEN}` }, '{}')).status).toBe(403);
    }
  });

  test('refuses another name for this server', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${app.port}`,
      '127.0.0.1',
      `127.0.0.1.evil.example:${app.port}`,
      `[::1]:${app.port}`,
    ]) {
      expect((await ask(method, path, { ...json, host, cookie: cookie(), origin: `http://${host}` }, '{}')).status).toBe(403);
    }
  });

  test('refuses who has no session', async () => {
    const origin = { origin: app.origin };
    for (const headers of [
      {},
      { cookie: `telemetra_${app.port}=wrong` },
      { cookie: `telemetra=${TOKEN}` },
      { authorization: 'Bearer wrong' },
    ]) {
      const { status, body } = await ask(method, path, { ...json, ...origin, ...headers }, '{}');
      // the route that makes a session asks for the token in its body
      expect([status, (JSON.parse(body) as { code: string }).code]).toEqual([401, 'unauthorised']);
    }
  });

  test('refuses a form that another site sends', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site', cookie: cookie() };
    expect((await ask(method, path, form, 'a=b')).status).toBe(403);
    expect((await ask(method, path, { ...form, 'content-type': 'text/plain', 'sec-fetch-site': 'same-site' }, '{}')).status).toBe(
      403,
    );
    // an old browser that says neither where it is from nor what site
    const changes = method !== 'GET' && name !== 'session';
    if (changes) expect((await ask(method, path, { 'content-type': 'text/plain', cookie: cookie() }, '{}')).status).toBe(403);
  });
});

test('the socket opens only for a session of this page, or for the token', async () => {
  const host = { Origin: app.origin };
  expect(await upgrade(host)).toBe('HTTP/1.1 401 Refused');
  expect(await upgrade({ ...host, Cookie: `telemetra_${app.port}=wrong` })).toBe('HTTP/1.1 401 Refused');
  expect(await upgrade({ Cookie: cookie() })).toBe('HTTP/1.1 403 Refused');
  expect(await upgrade({ Cookie: cookie(), Origin: 'https://evil.example' })).toBe('HTTP/1.1 403 Refused');
  expect(await upgrade({ Cookie: cookie(), Origin: 'null' })).toBe('HTTP/1.1 403 Refused');
  expect(await upgrade({ Cookie: cookie(), Origin: 'http://evil.example', Host: 'evil.example' })).toBe('HTTP/1.1 403 Refused');
  expect(await upgrade({ ...host, Cookie: cookie() })).toBe('HTTP/1.1 101 Switching Protocols');
  expect(await upgrade({ Authorization: `Bearer ${TOKEN}` })).toBe('HTTP/1.1 101 Switching Protocols');
});

test('the link with the token makes the session; the bare address says where the link is', async () => {
  const host = { host: `127.0.0.1:${app.port}` };
  expect(await ask('GET', `/?token=${TOKEN}`, host)).toMatchObject({
    status: 302,
    cookie: `telemetra_${app.port}=${TOKEN}; Path=/; HttpOnly; SameSite=Strict`,
  });
  expect(await ask('GET', '/?token=wrong', host)).toMatchObject({ status: 401, cookie: '' });
  const { status, body } = await ask('GET', '/', host);
  expect([status, body]).toEqual([401, expect.stringContaining('Open the link printed in the terminal')]);
  const session = { ...host, origin: app.origin, 'content-type': 'application/json' };
  expect(await ask('POST', '/api/session', session, JSON.stringify({ token: TOKEN }))).toMatchObject({ status: 200 });
});

test('answers carry the headers that keep other pages out', async () => {
  const { headers } = await app.ask(api.pipelines);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-security-policy')).not.toContain('unsafe-eval');
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(headers.get('cache-control')).toBe('no-store');
});

test('too large, not JSON, not as the route wants it: refused in words', async () => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const large = { ...headers, 'content-length': String(MAX_REQUEST_BYTES + 1), connection: 'close' };
  expect(await ask('POST', '/api/check', large, '{"document":')).toMatchObject({ status: 413 });
  expect(await ask('POST', '/api/check', headers, '{')).toMatchObject({ status: 422 });
  expect(await ask('POST', '/api/check', headers, '{}')).toMatchObject({
    status: 422,
    body: expect.stringContaining('document') as string,
  });
  expect(await ask('GET', '/api/nothing', headers)).toMatchObject({ status: 404 });
  expect(await ask('GET', '/../package.json', headers)).toMatchObject({ status: 404 });
  expect(app.log).toEqual([]);
});
