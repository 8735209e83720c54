import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Recorded } from '../protocol/browse.ts';
import type { HandlersOf } from './handlers.ts';
import { Refused } from './refused.ts';
import { entryOf, type Studio } from './studio.ts';

const BIN = fileURLToPath(new URL('../../bin/telemetra.mjs', import.meta.url));

/** Record test: the command line's own recorder, so that a recorded test passes there at once. */
export function recordHandlers(studio: Studio): HandlersOf<'record'> {
  return {
    record: async ({ body, path }) => {
      const entry = entryOf(studio, path['id']!);
      const file = join(studio.library.directory, entry.file);
      const words = ['test', file, '--record', `${body.node}.${body.port}`, '--seconds', String(body.seconds), '--name', body.name];
      const more = ['--workspace', studio.workspace, '--services', studio.services, '--json'];
      const { code, stdout, stderr } = await run([...words, ...more]);
      if (code !== 0) throw new Refused('not_valid', stderr.trim() || 'The test could not be recorded.');
      return JSON.parse(stdout) as Recorded;
    },
  };
}

function run(words: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
