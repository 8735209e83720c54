import type { Page } from 'playwright';
import type { PipelineDocument } from '../../../engine/model/pipeline.ts';
import type { Double, DoubleOptions } from './double.ts';
import { charted, demo } from './double-pipeline.ts';

/** Everything that the page can show, and how it is opened: walked through by a test with axe, and by `look.ts` for the eye. */
export interface Screen {
  readonly name: string;
  readonly open: (page: Page, double: Double) => Promise<unknown>;
  /** what it shows */
  readonly within: string;
  /** what of the source stands on it: see `tests/browser/page/screens.test.ts` */
  readonly covers?: readonly string[];
  /** what takes it away again; left out: Escape */
  readonly close?: (page: Page, double: Double) => Promise<unknown>;
}

/** Screens of one page, one after the other. */
export interface World {
  readonly name: string;
  readonly options: DoubleOptions;
  readonly screens: readonly Screen[];
}

const click = (selector: string) => (page: Page) => page.locator(selector).first().click();
const nothing = () => Promise.resolve();
const node = (id: string) => `.react-flow__node[data-id="${id}"] .head`;
const SPIKES = node('chat_spikes');

async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.locator('.command-dialog input').fill(title);
  await page.locator('.command-dialog [data-selected="true"]', { hasText: title }).click();
}

const byCommand = (title: string) => (page: Page) => command(page, title);

/** free canvas of every world and size */
async function toCanvas(page: Page): Promise<void> {
  await page.locator('.react-flow__pane').click({ position: { x: 300, y: 8 } });
}

const wirePoint = (page: Page, edge: string) =>
  page.locator(`[data-edge="${edge}"] .line`).evaluate((path: SVGPathElement) => {
    const { x, y } = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM()!);
    return { x, y };
  });

async function clickWire(page: Page, edge: string, button: 'left' | 'right' = 'left'): Promise<void> {
  const { x, y } = await wirePoint(page, edge);
  await page.mouse.click(x, y, { button });
}

const TAPPED = 'sentiment.out -> window_chat.in';

const dock = (tab: string, covers: readonly string[] = []): Screen => ({
  name: `panel ${tab}`,
  open: click(`.dock [data-tab="${tab}"]`),
  within: '.dock',
  covers: [`dock ${tab}`, ...covers],
  close: nothing,
});

const inspector = (tab: string): Screen => ({
  name: `inspector ${tab}`,
  open: async (page) => {
    await page.locator(SPIKES).click();
    await page.locator(`.inspector [data-tab="${tab}"]`).click();
  },
  within: '.inspector',
  covers: [`inspector ${tab}`],
  close: nothing,
});

const field = (path: string) => (page: Page) => page.locator(`.inspector [data-path="${path}"] input`).first().focus();

const running: World = {
  name: 'running',
  options: { failing: true },
  screens: [
    { name: 'whole page', open: nothing, within: 'body', close: nothing },
    { name: 'pipeline overview', open: toCanvas, within: '.inspector', close: nothing },
    { name: 'first steps', open: nothing, within: '.hint', close: nothing },
    ...['problems', 'event-time', 'dead', 'tables', 'metrics', 'runs', 'log', 'data'].map((tab) => dock(tab)),
    {
      name: 'edge with rows in the dock',
      open: (page) => clickWire(page, TAPPED),
      within: 'body',
      close: click('.dock [data-tab="event-time"]'),
    },
    {
      name: 'peek',
      open: async (page) => {
        await clickWire(page, TAPPED);
        await page.locator('.peek tbody tr').first().waitFor();
      },
      within: '.peek',
      covers: ['pop peek'],
      close: nothing,
    },
    {
      name: 'record a test',
      open: byCommand('Record a test from the selected edge'),
      within: '.dialog',
      covers: ['dialog record'],
      close: nothing,
    },
    {
      name: 'test recorded',
      open: async (page) => {
        await page.locator('.dialog footer .primary').click();
        await page.locator('.dialog code').waitFor();
      },
      within: '.dialog',
    },
    { name: 'menu of an edge', open: (page) => clickWire(page, TAPPED, 'right'), within: '.menu-popup', covers: ['menu edge'] },
    ...['settings', 'data', 'metrics', 'state', 'docs', 'settings'].map(inspector),
    { name: 'field offers', open: field('field'), within: '.inspector', covers: ['pop offers of inspector/offer-input.tsx'] },
    {
      name: 'more of a node',
      open: click('.ihead .btn'),
      within: '.menu-popup',
      covers: ['ActionMenu of inspector/inspector.tsx'],
    },
    {
      name: 'menu of a node',
      open: (page) => page.locator(SPIKES).click({ button: 'right' }),
      within: '.menu-popup',
      covers: ['menu node', 'PointMenu of canvas/context-menu.tsx'],
    },
    {
      name: 'several selected',
      open: async (page) => {
        await page.locator(SPIKES).click();
        await page.locator(node('join')).click({ modifiers: ['Control'] });
      },
      within: '.inspector',
      close: nothing,
    },
    {
      name: 'menu of a selection',
      open: (page) => page.locator(SPIKES).click({ button: 'right' }),
      within: '.menu-popup',
      covers: ['menu selection'],
    },
    {
      name: 'menu of the canvas',
      open: (page) => page.locator('.react-flow__pane').click({ button: 'right', position: { x: 300, y: 8 } }),
      within: '.menu-popup',
      covers: ['menu canvas'],
    },
    {
      name: 'add a node',
      open: (page) => page.locator('.react-flow__pane').dblclick({ position: { x: 300, y: 8 } }),
      within: '.quick-add',
      covers: ['pop quick-add'],
    },
    {
      name: 'why a wire does not fit',
      open: async (page) => {
        const from = (await page.locator('[data-id="window_chat"] [data-handleid="updates"]').boundingBox())!;
        const to = (await page.locator(node('join')).boundingBox())!;
        await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
        await page.mouse.down();
        await page.mouse.move(from.x + 30, from.y + 10, { steps: 3 });
        await page.locator('.node.fits, .node.nofit').first().waitFor();
        await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 4 });
        await page.locator('.misfit').waitFor();
        await page.mouse.up();
        await page.locator('.misfit .btn.primary').waitFor();
      },
      within: '.misfit',
      covers: ['pop misfit'],
      close: click('.misfit [aria-label="Close"]'),
    },
    {
      name: 'comment',
      open: async (page) => {
        await toCanvas(page);
        await page.mouse.move(760, 520);
        await page.keyboard.press('m');
        await page.locator('.comment textarea').fill('Chat is the fullest topic');
      },
      within: '.comment',
      close: toCanvas,
    },
    {
      name: 'menu of a comment',
      open: (page) => page.locator('.comment').click({ button: 'right' }),
      within: '.menu-popup',
      covers: ['menu side'],
      close: async (page) => {
        await page.locator('.menu-item').click();
        await page.locator('.comment').waitFor({ state: 'detached' });
      },
    },
    {
      name: 'group',
      open: async (page) => {
        await page.locator(node('window_viewers')).click();
        await page.locator(node('viewer_spikes')).click({ modifiers: ['Control'] });
        await page.keyboard.press('g');
        await page.locator('.frame').waitFor();
      },
      within: '.frame',
      close: (page) => page.keyboard.press('Control+z'),
    },
    {
      name: 'commands',
      open: (page) => page.keyboard.press('Control+k'),
      within: '.command-dialog',
      covers: ['Command.Dialog of commands/command-palette.tsx'],
    },
    { name: 'keyboard map', open: byCommand('Keyboard map'), within: '.dialog', covers: ['dialog keys'] },
    { name: 'file menu', open: click('.doc'), within: '.menu-popup', covers: ['ActionMenu of run-bar/document-menu.tsx'] },
    { name: 'pipelines', open: byCommand('Pipelines'), within: '.dialog', covers: ['dialog files'] },
    { name: 'templates', open: byCommand('New pipeline, or from a template'), within: '.dialog', covers: ['dialog templates'] },
    {
      name: 'import refused',
      open: async (page) => {
        await command(page, 'Import JSON');
        await page.locator('.dialog textarea').fill('{ broken');
        await page.locator('.dialog footer .primary').click();
        await page.locator('.problems-list li').waitFor();
      },
      within: '.dialog',
      covers: ['dialog import'],
    },
    {
      name: 'export',
      open: async (page) => {
        await command(page, 'Export for the headless runner');
        await page.locator('.command-line').first().waitFor();
      },
      within: '.dialog',
      covers: ['dialog export'],
    },
    {
      name: 'revisions',
      open: async (page) => {
        await command(page, 'Saved revisions');
        await page.locator('.files li').waitFor();
      },
      within: '.dialog',
      covers: ['dialog history'],
    },
    { name: 'rename', open: byCommand('Rename the pipeline'), within: '.dialog', covers: ['dialog rename'] },
    ...(
      [
        ['Delete', 'dialog remove'],
        ['Reset the demo', 'dialog reset'],
      ] as const
    ).map(([title, dialog]): Screen => ({
      name: title.toLowerCase(),
      open: async (page) => {
        await page.locator('.doc').click();
        await page.locator('.menu-item', { hasText: title }).click();
      },
      within: '.dialog',
      covers: [dialog],
    })),
    { name: 'drain', open: byCommand('Drain, then stop'), within: '.dialog', covers: ['dialog drain'] },
    {
      name: 'apply',
      open: async (page) => {
        await page.locator(SPIKES).click();
        await page.locator('.inspector [data-path="threshold"] input').fill('2.5');
        await page.locator('.inspector [data-path="field"] input').fill('sentiment_score');
        await page.locator('.node .draft').waitFor();
        await page.locator('.bar .btn.primary').click();
        await page.locator('.opt').first().waitFor();
      },
      within: '.dialog',
      covers: ['dialog apply'],
    },
    {
      name: 'file comparison',
      open: async (page, double) => {
        const [id, file] = [...double.documents][0]!;
        double.documents.set(id, { ...file, revision: file.revision + 1 });
        await page.keyboard.press('Control+s');
        await page.locator('.comparison').waitFor();
      },
      within: '.dialog',
      covers: ['dialog conflict'],
    },
    {
      name: 'a problem of the drawing',
      open: async (page) => {
        await page.locator(SPIKES).click();
        await page.locator('.inspector [data-path="field"] input').fill('');
        await page.locator('.node.drawing').waitFor();
        await page.locator('.dock [data-tab="problems"]').click();
      },
      within: 'body',
      close: nothing,
    },
    {
      name: 'a failed run',
      open: async (page, double) => {
        double.end({
          code: 'state_too_large',
          severity: 'error',
          node: 'window_chat',
          message: 'The window holds 21 keys, more than its limit of 20.',
          mend: 'Group by a column with fewer values.',
        });
        await page.locator('.failure').waitFor();
      },
      within: 'body',
      covers: ['pop failure'],
      close: nothing,
    },
    {
      name: 'the server gone',
      open: async (page, double) => {
        await double.close();
        await page.locator('.banner').waitFor();
      },
      within: 'body',
      close: nothing,
    },
  ],
};

const stopped: World = {
  name: 'stopped',
  options: { stopped: true },
  screens: [
    { name: 'stopped', open: nothing, within: 'body', close: nothing },
    {
      name: 'where to start',
      open: click('[aria-label="Where to start"]'),
      within: '.menu-popup',
      covers: ['ActionMenu of run-bar/run-bar.tsx'],
    },
  ],
};

const empty: World = {
  name: 'empty',
  options: { empty: true },
  screens: [
    { name: 'empty canvas', open: nothing, within: 'body', close: nothing },
    {
      name: 'palette without a find',
      open: (page) => page.locator('.palette input').fill('nothing like it'),
      within: '.palette',
      close: (page) => page.locator('.palette input').fill(''),
    },
  ],
};

const charts: World = {
  name: 'charts',
  options: { document: charted },
  screens: ['line', 'bar', 'words', 'timeline', 'table'].map((as) => ({
    name: `chart as ${as}`,
    open: async (page) => {
      await page.locator('.dock [data-tab="tables"]').click();
      await page.locator('.tb-side button', { hasText: `As ${as}` }).click();
      await page.locator('.tb-main').locator('.chart, tbody tr').first().waitFor();
    },
    within: '.dock',
    close: nothing,
  })),
};

/** One node of each kind, unwired and unset, so that forms show their problems too. */
export function everyKind(kinds: readonly string[]): PipelineDocument {
  return {
    ...demo,
    id: '5b0f3a52-1d1e-4c0e-9a55-7d5c2f1a9e03',
    name: 'every-kind',
    nodes: kinds.map((kind) => ({ id: `a_${kind.replaceAll('-', '_')}`, kind, name: '', settings: {} })),
    edges: [],
    layout: {
      nodes: Object.fromEntries(
        kinds.map((kind, at) => [`a_${kind.replaceAll('-', '_')}`, { x: (at % 5) * 240, y: Math.floor(at / 5) * 150 }]),
      ),
      groups: [],
      comments: [],
    },
  };
}

const formOf = (kind: string): Screen => ({
  name: `form of ${kind}`,
  open: async (page) => {
    await page.locator(node(`a_${kind.replaceAll('-', '_')}`)).click();
    await page.locator('.ihead .mono', { hasText: `a_${kind.replaceAll('-', '_')}` }).waitFor();
    const more = page.locator('.fold[aria-expanded="false"]');
    if ((await more.count()) > 0) await more.click();
  },
  within: '.inspector',
  close: nothing,
});

const forms = (kinds: readonly string[]): World => ({
  name: 'forms',
  options: { document: everyKind(kinds), stopped: true },
  screens: [
    ...kinds.map(formOf),
    {
      name: 'topics offered',
      open: async (page) => {
        await page.locator(node('a_kafka_source')).click();
        await page.locator('.inspector [data-path="topic"] input').focus();
        await page.locator('.offers li').first().waitFor();
      },
      within: '.inspector',
      covers: ['pop offers of inspector/offer-input.tsx'],
    },
    {
      name: 'choices of a setting',
      open: click('.inspector .choice-trigger'),
      within: '.menu-popup',
      covers: ['Choice of inspector/setting.tsx'],
    },
  ],
});

export const worldsOf = (kinds: readonly string[]): readonly World[] => [running, stopped, empty, charts, forms(kinds)];

/** How a screen leaves: Escape where nothing else is said. */
export async function leave(screen: Screen, page: Page, double: Double): Promise<void> {
  if (screen.close !== undefined) {
    await screen.close(page, double);
    return;
  }
  await page.keyboard.press('Escape');
  if (screen.within !== '.inspector') await page.locator(screen.within).waitFor({ state: 'hidden' });
}
