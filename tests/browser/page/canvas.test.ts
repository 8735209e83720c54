import { expect, test } from 'vitest';
import {
  card,
  describePage,
  dragKind,
  headOf,
  dragWire,
  pick,
  port,
  boxOf,
  pullWire,
  saved,
  soon,
  undoAll,
  wire,
} from '../support/page-acts.ts';

/** A pipeline is drawn: from the palette, by keys, on edges. */
describePage('drawing', (open) => {
  test('from an empty canvas by dragging: source to z-score to table, wired and saved', async () => {
    const { page, double } = await open({ empty: true });
    await dragKind(page, 'kafka-source', 400, 200);
    await dragKind(page, 'z-score', 700, 200);
    await dragKind(page, 'postgres-sink', 1000, 200);
    await dragWire(page, ['kafka_source', 'out'], await headOf(page, 'z_score'));
    await dragWire(page, ['z_score', 'out'], await headOf(page, 'postgres'));
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
    await page.locator('.quick-add').waitFor();
    await page.keyboard.type('kafka source');
    await page.keyboard.press('Enter');
    await card(page, 'kafka_source').waitFor();
    await page.keyboard.press('c');
    await page.locator('.quick-add').waitFor();
    await page.keyboard.type('filter');
    await page.keyboard.press('Enter');
    await card(page, 'filter').waitFor();
    await page.keyboard.press('F2');
    await page.locator('.name-input:focus').waitFor();
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
    await pullWire(page, ['window_chat', 'updates'], await headOf(page, 'join'));
    await page.locator('.misfit').waitFor();
    expect(await page.locator('.misfit').textContent()).toContain('A join needs final rows');
    await page.mouse.up();
    await soon(() => page.locator('.misfit .btn.primary').textContent()).toContain('Use port out');
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
    await wire(page, 'window_chat.updates', 'redis.in').waitFor({ state: 'attached' });
  });

  test('a kind dropped on an edge stands on it; one undo takes it off again', async () => {
    const { page } = await open();
    const from = await boxOf(port(page, 'transactions', 'out'));
    const to = await boxOf(port(page, 'transactions_table', 'in'));
    await dragKind(page, 'filter', from.x + (to.x - from.x) * 0.4, from.y + 4);
    await wire(page, 'transactions.out', 'filter.in').waitFor({ state: 'attached' });
    await wire(page, 'filter.match', 'transactions_table.in').waitFor({ state: 'attached' });
    await page.keyboard.press('Control+z');
    await wire(page, 'transactions.out', 'transactions_table.in').waitFor({ state: 'attached' });
    await card(page, 'filter').waitFor({ state: 'detached' });
  });

  test('copy, paste, duplicate, group, move and tidy, then undo to the beginning: the same file byte for byte', async () => {
    const { page, double } = await open();
    const first = JSON.stringify(await saved(page, double));
    await pick(page, 'chat');
    await card(page, 'sentiment')
      .locator('.head')
      .click({ modifiers: ['Control'] });
    await soon(() => page.locator('.react-flow__node.selected').count()).toBe(2);
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
    await card(page, 'chat_3').waitFor({ state: 'detached' });
    await undoAll(page);
    expect(JSON.stringify(await saved(page, double))).toBe(first);
  });

  test('lasso with Shift selects what it touches', async () => {
    const { page } = await open();
    const box = await boxOf(card(page, 'viewer'));
    const last = await boxOf(card(page, 'stream_meta'));
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x - 10, box.y - 6);
    await page.mouse.down();
    await page.mouse.move(last.x + 20, last.y + 20, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await soon(() => page.locator('.react-flow__node.selected').count()).toBe(3);
    await soon(() => page.locator('.ihead h2').textContent()).toBe('3 parts selected');
  });
});
