/// <reference lib="dom" />
/**
 * What the app costs a person's machine: `npm run bench -- app [--minutes 2] [--seconds 15] [--nodes 200] [--rate 200]`. Starts the app on a workspace of its
 * own, runs a drawing of 200 nodes, and looks at it with Chromium (software rendering). Prints every figure beside its goal and
 * writes bench/results/app.json. Exit code 1 only when something could not be measured: a missed goal is a result.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkTimes } from './app/check-times.ts';
import { largePipeline } from './app/large-pipeline.ts';
import { dragNode, heapOverMinutes, openPage, pageCpu, pageLoads, rateIsShown, type Cpu } from './app/page-measures.ts';
import { startApp } from './app/start-app.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    rate: { type: 'string', default: '200' },
    nodes: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '15' },
  },
});
const minutes = Number(values.minutes);
const seconds = Number(values.seconds);

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** undefined: reported only */
  readonly goal: number | undefined;
}
const figures: Figure[] = [];

function put(what: string, value: number, unit: string, goal?: number): void {
  figures.push({ what, value: Math.round(value * 100) / 100, unit, goal });
  const against = goal === undefined ? '' : `   goal ${goal} ${unit}: ${value <= goal ? 'met' : 'MISSED'}`;
  console.log(`${what.padEnd(58)} ${value.toFixed(1).padStart(9)} ${unit.padEnd(12)}${against}`);
}

function putCpu(what: string, cpu: Cpu, goal?: number): void {
  put(`${what}: page`, cpu.page * 100, '% of a core', goal);
  put(`${what}: painting in software, all of Chromium`, cpu.painting * 100, '% of a core');
}

const root = mkdtempSync(join(tmpdir(), 'telemetra-bench-app-'));
const machine = {
  cpu: `${cpus().length} × ${cpus()[0]!.model}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  chromium: '',
  loadBefore: loadavg()[0]!,
};
const app = await startApp(join(root, 'demo'), true);
try {
  const first = await app.firstNumber();
  machine.chromium = first.chromium;
  console.log(`${machine.cpu}, ${machine.memoryGiB} GiB, Node ${machine.node}, Chromium ${machine.chromium}`);
  console.log(`load before the bench ${machine.loadBefore.toFixed(1)}: other work on this machine is in every figure\n`);
  if (app.builtPage) console.log('(the page had to be built first: that is in the next figure)');
  put('start command → first number on screen', first.ms / 1000, 's');
} finally {
  await app.stop();
}

const large = await startApp(join(root, 'large'), false);
try {
  const document = await large.importPipeline(largePipeline(Number(values.nodes), Number(values.rate)));
  const nodes = document.nodes.length;
  const check = await checkTimes(large, document, 60);
  put(`check of ${nodes} nodes, new document`, check.firstMs, 'ms');
  put(`check of ${nodes} nodes after an edit, median of 60`, check.medianMs, 'ms', 50);
  put(`check of ${nodes} nodes after an edit, p95`, check.p95Ms, 'ms');

  put('page load → nodes on screen, empty cache, median of 5', (await pageLoads(large, document.id, 5)).medianMs / 1000, 's', 1.5);

  const { page, browser } = await openPage(large, document.id, nodes);
  put('nodes on the page', await page.locator('.react-flow__node').count(), 'nodes');
  await page.waitForTimeout(3000);
  putCpu('stopped', await pageCpu(browser, page, seconds), 5);
  await large.run(document);
  await rateIsShown(page);
  await page.waitForTimeout(8000);
  putCpu('running', await pageCpu(browser, page, seconds));
  const drag = await dragNode(page);
  put(`dragging while it runs, ${drag.frames} frames, p50`, drag.p50Ms, 'ms');
  put('dragging while it runs, p95 frame', drag.p95Ms, 'ms', 20);
  put('dragging while it runs, longest frame', drag.maxMs, 'ms');
  const heap = await heapOverMinutes(page, minutes);
  put(`heap after 10 s of running`, heap.firstMiB, 'MiB');
  put(`heap after ${minutes} min`, heap.lastMiB, 'MiB');
  // in less than two minutes rings are still filling and there are too few samples for a slope
  if (minutes >= 2) put('growth of the heap, second half', heap.growthMiBPerMin, 'MiB/min', 0.5);
  await browser.close();
} finally {
  await large.stop();
  rmSync(root, { recursive: true, force: true });
}

const results = fileURLToPath(new URL('results/', import.meta.url));
mkdirSync(results, { recursive: true });
const result = { at: new Date().toISOString(), machine: { ...machine, loadAfter: loadavg()[0]! }, minutes, figures };
writeFileSync(join(results, 'app.json'), `${JSON.stringify(result, null, 2)}\n`);
console.log('\nwritten to bench/results/app.json');
