// Before the first paint, so that nobody sees the other theme flash. Kept apart from the bundle because inline scripts are refused (CSP).
(() => {
  let choice = 'system';
  try {
    choice = localStorage.getItem('telemetra.theme') ?? 'system';
  } catch {
    // storage is refused: the system's theme it is
  }
  const light = choice === 'light' || (choice === 'system' && matchMedia('(prefers-color-scheme: light)').matches);
  document.documentElement.dataset.theme = light ? 'light' : 'dark';
})();
