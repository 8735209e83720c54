import { createStore } from 'zustand/vanilla';

export type ThemeChoice = 'system' | 'dark' | 'light';

const KEY = 'telemetra.theme';
const systemLight = window.matchMedia('(prefers-color-scheme: light)');

/** Which theme the user asked for, and which one is shown. `version` grows with every change: canvases redraw by it. */
export const themeStore = createStore<{ choice: ThemeChoice; version: number }>(() => ({
  choice: (localStorage.getItem(KEY) as ThemeChoice | null) ?? 'system',
  version: 0,
}));

export function setTheme(choice: ThemeChoice): void {
  localStorage.setItem(KEY, choice);
  themeStore.setState((old) => ({ choice, version: old.version + 1 }));
  show();
}

function show(): void {
  const { choice } = themeStore.getState();
  document.documentElement.dataset['theme'] = choice === 'light' || (choice === 'system' && systemLight.matches) ? 'light' : 'dark';
  colours.clear();
}

systemLight.addEventListener('change', () => {
  themeStore.setState((old) => ({ version: old.version + 1 }));
  show();
});

const colours = new Map<string, string>();

/** Value of a colour token in the theme that is shown, for canvases: `colour('--flow')`. */
export function colour(token: string): string {
  let value = colours.get(token);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
    colours.set(token, value);
  }
  return value;
}
