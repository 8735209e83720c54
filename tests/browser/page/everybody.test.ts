import { expect, test } from 'vitest';
import { describePage, shown, soon } from '../support/page-acts.ts';

/** For everybody: eyes, ears and keys. */
describePage('for everybody', (open) => {
  test('every key of the map is one action, and the palette lists it', async () => {
    const { page } = await open();
    await page.locator('.canvas').click({ position: { x: 300, y: 12 } });
    await page.keyboard.press('?');
    await page.locator('.key-map').waitFor();
    const rows = await page.locator('.key-map .row').allTextContents();
    expect(rows.length).toBeGreaterThan(30);
    expect(new Set(rows).size).toBe(rows.length);
  });

  test('who wants no motion gets none: nothing animates, dots stand still', async () => {
    const { page } = await open({ context: { reducedMotion: 'reduce' } });
    await page.locator('.doc').click();
    await page.locator('.menu-popup').waitFor();
    const lasting = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { transitionDuration, animationDuration } = getComputedStyle(element);
          return [transitionDuration, animationDuration].some((text) => text.split(',').some((one) => parseFloat(one) > 0.001));
        }).length,
    );
    expect(lasting).toBe(0);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test('the theme follows the system until one is chosen, and the choice stays', async () => {
    const { page } = await open({ theme: 'light' });
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
    expect(await theme()).toBe('light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await soon(theme).toBe('dark');
    await page.locator('.doc').click();
    await page.locator('.menu-item', { hasText: 'Light' }).click();
    await soon(theme).toBe('light');
    await page.reload();
    await shown(page);
    expect(await theme()).toBe('light');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await theme()).toBe('light');
  });

  test('first steps: four lines that lead to their place, and gone for good with Skip', async () => {
    const { page } = await open();
    const hint = page.locator('.hint');
    await hint.waitFor();
    const lines = await hint.locator('li').allTextContents();
    expect(lines).toHaveLength(4);
    expect(lines.filter((line) => line.length > 50)).toEqual([]);
    await hint.locator('li.cur .btn').click();
    await page.locator('.peek').waitFor();
    await soon(() => hint.locator('li.done').count()).toBe(1);
    await hint.locator('.btn', { hasText: 'Skip' }).click();
    await hint.waitFor({ state: 'detached' });
    await page.reload();
    await shown(page);
    expect(await hint.count()).toBe(0);
  });

  test('the palette finds kinds by name and by what they do', async () => {
    const { page } = await open();
    const search = page.locator('.palette input');
    const kinds = () =>
      page.locator('.palette .kind').evaluateAll((all) => all.map((kind) => (kind as HTMLElement).dataset['kind']));
    await search.fill('window join');
    await soon(kinds).toEqual(['window-join']);
    await search.fill('by event time');
    await soon(kinds).toEqual(['window']);
    await search.fill('no such thing');
    await soon(() => page.locator('.palette .nothing').textContent()).toContain('No node is called that');
    await search.press('Escape');
    await soon(async () => (await kinds()).length).toBeGreaterThan(15);
  });

  test('the command that is named comes before nodes that only contain its letters', async () => {
    const { page } = await open();
    for (const title of ['Undo', 'Save', 'Pipelines', 'Keyboard map', 'Dark theme']) {
      await page.keyboard.press('Control+k');
      await page.locator('.command-dialog input').fill(title);
      await soon(() => page.locator('.command-dialog [cmdk-item]:visible').first().textContent()).toContain(title);
      await page.keyboard.press('Escape');
      await page.locator('.command-dialog').waitFor({ state: 'detached' });
    }
  });
});
