import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import {
  boxOf,
  card,
  describePage,
  dragBy,
  headOf,
  middleOf,
  onWire,
  pick,
  saved,
  soon,
  undoAll,
  wire,
} from '../support/page-acts.ts';

const keys = async (page: Page, ...all: readonly string[]): Promise<void> => {
  for (const key of all) await page.keyboard.press(key);
};

const places = async (page: Page, ids: readonly string[]) => Promise.all(ids.map(async (id) => boxOf(card(page, id))));

/** an empty spot of the demo's canvas */
const FREE = { x: 700, y: 560 };

/** Parts of a drawing: chosen, moved, grouped, commented, copied. */
describePage('parts of a drawing', (open) => {
  test('a comment is written, moved by hand and by keys, written anew, and undone step by step', async () => {
    const { page, double } = await open();
    const first = JSON.stringify(await saved(page, double));
    await page.mouse.click(FREE.x, FREE.y);
    await keys(page, 'm');
    await page.locator('.comment textarea:focus').waitFor();
    await page.keyboard.type('Chat is the fullest topic');
    await pick(page, 'chat');
    await soon(() => page.locator('.comment p').textContent()).toBe('Chat is the fullest topic');

    const comment = page.locator('.comment');
    const before = await boxOf(comment);
    await dragBy(page, await middleOf(comment), 80, -40);
    await soon(async () => (await boxOf(comment)).x - before.x).toBeGreaterThan(70);
    const dragged = await boxOf(comment);
    expect(before.y - dragged.y).toBeGreaterThan(30);
    await keys(page, 'Control+ArrowRight');
    await soon(async () => (await boxOf(comment)).x > dragged.x).toBe(true);

    await comment.dblclick();
    await page.locator('.comment textarea').fill('Chat');
    await pick(page, 'chat');
    await soon(() => page.locator('.comment p').textContent()).toBe('Chat');
    expect((await saved(page, double)).layout.comments.map(({ text }) => text)).toEqual(['Chat']);

    await card(page, 'chat').focus();
    await keys(page, 'Control+z');
    await soon(() => page.locator('.comment p').textContent()).toBe('Chat is the fullest topic');
    await undoAll(page);
    await comment.waitFor({ state: 'detached' });
    expect(JSON.stringify(await saved(page, double))).toBe(first);
  });

  test('a group is made, named, and carries what stands on it, by hand and by keys; undo brings all back', async () => {
    const { page, double } = await open();
    const first = JSON.stringify(await saved(page, double));
    await pick(page, 'window_viewers');
    await card(page, 'viewer_spikes')
      .locator('.head')
      .click({ modifiers: ['Control'] });
    await keys(page, 'g');
    const frame = page.locator('.frame');
    await frame.waitFor();
    await frame.locator('input').fill('By viewers');
    const members = ['window_viewers', 'viewer_spikes'];
    const [windows, spikes] = await places(page, members);
    const outsider = await boxOf(card(page, 'viewer'));

    // beside its name
    const { x, y } = await boxOf(frame);
    const grip = { x: x + 5, y: y + 8 };
    await page.mouse.move(grip.x, grip.y);
    await page.mouse.down();
    await page.mouse.move(grip.x + 2, grip.y + 2);
    await page.mouse.move(grip.x + 48, grip.y + 48, { steps: 3 });
    // they go along while the button is still down
    await soon(async () => (await boxOf(card(page, 'window_viewers'))).x > windows!.x + 20).toBe(true);
    await page.mouse.up();
    const [one, other] = await places(page, members);
    const by = { x: one!.x - windows!.x, y: one!.y - windows!.y };
    expect(other!.x - spikes!.x).toBeCloseTo(by.x, 3);
    expect(other!.y - spikes!.y).toBeCloseTo(by.y, 3);
    expect(await boxOf(card(page, 'viewer'))).toEqual(outsider);

    await keys(page, 'Control+ArrowDown');
    await soon(async () => (await boxOf(card(page, 'viewer_spikes'))).y > other!.y).toBe(true);
    expect((await saved(page, double)).layout.groups.map(({ title }) => title)).toEqual(['By viewers']);
    await undoAll(page);
    await frame.waitFor({ state: 'detached' });
    expect(JSON.stringify(await saved(page, double))).toBe(first);
  });

  test('several nodes move together, by hand and by keys, each time as one step', async () => {
    const { page } = await open();
    const ids = ['transactions', 'stream_meta', 'last_values'];
    await pick(page, ids[0]!);
    for (const id of ids.slice(1))
      await card(page, id)
        .locator('.head')
        .click({ modifiers: ['Control'] });
    await soon(() => page.locator('.react-flow__node.selected').count()).toBe(3);
    const before = await places(page, ids);
    await dragBy(page, await headOf(page, 'stream_meta'), 40, -32);
    await soon(async () => (await boxOf(card(page, 'transactions'))).x > before[0]!.x + 20).toBe(true);
    const dragged = await places(page, ids);
    const by = dragged.map((box, index) => [Math.round(box.x - before[index]!.x), Math.round(box.y - before[index]!.y)].join());
    expect(new Set(by).size).toBe(1);
    await card(page, 'transactions').focus();
    await keys(page, 'Control+ArrowRight', 'Control+ArrowRight');
    await soon(async () => (await boxOf(card(page, 'last_values'))).x > dragged[2]!.x).toBe(true);
    await keys(page, 'Control+z');
    await soon(() => places(page, ids)).toEqual(dragged);
    await keys(page, 'Control+z');
    await soon(() => places(page, ids)).toEqual(before);
  });

  test('copied nodes are JSON on the clipboard: ids, kinds, settings and the wires between them', async () => {
    const { page } = await open();
    await pick(page, 'window_viewers');
    await card(page, 'viewer_spikes')
      .locator('.head')
      .click({ modifiers: ['Control'] });
    await keys(page, 'Control+c');
    await page.locator('.toast', { hasText: 'Copied 2 nodes' }).waitFor();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as {
      nodes: { id: string; kind: string; settings: Record<string, unknown> }[];
      edges: unknown;
    };
    expect(copied.nodes.map(({ id, kind }) => `${id}: ${kind}`)).toEqual(['viewer_spikes: z-score', 'window_viewers: window']);
    expect(copied.nodes[0]!.settings['field']).toBe('avg_viewers');
    expect(copied.edges).toEqual([{ from: 'window_viewers.out', to: 'viewer_spikes.in' }]);
  });

  test('JSON from elsewhere is pasted as nodes of this pipeline; a whole pipeline is led to Import; other text is refused', async () => {
    const { page } = await open();
    const put = async (text: string) => {
      await page.evaluate((value) => navigator.clipboard.writeText(value), text);
      await page.mouse.click(FREE.x, FREE.y);
      await keys(page, 'Control+v');
    };
    await put(
      JSON.stringify({
        telemetra: 'snippet/1',
        nodes: [
          { id: 'chat', kind: 'filter', name: 'Only loud', settings: { condition: 'true' } },
          { id: 'odd', kind: 'of-another-version', name: '', settings: {} },
        ],
        edges: [{ from: 'chat.match', to: 'odd.in' }],
      }),
    );
    await soon(() => card(page, 'chat_2').locator('.head b').textContent()).toBe('Only loud');
    await soon(() => card(page, 'odd').locator('.fault').first().textContent()).toContain('of-another-version is unknown');
    await wire(page, 'chat_2.match', 'odd.in').waitFor({ state: 'attached' });
    await put('{ "telemetra": 1, "id": "x", "nodes": [] }');
    await page.locator('.toast', { hasText: 'This is a whole pipeline' }).waitFor();
    await put('a shopping list');
    await page.locator('.toast', { hasText: 'Nothing to paste' }).waitFor();
    expect(await page.locator('.react-flow__node').count()).toBe(21);
  });

  test('a right click offers what can be done with the node, the wire, the selection or the place', async () => {
    const { page } = await open();
    const lines = () => page.locator('.menu-popup .menu-item .grow').allTextContents();
    await card(page, 'filter').waitFor({ state: 'detached' });
    await card(page, 'chat_spikes').locator('.head').click({ button: 'right' });
    await soon(async () => (await lines())[0]).toBe('Settings of the selected node');
    await page.locator('.menu-item', { hasText: 'Duplicate' }).click();
    await card(page, 'chat_spikes_2').waitFor();

    const at = await onWire(page, 'transactions.out', 'transactions_table.in');
    await page.mouse.click(at.x, at.y, { button: 'right' });
    await page.locator('.menu-item', { hasText: 'Insert a node' }).click();
    await page.locator('.quick-add input:focus').waitFor();
    await page.keyboard.type('filter');
    await keys(page, 'Enter');
    await wire(page, 'filter.match', 'transactions_table.in').waitFor({ state: 'attached' });

    await page.mouse.click(FREE.x, FREE.y, { button: 'right' });
    await soon(async () => (await lines())[0]).toBe('Add a node');
    await keys(page, 'Escape');
    await page.locator('.menu-popup').waitFor({ state: 'detached' });
    await pick(page, 'viewer');
    await card(page, 'transactions')
      .locator('.head')
      .click({ modifiers: ['Control'] });
    await card(page, 'transactions').locator('.head').click({ button: 'right' });
    await page.locator('.menu-item', { hasText: 'Delete with its wires' }).click();
    await soon(() => page.locator('.react-flow__node').count()).toBe(19);
  });
});
