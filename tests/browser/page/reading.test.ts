import { expect, test } from 'vitest';
import { demo } from '../support/double-pipeline.ts';
import { boxOf, card, describePage, dockTab, soon, tapWire } from '../support/page-acts.ts';

/** The drawing and the panels are read while numbers change. */
describePage('reading a run', (open) => {
  test('near, middle and far show less and less, in the same box', async () => {
    const { page } = await open({ width: 1920 });
    const node = card(page, 'window_chat');
    const shows = async () => {
      const seen = async (part: string) => ((await node.locator(part).first().isVisible()) ? part : '');
      return (await Promise.all(['.head b', '.foot', '.rate', '.block'].map(seen))).filter(Boolean);
    };
    const zoomTo = async (level: string, key: string) => {
      for (let step = 0; step < 30 && (await page.locator(`.canvas.${level}`).count()) === 0; step++)
        await page.evaluate((by) => {
          const pane = document.querySelector('.react-flow__pane')!;
          const { left, top } = pane.getBoundingClientRect();
          pane.dispatchEvent(
            new WheelEvent('wheel', { deltaY: by, clientX: left + 40, clientY: top + 40, bubbles: true, cancelable: true }),
          );
        }, Number(key));
      await page.locator(`.canvas.${level}`).waitFor();
    };
    const size = () => node.evaluate((element: HTMLElement) => [element.offsetWidth, element.offsetHeight]);
    await zoomTo('near', '-80');
    expect(await shows()).toEqual(['.head b', '.foot', '.rate']);
    const box = await size();
    await page.locator('.minimap').waitFor();
    await zoomTo('middle', '60');
    expect(await shows()).toEqual(['.head b', '.rate']);
    expect(await size()).toEqual(box);
    await zoomTo('far', '60');
    expect(await shows()).toEqual(['.block']);
    expect(await size()).toEqual(box);
    await page.locator('.tools [aria-label="Fit the pipeline"]').click();
    await page.locator('.minimap').waitFor({ state: 'detached' });
  });

  test('the map shows the way to what is out of view', async () => {
    const { page } = await open({ width: 1280, height: 720 });
    await page.locator('.tools .zoom').click();
    const map = await boxOf(page.locator('.minimap'));
    const sees = (id: string) =>
      card(page, id).evaluate((element) => {
        const box = element.getBoundingClientRect();
        const pane = document.querySelector('.canvas')!.getBoundingClientRect();
        return box.right > pane.left && box.left < pane.right && box.bottom > pane.top && box.top < pane.bottom;
      });
    await page.mouse.click(map.x + map.width - 12, map.y + 14);
    await soon(() => sees('chat_summary_minute')).toBe(true);
    await page.mouse.click(map.x + 12, map.y + map.height - 14);
    await soon(() => sees('stream_meta')).toBe(true);
    expect(await sees('chat_summary_minute')).toBe(false);
  });

  test('fifty partitions have a row each in the lane, and the page answers', async () => {
    const { page } = await open({ chatPartitions: 50 });
    await soon(() => page.locator('.lane-line .lname', { hasText: 'chat/' }).count()).toBe(50);
    await page.locator('.lane-line .lname', { hasText: 'chat/49' }).click();
    await soon(() => page.locator('.ihead .name-input').inputValue()).toBe('chat');
  });

  test('a pipeline of 200 nodes opens, each with a card and a line of the outline', async () => {
    const nodes = Array.from({ length: 200 }, (_, at) => ({
      id: `n${at}`,
      kind: at % 10 === 0 ? 'kafka-source' : 'filter',
      name: `Node ${at}`,
      settings: {},
    }));
    const document = {
      ...demo,
      nodes,
      edges: nodes.flatMap((node, at) =>
        at % 10 === 0 ? [] : [{ from: at % 10 === 1 ? `n${at - 1}.out` : `n${at - 1}.match`, to: `${node.id}.in` }],
      ),
      layout: {
        ...demo.layout,
        nodes: Object.fromEntries(nodes.map(({ id }, at) => [id, { x: (at % 10) * 220, y: Math.floor(at / 10) * 130 }])),
      },
    };
    const { page } = await open({ document });
    expect(await page.locator('.react-flow__node').count()).toBe(200);
    expect(await page.locator('[data-edge]').count()).toBe(180);
    expect(await page.locator('nav[aria-label="Outline of the pipeline"] li').count()).toBe(200);
    await page.keyboard.press('Control+k');
    await page.locator('.command-dialog input').fill('Node 157');
    await page.keyboard.press('Enter');
    await soon(() => page.locator('.ihead .name-input').inputValue()).toBe('Node 157');
  });

  test('rows of a tap are copied as JSON, one a line', async () => {
    const { page } = await open({ width: 1920 });
    await tapWire(page, 'sentiment.out', 'window_chat.in');
    await dockTab(page, 'data');
    await page.locator('.dock tbody tr').nth(3).waitFor();
    await page.locator('.dock .toolbar .btn', { hasText: 'Hold' }).click();
    await page.locator('.dock [aria-label="Copy the rows as JSON"]').click();
    await page.locator('.toast', { hasText: /Copied \d+ rows/ }).waitFor();
    const rows = (await page.evaluate(() => navigator.clipboard.readText())).split('\n').map((line) => JSON.parse(line) as object);
    expect(rows.length).toBeGreaterThan(3);
    expect(Object.keys(rows[0]!)).toContain('sentiment');
  });

  test('the log says what the runner says, by level and by word', async () => {
    const { page } = await open();
    await dockTab(page, 'log');
    const lines = page.locator('.dock tbody tr');
    await lines.first().waitFor();
    expect(await lines.first().textContent()).toContain('40 rows in 9 ms');
    await page.locator('.dock .seg button', { hasText: 'Errors' }).click();
    await soon(() => page.locator('.dock .no-rows').textContent()).toContain('No message matches');
    await page.locator('.dock .seg button', { hasText: 'All' }).click();
    await page.locator('.dock .filter input').fill('pushed');
    await lines.first().waitFor();
  });

  test('three charts and no more tell of the pipeline, each with its figure', async () => {
    const { page } = await open({ width: 1920 });
    await dockTab(page, 'metrics');
    await page.locator('.chart .recharts-surface').nth(2).waitFor();
    expect(await page.locator('.chart figcaption .med').allTextContents()).toEqual([
      'Rows a second',
      'Watermark behind now',
      'Latency p99 by node',
    ]);
    expect(await page.locator('.chart .big').allTextContents()).not.toContain('–');
  });
});
