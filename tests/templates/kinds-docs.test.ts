import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kindPages } from '../../scripts/kinds-docs.ts';
import { ROOT } from '../support/telemetra.ts';

const FOLDER = join(ROOT, 'docs', 'kinds');

test('docs/kinds are what the catalogue says now; npm run docs writes them', async () => {
  const pages = await kindPages();
  expect(readdirSync(FOLDER).toSorted()).toEqual([...pages.keys()].toSorted());
  for (const [name, text] of pages) expect(readFileSync(join(FOLDER, name), 'utf8'), name).toBe(text);
});
