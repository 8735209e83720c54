import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { app, BrowserWindow, dialog, session, shell, utilityProcess } from 'electron';
import { PAGE } from './build-page.ts';
import { utilityCommand, utilityRunner, type ForkUtility } from './desktop-runner.ts';
import { mayHavePermission, mayNavigate, mayOpenOutside, windowOptions } from './desktop-window.ts';
import { handlersOf } from './handlers-of.ts';
import { openStudio, packageVersion } from './open-studio.ts';
import { serve } from './server.ts';

/** The desktop shell: the same server as `telemetra start`, shown in a window that can do no more than a page. */

const ENTRY = fileURLToPath(new URL('desktop-entry.ts', import.meta.url));
const PRELOAD = fileURLToPath(new URL('preload.cjs', import.meta.url));
const TEMPLATES = fileURLToPath(new URL('../../pipelines', import.meta.url));

const fork: ForkUtility = (words) => utilityProcess.fork(ENTRY, [...words], { stdio: 'pipe', serviceName: 'telemetra runner' });

async function open(): Promise<void> {
  const workspace = join(app.getPath('userData'), 'workspace');
  const opened = await openStudio({
    version: packageVersion(),
    workspace,
    services: 'embedded',
    templates: TEMPLATES,
    startRunner: utilityRunner(fork, (pid) => process.kill(pid, 'SIGKILL')),
    runCommand: utilityCommand(fork),
    env: process.env,
    now: Date.now,
  });
  const token = randomBytes(32).toString('base64url');
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const { server, access } = await serve(
    { handlers: handlersOf(opened.studio), page: PAGE, live: opened.live.accept, log },
    token,
    0,
  );
  const origin = `http://127.0.0.1:${access.port}`;
  lockDown(origin);
  const window = new BrowserWindow(windowOptions(PRELOAD, app.isPackaged));
  window.once('ready-to-show', () => window.show());
  void opened.warmUp();
  void opened.startDemo();
  await window.loadURL(`${origin}/?token=${token}`);
  let closing = false;
  app.on('before-quit', (event) => {
    if (closing) return;
    // runs write their last epoch first
    event.preventDefault();
    closing = true;
    server.close();
    server.closeAllConnections();
    void opened.close().finally(() => app.quit());
  });
}

function lockDown(origin: string): void {
  app.on('web-contents-created', (_event, contents) => {
    const stay = (event: { preventDefault(): void; readonly url: string }): void => {
      if (!mayNavigate(event.url, origin)) event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (mayOpenOutside(url, origin)) void shell.openExternal(url);
      return { action: 'deny' };
    });
  });
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(mayHavePermission(permission)));
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => mayHavePermission(permission));
}

app.enableSandbox();
if (!app.requestSingleInstanceLock()) app.quit();
else {
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus());
  app.on('window-all-closed', () => app.quit());
  app
    .whenReady()
    .then(open)
    .catch((error: unknown) => {
      dialog.showErrorBox('Telemetra could not start', error instanceof Error ? error.message : String(error));
      app.exit(1);
    });
}
