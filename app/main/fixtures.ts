import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../engine/plan/plan.ts';
import { readFlowTest, TEST_SUFFIX } from '../headless/flow-test.ts';
import { Refused } from './refused.ts';
import { entryOf, type Studio } from './studio.ts';

/**
 * Words of a run from the recorded test of a pipeline (the first one beside it): its sources read the test's messages, its sinks
 * write nothing outside: one goes to a file of the workspace, and then all others only count. Its state is apart and begins anew.
 */
export function fixtureWords(studio: Studio, plan: Plan): readonly string[] {
  const directory = join(studio.workspace, 'runs', `${plan.pipelineId}-fixture`);
  mkdirSync(directory, { recursive: true });
  const reads = fixtureFiles(studio, plan, directory).flatMap(([node, file]) => ['--read', `${node}=${file}`]);
  const sink = plan.steps.find((step) => step.role === 'sink')?.node;
  return [...reads, ...(sink === undefined ? [] : ['--write', `${sink}=${join(directory, `${sink}.out.jsonl`)}`]), '--fresh'];
}

function fixtureFiles(studio: Studio, plan: Plan, directory: string): readonly (readonly [node: string, file: string])[] {
  const { file: pipelineFile } = entryOf(studio, plan.pipelineId);
  for (const name of readdirSync(studio.library.directory).toSorted()) {
    if (!name.endsWith(TEST_SUFFIX)) continue;
    const { test } = readFlowTest(join(studio.library.directory, name));
    if (test?.pipeline !== pipelineFile) continue;
    return Object.entries(test.inputs).map(([node, messages]) => {
      const file = join(directory, `${node}.jsonl`);
      // a line is a message there; inside JSON a line break outside of texts is only white space
      const lines = messages.flatMap(({ text }) => (typeof text === 'string' ? [text.replaceAll(/[\r\n]+/g, ' ')] : []));
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
      return [node, file] as const;
    });
  }
  const files = plan.steps
    .filter((step) => step.role === 'source')
    .flatMap(({ node }) => {
      const file = [`${node}.jsonl`, `${node}.jsonl.gz`]
        .map((own) => join(studio.templates, 'fixtures', own))
        .find((path) => existsSync(path));
      return file === undefined ? [] : [[node, file] as const];
    });
  if (files.length > 0) return files;
  throw new Refused('not_found', 'There is no recorded test beside this pipeline, so there is no fixture to read.', {
    mend: 'Record a test on an edge, or start from the topic.',
  });
}
