import { launchChromium } from './chromium.ts';

/** One picture of a real server's page: `node tests/browser/support/look-live.ts URL FILE [seconds] [theme] [width] [height] [click selector…]`. */
const [url = '', file = '/tmp/live.png', seconds = '4', theme = 'dark', width = '1920', height = '1080', ...clicks] =
  process.argv.slice(2);
const browser = await launchChromium();
const page = await browser.newPage({
  viewport: { width: Number(width), height: Number(height) },
  colorScheme: theme === 'light' ? 'light' : 'dark',
});
page.on('pageerror', (error) => console.log(error.stack ?? error.message));
page.on('console', (message) => {
  if (message.type() === 'error' || message.type() === 'warning') console.log(message.text().slice(0, 400));
});
page.on('response', (response) => {
  if (response.status() >= 400)
    void response.text().then((text) => console.log(response.status(), response.url(), text.slice(0, 300)));
});
const began = Date.now();
await page.goto(url);
await page.locator('.react-flow__node').first().waitFor();
console.log(`first node after ${Date.now() - began} ms`);
for (const click of clicks) {
  await page.waitForTimeout(1200);
  await page
    .locator(click)
    .first()
    .click({ timeout: 5000 })
    .catch((error: Error) => console.log(error.message.split('\n')[0]));
}
await page.waitForTimeout(Number(seconds) * 1000);
await page.screenshot({ path: file });
await browser.close();
