import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright';
import { describe, expect, vi } from 'vitest';
import { buildPage, PAGE } from '../../../app/main/build-page.ts';
import { handlersOf } from '../../../app/main/handlers-of.ts';
import { openStudio, type OpenStudio } from '../../../app/main/open-studio.ts';
import { runChildCommand, startChildRunner } from '../../../app/main/runner-process.ts';
import { serve } from '../../../app/main/server.ts';
import { scratch } from '../../support/telemetra.ts';
import { launchChromium } from './chromium.ts';

const TEMPLATES = fileURLToPath(new URL('../../../pipelines', import.meta.url));
const TOKEN = 'token-of-the-browser-tests';
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** for one wait; what comes sooner is taken sooner */
const WAIT_MS = 90_000;
// longer than any wait, so that a step that hangs says itself what did not come
vi.setConfig({ testTimeout: 4 * WAIT_MS, hookTimeout: 4 * WAIT_MS });

/** Skipped by name when there is no Chromium; a failure where services are required. */
export function describeInChromium(name: string, tests: () => void): void {
  const there = existsSync(CHROMIUM) || process.env['REQUIRE_SERVICES'] === '1';
  describe.skipIf(!there)(there ? name : `${name} (no Chromium: npm run services -- install)`, tests);
}

/** The built page, the real server in this process, real runners, and one browser; a workspace of its own. */
export class RealApp {
  readonly opened: OpenStudio;
  readonly browser: Browser;
  readonly workspace: string;
  /** what the pages threw */
  readonly faults: string[] = [];
  readonly #remove: () => void;
  #serving: Awaited<ReturnType<typeof listen>>;
  #context: BrowserContext | undefined;

  private constructor(
    opened: OpenStudio,
    browser: Browser,
    serving: Awaited<ReturnType<typeof listen>>,
    workspace: string,
    remove: () => void,
  ) {
    this.opened = opened;
    this.browser = browser;
    this.workspace = workspace;
    this.#serving = serving;
    this.#remove = remove;
  }

  static async open(name: string): Promise<RealApp> {
    await buildPage();
    const directory = scratch(`page-${name}`);
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(KAFKA|POSTGRES|REDIS)_/.test(key)));
    const opened = await openStudio({
      version: 'test',
      workspace: directory.path,
      services: 'embedded',
      templates: TEMPLATES,
      startRunner: startChildRunner,
      runCommand: runChildCommand,
      env,
      now: Date.now,
    });
    const serving = await listen(opened, 0);
    return new RealApp(opened, await launchChromium(), serving, directory.path, directory.remove);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#serving.access.port}`;
  }

  /** A page that has the key, at a pipeline. */
  async page(pipelineId: string, options: BrowserContextOptions = {}): Promise<Page> {
    this.#context = await this.browser.newContext({
      viewport: { width: 1600, height: 900 },
      colorScheme: 'dark',
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    return this.tab(pipelineId);
  }

  /** One more tab of the same browser window. */
  async tab(pipelineId: string): Promise<Page> {
    const page = await this.#context!.newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', (error) => this.faults.push(error.message));
    await page.goto(`${this.origin}/?token=${TOKEN}`);
    await page.goto(`${this.origin}/#${pipelineId}`);
    await page.reload();
    await page.locator('.canvas').waitFor();
    return page;
  }

  /** The server is gone; runners go on. */
  gone(): void {
    this.#serving.end();
  }

  async back(): Promise<void> {
    this.#serving = await listen(this.opened, this.#serving.access.port);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.#serving.end();
    await this.opened.close();
    this.#remove();
  }
}

function listen(opened: OpenStudio, port: number) {
  return serve(
    {
      handlers: handlersOf(opened.studio),
      page: PAGE,
      live: opened.live.accept,
      log: (line) => void process.stderr.write(`${line}\n`),
    },
    TOKEN,
    port,
  );
}

/** asked again until it holds; a busy machine may need a while */
export const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: WAIT_MS, interval: 100 });

export const card = (page: Page, id: string): Locator => page.locator(`.react-flow__node[data-id="${id}"]`);

export async function dragKind(page: Page, kind: string, x: number, y: number): Promise<void> {
  const entry = page.locator(`[data-kind="${kind}"]`);
  await entry.scrollIntoViewIfNeeded();
  const box = (await entry.boundingBox())!;
  await page.mouse.move(box.x + 40, box.y + 12);
  await page.mouse.down();
  await page.mouse.move(x - 30, y, { steps: 4 });
  await page.mouse.move(x, y, { steps: 2 });
  await page.mouse.up();
}

/** Handle to handle. */
export async function dragWire(page: Page, from: readonly [string, string], to: readonly [string, string]): Promise<void> {
  const handle = async ([id, port]: readonly [string, string]) => {
    const box = (await card(page, id).locator(`[data-handleid="${port}"]`).boundingBox())!;
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const [start, end] = [await handle(from), await handle(to)];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + 30, start.y + 10, { steps: 3 });
  await page.locator('.node.fits, .node.nofit').first().waitFor();
  await page.mouse.move(end.x - 3, end.y, { steps: 4 });
  await page.mouse.move(end.x, end.y, { steps: 2 });
  await page.mouse.up();
  await page.locator(`[data-edge="${from.join('.')} -> ${to.join('.')}"]`).waitFor({ state: 'attached' });
}

/** The input of a setting in the inspector, by its path. */
export const setting = (page: Page, path: string): Locator =>
  page.locator(`.inspector [data-path="${path}"]`).locator('input, textarea').first();

export async function pick(page: Page, id: string): Promise<void> {
  await card(page, id).locator('.head').click();
}

/** A place on the line itself, its middle if nothing lies over it there: where somebody clicks who sees it. */
export async function pointOn(page: Page, id: string): Promise<{ readonly x: number; readonly y: number }> {
  const found = await page.waitForFunction((edge) => {
    const path = document.querySelector<SVGPathElement>(`[data-edge="${edge}"] .react-flow__edge-interaction`);
    const onScreen = path?.getScreenCTM();
    if (path === null || onScreen === null || onScreen === undefined) return undefined;
    for (const part of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
      const { x, y } = path.getPointAtLength(path.getTotalLength() * part).matrixTransform(onScreen);
      // a short edge is hardly more than the two ends by which it can be taken off
      if (document.elementFromPoint(x, y)?.closest('.react-flow__edge')?.contains(path) === true) return { x, y };
    }
    return undefined;
  }, id);
  return (await found.jsonValue())!;
}

export async function clickEdge(page: Page, id: string): Promise<void> {
  const { x, y } = await pointOn(page, id);
  await page.mouse.click(x, y);
}

/** One of the list behind a button of the run bar or the name of the pipeline. */
export async function chooseFrom(page: Page, opener: Locator, title: string): Promise<void> {
  await opener.click();
  await page.locator('.menu-item', { hasText: title }).click();
}

export const showPanel = (page: Page, tab: string): Promise<void> => page.locator(`.dock [data-tab="${tab}"]`).click();

export const runState = (page: Page): Promise<string | null> => page.locator('.state-gauge dd').textContent();
