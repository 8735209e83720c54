import { EventEmitter } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { utilityCommand, utilityRunner, type UtilityChild } from '../../app/main/desktop-runner.ts';
import { mayHavePermission, mayNavigate, mayOpenOutside, windowOptions } from '../../app/main/desktop-window.ts';
import { electronBinary } from '../../scripts/desktop.mjs';
import { scratch } from '../support/telemetra.ts';

const ORIGIN = 'http://127.0.0.1:4700';

test('the window has no more rights than a page in a browser', () => {
  expect(windowOptions('/preload.cjs', true).webPreferences).toEqual({
    preload: '/preload.cjs',
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    spellcheck: false,
    devTools: false,
  });
});

test.each([
  [`${ORIGIN}/`, true],
  [`${ORIGIN}/?token=x`, true],
  ['http://127.0.0.1:4701/', false],
  ['https://127.0.0.1:4700/', false],
  ['http://127.0.0.1:4700.evil.example/', false],
  ['http://127.0.0.1:4700@evil.example/', false],
  ['http://localhost:4700/', false],
  ['file:///etc/passwd', false],
  ['javascript:alert(1)', false],
  ['not an address', false],
])('navigation to %s: %s', (address, allowed) => {
  expect(mayNavigate(address, ORIGIN)).toBe(allowed);
});

test('only https leaves for the browser, and only the clipboard is granted', () => {
  const outside = [
    'https://www.postgresql.org/docs/',
    'http://example.org',
    'file:///etc/passwd',
    'smb://host/share',
    `${ORIGIN}/`,
  ];
  expect(outside.map((address) => mayOpenOutside(address, ORIGIN))).toEqual([true, false, false, false, false]);
  expect(['clipboard-sanitized-write', 'geolocation', 'media', 'openExternal', 'notifications'].filter(mayHavePermission)).toEqual([
    'clipboard-sanitized-write',
  ]);
});

class Child extends EventEmitter implements UtilityChild {
  readonly pid = 4711;
  readonly stdout = new EventEmitter();
  readonly stderr = new EventEmitter();
  readonly sent: unknown[] = [];
  readonly words: readonly string[];
  constructor(words: readonly string[]) {
    super();
    this.words = words;
  }
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  kill(): boolean {
    return true;
  }
}

test('a runner in a utility process hears commands, tells its events, and its end is known with its last words', () => {
  const told: unknown[] = [];
  const killed: number[] = [];
  let child: Child | undefined;
  const start = utilityRunner(
    (words) => (child = new Child(words)),
    (pid) => void killed.push(pid),
  );
  const runner = start(['p.json'], { event: (event) => void told.push(event), exit: (...end) => void told.push(end) });
  expect(child!.words).toEqual(['run', 'p.json', '--log', 'json']);
  runner.send({ type: 'pause' });
  expect(child!.sent).toEqual([{ type: 'pause' }]);
  const event = { seq: 1, at: 1, type: 'state', state: 'starting' };
  child!.emit('message', event);
  runner.kill();
  child!.stderr.emit('data', Buffer.from('last words'));
  child!.emit('exit', 1);
  runner.send({ type: 'stop' });
  runner.kill();
  expect([told, killed, child!.sent.length]).toEqual([[event, [1, null, 'last words']], [4711], 1]);
});

test('a command in a utility process gives what it printed and its exit code', async () => {
  let child: Child | undefined;
  const ended = utilityCommand((words) => (child = new Child(words)))(['test', '.']);
  child!.stdout.emit('data', Buffer.from('{}'));
  child!.emit('exit', 0);
  expect(await ended).toEqual({ code: 0, stdout: '{}', stderr: '' });
});

test('the binary of Electron is found where it was fetched, and missed where it was not', () => {
  const directory = scratch('electron');
  expect(electronBinary(directory.path)).toBeUndefined();
  mkdirSync(join(directory.path, 'dist'));
  writeFileSync(join(directory.path, 'path.txt'), 'electron');
  expect(electronBinary(directory.path)).toBeUndefined();
  writeFileSync(join(directory.path, 'dist', 'electron'), '');
  expect(electronBinary(directory.path)).toBe(join(directory.path, 'dist', 'electron'));
  directory.remove();
});
