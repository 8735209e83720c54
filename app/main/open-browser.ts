import { spawn } from 'node:child_process';

/** Opens the address where there is a desktop; elsewhere the printed link is enough. */
export function openBrowser(address: string): void {
  const [program, ...words] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', address]
        : process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined
          ? ['xdg-open', address]
          : [];
  if (program === undefined) return;
  const child = spawn(program, words, { stdio: 'ignore', detached: true });
  // no browser there: the link has been printed
  child.once('error', () => undefined);
  child.unref();
}
