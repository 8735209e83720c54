/// <reference lib="dom" />
import type { Browser, Page } from 'playwright';
import { launchChromium } from '../../tests/browser/support/chromium.ts';
import type { App } from './start-app.ts';

const WAIT_MS = 240_000;
const VIEW = { width: 1600, height: 900 };

export async function openPage(app: App, id: string, nodes: number): Promise<{ readonly page: Page; readonly browser: Browser }> {
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: VIEW });
  await page.goto(app.url);
  await page.goto(`${app.origin}/#${id}`);
  await page.reload();
  await page.waitForFunction((count) => document.querySelectorAll('.react-flow__node').length >= count, nodes);
  return { page, browser };
}

/** A rate that is not nothing stands on a node. */
export async function rateIsShown(page: Page): Promise<void> {
  await page.waitForFunction(
    () => [...document.querySelectorAll('.node .rate')].some((element) => /[1-9]/.test(element.textContent ?? '')),
    undefined,
    { timeout: WAIT_MS, polling: 'raf' },
  );
}

/** From navigation to the first frame that has nodes on it, each in a fresh context: nothing cached, only the session cookie. */
export async function pageLoads(app: App, id: string, times: number): Promise<{ readonly medianMs: number }> {
  const browser = await launchChromium();
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const context = await browser.newContext({ viewport: VIEW });
    await context.request.get(app.url);
    const page = await context.newPage();
    await page.goto(`${app.origin}/#${id}`, { waitUntil: 'commit' });
    taken.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const look = (): void => {
              const node = document.querySelector('.react-flow__node .node');
              if (node !== null && getComputedStyle(node.closest('.react-flow__node')!).visibility === 'visible')
                requestAnimationFrame(() => resolve(performance.now()));
              else requestAnimationFrame(look);
            };
            look();
          }),
      ),
    );
    await context.close();
  }
  await browser.close();
  return { medianMs: taken.toSorted((a, b) => a - b)[taken.length >> 1]! };
}

/** Shares of one core, CPU time. `page`: the renderer process, its raster threads too; `painting`: every process of Chromium together. */
export interface Cpu {
  readonly page: number;
  readonly painting: number;
}

export async function pageCpu(browser: Browser, page: Page, seconds: number): Promise<Cpu> {
  const system = await browser.newBrowserCDPSession();
  const look = async (): Promise<{ at: number; page: number; all: number }> => {
    const { processInfo } = await system.send('SystemInfo.getProcessInfo');
    const sum = (kept: typeof processInfo): number => kept.reduce((total, entry) => total + entry.cpuTime, 0);
    return {
      at: performance.now() / 1000,
      page: sum(processInfo.filter((entry) => entry.type === 'renderer')),
      all: sum(processInfo),
    };
  };
  const before = await look();
  await page.waitForTimeout(seconds * 1000);
  const after = await look();
  const passed = after.at - before.at;
  await system.detach();
  return {
    page: (after.page - before.page) / passed,
    painting: (after.all - before.all) / passed,
  };
}

/** Drags a node in the middle of the drawing around for about three seconds. Frames are the page's own animation frames. */
export async function dragNode(
  page: Page,
): Promise<{ readonly p50Ms: number; readonly p95Ms: number; readonly maxMs: number; readonly frames: number }> {
  const middle = await page.evaluate(() => {
    const [x, y] = [window.innerWidth / 2, window.innerHeight / 3];
    const boxes = [...document.querySelectorAll('.react-flow__node')]
      .map((element) => element.getBoundingClientRect())
      .filter(
        (box) =>
          document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.closest('.react-flow__node') instanceof Element,
      )
      .map((box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 }));
    return boxes.toSorted((a, b) => Math.hypot(a.x - x, a.y - y) - Math.hypot(b.x - x, b.y - y))[0]!;
  });
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.mouse.move(middle.x + 6, middle.y + 6, { steps: 3 });
  await page.evaluate(() => {
    const kept: number[] = [];
    const state = { kept, going: true };
    (window as unknown as { frames: typeof state }).frames = state;
    let last = performance.now();
    const frame = (now: number): void => {
      kept.push(now - last);
      last = now;
      if (state.going) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const until = Date.now() + 3000;
  for (let step = 0; Date.now() < until; step++)
    await page.mouse.move(middle.x + 120 * Math.sin(step / 12), middle.y + 60 * Math.cos(step / 9));
  const frames = await page.evaluate(() => {
    const { frames: state } = window as unknown as { frames: { kept: number[]; going: boolean } };
    state.going = false;
    return state.kept;
  });
  await page.mouse.up();
  await page.keyboard.press('Control+z');
  const sorted = frames.slice(2).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1), frames: sorted.length };
}

/** Used heap after a collection, every ten seconds. Growth: least squares over the second half, when every ring is warm or filling. */
export async function heapOverMinutes(
  page: Page,
  minutes: number,
): Promise<{ readonly firstMiB: number; readonly lastMiB: number; readonly growthMiBPerMin: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  const samples: { readonly minute: number; readonly mib: number }[] = [];
  const began = performance.now();
  do {
    await page.waitForTimeout(10_000);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    samples.push({ minute: (performance.now() - began) / 60_000, mib: usedSize / 2 ** 20 });
  } while (performance.now() - began < minutes * 60_000);
  await session.detach();
  const half = samples.slice(samples.length >> 1);
  const meanX = half.reduce((sum, sample) => sum + sample.minute, 0) / half.length;
  const meanY = half.reduce((sum, sample) => sum + sample.mib, 0) / half.length;
  const spread = half.reduce((sum, sample) => sum + (sample.minute - meanX) ** 2, 0);
  const together = half.reduce((sum, sample) => sum + (sample.minute - meanX) * (sample.mib - meanY), 0);
  return { firstMiB: samples[0]!.mib, lastMiB: samples.at(-1)!.mib, growthMiBPerMin: spread === 0 ? 0 : together / spread };
}
