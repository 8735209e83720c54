import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, scratch, telemetra } from '../support/telemetra.ts';

const directory = scratch('start');
const workspace = join(directory.path, 'workspace');
const BIN = join(ROOT, 'bin', 'telemetra.mjs');
let first: ChildProcess;
let taken: Server;
let port: number;

beforeAll(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  port = (taken.address() as { port: number }).port;
  first = spawn(process.execPath, [BIN, 'start', '--no-open', '--no-demo', '--port', '0', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  await new Promise<void>((resolve) => {
    first.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('redis → embedded redis')) resolve();
    });
  });
});

afterAll(async () => {
  const ended = new Promise((resolve) => first.once('close', resolve));
  first.kill('SIGTERM');
  await ended;
  taken.close();
  directory.remove();
});

test('a second start on the same workspace opens the one that runs', async () => {
  const { code, stdout } = await telemetra(['start', '--no-open', '--workspace', workspace]);
  expect(stdout).toMatch(/^already running: http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+\n$/);
  expect(code).toBe(0);
});

test('a port that is taken is said in words, and nothing is started', async () => {
  const other = join(directory.path, 'other');
  const { code, stdout, stderr } = await telemetra(['start', '--no-open', '--port', String(port), '--workspace', other]);
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    `Port ${port} is used by another program; nothing was started.\n  Choose a free one with --port N.\n`,
  ]);
});
