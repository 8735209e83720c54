import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { LIVE_PATH } from '../protocol/live.ts';
import { sessionCookie } from './access.ts';
import type { Handlers } from './handlers.ts';
import { serve } from './server.ts';

test('the end does not wait for pages that are open', async () => {
  const options = { handlers: {} as Handlers, page: undefined, live: () => undefined, log: () => undefined };
  const { server, access, end } = await serve(options, 'a token of this test', 0);
  const origin = `http://127.0.0.1:${access.port}`;
  const cookie = sessionCookie(access).split(';')[0]!;
  const socket = new WebSocket(`ws://127.0.0.1:${access.port}${LIVE_PATH}`, { headers: { origin, cookie } });
  await once(socket, 'open');
  const gone = Promise.all([once(socket, 'close'), once(server, 'close')]);
  end();
  await gone;
  expect(socket.readyState).toBe(WebSocket.CLOSED);
});
