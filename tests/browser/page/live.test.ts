import { expect, onTestFinished, test } from 'vitest';
import { card, describePage, figure, pick, setting, shown, soon, tapWire, wire } from '../support/page-acts.ts';
import { startDouble } from '../support/double.ts';

/** A run is watched and changed while it goes on. */
describePage('a live run', (open) => {
  test('rates, the held sink, the holder and the ledger are read off the page', async () => {
    const { page } = await open({ failing: true });
    await soon(() => figure(card(page, 'chat').locator('[data-live="rate"]'))).toBeGreaterThan(1000);
    await soon(() => card(page, 'viewer_timeseries').locator('.fault.live').textContent()).toContain('rows held, none lost');
    expect(await wire(page, 'viewer.out', 'viewer_timeseries.in').getAttribute('class')).toContain('held');
    await soon(() => page.locator('.gauges').textContent()).toContain('viewer/0 holds it');
    await pick(page, 'window_chat');
    const fates = await page.locator('.ledger dd').allTextContents();
    const [total, ...parts] = fates.map((text) => Number(text.replaceAll(',', '')));
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
  });

  test('a tap shows real rows under the edge and in the dock, with filter and hold', async () => {
    const { page } = await open({ width: 1920 });
    await tapWire(page, 'sentiment.out', 'window_chat.in');
    await soon(() => page.locator('.peek tbody tr').count()).toBe(4);
    await page.locator('.peek footer .btn').last().click();
    await soon(() => page.locator('.dock tbody tr').count()).toBeGreaterThan(10);
    await page.locator('.dock .filter input').fill('stream_id = night_radio');
    await soon(async () => new Set(await page.locator('.dock tbody tr td:nth-child(4)').allTextContents())).toEqual(
      new Set(['night_radio']),
    );
    await page.locator('.dock .toolbar .btn', { hasText: 'Hold' }).click();
    await page.locator('.dock .toolbar .btn', { hasText: 'Go on' }).waitFor();
    const held = await page.locator('.dock tbody').textContent();
    // two epochs later, so rows have come meanwhile
    const epoch = page.locator('.gauge', { hasText: 'Epoch' }).locator('.figure');
    const from = await figure(epoch);
    await soon(() => figure(epoch)).toBeGreaterThan(from + 1);
    expect(await page.locator('.dock tbody').textContent()).toBe(held);
  });

  test('a change is a draft until Apply; lost state needs a choice before anything stops', async () => {
    const { page } = await open();
    await pick(page, 'chat_spikes');
    await setting(page, 'threshold').fill('2.5');
    await card(page, 'chat_spikes').locator('.draft').waitFor();
    await setting(page, 'field').fill('sentiment_score');
    await page.locator('.bar .btn.primary').click();
    const dialog = page.locator('.dialog');
    await dialog.locator('.opt').first().waitFor();
    expect(await dialog.locator('footer .primary').isEnabled()).toBe(false);
    await dialog.locator('.opt').first().click();
    await dialog.locator('footer .primary').click();
    await soon(() => page.locator('.toast').first().textContent()).toContain('Applied at epoch');
    await page.locator('.bar .btn.primary').waitFor({ state: 'detached' });
  });

  test('a run that fails says what, where, the fate of the rows and what to do; its node is red', async () => {
    const { page, double } = await open();
    await soon(() => page.locator('.gauges').textContent()).toContain('Running');
    double.end({
      code: 'state_too_large',
      severity: 'error',
      node: 'window_chat',
      message: 'The window holds 21 keys, more than its limit of 20.',
      mend: 'Group by a column with fewer values.',
    });
    const said = page.locator('.failure');
    await soon(() => said.textContent()).toContain('Chat per minute ended the run');
    const epoch = (await page.locator('.gauge', { hasText: 'Last epoch' }).locator('dd').textContent())!;
    expect(await said.locator('dd').allTextContents()).toEqual([
      'The window holds 21 keys, more than its limit of 20.',
      `None lost. Epoch ${epoch} is kept; rows that were read after it are read again.`,
      `window_chat, after epoch ${epoch}`,
      'Group by a column with fewer values.',
    ]);
    expect(await page.locator('.problems-gauge').textContent()).toContain('Run failed');
    await soon(() => card(page, 'window_chat').locator('.node').getAttribute('class')).toContain('failed');
    await said.locator('.btn', { hasText: 'Show the node' }).click();
    await soon(() => page.locator('.ihead .name-input').inputValue()).toBe('Chat per minute');
    await said.locator('.btn', { hasText: 'Start 19 nodes again' }).click();
    await said.waitFor({ state: 'detached' });
  });

  test('the server gone: said, the draft kept, found again', async () => {
    const { page, double } = await open();
    const address = Number(new URL(double.url).port);
    await soon(() => page.locator('.gauges').textContent()).toContain('Running');
    await double.close();
    await page.locator('.banner').waitFor();
    await pick(page, 'chat_spikes');
    await setting(page, 'threshold').fill('4');
    expect(await page.locator('.banner').textContent()).toContain('No server for');
    const again = await startDouble({ port: address });
    onTestFinished(() => again.close());
    await page.locator('.banner').waitFor({ state: 'detached' });
    await page.reload();
    await shown(page);
    await pick(page, 'chat_spikes');
    expect(await setting(page, 'threshold').inputValue()).toBe('4');
  });
});
