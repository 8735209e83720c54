import { expect, test } from 'vitest';
import { describePage, pick, saved, setting, shown } from '../support/page-acts.ts';

/** Pipelines are files: kept, compared, brought in. */
describePage('files', (open) => {
  test('two tabs do not overwrite each other: the second compares', async () => {
    const { page, double } = await open();
    const other = await page.context().newPage();
    await other.goto(double.url);
    await shown(other);
    await pick(other, 'chat_spikes');
    await pick(page, 'chat_spikes');
    await setting(page, 'threshold').fill('5');
    await saved(page, double);
    await setting(other, 'threshold').fill('6');
    await other.keyboard.press('Control+s');
    await other.locator('.dialog').waitFor();
    expect(await other.locator('.comparison').textContent()).toContain('chat_spikes threshold56');
    const file = [...double.documents.values()][0]!.document;
    expect(file.nodes.find((node) => node.id === 'chat_spikes')!.settings['threshold']).toBe(5);
  });

  test('broken text is refused with a list, nothing is lost', async () => {
    const { page } = await open();
    await page.locator('.doc').click();
    await page.locator('.menu-item', { hasText: 'Import JSON' }).click();
    await page.locator('.dialog textarea').fill('{ broken');
    await page.locator('.dialog footer .primary').click();
    await page.locator('.dialog .problems-list', { hasText: 'not JSON' }).waitFor();
    expect(await page.locator('.react-flow__node').count()).toBe(19);
  });
});
