import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { buildPage } from '../../../app/main/build-page.ts';
import { CHROMIUM, launchChromium } from './chromium.ts';
import { startDouble, type Double, type DoubleOptions } from './double.ts';
import { demo } from './double-pipeline.ts';

/** What a user does on the page, for the tests on the double of the server. */

/** of one step; a test has several times as much, so that a step that hangs fails by its own name */
const STEP_MS = 20_000;
export const TEST_MS = 90_000;
const BUILD_MS = 240_000;

export interface Opened {
  readonly page: Page;
  readonly double: Double;
}

export type OpenOptions = DoubleOptions & {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'dark' | 'light';
  readonly context?: BrowserContextOptions;
};

export type Open = (options?: OpenOptions) => Promise<Opened>;

/**
 * Tests with one browser for the file and, for each `open`, a double, a window and a page of their own. What a page throws fails its test.
 * Skipped by name when there is no Chromium; a failure where services are required.
 */
export function describePage(name: string, tests: (open: Open) => void): void {
  const there = existsSync(CHROMIUM) || process.env['REQUIRE_SERVICES'] === '1';
  const title = there ? name : `${name} (no Chromium: npm run services -- install)`;
  describe.skipIf(!there)(title, { timeout: TEST_MS }, () => {
    let browser: Browser;
    beforeAll(async () => {
      await buildPage();
      browser = await launchChromium();
    }, BUILD_MS);
    afterAll(() => browser.close());
    tests((options) => openPage(browser, options));
  });
}

async function openPage(browser: Browser, options: OpenOptions = {}): Promise<Opened> {
  const double = await startDouble(options);
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1600, height: options.height ?? 900 },
    colorScheme: options.theme ?? 'dark',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options.context,
  });
  context.setDefaultTimeout(STEP_MS);
  const faults: string[] = [];
  context.on('weberror', (fault) => faults.push(fault.error().message));
  onTestFinished(async () => {
    await context.close();
    await double.close();
    expect(faults).toEqual([]);
  });
  const page = await context.newPage();
  await page.goto(double.url);
  await shown(page, options);
  return { page, double };
}

/** The page stands still: every card has its place, and the checker has answered. */
export async function shown(page: Page, { empty, document }: OpenOptions = {}): Promise<void> {
  await page.locator('.canvas').waitFor();
  if (empty !== true) await page.locator(`.canvas[data-shown="${(document ?? demo).id}"]`).waitFor();
}

/** asked again until it holds; a busy machine may need a while */
export const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: STEP_MS });

export const card = (page: Page, id: string): Locator => page.locator(`.react-flow__node[data-id="${id}"]`);
export const port = (page: Page, id: string, name: string): Locator => card(page, id).locator(`[data-handleid="${name}"]`);
export const wire = (page: Page, from: string, to: string): Locator => page.locator(`[data-edge="${from} -> ${to}"]`);
export const pick = (page: Page, id: string): Promise<void> => card(page, id).locator('.head').click();
export const dockTab = (page: Page, name: string): Promise<void> => page.locator(`.dock [data-tab="${name}"]`).click();
export const setting = (page: Page, path: string): Locator => page.locator(`.inspector [data-path="${path}"] input`);
export const figure = async (of: Locator): Promise<number> => Number((await of.textContent())!.replaceAll(',', ''));

interface Place {
  readonly x: number;
  readonly y: number;
}

export async function boxOf(of: Locator): Promise<Place & { readonly width: number; readonly height: number }> {
  await of.waitFor();
  return (await of.boundingBox())!;
}

export async function middleOf(of: Locator): Promise<Place> {
  const box = await boxOf(of);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Where a wire can be pressed: a straight one has no height, so it is asked for a point of its line. */
export async function onWire(page: Page, from: string, to: string): Promise<Place> {
  const line = wire(page, from, to).locator('.line');
  await line.waitFor({ state: 'attached' });
  return line.evaluate((path: SVGPathElement) => {
    const point = path.getPointAtLength(path.getTotalLength() / 2);
    const { x, y } = point.matrixTransform(path.getScreenCTM()!);
    return { x, y };
  });
}

export async function tapWire(page: Page, from: string, to: string): Promise<void> {
  const { x, y } = await onWire(page, from, to);
  await page.mouse.click(x, y);
}

/** on the header line of a card, where no other port is near */
export async function headOf(page: Page, id: string): Promise<Place> {
  const box = await boxOf(card(page, id));
  return { x: box.x + box.width / 2, y: box.y + 20 };
}

export async function dragBy(page: Page, from: Place, dx: number, dy: number): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  // what moves is picked up with the first small step, as a hand does
  await page.mouse.move(from.x + Math.sign(dx), from.y + Math.sign(dy));
  await page.mouse.move(from.x + dx, from.y + dy, { steps: 4 });
  await page.mouse.up();
}

export async function dragKind(page: Page, kind: string, x: number, y: number): Promise<void> {
  const entry = await boxOf(page.locator(`[data-kind="${kind}"]`));
  const nodes = await page.locator('.react-flow__node').count();
  await page.mouse.move(entry.x + 40, entry.y + 12);
  await page.mouse.down();
  await page.mouse.move(x - 30, y, { steps: 4 });
  await page.mouse.move(x, y, { steps: 2 });
  await page.mouse.up();
  await soon(() => page.locator('.react-flow__node').count()).toBe(nodes + 1);
}

/** Pulls a wire out of a port and over a place; the page has answered where it may end. */
export async function pullWire(page: Page, from: readonly [string, string], to: Place): Promise<void> {
  const start = await middleOf(port(page, ...from));
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + 30, start.y + 10, { steps: 3 });
  await page.locator('.node.fits, .node.nofit').first().waitFor();
  await page.mouse.move(to.x - 3, to.y, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 2 });
}

export async function dragWire(page: Page, from: readonly [string, string], to: Place): Promise<void> {
  await pullWire(page, from, to);
  await page.mouse.up();
}

/** the file after Ctrl+S */
export async function saved(page: Page, double: Double): Promise<typeof demo> {
  const file = () => [...double.documents.values()][0]!;
  const before = file().revision;
  await page.keyboard.press('Control+s');
  await soon(() => file().revision).toBe(before + 1);
  return file().document;
}

/** Presses Undo as long as there is something to undo. */
export async function undoAll(page: Page): Promise<void> {
  const undo = page.locator('.tools button').first();
  // clicked from inside: the page may have disabled it since it was asked
  while (await undo.isEnabled()) await undo.evaluate((button: HTMLElement) => button.click());
}
