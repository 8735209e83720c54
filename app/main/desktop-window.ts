/** What the shell decides, without Electron: how the window is locked down, and where it may go. */

export interface WindowOptions {
  readonly width: number;
  readonly height: number;
  readonly minWidth: number;
  readonly minHeight: number;
  readonly show: boolean;
  readonly webPreferences: {
    readonly preload: string;
    readonly contextIsolation: true;
    readonly sandbox: true;
    readonly nodeIntegration: false;
    readonly nodeIntegrationInWorker: false;
    readonly nodeIntegrationInSubFrames: false;
    readonly webSecurity: true;
    readonly allowRunningInsecureContent: false;
    readonly webviewTag: false;
    readonly spellcheck: false;
    readonly devTools: boolean;
  };
}

/** The page is an ordinary page: no Node in it, no more rights than in a browser. */
export function windowOptions(preload: string, packaged: boolean): WindowOptions {
  return {
    width: 1600,
    height: 1000,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      spellcheck: false,
      devTools: !packaged,
    },
  };
}

/** The window stays at the server that this process started; everything else is denied. */
export function mayNavigate(address: string, origin: string): boolean {
  return URL.canParse(address) && new URL(address).origin === origin;
}

/** A link to a page of documentation opens in the user's browser; nothing else leaves the window. */
export function mayOpenOutside(address: string, origin: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:' && !mayNavigate(address, origin);
}

/** Only writing to the clipboard, which the page does when the user presses "copy". */
export function mayHavePermission(permission: string): boolean {
  return permission === 'clipboard-sanitized-write';
}
