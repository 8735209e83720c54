import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { card, describeInChromium, dragKind, dragWire, pick, RealApp, setting, soon } from '../support/real-app.ts';
import { countIn, emptyDocument, fillRooms, roomsSchema, tableRows } from '../support/real-rooms.ts';

/** A pipeline drawn from nothing, run, read, undone; one file in two tabs. Each test goes on where the one before ended. */
describeInChromium('drawing on the real server', () => {
  let app: RealApp;
  let page: Page;
  let file: string;
  let blank: string;
  const document = emptyDocument('Rooms');

  beforeAll(async () => {
    app = await RealApp.open('build');
    await fillRooms(app);
    file = join(app.workspace, 'pipelines', app.opened.studio.library.create(document).file);
    blank = readFileSync(file, 'utf8');
    page = await app.page(document.id);
  });
  afterAll(async () => {
    await app.close();
    expect(app.faults).toEqual([]);
  });

  const save = async (): Promise<void> => {
    const before = readFileSync(file, 'utf8');
    await page.keyboard.press('Control+s');
    await soon(() => readFileSync(file, 'utf8') === before).toBe(false);
  };

  test('source, window, z-score and table by dragging from an empty canvas', async () => {
    await page.locator('.empty').waitFor();
    await dragKind(page, 'kafka-source', 320, 140);
    await dragKind(page, 'window', 560, 140);
    await dragKind(page, 'z-score', 800, 140);
    await dragKind(page, 'postgres-sink', 1040, 140);
    await soon(() => page.locator('.react-flow__node').count()).toBe(4);
    await pick(page, 'kafka_source');
    await setting(page, 'topic').fill('rooms');
    await setting(page, 'schema').fill(JSON.stringify(roomsSchema));
    await setting(page, 'event_time').fill('at');
    await setting(page, 'lateness').fill('1s');
    await dragWire(page, ['kafka_source', 'out'], ['window', 'in']);
    await dragWire(page, ['window', 'out'], ['z_score', 'in']);
    await dragWire(page, ['z_score', 'out'], ['postgres', 'in']);
    await pick(page, 'window');
    await setting(page, 'by').fill('room');
    await setting(page, 'by').press('Enter');
    await pick(page, 'z_score');
    await setting(page, 'field').fill('count');
    await pick(page, 'postgres');
    await setting(page, 'table').fill('drawn');
    for (const column of ['room', 'window_start', 'window_end']) {
      await setting(page, 'key').fill(column);
      await setting(page, 'key').press('Enter');
    }
    await save();
    const drawn = JSON.parse(readFileSync(file, 'utf8')) as { edges: unknown };
    expect(drawn.edges).toEqual([
      { from: 'kafka_source.out', to: 'window.in' },
      { from: 'window.out', to: 'z_score.in' },
      { from: 'z_score.out', to: 'postgres.in' },
    ]);
  });

  test('undo to the beginning is the same file byte for byte, redo brings all of it back', async () => {
    const drawn = readFileSync(file, 'utf8');
    const [undo, redo] = [page.locator('.tools button').nth(0), page.locator('.tools button').nth(1)];
    // clicked from inside: the page may have disabled it since it was asked
    while (await undo.isEnabled()) await undo.evaluate((button: HTMLElement) => button.click());
    await save();
    expect(readFileSync(file, 'utf8')).toBe(blank);
    while (await redo.isEnabled()) await redo.evaluate((button: HTMLElement) => button.click());
    await save();
    expect(readFileSync(file, 'utf8')).toBe(drawn);
  });

  test('it runs; the Tables panel and the table in the database say the same', async () => {
    await page.locator('.acts .btn', { hasText: 'Start 4 nodes' }).click();
    await soon(() => page.locator('.gauges').textContent()).toContain('Running');
    await page.locator('.dock [data-tab="tables"]').click();
    // 20 minutes of which the last is open
    await soon(() => page.locator('.dock .tb tbody tr').count()).toBe(19);
    const rows = await tableRows(app, 'SELECT count FROM drawn ORDER BY window_start');
    expect(rows.map((row) => Number(row['count']))).toEqual(Array.from({ length: 19 }, (_, minute) => countIn(minute)));
    const headers = await page.locator('.dock .tb thead th').allTextContents();
    const at = headers.findIndex((text) => text.startsWith('count'));
    const shown = await page.locator(`.dock .tb tbody tr td:nth-child(${at + 1})`).allTextContents();
    expect(shown.map(Number).toSorted((a, b) => a - b)).toEqual(rows.map((row) => Number(row['count'])).toSorted((a, b) => a - b));
    const [anomaly] = await tableRows(app, 'SELECT count, is_anomaly FROM drawn WHERE is_anomaly');
    expect(Number(anomaly!['count'])).toBe(31);
  });

  test('a runner that was killed: the page says what happened, and a start goes on', async () => {
    process.kill(app.opened.studio.supervisor.run(document.id)!.process.pid!, 'SIGKILL');
    await soon(() => page.locator('.gauges').textContent()).toContain('SIGKILL');
    await page.locator('.acts .btn', { hasText: 'Start 4 nodes' }).click();
    await soon(() => page.locator('.gauges').textContent()).toContain('Running');
    expect(await tableRows(app, 'SELECT room FROM drawn')).toHaveLength(19);
  });

  test('the server gone: said, the draft kept, found again', async () => {
    app.gone();
    await page.locator('.banner').waitFor();
    await pick(page, 'z_score');
    await setting(page, 'threshold').fill('4');
    await app.back();
    await page.locator('.banner').waitFor({ state: 'detached' });
    expect(await setting(page, 'threshold').inputValue()).toBe('4');
    await save();
    expect(readFileSync(file, 'utf8')).toContain('"threshold": 4');
  });

  test('two tabs: the second compares, nothing is overwritten', async () => {
    const other = await app.tab(document.id);
    await card(other, 'z_score').waitFor();
    await pick(other, 'z_score');
    await setting(other, 'threshold').fill('6');
    await pick(page, 'z_score');
    await setting(page, 'threshold').fill('5');
    await save();
    const first = readFileSync(file, 'utf8');
    await other.keyboard.press('Control+s');
    await other.locator('.dialog').waitFor();
    expect(await other.locator('.comparison').textContent()).toContain('z_score threshold56');
    expect(readFileSync(file, 'utf8')).toBe(first);
    await other.close();
  });

  test('a file changed on disk while it is edited: the edit stays, the file stays, both are shown', async () => {
    await setting(page, 'threshold').fill('7');
    const theirs = readFileSync(file, 'utf8').replace('"threshold": 5', '"threshold": 2');
    writeFileSync(file, theirs);
    await page.locator('.toast .btn', { hasText: 'Compare' }).click();
    expect(await page.locator('.comparison').textContent()).toContain('z_score threshold27');
    expect(readFileSync(file, 'utf8')).toBe(theirs);
    await page.locator('.dialog footer .btn', { hasText: 'Decide later' }).click();
  });

  test.each([
    ['broken', '{ "telemetra": 1, ', 'JSON'],
    ['newer', JSON.stringify({ ...emptyDocument('New'), telemetra: 99 }), '99'],
    ['foreign', '{"dashboard": {"panels": []}}', 'no pipeline file'],
    ['huge', ' '.repeat(11 * 1024 * 1024) + '{}', 'at most 10 MiB'],
  ])('import of %s text: refused with the reason, nothing lost', async (_kind, text, said) => {
    await page.locator('.doc').click();
    await page.locator('.menu-item', { hasText: 'Import JSON' }).click();
    await page
      .locator('.dialog input[type=file]')
      .setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await soon(() => page.locator('.dialog').textContent()).toContain(said);
    await page.locator('.dialog footer .btn', { hasText: 'Cancel' }).click();
    expect(await page.locator('.react-flow__node').count()).toBe(4);
  });
});
