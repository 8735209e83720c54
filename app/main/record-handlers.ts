import { join } from 'node:path';
import type { Recorded } from '../protocol/browse.ts';
import type { HandlersOf } from './handlers.ts';
import { Refused } from './refused.ts';
import { entryOf, type Studio } from './studio.ts';

/** Record test: the command line's own recorder, so that a recorded test passes there at once. */
export function recordHandlers(studio: Studio): HandlersOf<'record'> {
  return {
    record: async ({ body, path }) => {
      const entry = entryOf(studio, path['id']!);
      const file = join(studio.library.directory, entry.file);
      const words = ['test', file, '--record', `${body.node}.${body.port}`, '--seconds', String(body.seconds), '--name', body.name];
      const more = ['--workspace', studio.workspace, '--services', studio.services, '--json'];
      const { code, stdout, stderr } = await studio.runCommand([...words, ...more]);
      if (code !== 0) throw new Refused('not_valid', stderr.trim() || 'The test could not be recorded.');
      return JSON.parse(stdout) as Recorded;
    },
  };
}
