import { chromium, type Browser } from 'playwright';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** The system's Chromium; nothing is downloaded. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-gpu',
    ],
  });
}
