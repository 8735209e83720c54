import { AxeBuilder } from '@axe-core/playwright';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTemplate } from '../../../app/main/templates.ts';
import { telemetra } from '../../support/telemetra.ts';
import { card, clickEdge, describeInChromium, pick, pointOn, RealApp, setting, soon } from '../support/real-app.ts';
import { tableRows } from '../support/real-rooms.ts';

/** The demo as a newcomer finds it, on stand-ins in a new workspace. Each test goes on where the one before ended. */
describeInChromium('the demo on the real server', () => {
  let app: RealApp;
  let page: Page;
  let demo: string;

  beforeAll(async () => {
    app = await RealApp.open('demo');
    demo = readTemplate(app.opened.studio.templates, 'stream-moments').id;
    void app.opened.startDemo();
    page = await app.page('');
  });
  afterAll(async () => {
    await app.close();
    expect(app.faults).toEqual([]);
  });

  const epoch = async (): Promise<number> =>
    Number((await page.locator('.gauge', { hasText: 'Epoch' }).locator('.figure').textContent())!.replaceAll(',', ''));

  test('opens on stream moments, which runs; its numbers rise and its tables fill', async () => {
    await page.locator(`.canvas[data-shown="${demo}"]`).waitFor();
    await soon(() => page.locator('.gauges').textContent()).toContain('Running');
    await soon(() => page.locator('.gauges').textContent()).toContain('Balanced');
    const first = await epoch();
    await soon(epoch).toBeGreaterThan(first);
    await page.locator('.dock [data-tab="tables"]').click();
    await page.locator('.tb-side button', { hasText: 'chat_summary_minute' }).click();
    await soon(() => page.locator('.dock .tb tbody tr').count()).toBeGreaterThan(10);
    await page
      .locator('.tb-side button', { hasText: /^moments/ })
      .first()
      .click();
    await soon(() => page.locator('.dock .tb tbody tr').count()).toBeGreaterThan(0);
  });

  test('a click on the middle of a line taps it, also when the plus for a new node has appeared there', async () => {
    const edge = 'transactions.out -> transaction_rows.in';
    const { x, y } = await pointOn(page, edge);
    await page.mouse.move(x, y);
    await page.locator('.insert').waitFor();
    await page.mouse.click(x, y);
    await soon(() => page.locator(`[data-edge="${edge}"]`).getAttribute('class')).toContain('tapped');
    expect(await page.locator('.quick-add').count()).toBe(0);
  });

  test('a tap shows real rows; filter and hold', async () => {
    await clickEdge(page, 'chat_sentiment.out -> window_chat.in');
    await page.locator('.dock [data-tab="data"]').click();
    await soon(() => page.locator('.dock tbody tr').count()).toBeGreaterThan(3);
    await page.locator('.dock .filter input').fill('stream_id = nobody');
    await soon(() => page.locator('.dock .no-rows').textContent()).toContain('passes the filter');
    await page.locator('.dock .filter input').fill('');
    await page.locator('.dock .toolbar .btn', { hasText: 'Hold' }).click();
    const held = await page.locator('.dock tbody').textContent();
    const from = await epoch();
    await soon(epoch).toBeGreaterThan(from + 1);
    expect(await page.locator('.dock tbody').textContent()).toBe(held);
  });

  test('a recorded test passes at once beside its pipeline', async () => {
    await page.locator('.dock .toolbar .btn', { hasText: 'Record test' }).click();
    await page.locator('.dialog footer .primary').click();
    await page.locator('.dialog .hs.ok').waitFor();
    const folder = join(app.workspace, 'pipelines');
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.test.json'));
    const ended = await telemetra(['test', join(folder, file!)]);
    expect([ended.code, ended.stdout + ended.stderr]).toEqual([0, expect.stringContaining('pass')]);
    await page.locator('.dialog footer .btn').first().click();
  });

  test('a threshold is applied while it runs: state kept, no window lost', async () => {
    const windows = 'SELECT stream_id, window_start, chat_count FROM chat_summary_minute ORDER BY 2 DESC, 1';
    const before = await tableRows(app, windows);
    const { runId } = app.opened.studio.supervisor.status(demo)!;
    await pick(page, 'anomaly_chat');
    await setting(page, 'threshold').fill('2.5');
    await card(page, 'anomaly_chat').locator('.draft').waitFor();
    await page.locator('.acts .btn.primary').click();
    await soon(() => page.locator('.dialog .plan').textContent()).toContain('threshold 3 to 2.5');
    await page.locator('.dialog footer .primary').click();
    await soon(() => page.locator('.toasts').textContent()).toContain('All state kept');
    expect(app.opened.studio.supervisor.status(demo)!.runId).not.toBe(runId);
    await soon(async () => (await tableRows(app, windows)).length).toBeGreaterThan(before.length);
    const key = (row: Readonly<Record<string, unknown>>) => JSON.stringify(row);
    const after = new Set((await tableRows(app, windows)).map(key));
    expect(before.filter((row) => !after.has(key(row)))).toEqual([]);
    // a window every 10 s for each stream: none is missing where the run was changed
    const holes = await tableRows(
      app,
      `SELECT stream_id, window_start FROM (
         SELECT stream_id, window_start, lag(window_start) OVER (PARTITION BY stream_id ORDER BY window_start) AS before
         FROM chat_summary_minute
         WHERE window_start > (SELECT max(window_start) FROM chat_summary_minute) - interval '2 minutes') AS one
       WHERE window_start - before > interval '10 seconds'`,
    );
    expect(holes).toEqual([]);
  });

  test('a change that would lose state is refused before anything stops', async () => {
    const { runId } = app.opened.studio.supervisor.status(demo)!;
    await pick(page, 'window_live');
    await setting(page, 'window.size').fill('2m');
    await page.locator('.acts .btn.primary').click();
    await page.locator('.dialog .opt').first().waitFor();
    expect(await page.locator('.dialog footer .primary').isEnabled()).toBe(false);
    expect(await page.locator('.dialog footer').textContent()).toContain('Choose for');
    await page.locator('.dialog footer .btn', { hasText: 'Cancel' }).click();
    await setting(page, 'window.size').fill('1m');
    await soon(() => page.locator('.acts .btn.primary').count()).toBe(0);
    expect(app.opened.studio.supervisor.status(demo)).toMatchObject({ runId, state: 'running' });
  });

  test('dead letters: the cause, the bytes, edited and replayed', async () => {
    await page.locator('.dock [data-tab="dead"]').click();
    await page.locator('.dl-group').first().click();
    await page.locator('.dl-detail').waitFor();
    await page.locator('.dl-acts .primary').click();
    const { stream_id: stream } = (await tableRows(app, 'SELECT stream_id FROM streams LIMIT 1'))[0]!;
    const mended = { message_id: 'mended-1', channel: stream, user_id: 'u', message: 'hello', timestamp: new Date().toISOString() };
    await page.locator('.dl-detail textarea').fill(JSON.stringify(mended));
    await page.locator('.dl-acts .primary').click();
    await soon(() => page.locator('.toasts').textContent()).toContain('1 dead letter replayed');
  });

  test('axe finds nothing serious on any tab while it runs', async () => {
    const serious: string[] = [];
    const look = async (where: string, within: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).include(within).analyze();
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical') serious.push(`${where}: ${id} ${nodes[0]!.target.join(' ')}`);
    };
    await pick(page, 'window_chat');
    for (const tab of ['problems', 'data', 'event-time', 'dead', 'tables', 'metrics', 'runs', 'log']) {
      await page.locator(`.dock [data-tab="${tab}"]`).click();
      await look(tab, '.dock');
    }
    for (const tab of ['data', 'metrics', 'state', 'docs', 'settings']) {
      await page.locator(`.inspector [data-tab="${tab}"]`).click();
      await look(`inspector ${tab}`, '.inspector');
    }
    expect(serious).toEqual([]);
  });
});
