import { AxeBuilder } from '@axe-core/playwright';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { doubleCatalog } from '../support/double-catalog.ts';
import { describePage, TEST_MS } from '../support/page-acts.ts';
import { leave, worldsOf, type Screen } from '../support/screens.ts';

const RENDERER = join(import.meta.dirname, '../../../app/renderer');
const worlds = worldsOf(doubleCatalog().kinds.map(({ kind }) => kind));

/** Everything that can be opened, as the sources tell it. */
function openable(): string[] {
  const found: string[] = [];
  const texts = new Map(
    readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
      .map(
        (name) =>
          [relative(RENDERER, join(RENDERER, name)).split(sep).join('/'), readFileSync(join(RENDERER, name), 'utf8')] as const,
      ),
  );
  const union = (file: string, type: string) =>
    [...(new RegExp(`type ${type} =([^;]+);`).exec(texts.get(file)!)?.[1] ?? '').matchAll(/'([\w-]+)'/g)].map(([, name]) => name!);
  found.push(...union('ui/layout-store.ts', 'DialogName').map((name) => `dialog ${name}`));
  found.push(...union('ui/layout-store.ts', 'DockTab').map((name) => `dock ${name}`));
  found.push(...union('ui/layout-store.ts', 'InspectorTab').map((name) => `inspector ${name}`));
  found.push(...union('canvas/context-menu.tsx', 'MenuOf').map((name) => `menu ${name}`));
  for (const [file, text] of texts) {
    if (file.startsWith('ui/')) continue;
    for (const part of ['ActionMenu', 'PointMenu', 'Choice', 'Command.Dialog'])
      if (new RegExp(`<${part.replace('.', '\\.')}\\b`).test(text)) found.push(`${part} of ${file}`);
    for (const [, before, after] of text.matchAll(/className="(?:([\w-]+) )?pop(?: ([\w-]+))?"/g)) {
      const name = before ?? after!;
      found.push(name === 'offers' ? `pop offers of ${file}` : `pop ${name}`);
    }
  }
  return found.toSorted();
}

/** what axe calls serious or critical */
async function seriousOn(page: Page, { name, within }: Screen, theme: 'dark' | 'light'): Promise<string[]> {
  await page.evaluate((shown) => (document.documentElement.dataset['theme'] = shown), theme);
  const axe = new AxeBuilder({ page }).include(within).setLegacyMode(true);
  // a theme changes colours and nothing else
  const { violations } = await (theme === 'dark' ? axe : axe.withRules(['color-contrast'])).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${name}, ${theme}: ${id} ${nodes
          .map(({ target }) => target.join(' '))
          .slice(0, 3)
          .join(' | ')}`,
    );
}

describePage('every screen', (open) => {
  test('the screens show every dialog, menu, popover and tab of the sources', () => {
    const covered = worlds.flatMap(({ screens }) => screens.flatMap(({ covers }) => covers ?? []));
    expect([...new Set(covered)].toSorted()).toEqual([...new Set(openable())]);
  });

  test.each(worlds)(
    'axe finds nothing serious in either theme: $name',
    async ({ options, screens }) => {
      const { page, double } = await open({ ...options, context: { reducedMotion: 'reduce' } });
      const serious: string[] = [];
      for (const screen of screens) {
        await screen.open(page, double);
        await page.locator(screen.within).first().waitFor();
        for (const theme of ['light', 'dark'] as const) serious.push(...(await seriousOn(page, screen, theme)));
        await leave(screen, page, double);
      }
      expect(serious).toEqual([]);
    },
    3 * TEST_MS,
  );
});
