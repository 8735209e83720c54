import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import type { Position, SourceContext } from '../../engine/stream/connector.ts';
import { source } from './connector.ts';

const directory = mkdtempSync(join(tmpdir(), 'telemetra-file-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const name = `f${files++}.jsonl`;
  writeFileSync(join(directory, name), content);
  return name;
}

function context(position?: Position): SourceContext<unknown> {
  return {
    pipelineId: 'p',
    nodeId: 'n',
    connections: undefined,
    baseDirectory: directory,
    now: () => 0,
    sleep: async () => undefined,
    random: () => 0.5,
    signal: new AbortController().signal,
    report: () => undefined,
    positions: position === undefined ? new Map() : new Map([[0, position]]),
    from: { kind: 'stored' },
    bounded: true,
  };
}

interface Line {
  readonly offset: number;
  readonly text: string;
  readonly next: Position;
}

async function read(path: string, options: { position?: Position | undefined; maxRows?: number } = {}): Promise<Line[]> {
  const reader = await source.open({ path }, context(options.position));
  const lines: Line[] = [];
  for (let ended = false; !ended;) {
    for (const batch of await reader.poll([0], options.maxRows ?? 8192, 0)) {
      expect(batch.bytes.length - (batch.count === 0 ? 0 : batch.end[batch.count - 1]!)).toBeGreaterThanOrEqual(8);
      for (let row = 0; row < batch.count; row++) {
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(batch.bytes.subarray(batch.start[row], batch.end[row]));
        lines.push({ offset: batch.offsets[row]!, text, next: batch.next });
      }
      ended = batch.ended;
    }
  }
  await reader.close();
  return lines;
}

const texts = (lines: readonly Line[]): string[] => lines.map(({ text }) => text);

test.each(['plain', 'gz'])('%s: CRLF, empty lines, byte order mark and a last line without an end', async (form) => {
  const content = Buffer.from('\uFEFF{"a":1}\r\n\n{"b":"ü"}\n\r\n{"c":3}');
  const lines = await read(file(form === 'gz' ? gzipSync(content) : content));
  expect(lines.map(({ offset, text }) => [offset, text])).toEqual([
    [0, '{"a":1}'],
    [2, '{"b":"ü"}'],
    [4, '{"c":3}'],
  ]);
});

test.each(['plain', 'gz'])('%s: reading goes on at any stored position with the same lines and offsets', async (form) => {
  const content = Array.from({ length: 60 }, (_, i) => (i % 7 === 3 ? '' : `{"n":${i},"t":"${'ä'.repeat(i)}"}`)).join('\n');
  const path = file(form === 'gz' ? gzipSync(content) : content);
  const all = await read(path, { maxRows: 1 });
  for (const [i, { next }] of all.entries()) {
    const rest = await read(path, { position: next });
    expect(rest.map(({ offset, text }) => [offset, text])).toEqual(all.slice(i + 1).map(({ offset, text }) => [offset, text]));
  }
});

test('[V3] a line beyond the limit comes as too large, the lines around it stay whole, and positions behind it hold', async () => {
  const huge = 'x'.repeat(5 * 1024 * 1024);
  const path = file(`first\n${huge}\nlast\n${huge}`);
  const lines = await read(path, { maxRows: 1 });
  expect(lines.map(({ offset, text }) => [offset, text.length])).toEqual([
    [0, 5],
    [1, 1024 * 1024 + 1],
    [2, 4],
    [3, 1024 * 1024 + 1],
  ]);
  expect(texts(await read(path, { position: lines[1]!.next })).map((text) => text.slice(0, 4))).toEqual(['last', 'xxxx']);
  expect(lines[3]!.next.anchor).toBe(11 + 2 * (huge.length + 0) + 1);
  expect(await read(path, { position: lines[3]!.next })).toEqual([]);
});

test('an empty file ends at once, and two gzip members are one file', async () => {
  expect(await read(file(''))).toEqual([]);
  expect(texts(await read(file(Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd\n')]))))).toEqual(['a', 'bc', 'd']);
});

test('a missing file, a directory and a cut gzip file are fatal, each with a sentence', async () => {
  await expect(read('absent.jsonl')).rejects.toMatchObject({ kind: 'fatal', code: 'file_missing' });
  await expect(read('.')).rejects.toMatchObject({ kind: 'fatal', code: 'file_missing' });
  const cut = gzipSync(Array.from({ length: 1000 }, (_, i) => `{"n":${i * 7919}}`).join('\n')).subarray(0, 900);
  await expect(read(file(cut))).rejects.toMatchObject({ kind: 'fatal', code: 'file_broken' });
});

test.each(['plain', 'gz'])('%s: a file that was changed behind a stored position is refused', async (form) => {
  const of = (content: string): string => file(form === 'gz' ? gzipSync(content) : content);
  await expect(read(of('abc\ndef\n'), { position: { offset: 1, anchor: 3 } })).rejects.toMatchObject({
    kind: 'refused',
    code: 'file_changed',
  });
  await expect(read(of('abc\n'), { position: { offset: 2, anchor: 8 } })).rejects.toMatchObject({
    kind: 'refused',
    code: 'file_changed',
  });
});
