import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../engine/model/dictionary.ts';
import { APPEND } from '../../engine/model/schema.ts';
import type { SinkWriter } from '../../engine/stream/connector.ts';
import { sink } from './connector.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'telemetra-file-'));
  path = join(directory, 'out.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

function open(options: { fresh?: boolean; pipeline?: string; path?: string } = {}): Promise<SinkWriter> {
  return sink.open(
    { path: options.path ?? 'out.jsonl' },
    {
      pipelineId: options.pipeline ?? 'p',
      nodeId: 'n',
      connections: undefined,
      baseDirectory: directory,
      now: () => 0,
      sleep: async () => {},
      random: () => 0,
      signal: new AbortController().signal,
      report: () => {},
      schema: { fields: [], mode: APPEND, keys: [], window: undefined, timed: false },
      fresh: options.fresh ?? false,
    },
  );
}

const rows = (text: string): { rows: number; bytes: Uint8Array } => ({
  rows: text.split('\n').length - 1,
  bytes: encodeUtf8(text),
});
const owner = (epoch: number, start = 1): { lineage: string; owner: number; epoch: number } => ({
  lineage: 'L',
  owner: start,
  epoch,
});

describe('file sink', () => {
  test('[E2] an epoch that is pushed twice is there once', async () => {
    const file = await open();
    expect(await file.fence()).toBeUndefined();
    await file.take(undefined, owner(0));
    await file.push(owner(0), 3, rows('{"a":1}\n'));
    await file.push(owner(0), 3, rows('{"a":1}\n'));
    await file.push(owner(3), 5, rows('{"a":2}\n'));
    expect(await file.fence()).toEqual(owner(5));
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"a":2}\n');
    await file.close();
  });

  test('[E5] what an interrupted epoch left behind is cut off at start', async () => {
    const before = await open();
    await before.take(undefined, owner(0));
    await before.push(owner(0), 1, rows('{"a":1}\n'));
    await before.close();
    appendFileSync(path, '{"a":2}\n{"a"');
    const after = await open();
    await after.take(owner(1), owner(1, 2));
    await after.push(owner(1, 2), 2, rows('{"b":1}\n'));
    await after.close();
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":1}\n');
  });

  test('[E7] the earlier of two runs writes nothing once the later has taken over', async () => {
    const first = await open();
    await first.take(undefined, owner(0));
    const second = await open();
    await second.take(owner(0), owner(0, 2));
    await expect(first.push(owner(0), 1, rows('{"a":1}\n'))).rejects.toMatchObject({ kind: 'fenced', code: 'fenced' });
    await expect(first.take(owner(0), owner(0, 3))).rejects.toMatchObject({ kind: 'fenced' });
    expect(readFileSync(path, 'utf8')).toBe('');
    await first.close();
    await second.close();
  });

  test('a file of somebody else is refused and left as it is; --fresh overwrites it', async () => {
    writeFileSync(path, 'my notes\n');
    await expect(open()).rejects.toMatchObject({ kind: 'refused', code: 'file_refused' });
    expect(readFileSync(path, 'utf8')).toBe('my notes\n');
    const file = await open({ fresh: true });
    expect(await file.fence()).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe('my notes\n');
    await file.take(undefined, owner(0));
    expect(readFileSync(path, 'utf8')).toBe('');
    await file.close();
  });

  test('--fresh replaces a mark that is no database', async () => {
    writeFileSync(path, 'my notes\n');
    writeFileSync(`${path}.telemetra`, 'no database '.repeat(100));
    await expect(open()).rejects.toMatchObject({ kind: 'fatal', code: 'file_unwritable' });
    const file = await open({ fresh: true });
    await file.take(undefined, owner(0));
    await file.push(owner(0), 1, rows('{"a":1}\n'));
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n');
  });

  test('a file of another pipeline is refused', async () => {
    const file = await open();
    await file.take(undefined, owner(0));
    await file.close();
    await expect(open({ pipeline: 'q' })).rejects.toMatchObject({ kind: 'refused' });
  });

  test('a file that lost rows is refused', async () => {
    const file = await open();
    await file.take(undefined, owner(0));
    await file.push(owner(0), 1, rows('{"a":1}\n'));
    await file.close();
    truncateSync(path, 3);
    await expect(open()).rejects.toMatchObject({ kind: 'refused', code: 'file_refused' });
  });

  test('a directory that does not exist is a sentence with what to do', async () => {
    await expect(open({ path: 'no/such/out.jsonl' })).rejects.toMatchObject({ kind: 'fatal', code: 'file_unwritable' });
  });
});
