import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { describePage, dockTab, pick } from '../support/page-acts.ts';

/** For everybody: eyes, ears and keys. */
describePage('for everybody', (open) => {
  test.each(['dark', 'light'] as const)(
    'axe finds no serious violation on any panel, %s',
    async (theme) => {
      const { page } = await open({ failing: true, theme });
      const serious: string[] = [];
      const look = async (where: string, within: string) => {
        const found = await new AxeBuilder({ page }).include(within).analyze();
        for (const violation of found.violations) {
          if (violation.impact === 'serious' || violation.impact === 'critical')
            serious.push(
              `${where}: ${violation.id} ${violation.nodes
                .map((node) => node.target.join(' '))
                .slice(0, 3)
                .join(' | ')}`,
            );
        }
      };
      await pick(page, 'window_chat');
      await look('page', 'body');
      for (const tab of ['problems', 'data', 'event-time', 'dead', 'tables', 'metrics', 'runs', 'log']) {
        await dockTab(page, tab);
        await look(tab, '.dock');
      }
      for (const tab of ['data', 'metrics', 'state', 'docs', 'settings']) {
        await page.locator(`.inspector [data-tab="${tab}"]`).click();
        await look(`inspector ${tab}`, '.inspector');
      }
      await page.keyboard.press('Control+k');
      await page.locator('.command-dialog').waitFor();
      await look('commands', '.command-dialog');
      expect(serious).toEqual([]);
    },
    240_000,
  );

  test('every key of the map is one action, and the palette lists it', async () => {
    const { page } = await open();
    await page.locator('.canvas').click({ position: { x: 300, y: 12 } });
    await page.keyboard.press('?');
    await page.locator('.key-map').waitFor();
    const rows = await page.locator('.key-map .row').allTextContents();
    expect(rows.length).toBeGreaterThan(30);
    expect(new Set(rows).size).toBe(rows.length);
  });
});
