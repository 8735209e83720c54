import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { card, describeInChromium, RealApp, runState, soon } from '../support/real-app.ts';
import { countIn, emptyDocument, fillRooms, roomsSchema, tableRows } from '../support/real-rooms.ts';

/** No mouse: everything is done with keys, and the page is only read. Each test goes on where the one before ended. */
describeInChromium('by keyboard alone on the real server', () => {
  let app: RealApp;
  let page: Page;
  let file: string;
  const document = emptyDocument('Typed');

  beforeAll(async () => {
    app = await RealApp.open('keyboard');
    await fillRooms(app);
    file = join(app.workspace, 'pipelines', app.opened.studio.library.create(document).file);
    page = await app.page(document.id);
  });
  afterAll(async () => {
    await app.close();
    expect(app.faults).toEqual([]);
  });

  /** as somebody does: Tab until the field has the focus */
  const tabTo = async (path: string): Promise<void> => {
    const there = (wanted: string) => {
      const { activeElement } = window.document;
      return activeElement?.matches('input, textarea') === true && activeElement.closest(`[data-path="${wanted}"]`) !== null;
    };
    for (let tabs = 0; !(await page.evaluate(there, path)); tabs++) {
      expect(tabs, `Tab comes to ${path}`).toBeLessThan(40);
      await page.keyboard.press('Tab');
    }
  };
  const write = async (path: string, text: string): Promise<void> => {
    await tabTo(path);
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
  };
  const add = async (key: string, name: string, id: string): Promise<void> => {
    await page.keyboard.press(key);
    await page.locator('.quick-add').waitFor();
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await card(page, id).waitFor();
    await page.locator('.quick-add').waitFor({ state: 'detached' });
  };
  const backOnCanvas = async (id: string): Promise<void> => {
    await page.keyboard.press('Escape');
    await soon(() => page.evaluate(() => (window.document.activeElement as HTMLElement | null)?.dataset['id'])).toBe(id);
  };
  const command = async (name: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.locator('.command-dialog').waitFor();
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await page.locator('.command-dialog').waitFor({ state: 'detached' });
  };

  test('source, window, z-score and table from an empty canvas, with their settings', async () => {
    await page.locator('.empty').waitFor();
    await add('Tab', 'kafka source', 'kafka_source');
    await page.keyboard.press('Enter');
    await write('topic', 'rooms');
    await write('schema', JSON.stringify(roomsSchema));
    await write('event_time', 'at');
    await write('lateness', '1s');
    await backOnCanvas('kafka_source');
    await add('c', 'window', 'window');
    await page.keyboard.press('Enter');
    await write('by', 'room');
    await page.keyboard.press('Enter');
    await backOnCanvas('window');
    await add('c', 'z-score', 'z_score');
    await page.keyboard.press('Enter');
    await write('field', 'count');
    await page.keyboard.press('Enter');
    await backOnCanvas('z_score');
    await add('c', 'postgres', 'postgres');
    await page.keyboard.press('Enter');
    await write('table', 'typed');
    for (const column of ['room', 'window_start', 'window_end']) {
      await write('key', column);
      await page.keyboard.press('Enter');
    }
    await page.keyboard.press('Control+s');
    await soon(() => (JSON.parse(readFileSync(file, 'utf8')) as { edges: unknown }).edges).toEqual([
      { from: 'kafka_source.out', to: 'window.in' },
      { from: 'window.out', to: 'z_score.in' },
      { from: 'z_score.out', to: 'postgres.in' },
    ]);
  });

  test('F5 runs it; the panel that is opened by its command says what the database holds', async () => {
    await page.keyboard.press('F5');
    await soon(() => runState(page)).toContain('Running');
    await command('panel tables');
    // 20 minutes of which the last is open
    await soon(() => page.locator('.dock .tb tbody tr').count()).toBe(19);
    const rows = await tableRows(app, 'SELECT count, is_anomaly FROM typed ORDER BY window_start');
    expect(rows.map((row) => Number(row['count']))).toEqual(Array.from({ length: 19 }, (_, minute) => countIn(minute)));
    expect(rows.filter((row) => row['is_anomaly'] === 't').map((row) => Number(row['count']))).toEqual([31]);
    const headers = await page.locator('.dock .tb thead th').allTextContents();
    const at = headers.findIndex((text) => text.startsWith('count'));
    const shown = await page.locator(`.dock .tb tbody tr td:nth-child(${at + 1})`).allTextContents();
    expect(shown.map(Number).toSorted((a, b) => a - b)).toEqual(rows.map((row) => Number(row['count'])).toSorted((a, b) => a - b));
  });

  test('the panel has the focus, arrows go on to the next one, and Escape goes back', async () => {
    const tab = () => page.evaluate(() => (window.document.activeElement as HTMLElement | null)?.dataset['tab']);
    await soon(tab).toBe('tables');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await soon(tab).toBe('metrics');
    await page.locator('.dock .charts').waitFor();
    await backOnCanvas('postgres');
  });

  test('it is stopped and undone by keys', async () => {
    await command('stop at a checkpoint');
    await soon(() => runState(page)).toContain('Stopped');
    for (
      let left = await page.locator('.react-flow__node').count();
      left > 0;
      left = await page.locator('.react-flow__node').count()
    )
      await page.keyboard.press('Control+z');
    await page.locator('.empty').waitFor();
  });
});
