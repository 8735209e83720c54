// vitest's reporter for the one line that people and machines look for: `N passed, N failed`, and nothing after it.
import { writeFileSync } from 'node:fs';

/** @param {{passed: number, failed: number, skipped: number}} counts */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

export class LastLineReporter {
  #counts;

  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // a test that never came to an end has not passed
        counts[state === 'passed' || state === 'skipped' ? state : 'failed']++;
      }
      // a file that broke outside of its tests: at import, or in a suite's hooks
      const suites = [...module.children.allSuites()];
      if (module.errors().length > 0 || suites.some((suite) => suite.errors().length > 0)) counts.failed++;
    }
    if (unhandledErrors.length > 0) counts.failed++;
    this.#counts = counts;
  }

  onInit() {
    process.once('exit', () => {
      const file = process.env.TELEMETRA_TEST_COUNTS;
      if (this.#counts === undefined) return;
      if (file === undefined) process.stdout.write(`${lastLine(this.#counts)}\n`);
      else writeFileSync(file, JSON.stringify(this.#counts));
    });
  }
}

export default LastLineReporter;
