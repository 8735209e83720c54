import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from './chromium.ts';
import { doubleCatalog } from './double-catalog.ts';
import { startDouble } from './double.ts';
import { leave, worldsOf } from './screens.ts';

/** Pictures of every screen for the eye: `node tests/browser/support/look.ts DIRECTORY [dark|light] [WIDTHxHEIGHT] [world]`. Not a test. */
const [directory = '/tmp/telemetra-look', theme = 'dark', size = '1280x720', only] = process.argv.slice(2);
const [width = 1280, height = 720] = size.split('x').map(Number);
mkdirSync(directory, { recursive: true });
const browser = await launchChromium();
for (const { name: world, options, screens } of worldsOf(doubleCatalog().kinds.map(({ kind }) => kind))) {
  if (only !== undefined && only !== world) continue;
  const double = await startDouble(options);
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: theme === 'light' ? 'light' : 'dark',
    reducedMotion: 'reduce',
  });
  page.setDefaultTimeout(8000);
  page.on('pageerror', (error) => console.log(`${world}: ${error.stack ?? error.message}`));
  await page.goto(double.url);
  await page.locator('.canvas').waitFor();
  await page.waitForTimeout(2500);
  for (const screen of screens) {
    try {
      await screen.open(page, double);
      await page.locator(screen.within).first().waitFor();
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(directory, `${screen.name.replaceAll(' ', '-')}.png`) });
      await leave(screen, page, double);
    } catch (error) {
      console.log(`${screen.name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  await page.close();
  await double.close();
}
await browser.close();
