import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { launchChromium } from './chromium.ts';
import { startDouble } from './double.ts';

/** Pictures of the page for the eye: `node tests/browser/support/look.ts DIRECTORY [name…]`. Not a test. */

interface Scene {
  readonly width: number;
  readonly height: number;
  readonly theme: 'dark' | 'light';
  readonly empty?: boolean;
  readonly act?: (page: Page) => Promise<void>;
}

const selectNode = async (page: Page, id: string) => page.locator(`.react-flow__node[data-id="${id}"] .head`).click();
const tab = (page: Page, name: string) => page.locator(`.dock [data-tab="${name}"]`).click();

const scenes: Readonly<Record<string, Scene>> = {
  'editor-dark': { width: 1920, height: 1080, theme: 'dark', act: (page) => selectNode(page, 'window_chat') },
  'editor-light': { width: 1920, height: 1080, theme: 'light', act: (page) => selectNode(page, 'window_chat') },
  'editor-1280': { width: 1280, height: 720, theme: 'dark', act: (page) => selectNode(page, 'window_chat') },
  peek: {
    width: 1920,
    height: 1080,
    theme: 'dark',
    act: async (page) => {
      await page.locator('[data-edge="sentiment.out -> window_chat.in"] .react-flow__edge-interaction').click({ force: true });
    },
  },
  data: {
    width: 1920,
    height: 1080,
    theme: 'dark',
    act: async (page) => {
      await page.locator('[data-edge="sentiment.out -> window_chat.in"] .react-flow__edge-interaction').click({ force: true });
      await tab(page, 'data');
      await page.waitForTimeout(1500);
    },
  },
  dead: {
    width: 1920,
    height: 1080,
    theme: 'dark',
    act: async (page) => {
      await tab(page, 'dead');
      await page.waitForTimeout(600);
    },
  },
  tables: {
    width: 1920,
    height: 1080,
    theme: 'light',
    act: async (page) => {
      await tab(page, 'tables');
      await page.waitForTimeout(800);
    },
  },
  metrics: {
    width: 1920,
    height: 1080,
    theme: 'dark',
    act: async (page) => {
      await selectNode(page, 'chat');
      await tab(page, 'metrics');
      await page.locator('.inspector [data-tab="metrics"]').click();
      await page.waitForTimeout(1500);
    },
  },
  problems: {
    width: 1920,
    height: 1080,
    theme: 'light',
    act: async (page) => {
      await tab(page, 'problems');
      await page.waitForTimeout(1200);
    },
  },
  docs: {
    width: 1280,
    height: 720,
    theme: 'light',
    act: async (page) => {
      await selectNode(page, 'chat_spikes');
      await page.locator('.inspector [data-tab="docs"]').click();
      await tab(page, 'log');
    },
  },
  state: {
    width: 1280,
    height: 720,
    theme: 'dark',
    act: async (page) => {
      await selectNode(page, 'chat_spikes');
      await page.locator('.inspector [data-tab="state"]').click();
      await tab(page, 'runs');
      await page.waitForTimeout(2500);
    },
  },
  commands: {
    width: 1280,
    height: 720,
    theme: 'dark',
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.waitForTimeout(300);
      await page.keyboard.type('minute');
    },
  },
  empty: { width: 1280, height: 720, theme: 'light', empty: true },
  quickadd: {
    width: 1280,
    height: 720,
    theme: 'dark',
    act: async (page) => {
      await page.mouse.move(700, 420);
      await page.locator('.react-flow__pane').dblclick({ position: { x: 620, y: 60 } });
      await page.waitForTimeout(300);
    },
  },
  apply: {
    width: 1280,
    height: 720,
    theme: 'dark',
    act: async (page) => {
      await selectNode(page, 'chat_spikes');
      await page.locator('.inspector [data-path="threshold"] input').fill('2.5');
      await page.waitForTimeout(500);
      await page.locator('.btn.primary').click();
      await page.waitForTimeout(300);
    },
  },
  expression: {
    width: 1920,
    height: 1080,
    theme: 'dark',
    act: async (page) => {
      await selectNode(page, 'window_chat');
      await page.locator('.inspector .agg').nth(6).click();
      await page.waitForTimeout(900);
    },
  },
};

const [directory = '/tmp/telemetra-look', ...names] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const browser = await launchChromium();
for (const [name, scene] of Object.entries(scenes)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const double = await startDouble({ failing: true, ...(scene.empty === undefined ? {} : { empty: scene.empty }) });
  const page = await browser.newPage({ viewport: { width: scene.width, height: scene.height }, colorScheme: scene.theme });
  page.on('pageerror', (error) => console.log(`${name}: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') console.log(`${name}: ${message.text()}`);
  });
  await page.goto(double.url);
  await page.waitForTimeout(3500);
  try {
    await scene.act?.(page);
  } catch (error) {
    console.log(`${name}: ${(error as Error).message.split('\n')[0]}`);
  }
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(directory, `${name}.png`) });
  await page.close();
  await double.close();
}
await browser.close();
