// npm run desktop: the same server and page in a window. Electron's binary is not part of its npm package.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packaged-node.mjs';

/** Path of Electron's binary, or undefined when it was never fetched. */
export function electronBinary(folder = join(root, 'node_modules', 'electron')) {
  const note = join(folder, 'path.txt');
  if (!existsSync(note)) return undefined;
  const binary = join(folder, 'dist', readFileSync(note, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}

if (import.meta.main !== false && process.argv[1]?.endsWith('desktop.mjs')) {
  const binary = electronBinary();
  if (binary === undefined) {
    console.error(
      'Electron itself is not on this machine: its npm package holds only the means to fetch it. Nothing was started.\n' +
        '  Fetch it once with "node node_modules/electron/install.js" (from the network), or use the app in the browser: npm start.',
    );
    process.exitCode = 1;
  } else {
    const built = spawnSync(
      process.execPath,
      [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'],
      {
        cwd: root,
        stdio: 'inherit',
      },
    );
    if (built.status !== 0) process.exitCode = 1;
    else {
      const child = spawn(binary, [join(root, 'app', 'main', 'electron.ts')], { stdio: 'inherit', cwd: root });
      child.once('exit', (code) => (process.exitCode = code ?? 1));
    }
  }
}
