import type { CDPSession, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTemplate } from '../../../app/main/templates.ts';
import { clickEdge, describeInChromium, pick, RealApp, showPanel, soon } from '../support/real-app.ts';

const EDGES = ['chat_sentiment.out -> window_chat.in', 'transactions.out -> transaction_rows.in'];
const NODES = ['chat', 'window_chat', 'anomaly_chat', 'window_live', 'transactions'];
const PANELS = ['data', 'event-time', 'dead', 'tables', 'metrics', 'runs', 'log', 'problems'];

/** What a minute of use may leave behind for good: rings and caches that still fill. A table of rows that stays for each tap is more. */
const BOUND_MIB = 4;

/** The page for long hours: `npm run bench -- app` measures ten minutes, this is its bounded version. */
describeInChromium('the heap of the page', () => {
  let app: RealApp;
  let page: Page;
  let devtools: CDPSession;

  beforeAll(async () => {
    app = await RealApp.open('heap');
    void app.opened.startDemo();
    page = await app.page(readTemplate(app.opened.studio.templates, 'stream-moments').id);
    devtools = await page.context().newCDPSession(page);
    await devtools.send('HeapProfiler.enable');
  });
  afterAll(async () => {
    await app.close();
    expect(app.faults).toEqual([]);
  });

  const epoch = async (): Promise<number> =>
    Number((await page.locator('.gauge', { hasText: 'Epoch' }).locator('.figure').textContent())!.replaceAll(',', ''));

  async function heapMiB(): Promise<number> {
    // what a first collection finalizes goes with the second
    await devtools.send('HeapProfiler.collectGarbage');
    await devtools.send('HeapProfiler.collectGarbage');
    return (await devtools.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
  }

  /** Taps opened and closed, nodes picked, every panel shown, and epochs gone by. */
  async function use(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const from = await epoch();
      await showPanel(page, PANELS[round % PANELS.length]!);
      for (const edge of EDGES) {
        await clickEdge(page, edge);
        await page.locator(`[data-edge="${edge}"].tapped`).waitFor({ state: 'attached' });
      }
      for (const node of NODES) await pick(page, node);
      await page.locator('.react-flow__edge.tapped').first().waitFor({ state: 'detached' });
      await soon(epoch).toBeGreaterThan(from);
    }
  }

  test('epochs, taps and selections leave nothing behind', async () => {
    await soon(epoch).toBeGreaterThan(5);
    await use(8);
    const warm = await heapMiB();
    await use(16);
    const after = await heapMiB();
    expect(after - warm).toBeLessThan(BOUND_MIB);
  });
});
