import { expect, test } from 'vitest';
import { describePage } from '../support/page-acts.ts';

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
});
