import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildPage } from '../../app/main/build-page.ts';
import { launchChromium } from './support/chromium.ts';
import { startDouble, type Double } from './support/double.ts';
import { demo } from './support/double-pipeline.ts';

/** What the page does by itself, on a double of the server. What the whole app does is tested with the real one. */

let browser: Browser;
beforeAll(async () => {
  await buildPage();
  browser = await launchChromium();
});
afterAll(() => browser.close());

interface Opened {
  readonly page: Page;
  readonly double: Double;
  readonly faults: string[];
}

async function open(
  options: Parameters<typeof startDouble>[0] & { width?: number; theme?: 'dark' | 'light' } = {},
): Promise<Opened> {
  const double = await startDouble(options);
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1600, height: 900 },
    colorScheme: options.theme ?? 'dark',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  onTestFinished(async () => {
    await context.close();
    await double.close();
    expect(faults).toEqual([]);
  });
  await page.goto(double.url);
  await page.locator('.canvas').waitFor();
  if (options.empty !== true) await page.locator(`.canvas[data-shown="${demo.id}"]`).waitFor();
  return { page, double, faults };
}

/** asked again until it holds; a busy machine may need a while */
const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 20_000 });

const card = (page: Page, id: string) => page.locator(`.react-flow__node[data-id="${id}"]`);
const port = (page: Page, id: string, name: string) => card(page, id).locator(`[data-handleid="${name}"]`);

async function dragKind(page: Page, kind: string, x: number, y: number): Promise<void> {
  const entry = (await page.locator(`[data-kind="${kind}"]`).boundingBox())!;
  await page.mouse.move(entry.x + 40, entry.y + 12);
  await page.mouse.down();
  await page.mouse.move(x - 30, y, { steps: 4 });
  await page.mouse.move(x, y, { steps: 2 });
  await page.mouse.up();
}

async function dragWire(
  page: Page,
  from: readonly [string, string],
  to: { readonly x: number; readonly y: number },
  drop = true,
): Promise<void> {
  const start = (await port(page, from[0], from[1]).boundingBox())!;
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(start.x + 30, start.y + 10, { steps: 3 });
  await page.locator('.node.fits, .node.nofit').first().waitFor();
  await page.mouse.move(to.x - 3, to.y, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 2 });
  if (drop) await page.mouse.up();
}

async function middle(page: Page, id: string): Promise<{ x: number; y: number }> {
  const box = (await card(page, id).boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + 20 };
}

/** the file after Ctrl+S */
async function saved(page: Page, double: Double): Promise<typeof demo> {
  const before = [...double.documents.values()][0]!.revision;
  await page.keyboard.press('Control+s');
  await soon(() => [...double.documents.values()][0]!.revision).toBe(before + 1);
  return [...double.documents.values()][0]!.document;
}

// A second try for what a busy machine may have cut short: each test opens a page of its own.
describe('canvas', { retry: 1 }, () => {
  test('from an empty canvas by dragging: source to z-score to table, wired and saved', async () => {
    const { page, double } = await open({ empty: true });
    await dragKind(page, 'kafka-source', 400, 200);
    await dragKind(page, 'z-score', 700, 200);
    await dragKind(page, 'postgres-sink', 1000, 200);
    expect(await page.locator('.react-flow__node').count()).toBe(3);
    await dragWire(page, ['kafka_source', 'out'], await middle(page, 'z_score'));
    await dragWire(page, ['z_score', 'out'], await middle(page, 'postgres'));
    const document = await saved(page, double);
    expect(document.edges).toEqual([
      { from: 'kafka_source.out', to: 'z_score.in' },
      { from: 'z_score.out', to: 'postgres.in' },
    ]);
    expect(document.nodes.map((node) => node.kind)).toEqual(['kafka-source', 'postgres-sink', 'z-score']);
  });

  test('by keyboard alone: add, connect, rename, undo', async () => {
    const { page, double } = await open({ empty: true });
    await page.locator('.canvas').click({ position: { x: 200, y: 80 } });
    await page.keyboard.press('Tab');
    await page.keyboard.type('kafka source');
    await page.keyboard.press('Enter');
    await card(page, 'kafka_source').waitFor();
    await page.keyboard.press('c');
    await page.locator('.quick-add').waitFor();
    await page.keyboard.type('filter');
    await page.keyboard.press('Enter');
    await card(page, 'filter').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('Loud ones');
    await page.keyboard.press('Enter');
    await soon(() => card(page, 'filter').locator('.head b').textContent()).toBe('Loud ones');
    const document = await saved(page, double);
    expect(document.edges).toEqual([{ from: 'kafka_source.out', to: 'filter.in' }]);
    await card(page, 'filter').focus();
    for (let step = 0; step < 3; step++) await page.keyboard.press('Control+z');
    await soon(() => page.locator('.react-flow__node').count()).toBe(0);
  });

  test('a wire over a node that does not take it says why, and offers the port that would do', async () => {
    const { page } = await open();
    await dragWire(page, ['window_chat', 'updates'], await middle(page, 'join'), false);
    await page.locator('.misfit').waitFor();
    expect(await page.locator('.misfit').textContent()).toContain('A join needs final rows');
    await page.mouse.up();
    expect(await page.locator('.misfit .btn.primary').textContent()).toContain('Use port out');
  });

  test('a wire dropped on nothing lists what fits and, faded, what does not with its reason', async () => {
    const { page } = await open();
    await dragWire(page, ['window_chat', 'updates'], { x: 760, y: 480 });
    await page.locator('.quick-add').waitFor();
    await page.locator('.quick-add .no').first().waitFor();
    expect(await page.locator('.quick-add').textContent()).toContain('Does not fit');
    await page.keyboard.type('redis');
    await page.keyboard.press('Enter');
    await card(page, 'redis').waitFor();
    expect(await page.locator('[data-edge="window_chat.updates -> redis.in"]').count()).toBe(1);
  });

  test('a kind dropped on an edge stands on it; one undo takes it off again', async () => {
    const { page } = await open();
    const from = (await port(page, 'transactions', 'out').boundingBox())!;
    const to = (await port(page, 'transactions_table', 'in').boundingBox())!;
    await dragKind(page, 'filter', from.x + (to.x - from.x) * 0.4, from.y + 4);
    await soon(() => page.locator('[data-edge="transactions.out -> filter.in"]').count()).toBe(1);
    expect(await page.locator('[data-edge="filter.match -> transactions_table.in"]').count()).toBe(1);
    await page.keyboard.press('Control+z');
    await soon(() => page.locator('[data-edge="transactions.out -> transactions_table.in"]').count()).toBe(1);
    expect(await card(page, 'filter').count()).toBe(0);
  });

  test('copy, paste, duplicate, group, move and tidy, then undo to the beginning: the same file byte for byte', async () => {
    const { page, double } = await open();
    const first = JSON.stringify(await saved(page, double));
    await card(page, 'chat').locator('.head').click();
    await card(page, 'sentiment')
      .locator('.head')
      .click({ modifiers: ['Control'] });
    await page.keyboard.press('Control+c');
    await page.mouse.move(700, 480);
    await page.keyboard.press('Control+v');
    await card(page, 'chat_2').waitFor();
    await page.keyboard.press('Control+d');
    await card(page, 'chat_3').waitFor();
    await page.keyboard.press('g');
    await page.locator('.frame').waitFor();
    await page.keyboard.press('Control+ArrowRight');
    await page.keyboard.press('Shift+l');
    await page.keyboard.press('Delete');
    const undo = page.locator('.tools button').first();
    // clicked from inside: the page may have disabled it since it was asked
    while (await undo.isEnabled()) await undo.evaluate((button: HTMLElement) => button.click());
    expect(JSON.stringify(await saved(page, double))).toBe(first);
  });

  test('lasso with Shift selects what it touches', async () => {
    const { page } = await open();
    const box = (await card(page, 'viewer').boundingBox())!;
    const last = (await card(page, 'stream_meta').boundingBox())!;
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x - 10, box.y - 6);
    await page.mouse.down();
    await page.mouse.move(last.x + 20, last.y + 20, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await soon(() => page.locator('.react-flow__node.selected').count()).toBe(3);
    expect(await page.locator('.ihead h2').textContent()).toBe('3 parts selected');
  });
});

describe('live', { retry: 1 }, () => {
  test('rates, the held sink, the holder and the ledger are read off the page', async () => {
    const { page } = await open({ failing: true });
    const rate = card(page, 'chat').locator('[data-live="rate"]');
    await soon(async () => Number((await rate.textContent())!.replaceAll(',', ''))).toBeGreaterThan(1000);
    await soon(() => card(page, 'viewer_timeseries').locator('.fault.live').textContent()).toContain('rows held, none lost');
    expect(await page.locator('[data-edge="viewer.out -> viewer_timeseries.in"]').getAttribute('class')).toContain('held');
    await soon(() => page.locator('.gauges').textContent()).toContain('viewer/0 holds it');
    await card(page, 'window_chat').locator('.head').click();
    const fates = await page.locator('.ledger dd').allTextContents();
    const [total, ...parts] = fates.map((text) => Number(text.replaceAll(',', '')));
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
  });

  test('a tap shows real rows under the edge and in the dock, with filter and hold', async () => {
    const { page } = await open({ width: 1920 });
    await page.locator('[data-edge="sentiment.out -> window_chat.in"] .react-flow__edge-interaction').click({ force: true });
    await soon(() => page.locator('.peek tbody tr').count()).toBe(4);
    await page.locator('.peek footer .btn').last().click();
    await soon(() => page.locator('.dock tbody tr').count()).toBeGreaterThan(10);
    await page.locator('.dock .filter input').fill('stream_id = night_radio');
    await soon(async () => new Set(await page.locator('.dock tbody tr td:nth-child(4)').allTextContents())).toEqual(
      new Set(['night_radio']),
    );
    await page.locator('.dock .toolbar .btn', { hasText: 'Hold' }).click();
    const held = await page.locator('.dock tbody').textContent();
    // two epochs later, so rows have come meanwhile
    const epoch = page.locator('.gauge', { hasText: 'Epoch' }).locator('.figure');
    const from = Number((await epoch.textContent())!.replaceAll(',', ''));
    await soon(async () => Number((await epoch.textContent())!.replaceAll(',', ''))).toBeGreaterThan(from + 1);
    expect(await page.locator('.dock tbody').textContent()).toBe(held);
  });

  test('a change is a draft until Apply; lost state needs a choice before anything stops', async () => {
    const { page } = await open();
    await card(page, 'chat_spikes').locator('.head').click();
    await page.locator('.inspector [data-path="threshold"] input').fill('2.5');
    await card(page, 'chat_spikes').locator('.draft').waitFor();
    await page.locator('.inspector [data-path="field"] input').fill('sentiment_score');
    await page.locator('.bar .btn.primary').click();
    const dialog = page.locator('.dialog');
    expect(await dialog.locator('footer .primary').isEnabled()).toBe(false);
    await dialog.locator('.opt').first().click();
    await dialog.locator('footer .primary').click();
    await soon(() => page.locator('.toast').first().textContent()).toContain('Applied at epoch');
    await soon(() => page.locator('.bar .btn.primary').count()).toBe(0);
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
    await card(page, 'chat_spikes').locator('.head').click();
    await page.locator('.inspector [data-path="threshold"] input').fill('4');
    expect(await page.locator('.banner').textContent()).toContain('No server for');
    const again = await startDouble({ port: address });
    onTestFinished(() => again.close());
    await page.locator('.banner').waitFor({ state: 'detached' });
    await page.reload();
    await card(page, 'chat_spikes').locator('.head').click();
    expect(await page.locator('.inspector [data-path="threshold"] input').inputValue()).toBe('4');
  });
});

describe('files', { retry: 1 }, () => {
  test('two tabs do not overwrite each other: the second compares', async () => {
    const { page, double } = await open();
    const other = await page.context().newPage();
    await other.goto(double.url);
    await card(other, 'chat_spikes').locator('.head').click();
    await card(page, 'chat_spikes').locator('.head').click();
    await page.locator('.inspector [data-path="threshold"] input').fill('5');
    await saved(page, double);
    await other.locator('.inspector [data-path="threshold"] input').fill('6');
    await other.keyboard.press('Control+s');
    await other.locator('.dialog').waitFor();
    expect(await other.locator('.comparison').textContent()).toContain('chat_spikes threshold56');
    expect([...double.documents.values()][0]!.document.nodes.find((node) => node.id === 'chat_spikes')!.settings['threshold']).toBe(
      5,
    );
  });

  test('broken text is refused with a list, nothing is lost', async () => {
    const { page } = await open();
    await page.locator('.doc').click();
    await page.locator('.menu-item', { hasText: 'Import JSON' }).click();
    await page.locator('.dialog textarea').fill('{ broken');
    await page.locator('.dialog footer .primary').click();
    await soon(() => page.locator('.dialog').textContent()).toContain('not JSON');
    expect(await page.locator('.react-flow__node').count()).toBe(19);
  });
});

describe('for everybody', { retry: 1 }, () => {
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
      await card(page, 'window_chat').locator('.head').click();
      await look('page', 'body');
      for (const tab of ['problems', 'data', 'event-time', 'dead', 'tables', 'metrics', 'runs', 'log']) {
        await page.locator(`.dock [data-tab="${tab}"]`).click();
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
